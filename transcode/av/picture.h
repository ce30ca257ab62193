// Picture: one finished picture, RGB or RGBA, into a file.
#pragma once

#include <string>

#include "transcode/av/handles.h"
#include "transcode/engine.h"

namespace lensfs::av {

// A picture of this size, AV_PIX_FMT_RGB24 or RGBA, cleared to zeros. too_big beyond 100
// megapixels.
[[nodiscard]] Result<Frame> new_picture(int width, int height, AVPixelFormat format);

// Encodes as the recipe says and writes it to the order's output. "auto" is PNG where the picture
// has an alpha channel, else JPEG; JPEG shows what is transparent over white. Quality 0: 82.
[[nodiscard]] Result<Made> write_picture(const AVFrame& picture, const Order& order);

}  // namespace lensfs::av
