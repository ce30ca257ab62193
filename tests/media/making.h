// Media made by the ffmpeg program, renditions made of it in process, and what other programs say
// of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/temp_dir.h"
#include "transcode/engine.h"

namespace lensfs::test {

// Runs ffmpeg with these words after its own; fails the test if it fails.
void ffmpeg(const std::vector<std::string>& words);

struct Rendition {
  std::filesystem::path path;
  Result<Made> made = fail(Errc::interrupted, "not made");
};
// All in one call. Recipes as text; files go into `folder`.
[[nodiscard]] std::vector<Rendition> make_all(const std::filesystem::path& source,
                                              const std::vector<std::string>& recipes,
                                              const std::filesystem::path& folder);
[[nodiscard]] Rendition make_one(const std::filesystem::path& source, const std::string& recipe,
                                 const std::filesystem::path& folder);

// What ffprobe says, frames counted: {"format": …, "streams": […]}.
[[nodiscard]] nlohmann::json probe(const std::filesystem::path& file);
// The n-th stream of this type ("video", "audio"); empty if there is none.
[[nodiscard]] nlohmann::json stream_of(const nlohmann::json& probed, const std::string& type,
                                       std::size_t number = 0);

// A frame as RGB of 8 bits, at this size, turned as the file says, decoded by ffmpeg; `filters`
// come first.
struct Pixels {
  int width = 0;
  int height = 0;
  std::string rgb;
  [[nodiscard]] int red(int x, int y) const { return part(x, y, 0); }
  [[nodiscard]] int green(int x, int y) const { return part(x, y, 1); }
  [[nodiscard]] int blue(int x, int y) const { return part(x, y, 2); }

 private:
  [[nodiscard]] int part(int x, int y, int which) const {
    const auto at = static_cast<std::size_t>((y * width + x) * 3 + which);
    return at < rgb.size() ? static_cast<unsigned char>(rgb[at]) : -1;
  }
};
[[nodiscard]] Pixels frame_of(const std::filesystem::path& file, int number, int width, int height,
                              const std::string& filters = "null");
// On average over all parts of all pixels; 255 if they are not of one size.
[[nodiscard]] double difference(const Pixels& one, const Pixels& other);

// Samples of the first track of sound as 16 bits, interleaved, decoded by ffmpeg.
[[nodiscard]] std::vector<std::int16_t> samples_of(const std::filesystem::path& file,
                                                   int channels = 1, int rate = 48000);

}  // namespace lensfs::test
