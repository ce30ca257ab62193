// Limits: what a source may ask for. What it claims beyond is refused before memory is taken.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lensfs::av {

inline constexpr int kMostStreams = 128;
inline constexpr std::int64_t kMostPixels = 100'000'000;            // of one frame: 12K fits
inline constexpr std::size_t kMostAtOnce = std::size_t{768} << 20;  // bytes of one allocation

}  // namespace lensfs::av
