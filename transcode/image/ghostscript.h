// Ghostscript in this process: draws the first page of a PostScript program into memory.
//
// The program has no file of its own and can open none but fonts and Ghostscript's resources, write
// none and start nothing. One at a time per process; not for several threads.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "catalog/base/result.h"

namespace lensfs {

struct PostscriptPage {
  double left = 0;  // points (1/72 inch): what lies in the lower left corner
  double bottom = 0;
  int width = 0;  // pixels
  int height = 0;
  double resolution = 72;  // pixels per inch
};

// Red, green, blue, row by row from the top. corrupt with the interpreter's words when the program
// fails before it has drawn a page.
[[nodiscard]] Result<std::vector<std::uint8_t>> draw_postscript(std::string_view program,
                                                                const PostscriptPage& page);

}  // namespace lensfs
