// Filmstrip: small frames of a clip, evenly spread, in rows of ten, in reading order.
//
// Of a short clip (about a minute) every frame is looked at, so the tiles are exact; of a longer
// one the tiles are the keyframes nearest before their times. Fewer tiles than asked for where a
// clip has fewer frames. Without a box a tile fits into 160x160.
#pragma once

#include <vector>

#include "transcode/av/handles.h"
#include "transcode/engine.h"

namespace lensfs::av {

inline constexpr int kTiles = 60;  // where the recipe does not say how many
inline constexpr int kTileSide = 160;

[[nodiscard]] Result<Made> make_filmstrip(const MediaSource& source, const Order& order,
                                          const Progress& progress);

// The strip of tiles of one size and format; corrupt where there is none.
[[nodiscard]] Result<Frame> put_together(const std::vector<Frame>& tiles);

}  // namespace lensfs::av
