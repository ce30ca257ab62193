// The parts of a Photoshop file (PSD, PSB) that are needed to find and to understand the merged
// picture behind its layers. After Adobe's "Photoshop File Formats Specification".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "catalog/base/result.h"
#include "transcode/image/bytes.h"

namespace lensfs {

enum class PsdMode : std::uint16_t {
  bitmap = 0,
  grey = 1,
  indexed = 2,
  rgb = 3,
  cmyk = 4,
  multichannel = 7,
  duotone = 8,
  lab = 9,
};

struct PsdHeader {
  bool large = false;  // PSB: lengths are wider
  int channels = 0;
  int width = 0;
  int height = 0;
  int depth = 0;  // bits of a sample: 1, 8, 16, 32
  PsdMode mode = PsdMode::rgb;
  std::string palette;            // of an indexed one: 256 red, green, blue values, plane by plane
  std::string profile;            // ICC; may be empty
  std::string thumbnail;          // a JPEG; may be empty
  bool has_merged = true;         // the merged picture is real, not a white sheet
  bool has_transparency = false;  // the channel behind the colours is alpha
  std::int64_t picture = 0;       // offset of the merged picture
};

// corrupt when the file ends before the merged picture would start.
[[nodiscard]] Result<PsdHeader> read_psd_header(const Bytes& bytes);

}  // namespace lensfs
