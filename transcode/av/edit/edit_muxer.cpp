#include "transcode/av/edit/edit_muxer.h"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/mem.h>
}

#include <array>
#include <cstring>
#include <string>

#include "transcode/av/describe.h"
#include "transcode/av/edit/pcm_tracks.h"

namespace lensfs::av {
namespace {

AVCodecID codec_for(const EditPlan& plan, std::size_t track) {
  const bool is_deep = plan.sounds[track].bytes > 2;
  if (plan.container == Container::aiff) {
    return is_deep ? AV_CODEC_ID_PCM_S24BE : AV_CODEC_ID_PCM_S16BE;
  }
  return is_deep ? AV_CODEC_ID_PCM_S24LE : AV_CODEC_ID_PCM_S16LE;
}

// How the original is turned, for a raster of another size: what is moved is moved less.
Status copy_turn(AVStream& to, const AVStream& from, Size stored, Size coded) {
  std::size_t size = 0;
  const std::uint8_t* bytes = av_stream_get_side_data(&from, AV_PKT_DATA_DISPLAYMATRIX, &size);
  std::array<std::int32_t, 9> matrix{};
  if (bytes == nullptr || size < sizeof matrix) return {};
  std::memcpy(matrix.data(), bytes, sizeof matrix);
  for (const std::size_t moved : {std::size_t{6}, std::size_t{7}}) {
    matrix[moved] = static_cast<std::int32_t>(
        av_rescale(matrix[moved], coded.height, std::max(stored.height, 1)));
  }
  std::uint8_t* into = av_stream_new_side_data(&to, AV_PKT_DATA_DISPLAYMATRIX, sizeof matrix);
  if (into == nullptr) return fail(av_error(AVERROR(ENOMEM), "write"));
  std::memcpy(into, matrix.data(), sizeof matrix);
  return {};
}

}  // namespace

Result<std::unique_ptr<EditMuxer>> EditMuxer::open(AVIOContext& io, const MuxerSetting& setting) {
  std::unique_ptr<EditMuxer> muxer(new EditMuxer(setting));
  LENSFS_CHECK(muxer->connect(io));
  if (setting.plan->picture) LENSFS_CHECK(muxer->add_picture());
  for (std::size_t track = 0; track < setting.plan->tracks(); ++track) {
    LENSFS_CHECK(muxer->add_sound(track));
  }
  LENSFS_CHECK(muxer->start());
  return muxer;
}

EditMuxer::~EditMuxer() {
  avformat_free_context(format_);
}

Status EditMuxer::connect(AVIOContext& io) {
  packet_ = new_packet();
  const char* name = extension_of(setting_.plan->container);
  const int made = avformat_alloc_output_context2(&format_, nullptr, name, nullptr);
  if (made < 0) return fail(av_error(made, "write"));
  format_->pb = &io;
  format_->url = av_strdup("");
  format_->flags |= AVFMT_FLAG_BITEXACT | AVFMT_FLAG_CUSTOM_IO;
  return {};
}

Status EditMuxer::add_picture() {
  const PicturePlan& plan = *setting_.plan->picture;
  AVStream* stream = avformat_new_stream(format_, nullptr);
  if (stream == nullptr) return fail(av_error(AVERROR(ENOMEM), "write"));
  const int copied = avcodec_parameters_from_context(stream->codecpar, setting_.picture);
  if (copied < 0) return fail(av_error(copied, "write"));
  stream->time_base = inverse(plan.rate);
  stream->avg_frame_rate = plan.rate;
  stream->r_frame_rate = plan.rate;
  stream->sample_aspect_ratio = plan.pixel_aspect;
  if (plan.turning == PicturePlan::Turning::done) return {};
  return copy_turn(*stream, setting_.source->stream(setting_.plan->clip.video), plan.look.stored,
                   plan.size);
}

Status EditMuxer::add_sound(std::size_t track) {
  const EditPlan& plan = *setting_.plan;
  const SoundPlan& sound = plan.sounds[track];
  AVStream* stream = avformat_new_stream(format_, nullptr);
  if (stream == nullptr) return fail(av_error(AVERROR(ENOMEM), "write"));
  AVStream& from = setting_.source->stream(sound.stream);
  AVCodecParameters& codec = *stream->codecpar;
  codec.codec_type = AVMEDIA_TYPE_AUDIO;
  codec.codec_id = codec_for(plan, track);
  codec.sample_rate = sound.rate;
  codec.format = sound.bytes > 2 ? AV_SAMPLE_FMT_S32 : AV_SAMPLE_FMT_S16;
  codec.bits_per_coded_sample = sound.bytes * 8;
  codec.bits_per_raw_sample = sound.bytes * 8;
  codec.block_align = frame_bytes(plan, track);
  codec.bit_rate = std::int64_t{codec.block_align} * 8 * codec.sample_rate;
  if (plan.is_merged) {
    codec.ch_layout.order = AV_CHANNEL_ORDER_UNSPEC;
    codec.ch_layout.nb_channels = static_cast<int>(plan.sounds.size());
  } else {
    const int copied = av_channel_layout_copy(&codec.ch_layout, &from.codecpar->ch_layout);
    if (copied < 0) return fail(av_error(copied, "write"));
    describe_sound(*stream, from);
  }
  stream->time_base = {1, sound.rate};
  return {};
}

Status EditMuxer::start() {
  const EditPlan& plan = *setting_.plan;
  // A WAV says at what time of day it begins; the part's timecode tells.
  describe(*format_, plan.container, setting_.source->format(), plan.clip,
           plan.picture ? Subject::video : Subject::sound, 0);
  AVDictionary* options = nullptr;
  if (plan.container == Container::mov) {
    av_dict_set_int(&options, "moov_size", setting_.moov_bytes, 0);
    av_dict_set(&options, "write_btrt", "0", 0);
  } else if (plan.container == Container::wav) {
    av_dict_set(&options, "rf64", "auto", 0);
    const bool has_time = av_dict_get(format_->metadata, "time_reference", nullptr, 0) != nullptr;
    if (has_time) av_dict_set(&options, "write_bext", "1", 0);
  }
  const int started = avformat_write_header(format_, &options);
  av_dict_free(&options);
  if (started < 0) return fail(av_error(started, "write the head of the file"));
  return {};
}

Status EditMuxer::write_picture(const AVPacket& packet, std::int64_t time) {
  return write(packet, 0, inverse(setting_.plan->picture->rate), time, 1);
}

Status EditMuxer::write_sound(std::size_t track, const AVPacket& packet, std::int64_t time,
                              std::int64_t count) {
  const int stream = static_cast<int>(track) + (setting_.plan->picture ? 1 : 0);
  return write(packet, stream, AVRational{1, rate_of(*setting_.plan, track)}, time, count);
}

Status EditMuxer::write(const AVPacket& packet, int stream, AVRational time_base, std::int64_t time,
                        std::int64_t duration) {
  int result = av_packet_ref(packet_.get(), &packet);
  if (result >= 0) {
    packet_->stream_index = stream;
    packet_->pts = time;
    packet_->dts = time;
    packet_->duration = duration;
    packet_->flags = AV_PKT_FLAG_KEY;
    av_packet_rescale_ts(packet_.get(), time_base, format_->streams[stream]->time_base);
    result = av_write_frame(format_, packet_.get());
  }
  av_packet_unref(packet_.get());
  if (result < 0) return fail(av_error(result, "write"));
  return {};
}

Status EditMuxer::finish() {
  const int ended = av_write_trailer(format_);
  if (ended < 0) return fail(av_error(ended, "write the end of the file"));
  avio_flush(format_->pb);
  return {};
}

}  // namespace lensfs::av
