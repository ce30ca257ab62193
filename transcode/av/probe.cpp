// What a source is, without making anything of it.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "transcode/av/clip.h"
#include "transcode/av/glimpse.h"

namespace lensfs {
namespace av {
namespace {

// Extent: where the packets of a track lie in time, in its own units.
struct Extent {
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  std::int64_t end = std::numeric_limits<std::int64_t>::min();
  std::int64_t packets = 0;
  bool is_timed = true;  // every packet said when it is

  void take(const AVPacket& packet) {
    ++packets;
    if (packet.pts == AV_NOPTS_VALUE) {
      is_timed = false;
      return;
    }
    first = std::min(first, packet.pts);
    end = std::max(end, packet.pts + packet.duration);
  }
};

std::int64_t nanoseconds(double seconds) {
  constexpr double kMostSeconds = 1e9;
  return std::isfinite(seconds) ? std::llround(std::clamp(seconds, 0.0, kMostSeconds) * 1e9) : 0;
}

// Where the index says how long each track is. Other formats tell of the whole only, or guess.
bool says_how_long(const AVFormatContext& format, const AVStream& stream) {
  const std::string_view name = format.iformat->name;
  if (stream.duration <= 0) return false;
  if (name == "mxf" || name == "wav" || name == "w64" || name == "aiff") return true;
  return name.starts_with("mov,") && stream.nb_frames > 0;
}

double seconds_in(const AVStream& stream, const Extent& extent) {
  if (extent.packets == 0 || extent.first > extent.end) return 0;
  return static_cast<double>(extent.end - extent.first) * av_q2d(stream.time_base);
}

// Probe: fills in the facts of one clip.
class Probe {
 public:
  Probe(Input& input, const Clip& clip) : input_(input), clip_(clip) {}

  Result<MediaFacts> facts(const Progress& progress) {
    for (const int sound : clip_.sounds) {
      facts_.channels.push_back(input_.stream(sound).codecpar->ch_layout.nb_channels);
    }
    if (clip_.video >= 0) LENSFS_CHECK(see());
    const int sound = clip_.sounds.empty() ? -1 : clip_.sounds.front();
    std::vector<int> unsure;
    for (const int track : {clip_.video, sound}) {
      if (track < 0) continue;
      const AVStream& stream = input_.stream(track);
      if (says_how_long(input_.format(), stream)) {
        note(track, static_cast<double>(stream.duration) * av_q2d(stream.time_base));
      } else {
        unsure.push_back(track);
      }
    }
    if (!unsure.empty()) LENSFS_CHECK(read_all(unsure, progress));
    return facts_;
  }

 private:
  Status see() {
    LENSFS_TRY(const Glimpse seen, glimpse(input_, clip_.video));
    const Size shown = seen.look.shown();
    facts_.width = shown.width;
    facts_.height = shown.height;
    facts_.rate_numerator = clip_.rate.rate.num;
    facts_.rate_denominator = clip_.rate.rate.den;
    return {};
  }

  void note(int track, double seconds) {
    if (track != clip_.video) {
      facts_.sound_ns = nanoseconds(seconds);
      return;
    }
    facts_.picture_ns = nanoseconds(seconds);
    facts_.frames =
        std::llround(static_cast<double>(facts_.picture_ns) / 1e9 * av_q2d(clip_.rate.rate));
  }

  Status read_all(const std::vector<int>& tracks, const Progress& progress) {
    constexpr std::int64_t kBetweenSigns = 1000;  // packets
    input_.choose(tracks);
    std::vector<Extent> extents(input_.format().nb_streams);
    for (std::int64_t count = 0;; ++count) {
      LENSFS_TRY(const Packet packet, input_.read());
      if (!packet) break;
      const auto track = static_cast<std::size_t>(packet->stream_index);
      // A stream that shows up late is none of those that were asked for.
      if (track < extents.size()) extents[track].take(*packet);
      if (progress && count % kBetweenSigns == 0) progress(input_.share());
    }
    for (const int track : tracks) {
      const Extent& extent = extents[static_cast<std::size_t>(track)];
      const bool counts = track == clip_.video && !extent.is_timed;
      note(track, counts ? static_cast<double>(extent.packets) / av_q2d(clip_.rate.rate)
                         : seconds_in(input_.stream(track), extent));
    }
    return {};
  }

  Input& input_;
  const Clip& clip_;
  MediaFacts facts_;
};

}  // namespace
}  // namespace av

Result<MediaFacts> probe_timed(const MediaSource& source, const Progress& progress) {
  prepare_timed();
  LENSFS_TRY(const auto input, av::Input::open(source));
  LENSFS_TRY(const av::Clip clip, av::clip_of(*input));
  if (clip.video < 0 && clip.sounds.empty()) {
    return fail(Errc::not_supported, "there is neither video nor sound in it");
  }
  return av::Probe(*input, clip).facts(progress);
}

}  // namespace lensfs
