// libvips as the rest of this folder uses it: owners for its objects, its error text as an Error,
// and pictures whose rows our own decoders make.
//
// A picture (Pixels) is lazy: pixels are made when something asks for them, from the bytes that it
// was opened from.
#pragma once

#include <vips/vips.h>

#include <functional>
#include <memory>
#include <string>

#include "catalog/base/result.h"

namespace lensfs {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
using Pixels = std::unique_ptr<VipsImage, Unref>;
using VipsInput = std::unique_ptr<VipsSource, Unref>;

// What libvips said since the last call, as an error: too_big where memory ran out, else corrupt.
[[nodiscard]] Error vips_failure();

// Runs one operation of libvips: `call` gets where to put the result and returns what libvips
// returns (0: well).
[[nodiscard]] Result<Pixels> vips_run(const std::function<int(VipsImage**)>& call);

// Keeps a copy of `value` alive as long as `object`.
template <typename T>
void attach(GObject* object, const char* name, T value) {
  g_object_set_data_full(object, name, new T(std::move(value)),
                         [](void* owned) { delete static_cast<T*>(owned); });
}

// What a missing part of a damaged source does.
enum class Damage {
  shown,    // the rest is shown, the part is left blank
  refused,  // it is an error
};

struct RowShape {
  int width = 0;
  int height = 0;
  int bands = 0;
  VipsBandFormat format = VIPS_FORMAT_UCHAR;
  VipsInterpretation interpretation = VIPS_INTERPRETATION_sRGB;
};
// Writes row `y` (width x bands values) to `row`, which is zeroed before. Called in any order, one
// call at a time, from threads of libvips; must not throw.
using ReadRow = std::function<Status(int y, void* row)>;
[[nodiscard]] Result<Pixels> pixels_of_rows(const RowShape& shape, ReadRow read, Damage damage);

[[nodiscard]] inline std::size_t pixel_size(const VipsImage* image) noexcept {
  return vips_format_sizeof(image->BandFmt) * static_cast<std::size_t>(image->Bands);
}
[[nodiscard]] inline std::size_t decoded_size(const VipsImage* image) noexcept {
  return pixel_size(image) * static_cast<std::size_t>(image->Xsize) *
         static_cast<std::size_t>(image->Ysize);
}
// Where pixel `x`, `y` of a region lies that libvips asked for or gave.
[[nodiscard]] inline VipsPel* pixel_at(const VipsRegion* region, int x, int y) noexcept {
  const auto down = static_cast<std::size_t>(y - region->valid.top);
  const auto across = static_cast<std::size_t>(x - region->valid.left);
  return region->data + down * static_cast<std::size_t>(region->bpl) +
         across * pixel_size(region->im);
}

// A copy of interleaved memory as a picture.
[[nodiscard]] Result<Pixels> pixels_of_memory(const RowShape& shape, const void* memory);

}  // namespace lensfs
