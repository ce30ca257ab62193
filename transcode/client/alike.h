// Whether a file that somebody brings may stand for its source: a timeline that was cut with the
// one must be right with the other.
#pragma once

#include "catalog/model/recipe.h"
#include "transcode/engine.h"

namespace lensfs {

// Whether it matters: a still of a clip, or a picture of its sound, takes no time.
[[nodiscard]] bool takes_time(const Recipe& recipe);

// For a rendition that takes time. Of a moving picture: the same rate, the same length within one
// frame, as many tracks of sound of as many channels each. Of sound alone: the same length within
// 40 ms, and the channels of the source's first track. invalid; the error names both values.
[[nodiscard]] Status check_alike(const Recipe& recipe, const MediaFacts& source,
                                 const MediaFacts& brought);

}  // namespace lensfs
