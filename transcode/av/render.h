// Frames of a clip as pictures for people: turned, in square pixels and in RGB, deinterlaced.
#pragma once

#include "transcode/av/frame_finder.h"

namespace lensfs::av {

// Fits into the box; RGB24, or RGBA where the clip has transparency.
[[nodiscard]] Result<Frame> render(Input& input, int stream, const Moment& moment, Size box);

}  // namespace lensfs::av
