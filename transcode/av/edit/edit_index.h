// EditIndex: everything about a source that takes reading it through to know, and which part of it
// a rendition holds. It is kept in the outline's layout file.
#pragma once

#include <string>

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

// Reads the source through as far as that is necessary. The plan gets the timecode of the part.
[[nodiscard]] Result<EditIndex> index_edit(const MediaSource& source, Input& input, EditPlan& plan,
                                           const Recipe& recipe);
// Of a plan that was made again for an index that was kept.
void set_part(EditPlan& plan, const EditIndex& index);

// Samples of this sound before the rendition's slot `slot` (0 … count), from the timeline's zero.
[[nodiscard]] std::int64_t sample_at(const EditPlan& plan, const EditIndex& index,
                                     std::size_t sound, std::int64_t slot);
// How many the rendition has.
[[nodiscard]] std::int64_t samples_of(const EditPlan& plan, const EditIndex& index,
                                      std::size_t sound);

}  // namespace lensfs::av
