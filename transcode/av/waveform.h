// Waveform: a picture of a track of sound, one lane per channel, on a transparent ground.
#pragma once

#include "transcode/av/peaks.h"
#include "transcode/engine.h"

namespace lensfs::av {

// Exactly as large as the recipe says (a side of 0: 1800, 280); PNG unless it says otherwise.
[[nodiscard]] Result<Made> write_waveform(const Peaks& peaks, const Order& order);

}  // namespace lensfs::av
