#include "transcode/av/edit/sound_seek.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace lensfs::av {
namespace {

// How far before its time a packet is looked for when a seek went too far.
constexpr std::array<std::int64_t, 3> kSecondsBack = {0, 2, 15};
constexpr std::size_t kAttempts = kSecondsBack.size() + 1;  // the last reads from the start
constexpr std::int64_t kBytesBack = 256 << 10;              // for each second back

// What has to be decoded before, in milliseconds, for decoders to forget where they began.
std::int64_t lead_ms(AVCodecID codec) {
  const AVCodecDescriptor* about = avcodec_descriptor_get(codec);
  const bool keeps_nothing = av_get_exact_bits_per_sample(codec) != 0 ||
                             codec == AV_CODEC_ID_FLAC || codec == AV_CODEC_ID_ALAC;
  if (about == nullptr || keeps_nothing) return 0;
  return codec == AV_CODEC_ID_AAC ? 250 : 1250;
}

// Where to begin: a certain packet, or the last one that begins no later than a time.
struct Goal {
  std::int64_t pts = 0;
  std::int64_t byte = -1;
  bool is_exact = false;
  bool is_start = false;  // before the track begins: its first packet
};

Goal goal_for(const AVStream& stream, const SoundPlan& plan, const SoundIndex::Track& track,
              std::int64_t sample) {
  const std::int64_t from = sample - lead_ms(stream.codecpar->codec_id) * plan.source_rate / 1000;
  if (track.anchors.empty()) {
    return {.pts = av_rescale_q_rnd(from + track.zero, AVRational{1, plan.source_rate},
                                    stream.time_base, AV_ROUND_DOWN),
            .is_start = from <= track.begin};
  }
  const auto after = std::upper_bound(
      track.anchors.begin(), track.anchors.end(), from,
      [](std::int64_t value, const SoundIndex::Anchor& anchor) { return value < anchor.sample; });
  const auto& anchor = after == track.anchors.begin() ? *after : *std::prev(after);
  return {.pts = anchor.pts,
          .byte = anchor.byte,
          .is_exact = true,
          .is_start = after == track.anchors.begin() || std::prev(after) == track.anchors.begin()};
}

bool seek(Input& input, const SoundPlan& plan, int picture, const Goal& goal, std::size_t attempt) {
  const AVInputFormat& kind = *input.format().iformat;
  const std::int64_t seconds = kSecondsBack[attempt];
  if ((kind.flags & AVFMT_TS_DISCONT) != 0 && goal.byte >= 0) {
    return input.seek_byte(std::max<std::int64_t>(goal.byte - seconds * kBytesBack, 0)).has_value();
  }
  const AVRational own = input.stream(plan.stream).time_base;
  const std::int64_t time = goal.pts - av_rescale_q(seconds, AVRational{1, 1}, own);
  if (picture >= 0 && std::strncmp(kind.name, "matroska", 8) == 0) {
    const std::int64_t shown =
        av_rescale_q_rnd(time, own, input.stream(picture).time_base, AV_ROUND_DOWN);
    return input.seek(picture, shown).has_value();
  }
  return input.seek(plan.stream, time).has_value();
}

// The packet, if reading from here on meets it; null if the input stands behind it or it never
// comes.
Result<Packet> meet(Input& input, const SoundPlan& plan, const Goal& goal, bool from_start) {
  Packet before;
  for (;;) {
    LENSFS_TRY(Packet packet, input.read());
    if (!packet) return goal.is_exact ? Packet() : std::move(before);
    if (packet->stream_index != plan.stream || packet->pts == AV_NOPTS_VALUE) continue;
    const bool is_it = packet->pts == goal.pts && (goal.byte < 0 || packet->pos == goal.byte);
    if (is_it) return packet;
    if (packet->pts <= goal.pts) {
      before = std::move(packet);
      continue;
    }
    if (goal.is_exact) {
      if (!from_start) return Packet();
      continue;
    }
    if (!before) return from_start ? std::move(packet) : Packet();
    std::deque<Packet> after;
    after.push_back(std::move(packet));
    input.put_back(std::move(after));
    return before;
  }
}

}  // namespace

const SoundIndex::Anchor* anchor_at(const SoundIndex::Track& track, std::int64_t pts) {
  for (const SoundIndex::Anchor& anchor : track.anchors) {
    if (anchor.pts == pts) return &anchor;
  }
  return nullptr;
}

Result<Packet> find_sound(const MediaSource& source, std::unique_ptr<Input>& input,
                          const SoundPlan& plan, const SoundIndex::Track& track, int picture,
                          std::int64_t sample) {
  const auto choose = [&] { input->choose(std::array{plan.stream}); };
  choose();
  const Goal goal = goal_for(input->stream(plan.stream), plan, track, sample);
  const bool is_mov = std::strncmp(input->format().iformat->name, "mov,", 4) == 0;
  for (std::size_t attempt = 0; attempt < kAttempts; ++attempt) {
    const bool restarts = attempt == kAttempts - 1 || (goal.is_start && !is_mov);
    if (restarts) {
      LENSFS_TRY(input, Input::open(source));
      choose();
    } else if (!seek(*input, plan, picture, goal, attempt)) {
      continue;
    }
    LENSFS_TRY(Packet packet, meet(*input, plan, goal, restarts || goal.is_start));
    if (packet || restarts) return packet;
  }
  return Packet();
}

}  // namespace lensfs::av
