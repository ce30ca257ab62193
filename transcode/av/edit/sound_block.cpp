#include "transcode/av/edit/sound_block.h"

extern "C" {
#include <libavutil/channel_layout.h>
}

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "transcode/av/decoder.h"
#include "transcode/av/edit/sound_seek.h"

namespace lensfs::av {
namespace {

constexpr int kToleranceParts = 10;    // of a second
constexpr int kMarginParts = 10;       // of a second: what a resampler wants to see behind the end
constexpr std::int64_t kMissing = 64;  // samples that may be missing of a second, by rounding

// Samples of one stretch at the source's rate, silent where nothing is put.
struct Stretch {
  std::int64_t first = 0;
  std::int64_t count = 0;
  AVSampleFormat format = AV_SAMPLE_FMT_S16;
  int channels = 0;
  std::vector<std::uint8_t> samples;
  std::int64_t put = 0;
  [[nodiscard]] std::size_t step() const {
    return static_cast<std::size_t>(av_get_bytes_per_sample(format) * channels);
  }
};

// Converts frames to the stretch's format, rate kept, and puts them in.
class Placer {
 public:
  Placer(Stretch& stretch, const AVStream& stream, const SoundPlan& plan,
         const SoundIndex::Track& track, const AVPacket& first)
      : stretch_(&stretch), stream_(&stream), plan_(&plan), track_(&track), like_(new_frame()) {
    if (track.anchors.empty()) return;
    const SoundIndex::Anchor* anchor = anchor_at(track, first.pts);
    if (anchor != nullptr) anchor_ = *anchor;
    is_anchored_ = anchor != nullptr;
  }
  // Whether what comes next may still lie in the stretch.
  [[nodiscard]] Result<bool> put(const AVFrame& frame) {
    const std::int64_t at = place(frame.pts);
    next_ = at + frame.nb_samples;
    if (at >= stretch_->first + stretch_->count) return false;
    if (next_ <= stretch_->first || frame.sample_rate != plan_->source_rate) return true;
    LENSFS_CHECK(tune(frame));
    buffer_.resize(static_cast<std::size_t>(frame.nb_samples) * stretch_->step());
    std::uint8_t* out = buffer_.data();
    auto** const in = const_cast<const std::uint8_t**>(frame.extended_data);
    const int got = swr_convert(converter_.get(), &out, frame.nb_samples, in, frame.nb_samples);
    if (got < 0) return fail(av_error(got, "convert sound"));
    const std::int64_t from = std::max(at, stretch_->first);
    const std::int64_t end = std::min(at + got, stretch_->first + stretch_->count);
    if (end <= from) return true;
    const auto step = static_cast<std::int64_t>(stretch_->step());
    std::memcpy(stretch_->samples.data() + (from - stretch_->first) * step,
                buffer_.data() + (from - at) * step, static_cast<std::size_t>((end - from) * step));
    stretch_->put += end - from;
    return true;
  }

 private:
  [[nodiscard]] std::int64_t place(std::int64_t pts) const {
    if (pts == AV_NOPTS_VALUE) return next_;
    const AVRational sample{1, plan_->source_rate};
    if (!is_anchored_) return av_rescale_q(pts, stream_->time_base, sample) - track_->zero;
    const std::int64_t said =
        anchor_.sample + av_rescale_q(pts - anchor_.pts, stream_->time_base, sample);
    const bool is_off = std::abs(said - next_) >= plan_->source_rate / kToleranceParts;
    return next_ == AV_NOPTS_VALUE || is_off ? said : next_;
  }
  [[nodiscard]] Status tune(const AVFrame& frame) {
    if (converter_ && frame.format == like_->format &&
        frame.ch_layout.nb_channels == like_->ch_layout.nb_channels) {
      return {};
    }
    AVChannelLayout to{};
    const bool as_they_are = frame.ch_layout.nb_channels == stretch_->channels;
    int result = 0;
    if (as_they_are) {
      result = av_channel_layout_copy(&to, &frame.ch_layout);
    } else {
      av_channel_layout_default(&to, stretch_->channels);
    }
    SwrContext* made = nullptr;
    if (result >= 0) {
      AVChannelLayout from = frame.ch_layout;  // looked at only
      result = swr_alloc_set_opts2(&made, &to, stretch_->format, frame.sample_rate, &from,
                                   static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0,
                                   nullptr);
    }
    converter_.reset(made);
    av_channel_layout_uninit(&to);
    if (result >= 0) result = swr_init(converter_.get());
    if (result < 0) return fail(av_error(result, "convert sound"));
    like_->format = frame.format;
    av_channel_layout_copy(&like_->ch_layout, &frame.ch_layout);
    return {};
  }

