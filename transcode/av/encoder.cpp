#include "transcode/av/encoder.h"

extern "C" {
#include <libavutil/opt.h>
}

#include <algorithm>
#include <cmath>

#include "transcode/threads.h"

namespace lensfs::av {
namespace {

constexpr int kDefaultCrf = 23;
constexpr double kKeyframeSeconds = 2;

// MPEG-2 of this quantiser looks about as good as H.264 of this CRF; six steps halve the rate.
double quantiser_for(int crf) {
  return std::clamp(std::exp2((crf - 12) / 6.0), 1.0, 31.0);
}

void set_h264(AVCodecContext& codec, int crf) {
  av_opt_set(codec.priv_data, "preset", "veryfast", 0);
  av_opt_set_double(codec.priv_data, "crf", crf, 0);
  av_opt_set(codec.priv_data, "profile", "high", 0);
  codec.flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  codec.gop_size =
      std::clamp(static_cast<int>(std::lround(av_q2d(codec.framerate) * kKeyframeSeconds)), 1, 250);
}

void set_mpeg2(AVCodecContext& codec, int crf) {
  codec.flags |= AV_CODEC_FLAG_QSCALE;
  codec.global_quality = static_cast<int>(std::lround(FF_QP2LAMBDA * quantiser_for(crf)));
  codec.qmin = 1;
  codec.gop_size = av_q2d(codec.framerate) > 26 ? 15 : 12;
  codec.max_b_frames = 2;
}

}  // namespace

Result<int> Encoder::feed(Output& output) {
  LENSFS_TRY(const int track, output.add(*codec_));
  targets_.push_back({&output, track});
  return track;
}

Status Encoder::encode(const AVFrame* frame) {
  if (std::all_of(targets_.begin(), targets_.end(),
                  [](const Target& target) { return target.output->failed(); })) {
    return {};
  }
  int result = avcodec_send_frame(codec_.get(), frame);
  while (result >= 0) {
    result = avcodec_receive_packet(codec_.get(), packet_.get());
    if (result < 0) break;
    if (codec_->codec_type == AVMEDIA_TYPE_VIDEO) packet_->duration = 1;
    for (const Target& target : targets_) {
      target.output->write(*packet_, target.track, codec_->time_base);
    }
    av_packet_unref(packet_.get());
  }
  if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) return {};
  return fail(av_error(result, "encode"));
}

void describe_pictures(AVCodecContext& codec, Size size, AVRational rate, const Tags& tags) {
  codec.width = size.width;
  codec.height = size.height;
  codec.framerate = rate;
  codec.time_base = inverse(rate);
  codec.color_range = AVCOL_RANGE_MPEG;
  codec.color_primaries = tags.primaries;
  codec.color_trc = tags.transfer;
  codec.colorspace = tags.matrix;
  codec.thread_count = 1;
}

Result<CodecContext> open_video(const VideoSettings& settings) {
  const bool is_mxf = settings.container == Container::mxf;
  const AVCodec* kind = is_mxf ? avcodec_find_encoder(AV_CODEC_ID_MPEG2VIDEO)
                               : avcodec_find_encoder_by_name("libx264");
  if (kind == nullptr) return fail(Errc::not_supported, "this FFmpeg has no such encoder");
  CodecContext codec(avcodec_alloc_context3(kind));
  if (!codec) return fail(av_error(AVERROR(ENOMEM), "encode"));
  describe_pictures(*codec, settings.size, settings.rate, settings.tags);
  codec->thread_count = engine_threads();
  codec->pix_fmt = AV_PIX_FMT_YUV420P;
  codec->sample_aspect_ratio = {1, 1};
  codec->chroma_sample_location = AVCHROMA_LOC_LEFT;
  const int crf = settings.quality != 0 ? settings.quality : kDefaultCrf;
  if (is_mxf) {
    set_mpeg2(*codec, crf);
  } else {
    set_h264(*codec, crf);
  }
  const int opened = avcodec_open2(codec.get(), kind, nullptr);
  if (opened < 0) return fail(av_error(opened, "encode"));
  return codec;
}

}  // namespace lensfs::av
