#include "transcode/av/sound_track.h"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/samplefmt.h>
}

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

namespace lensfs::av {
namespace {

constexpr std::int64_t kToleranceParts = 10;  // of a second
constexpr double kSecondsOfSilence = 3600;
constexpr double kSlack = 10;                 // seconds: beyond what the clip claims, and back
constexpr std::int64_t kSilenceBlock = 8192;  // samples
constexpr int kMostPadding = 2400;  // samples; a block of the codecs that pad, and some more
constexpr std::int64_t kNanoseconds = 1'000'000'000;

}  // namespace

SoundEncoding::SoundEncoding(const AVStream& from, const SoundSettings& settings,
                             CodecContext codec)
    : settings_(settings),
      time_base_(from.time_base),
      encoder_(std::move(codec)),
      like_(new_frame()),
      block_(new_frame()),
      mixed_(new_frame()) {}

Result<SoundEncoding> SoundEncoding::make(const AVStream& from, const SoundSettings& settings,
                                          const Span& span) {
  LENSFS_TRY(CodecContext codec, open_sound(*from.codecpar, settings));
  SoundEncoding made(from, settings, std::move(codec));
  made.zero_ = av_rescale_q(span.zero_us, AVRational{1, AV_TIME_BASE}, from.time_base);
  const AVCodecContext& to = made.encoder_.codec();
  const double patience = span.seconds > 0 ? span.seconds + kSlack : kSecondsOfSilence;
  made.silence_ = std::llround(std::min(patience, kSecondsOfSilence) * to.sample_rate);
  if (from.duration > 0 && from.start_time != AV_NOPTS_VALUE) {
    made.claimed_ = av_rescale_q_rnd(from.start_time + from.duration - made.zero_, from.time_base,
                                     to.time_base, AV_ROUND_UP);
  }
  made.fifo_.reset(av_audio_fifo_alloc(to.sample_fmt, to.ch_layout.nb_channels, to.frame_size));
  if (!made.fifo_) return fail(av_error(AVERROR(ENOMEM), "encode"));
  return made;
}

Status SoundEncoding::take(const AVFrame& frame) {
  LENSFS_CHECK(tune(frame));
  LENSFS_CHECK(place(frame.pts));
  return convert(const_cast<const std::uint8_t* const*>(frame.extended_data), frame.nb_samples);
}

Status SoundEncoding::tune(const AVFrame& frame) {
  if (resampler_ && frame.format == like_->format && frame.sample_rate == like_->sample_rate &&
      frame.ch_layout.nb_channels == like_->ch_layout.nb_channels) {
    return {};
  }
  LENSFS_CHECK(drain_resampler());
  AVCodecContext& to = encoder_.codec();
  AVChannelLayout layout{};
  // Channels stay what they are, whatever the layout calls them; only another count is mixed.
  const bool as_they_are = frame.ch_layout.nb_channels == to.ch_layout.nb_channels;
  const int copied =
      av_channel_layout_copy(&layout, as_they_are ? &to.ch_layout : &frame.ch_layout);
  SwrContext* made = nullptr;
  int result = copied;
  if (result >= 0) {
    result = swr_alloc_set_opts2(&made, &to.ch_layout, to.sample_fmt, to.sample_rate, &layout,
                                 static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0,
                                 nullptr);
  }
  resampler_.reset(made);
  av_channel_layout_uninit(&layout);
  if (result >= 0) result = swr_init(resampler_.get());
  if (result < 0) return fail(av_error(result, "convert sound"));
  like_->format = frame.format;
  like_->sample_rate = frame.sample_rate;
  av_channel_layout_copy(&like_->ch_layout, &frame.ch_layout);
  return {};
}

Status SoundEncoding::place(std::int64_t time) {
  if (time == AV_NOPTS_VALUE) return {};
  const AVCodecContext& to = encoder_.codec();
  const std::int64_t wanted = av_rescale_q(time - zero_, time_base_, to.time_base) + shift_;
  const std::int64_t here = placed_ - drop_ + swr_get_delay(resampler_.get(), to.sample_rate);
  const std::int64_t off = wanted - here;
  const bool first = placed_ == 0 && drop_ == 0 && encoded_ == 0;
  if (!first && std::abs(off) < to.sample_rate / kToleranceParts) return {};
  const double most_back = first ? kSecondsOfSilence : kSlack;
  if (off < 0 && static_cast<double>(-off) <= most_back * to.sample_rate) {
    drop_ -= off;
    return {};
  }
  if (off < 0 || off > silence_) {
    shift_ -= off;
    return {};
  }
  silence_ -= off;
  LENSFS_CHECK(drain_resampler());
  return fill(off);
}

Status SoundEncoding::drain_resampler() {
  if (!resampler_) return {};
  LENSFS_CHECK(convert(nullptr, 0));
  const int again = swr_init(resampler_.get());
  if (again < 0) return fail(av_error(again, "convert sound"));
  return {};
}

Status SoundEncoding::convert(const std::uint8_t* const* from, int samples) {
  const AVCodecContext& to = encoder_.codec();
  const int room = swr_get_out_samples(resampler_.get(), samples);
  if (room <= 0) return {};
  av_frame_unref(mixed_.get());
  mixed_->format = to.sample_fmt;
  mixed_->sample_rate = to.sample_rate;
  mixed_->nb_samples = room;
  int result = av_channel_layout_copy(&mixed_->ch_layout, &to.ch_layout);
  if (result >= 0) result = av_frame_get_buffer(mixed_.get(), 0);
  if (result < 0) return fail(av_error(result, "convert sound"));
  auto** const in = const_cast<const std::uint8_t**>(from);
  const int got = swr_convert(resampler_.get(), mixed_->extended_data, room, in, samples);
  if (got < 0) return fail(av_error(got, "convert sound"));
  const auto dropped = static_cast<int>(std::min<std::int64_t>(drop_, got));
  drop_ -= dropped;
  const int kept = got - dropped;
  if (kept <= 0) return {};
  const int planes = av_sample_fmt_is_planar(to.sample_fmt) != 0 ? to.ch_layout.nb_channels : 1;
  const int step =
      av_get_bytes_per_sample(to.sample_fmt) * (planes == 1 ? to.ch_layout.nb_channels : 1);
  std::vector<void*> data(static_cast<std::size_t>(planes));
  for (std::size_t plane = 0; plane < data.size(); ++plane) {
    data[plane] = mixed_->extended_data[plane] + std::ptrdiff_t{dropped} * step;
  }
  if (av_audio_fifo_write(fifo_.get(), data.data(), kept) < kept) {
    return fail(av_error(AVERROR(ENOMEM), "encode"));
  }
  placed_ += kept;
  return encode_whole_blocks();
}

Status SoundEncoding::fill(std::int64_t samples) {
  const AVCodecContext& to = encoder_.codec();
  while (samples > 0) {
    const auto now = static_cast<int>(std::min(samples, kSilenceBlock));
    av_frame_unref(mixed_.get());
    mixed_->format = to.sample_fmt;
    mixed_->nb_samples = now;
    int result = av_channel_layout_copy(&mixed_->ch_layout, &to.ch_layout);
    if (result >= 0) result = av_frame_get_buffer(mixed_.get(), 0);
    if (result < 0) return fail(av_error(result, "encode"));
    av_samples_set_silence(mixed_->extended_data, 0, now, to.ch_layout.nb_channels, to.sample_fmt);
    auto** const data = reinterpret_cast<void**>(mixed_->extended_data);
    if (av_audio_fifo_write(fifo_.get(), data, now) < now) {
      return fail(av_error(AVERROR(ENOMEM), "encode"));
    }
    placed_ += now;
    samples -= now;
    LENSFS_CHECK(encode_whole_blocks());
  }
  return {};
}

Status SoundEncoding::encode_whole_blocks() {
  const int whole = encoder_.codec().frame_size;
  while (av_audio_fifo_size(fifo_.get()) >= whole + kMostPadding) LENSFS_CHECK(encode_block(whole));
  return {};
}

Status SoundEncoding::encode_block(int samples) {
  const AVCodecContext& to = encoder_.codec();
  av_frame_unref(block_.get());
  block_->format = to.sample_fmt;
  block_->sample_rate = to.sample_rate;
  block_->nb_samples = samples;
  int result = av_channel_layout_copy(&block_->ch_layout, &to.ch_layout);
  if (result >= 0) result = av_frame_get_buffer(block_.get(), 0);
  if (result < 0) return fail(av_error(result, "encode"));
  auto** const data = reinterpret_cast<void**>(block_->extended_data);
  if (av_audio_fifo_read(fifo_.get(), data, samples) < samples) {
    return fail(Errc::io, "sound was lost on its way");
  }
  block_->pts = encoded_;
  encoded_ += samples;
  return encoder_.encode(block_.get());
}

Status SoundEncoding::finish(std::optional<std::int64_t> least_ns) {
  LENSFS_CHECK(drain_resampler());
  if (least_ns) {
    const std::int64_t wanted =
        av_rescale_rnd(*least_ns, encoder_.codec().sample_rate, kNanoseconds, AV_ROUND_NEAR_INF);
    if (wanted > placed_) LENSFS_CHECK(fill(wanted - placed_));
  }
  const std::int64_t padding = placed_ - claimed_;
  const bool is_padding = !least_ns && claimed_ > 0 && padding > 0 && padding <= kMostPadding;
  const std::int64_t total = is_padding ? claimed_ : placed_;
  while (encoded_ < total) {
    const std::int64_t block =
        std::min<std::int64_t>(encoder_.codec().frame_size, total - encoded_);
    LENSFS_CHECK(encode_block(static_cast<int>(block)));
  }
  return encoder_.encode(nullptr);
}

std::int64_t SoundEncoding::duration_ns() const {
  return av_rescale(encoded_, kNanoseconds, encoder_.codec().sample_rate);
}

}  // namespace lensfs::av