  Stretch* stretch_;
  const AVStream* stream_;
  const SoundPlan* plan_;
  const SoundIndex::Track* track_;
  SoundIndex::Anchor anchor_;
  bool is_anchored_ = false;
  std::int64_t next_ = AV_NOPTS_VALUE;
  Resampler converter_;
  Frame like_;
  std::vector<std::uint8_t> buffer_;
};

Status decode_into(Stretch& stretch, Input& input, Packet packet, const SoundPlan& plan,
                   const SoundIndex::Track& track) {
  LENSFS_TRY(Decoder decoder, Decoder::open(input, plan.stream));
  Placer placer(stretch, input.stream(plan.stream), plan, track, *packet);
  const Frame frame = new_frame();
  for (;;) {
    LENSFS_CHECK(decoder.send(packet.get()));
    for (;;) {
      LENSFS_TRY(const bool got, decoder.receive(*frame));
      if (!got) break;
      const bool usable = frame->nb_samples > 0 && frame->ch_layout.nb_channels > 0;
      if (usable) {
        LENSFS_TRY(const bool goes_on, placer.put(*frame));
        if (!goes_on) return {};
      }
      av_frame_unref(frame.get());
    }
    if (!packet) return {};
    do {
      LENSFS_TRY(packet, input.read());
    } while (packet && packet->stream_index != plan.stream);
  }
}

// The second half of a stretch that begins a second before what is wanted, at another rate.
Status resample(Stretch& stretch, const SoundPlan& plan) {
  AVChannelLayout layout{};
  layout.order = AV_CHANNEL_ORDER_UNSPEC;
  layout.nb_channels = stretch.channels;
  SwrContext* made = nullptr;
  int result = swr_alloc_set_opts2(&made, &layout, stretch.format, plan.rate, &layout,
                                   stretch.format, plan.source_rate, 0, nullptr);
  const Resampler resampler(made);
  if (result >= 0) result = swr_init(resampler.get());
  if (result < 0) return fail(av_error(result, "convert sound"));
  const int wanted = 2 * plan.rate;
  std::vector<std::uint8_t> converted(static_cast<std::size_t>(wanted) * stretch.step());
  std::uint8_t* out = converted.data();
  const std::uint8_t* in = stretch.samples.data();
  const int got = swr_convert(resampler.get(), &out, wanted, &in, static_cast<int>(stretch.count));
  if (got < wanted) return fail(av_error(got < 0 ? got : AVERROR_BUG, "convert sound"));
  const auto half = static_cast<std::ptrdiff_t>(converted.size() / 2);
  stretch.samples.assign(converted.begin() + half, converted.end());
  return {};
}

std::string packed(const Stretch& stretch, const SoundPlan& plan) {
  if (plan.bytes == 2) return {stretch.samples.begin(), stretch.samples.end()};
  std::string pcm(stretch.samples.size() / 4 * 3, '\0');
  for (std::size_t sample = 0; sample * 4 < stretch.samples.size(); ++sample) {
    std::memcpy(&pcm[sample * 3], &stretch.samples[sample * 4 + 1], 3);
  }
  return pcm;
}

}  // namespace

Result<SoundBlock> decode_second(const MediaSource& source, std::unique_ptr<Input>& input,
                                 const SoundPlan& plan, const SoundIndex::Track& track, int picture,
                                 std::int64_t second) {
  const std::int64_t rate = plan.source_rate;
  const bool resamples = plan.rate != plan.source_rate;
  Stretch stretch;
  stretch.first = (second - (resamples ? 1 : 0)) * rate;
  stretch.count = resamples ? 2 * rate + rate / kMarginParts : rate;
  stretch.format = plan.bytes == 2 ? AV_SAMPLE_FMT_S16 : AV_SAMPLE_FMT_S32;
  stretch.channels = plan.channels;
  stretch.samples.assign(static_cast<std::size_t>(stretch.count) * stretch.step(), 0);
  const std::int64_t end = stretch.first + stretch.count;
  const std::int64_t expected =
      std::min(end, track.end) - std::max(stretch.first, track.begin) - kMissing;
  if (track.end <= track.begin || expected > -kMissing) {
    LENSFS_TRY(Packet packet, find_sound(source, input, plan, track, picture, stretch.first));
    const Status decoded =
        packet ? decode_into(stretch, *input, std::move(packet), plan, track) : Status();
    // What a decoder cannot do is silent; what a disk cannot do is an error.
    if (!decoded && decoded.error().code() == Errc::io) return fail(decoded.error());
  }
  const bool is_damaged = stretch.put < expected;
  if (resamples) LENSFS_CHECK(resample(stretch, plan));
  return SoundBlock{packed(stretch, plan), is_damaged};
}

}  // namespace lensfs::av
