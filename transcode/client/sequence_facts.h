// What is known of a sequence without decoding it, to compare with what stands for it.
#pragma once

#include "transcode/engine.h"

namespace lensfs {

// Of the sequence whose manifest this file holds, as a video by that recipe: its rate and its
// length; how large its pictures are is not known. corrupt if it is no manifest.
[[nodiscard]] Result<MediaFacts> facts_of_sequence(int manifest, const Recipe& recipe);

}  // namespace lensfs
