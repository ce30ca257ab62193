// SoundIndex: where the samples of a source's tracks lie on the timeline.
//
// Where times are as fine as samples they say it. Containers with coarser ones (Matroska, FLV, AVI,
// transport streams) round: there packets are counted, and times believed only when they are off by
// a tenth of a second or more.
#pragma once

#include <cstdint>
#include <vector>

#include "transcode/av/edit/plan.h"
#include "transcode/av/input.h"

namespace lensfs::av {

struct SoundIndex {
  // A packet from which decoding may begin.
  struct Anchor {
    std::int64_t pts = 0;     // in the time base of the track
    std::int64_t byte = -1;   // where it lies
    std::int64_t sample = 0;  // the first of it on the timeline, at the source's rate
  };
  struct Track {
    std::int64_t zero = 0;   // samples of the source's rate before the timeline begins
    std::int64_t begin = 0;  // samples on the timeline that there are, of the source's rate
    std::int64_t end = 0;
    std::vector<Anchor> anchors;  // one for each second; none: times are fine
  };
  std::vector<Track> tracks;  // as in the plan
};

// Gathers where packets lie while somebody reads them, for tracks whose times are coarse.
class SoundIndexer {
 public:
  SoundIndexer(Input& input, const EditPlan& plan);
  // Whether the packets of this track have to be seen.
  [[nodiscard]] bool wants(std::size_t track) const { return seen_[track].is_coarse; }
  void note(std::size_t track, const AVPacket& packet);
  // `zero` is the time of sample 0 in `time_base`.
  [[nodiscard]] SoundIndex finish(std::int64_t zero, AVRational time_base);
  // When the first of the tracks begins, in microseconds; 0: nobody knows.
  [[nodiscard]] std::int64_t start_us() const;

 private:
  struct Seen {
    const AVStream* stream;
    int rate;
    bool is_coarse;
    bool has_begun = false;
    std::int64_t placed = 0;  // samples, from the container's time 0 on
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::vector<SoundIndex::Anchor> anchors;
  };
  std::vector<Seen> seen_;
};

}  // namespace lensfs::av
