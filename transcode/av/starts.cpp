#include "transcode/av/starts.h"

#include <algorithm>

namespace lensfs::av {
namespace {

constexpr AVRational kMicroseconds{1, AV_TIME_BASE};
constexpr std::int64_t kMostLead = INT64_C(3600) * AV_TIME_BASE;  // more is a wrong clock

}  // namespace

Starts starts_of(Input& input, const Clip& clip, std::optional<std::int64_t> first_frame) {
  Starts starts;
  const auto start_of = [&](int index) -> std::optional<std::int64_t> {
    const AVStream& stream = input.stream(index);
    if (stream.start_time == AV_NOPTS_VALUE) return std::nullopt;
    return av_rescale_q(stream.start_time, stream.time_base, kMicroseconds);
  };
  if (clip.video >= 0) {
    starts.video_us =
        first_frame ? av_rescale_q(*first_frame, input.stream(clip.video).time_base, kMicroseconds)
                    : start_of(clip.video);
  }
  for (const int sound : clip.sounds) {
    const auto start = start_of(sound);
    if (start && (!starts.sound_us || *start < *starts.sound_us)) starts.sound_us = start;
  }
  return starts;
}

Start start_for(const Starts& starts, Container container, AVRational rate) {
  if (!starts.video_us) return {.zero_us = starts.sound_us.value_or(0)};
  const std::int64_t lead = *starts.video_us - starts.sound_us.value_or(*starts.video_us);
  const AVRational slot = inverse(rate);
  const bool joined = container == Container::mxf || lead > kMostLead ||
                      av_compare_ts(lead, kMicroseconds, 1, slot) < 0;
  if (joined) return {.zero_us = *starts.video_us};
  const std::int64_t slots = av_rescale_q_rnd(lead, kMicroseconds, slot, AV_ROUND_UP);
  return {.zero_us = *starts.video_us - av_rescale_q(slots, slot, kMicroseconds), .slots = slots};
}

}  // namespace lensfs::av
