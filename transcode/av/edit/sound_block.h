// One stretch of a track's sound, decoded by a decoder that begins at a packet that depends on the
// stretch alone. sound_reader.h says why.
#pragma once

#include <string>

#include "transcode/av/edit/sound_index.h"
#include "transcode/av/input.h"

namespace lensfs::av {

struct SoundBlock {
  std::string pcm;  // as sound_reader.h says
  bool is_damaged = false;
};

// The seconds [second, second + 1) of the timeline, at the rate of the plan. `picture` is the track
// of video by which containers can be searched that know nothing of their sound, or -1. The input
// may be replaced, where only reading from the start again helps.
[[nodiscard]] Result<SoundBlock> decode_second(const MediaSource& source,
                                               std::unique_ptr<Input>& input, const SoundPlan& plan,
                                               const SoundIndex::Track& track, int picture,
                                               std::int64_t second);

}  // namespace lensfs::av
