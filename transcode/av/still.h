// Stills of what takes time: the poster or a named frame of a video; of sound its cover, else its
// waveform.
#pragma once

#include "transcode/engine.h"

namespace lensfs::av {

[[nodiscard]] Result<Made> make_still(const MediaSource& source, const Order& order);

}  // namespace lensfs::av
