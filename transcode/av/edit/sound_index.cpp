#include "transcode/av/edit/sound_index.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace lensfs::av {
namespace {

constexpr int kToleranceParts = 10;  // of a second

bool is_coarse(const AVFormatContext& format, const AVStream& stream) {
  if ((format.iformat->flags & AVFMT_TS_DISCONT) != 0) return true;
  const std::int64_t rate = stream.codecpar->sample_rate;
  return rate * stream.time_base.num > stream.time_base.den;
}

}  // namespace

SoundIndexer::SoundIndexer(Input& input, const EditPlan& plan) {
  for (const SoundPlan& sound : plan.sounds) {
    const AVStream& stream = input.stream(sound.stream);
    Seen seen{.stream = &stream,
              .rate = sound.source_rate,
              .is_coarse = is_coarse(input.format(), stream),
              .anchors = {}};
    const AVRational sample{1, seen.rate};
    if (stream.start_time != AV_NOPTS_VALUE) {
      seen.begin = av_rescale_q(stream.start_time, stream.time_base, sample);
    }
    const std::int64_t whole = input.format().duration > 0
                                   ? av_rescale(input.format().duration, seen.rate, AV_TIME_BASE)
                                   : 0;
    seen.end =
        seen.begin +
        (stream.duration > 0 ? av_rescale_q(stream.duration, stream.time_base, sample) : whole);
    seen_.push_back(std::move(seen));
  }
}

std::int64_t SoundIndexer::start_us() const {
  std::int64_t first = INT64_MAX;
  for (const Seen& seen : seen_) {
    const std::int64_t start = seen.stream->start_time;
    if (start == AV_NOPTS_VALUE) continue;
    first = std::min(first, av_rescale_q(start, seen.stream->time_base, {1, AV_TIME_BASE}));
  }
  return first == INT64_MAX ? 0 : first;
}

void SoundIndexer::note(std::size_t track, const AVPacket& packet) {
  Seen& seen = seen_[track];
  if (packet.pts == AV_NOPTS_VALUE) return;
  const AVRational sample{1, seen.rate};
  const std::int64_t said = av_rescale_q(packet.pts, seen.stream->time_base, sample);
  if (!seen.has_begun) {
    seen.begin = said;
    seen.end = said;
  }
  if (!seen.has_begun || std::abs(said - seen.placed) >= seen.rate / kToleranceParts) {
    seen.placed = said;
  }
  seen.has_begun = true;
  const std::int64_t next =
      seen.anchors.empty() ? INT64_MIN : seen.anchors.back().sample + seen.rate;
  if (seen.placed >= next) {
    seen.anchors.push_back({.pts = packet.pts, .byte = packet.pos, .sample = seen.placed});
  }
  const int counted = av_get_audio_frame_duration2(seen.stream->codecpar, packet.size);
  seen.placed +=
      counted > 0 ? counted : av_rescale_q(packet.duration, seen.stream->time_base, sample);
  seen.end = std::max(seen.end, seen.placed);
}

SoundIndex SoundIndexer::finish(std::int64_t zero, AVRational time_base) {
  SoundIndex index;
  for (Seen& seen : seen_) {
    const std::int64_t first = av_rescale_q(zero, time_base, AVRational{1, seen.rate});
    for (SoundIndex::Anchor& anchor : seen.anchors) anchor.sample -= first;
    index.tracks.push_back({.zero = first,
                            .begin = seen.begin - first,
                            .end = seen.end - first,
                            .anchors = std::move(seen.anchors)});
  }
  return index;
}

}  // namespace lensfs::av
