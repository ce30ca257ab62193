// The poster of a clip: the first of a few keyframes, beginning near a tenth of the clip, that is
// neither black nor blank; if all are, the one with the most in it.
#pragma once

#include "transcode/av/frame_finder.h"

namespace lensfs::av {

// Never an empty moment.
[[nodiscard]] Result<Moment> find_poster(FrameFinder& finder);

}  // namespace lensfs::av
