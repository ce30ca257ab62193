// Filmstrip: small frames of a clip, evenly spread, in rows of ten, in reading order.
//
// Of a short clip (about a minute) every frame is looked at, so the tiles are exact; of a longer
// one the tiles are the keyframes nearest before their times. Fewer tiles than asked for where a
// clip has fewer frames. Without a box a tile fits into 160x160.
#pragma once

#include "transcode/engine.h"

namespace lensfs::av {

[[nodiscard]] Result<Made> make_filmstrip(const MediaSource& source, const Order& order,
                                          const Progress& progress);

}  // namespace lensfs::av
