// FrameIndex: when each frame of a source is shown, in which slots of an even timeline
// (timeline.h), and from where it can be decoded.
//
// A frame belongs to the picture group of the last keyframe that is shown no later than it. Frames
// before the first keyframe do not count: nothing decodes them.
#pragma once

#include <cstdint>
#include <vector>

#include "transcode/av/clip.h"

namespace lensfs::av {

struct FrameIndex {
  struct Key {
    std::int64_t pts = 0;
    std::int64_t dts = 0;
    std::int64_t byte = -1;  // where its packet lies, if the container says so
  };
  // By the time of showing. A frame is shown from its slot to the next one's; never, if they are
  // the same.
  std::vector<std::int64_t> pts;    // in the time base of the track
  std::vector<std::int64_t> slots;  // the first is 0
  std::vector<Key> keys;
  std::int64_t count = 0;  // slots

  [[nodiscard]] std::size_t frame_of(std::int64_t slot) const;
  // Of a frame; its number among the keys.
  [[nodiscard]] std::size_t key_of(std::size_t frame) const;
  // The first frame of the group of a key; of the one behind the last: the number of all.
  [[nodiscard]] std::int64_t first_of(std::size_t key) const;
  // The frame that is shown at this time or, if none is, the last one before; -1: before all.
  [[nodiscard]] std::int64_t frame_at(std::int64_t pts) const;
};

// Gathers the times of packets while somebody reads them.
class FrameIndexer {
 public:
  explicit FrameIndexer(const AVStream& stream) : stream_(&stream) {}
  // A packet of the track, in the order of the file.
  void note(const AVPacket& packet);
  // not_supported where frames have no times, or a clock jumps back.
  [[nodiscard]] Result<FrameIndex> finish(const FrameRate& own, AVRational rate);

 private:
  void drop_what_is_no_frame(const FrameRate& own);

  const AVStream* stream_;
  FrameIndex index_;
  std::int64_t last_dts_ = AV_NOPTS_VALUE;
  std::int64_t last_pts_ = AV_NOPTS_VALUE;  // of the frame that is shown last
  std::int64_t last_duration_ = 0;          // of that
  bool is_broken_ = false;                  // the clock went back
};

}  // namespace lensfs::av
