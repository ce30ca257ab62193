// How large a picture is, by its header where the format has one, and what it carries of metadata.
#pragma once

#include "transcode/image/bytes.h"
#include "transcode/image/source_format.h"

namespace lensfs {

struct Measured {
  int width = 0;  // pixels, as stored
  int height = 0;
  int bit_depth = 0;  // of a channel; 0: not known
  int pages = 1;
  int orientation = 0;  // 1 … 8; 0: not said
  // As libvips found them, without the wrapping of their format; for formats that Exiv2 cannot
  // read.
  std::string exif{};
  std::string iptc{};
  std::string xmp{};
};
[[nodiscard]] Result<Measured> measure(const Bytes& bytes, SourceFormat format);

}  // namespace lensfs
