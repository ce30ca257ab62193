#include "transcode/av/decoder.h"

#include "transcode/av/limits.h"

namespace lensfs::av {
namespace {

// So few bad packets say nothing of a file as a whole.
constexpr std::int64_t kFew = 50;
// A decoder that fails this often without taking a packet will go on failing.
constexpr int kMostFailures = 1000;

}  // namespace

Result<Decoder> Decoder::open(Input& input, int stream, int threads) {
  const AVStream& from = input.stream(stream);
  const AVCodec* kind = avcodec_find_decoder(from.codecpar->codec_id);
  if (kind == nullptr) {
    return fail(Error(Errc::not_supported, "nothing decodes this")
                    .with(avcodec_get_name(from.codecpar->codec_id)));
  }
  CodecContext codec(avcodec_alloc_context3(kind));
  if (!codec) return fail(av_error(AVERROR(ENOMEM), "decode"));
  const int taken = avcodec_parameters_to_context(codec.get(), from.codecpar);
  if (taken < 0) return fail(av_error(taken, "decode"));
  codec->opaque = &input.words();
  codec->pkt_timebase = from.time_base;
  codec->max_pixels = kMostPixels;
  codec->thread_count = threads;
  const std::int64_t pixels = std::int64_t{codec->width} * codec->height;
  if (pixels > kMostPixels) return fail(Errc::too_big, "more than 100 megapixels");
  const int opened = avcodec_open2(codec.get(), kind, nullptr);
  if (opened < 0) return fail(input.words().explain(av_error(opened, "decode")));
  return Decoder(input, stream, std::move(codec));
}

Status Decoder::send(const AVPacket* packet) {
  const int sent = avcodec_send_packet(codec_.get(), packet);
  if (sent >= 0 || sent == AVERROR_EOF) return {};
  if (sent == AVERROR(ENOMEM)) return fail(av_error(sent, "decode"));
  ++bad_;
  last_error_ = sent;
  return {};
}

Result<bool> Decoder::receive(AVFrame& into) {
  for (int failures = 0; failures < kMostFailures; ++failures) {
    const int got = avcodec_receive_frame(codec_.get(), &into);
    if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) return false;
    if (got == AVERROR(ENOMEM)) return fail(av_error(got, "decode"));
    if (got >= 0) {
      ++frames_;
      if (!believes_times_ || into.pts == AV_NOPTS_VALUE) into.pts = into.best_effort_timestamp;
      return true;
    }
    ++bad_;
    last_error_ = got;
  }
  return false;
}

void Decoder::reset() {
  avcodec_flush_buffers(codec_.get());
}

void Decoder::want(Frames frames) {
  codec_->skip_frame = frames == Frames::key ? AVDISCARD_NONKEY : AVDISCARD_DEFAULT;
}

void Decoder::want_no_pixels() {
  codec_->skip_loop_filter = AVDISCARD_ALL;
  codec_->skip_idct = AVDISCARD_ALL;
  codec_->error_concealment = 0;
}

Status Decoder::verdict() const {
  if (frames_ > 0 && (bad_ <= kFew || bad_ <= frames_)) return {};
  const Error error = last_error_ != 0 ? av_error(last_error_, "decode")
                                       : Error(Errc::corrupt, "nothing in it could be decoded");
  return fail(input_->words().explain(error));
}

}  // namespace lensfs::av
