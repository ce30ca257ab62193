// What a source that takes time says of itself: its container, its first track of moving pictures,
// its first track of sound. Of the picture one frame is decoded where the container does not tell
// how its pixels lie.
#pragma once

#include "transcode/engine.h"
#include "transcode/facts.h"

namespace lensfs::av {

// The answer is the packet of XMP in it, empty if there is none (QuickTime and its kin, ID3).
// not_supported: it is nothing that takes time; corrupt: it is damaged.
[[nodiscard]] Result<std::string> read_timed_facts(const MediaSource& source, Facts& facts);

}  // namespace lensfs::av
