// Write: a finished picture as the file that a recipe wants.
//
// JPEG (4:2:0 below quality 90), PNG and WebP hold sRGB without a profile, which is what every
// reader takes an untagged picture for, and no metadata. JPEG has no alpha: it lies over white.
#pragma once

#include "catalog/base/result.h"
#include "catalog/model/recipe.h"
#include "transcode/engine.h"
#include "transcode/image/pixels.h"

namespace lensfs {

inline constexpr int kDefaultQuality = 82;

// Whether anything in it is not opaque; reads it to its end.
[[nodiscard]] Result<bool> has_transparency(const Pixels& picture);

// `transparent`: whether the alpha that the picture may have says anything. io when `output`
// cannot be written, corrupt when the picture turns out to be damaged on the way.
enum class Alpha { opaque, transparent };
[[nodiscard]] Result<Made> write_still(const Pixels& picture, Alpha alpha, const Order& order);

}  // namespace lensfs
