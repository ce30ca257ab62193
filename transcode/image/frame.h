// One picture of a sequence as plain pixels, for whoever makes moving pictures of them: decoded and
// shown as a still of it is (load.h, colour.h). No type of libvips is in here.
#pragma once

#include <cstdint>
#include <vector>

#include "catalog/base/result.h"
#include "transcode/engine.h"

namespace lensfs {

struct FramePicture {
  int width = 0;  // pixels
  int height = 0;
  std::vector<std::uint8_t> rgb;  // 8-bit sRGB, three bytes a pixel, row after row without gaps
};

// Fitted into the box (a side of 0: no limit), never enlarged; what is transparent lies over black.
// Errors as make_stills.
[[nodiscard]] Result<FramePicture> load_frame(const MediaSource& source, int box_width,
                                              int box_height);

}  // namespace lensfs
