// Colour: from what a picture has to sRGB as screens show it.
//
// Light that is not limited to a screen's white (EXR, Radiance, LogLuv, float TIFF, 32-bit PSD,
// film scans) is tone-mapped: exposure stays, values up to kShoulder stay, brighter ones roll off
// to white instead of clipping, and hue stays because all channels are scaled alike. Then the sRGB
// curve. Negative values and NaN become 0, infinity white.
#pragma once

#include <cstdint>
#include <functional>

#include "transcode/image/pixels.h"

namespace lensfs {

inline constexpr float kShoulder = 0.8F;  // of diffuse white

// 8-bit sRGB code of a display-linear value; outside 0 … 1 is clipped.
[[nodiscard]] std::uint8_t srgb_code(float linear) noexcept;
// The curve above for one value of at least 0; below 1.
[[nodiscard]] float roll_off(float linear) noexcept;

struct Light {
  float red = 0;
  float green = 0;
  float blue = 0;
  float alpha = 1;
};
// One pixel of scene-linear light, colour premultiplied with alpha, as sRGB and alpha (4 bytes,
// not premultiplied). Where nothing covers but something glows, the glow is made to cover.
void show_light(Light light, std::uint8_t* rgba) noexcept;

// Every row of `picture` through `map`, which gets `width` pixels and makes as many of 4 bytes:
// sRGB and alpha. Called from threads of libvips, several rows at a time.
using RowMap = std::function<void(const VipsPel* from, std::uint8_t* rgba, int width)>;
[[nodiscard]] Result<Pixels> mapped_rows(Pixels picture, RowMap map);

// A picture of scene-linear light (float; grey, RGB, with or without alpha that is not
// premultiplied) in 8-bit sRGB.
[[nodiscard]] Result<Pixels> tone_mapped(const Pixels& scene, float exposure);
// By how much to multiply a picture of unknown units so that its middle is a middle grey; 1 where
// it is in the usual range already. `scene` is read to its end.
[[nodiscard]] Result<float> exposure_of(const Pixels& scene);

// 8-bit sRGB, or grey where there is no colour; alpha kept. For pictures within a screen's range.
[[nodiscard]] Result<Pixels> to_srgb(Pixels picture);

}  // namespace lensfs
