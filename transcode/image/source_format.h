// SourceFormat: which decoder a source is for, by its bytes; the name decides only where the bytes
// do not. A list of what is allowed: anything else is not given to any decoder.
#pragma once

#include "catalog/base/result.h"
#include "transcode/image/bytes.h"

namespace lensfs {

enum class SourceFormat {
  jpeg,
  png,
  gif,
  webp,
  tiff,
  jp2,
  jxl,
  heif,      // HEIC and AVIF
  radiance,  // .hdr
  pnm,       // PBM … PPM, PFM
  svg,
  pdf,  // also Illustrator files with PDF in them
  postscript,
  exr,
  dpx,
  cineon,
  psd,  // and PSB
  icns,
  raw,     // of a camera, DNG
  bitmap,  // BMP, TGA, ICO, PCX, SGI, DDS, XCF: ImageMagick's
  package  // a ZIP: office documents, EPUB, Krita …
};

// not_supported for what is no picture, page or design.
[[nodiscard]] Result<SourceFormat> format_of(const Bytes& bytes);

}  // namespace lensfs
