// EditIndex: everything about a source that takes reading it through to know, and which part of it
// a rendition holds. It is kept in the outline's layout file.
#pragma once

#include <future>
#include <optional>
#include <string>
#include <vector>

#include "transcode/av/edit/frame_index.h"
#include "transcode/av/edit/sound_index.h"

namespace lensfs::av {

struct EditIndex {
  FrameIndex frames;  // empty without video
  SoundIndex sounds;
  // The part of the timeline that the rendition holds, in slots of plan.frames; without video,
  // slots are those of a clip of 25 frames a second, and the last one may be longer than the sound.
  std::int64_t first = 0;
  std::int64_t count = 0;

  // As bytes, in the machine's order.
  [[nodiscard]] std::string text() const;
  // corrupt for what text() does not give.
  [[nodiscard]] static Result<EditIndex> from_text(std::string_view text);
};

// EditScan: reads the source through as far as that is necessary. Where its container has an index
// that is done on a thread of its own, while the first picture is decoded.
class EditScan {
 public:
  // Begins. Source and input must outlive it; of the plan the tracks are enough.
  EditScan(const MediaSource& source, Input& input, const EditPlan& tracks);
  EditScan(const EditScan&) = delete;
  EditScan& operator=(const EditScan&) = delete;
  // Waits for the end. The plan, complete by now, gets the timecode of the part. Once.
  [[nodiscard]] Result<EditIndex> finish(EditPlan& plan, const Recipe& recipe);

 private:
  [[nodiscard]] Status read();

  const MediaSource& source_;
  Input& input_;
  const EditPlan tracks_;
  std::vector<int> wanted_;
  bool is_indexed_ = false;
  std::optional<FrameIndexer> frames_;
  SoundIndexer sounds_;
  std::future<Status> done_;  // the last: it ends before what it works with
};
// Of a plan that was made again for an index that was kept.
void set_part(EditPlan& plan, const EditIndex& index);

// Samples of this sound before the rendition's slot `slot` (0 … count), from the timeline's zero.
[[nodiscard]] std::int64_t sample_at(const EditPlan& plan, const EditIndex& index,
                                     std::size_t sound, std::int64_t slot);
// How many the rendition has.
[[nodiscard]] std::int64_t samples_of(const EditPlan& plan, const EditIndex& index,
                                      std::size_t sound);

}  // namespace lensfs::av
