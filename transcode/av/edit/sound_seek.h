// From which packet sound is decoded that is wanted from a certain sample on.
#pragma once

#include "transcode/av/edit/sound_index.h"
#include "transcode/av/input.h"

namespace lensfs::av {

// The anchor with this time; null if there is none.
[[nodiscard]] const SoundIndex::Anchor* anchor_at(const SoundIndex::Track& track, std::int64_t pts);

// The packet at which a decoder begins that shall be right from this sample of the timeline on; as
// far before it as its codec needs. What input.read() gives next follows on it. Null: there is
// nothing. `picture` and `input` as in decode_second().
[[nodiscard]] Result<Packet> find_sound(const MediaSource& source, std::unique_ptr<Input>& input,
                                        const SoundPlan& plan, const SoundIndex::Track& track,
                                        int picture, std::int64_t sample);

}  // namespace lensfs::av
