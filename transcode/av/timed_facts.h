// What a source that takes time says of itself: its container, its first track of moving pictures,
// its first track of sound. Of the picture one frame is decoded where the container does not tell
// how its pixels lie.
#pragma once

#include "transcode/engine.h"
#include "transcode/facts.h"

namespace lensfs::av {

// not_supported: it is nothing that takes time; corrupt: it is damaged.
[[nodiscard]] Status read_timed_facts(const MediaSource& source, Facts& facts);

}  // namespace lensfs::av
