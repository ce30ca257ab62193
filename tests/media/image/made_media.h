// Pictures and documents that tests make for themselves.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lensfs::test {

using std::filesystem::path;

// Runs a program that makes a file; fails the test if it fails.
void make_with(const std::vector<std::string>& words);

// Four quarters: red, green (above), blue, yellow (below). PNG of `width` x `height`.
void make_quarters(const path& to, int width, int height);
// All of one colour, 0 … 255 each.
void make_plain(const path& to, int red, int green, int blue);

// A document of pages, each of one colour ("1 0 0" is red), 144 x 72 points.
[[nodiscard]] std::string pdf_of(const std::vector<std::string_view>& colours);
// The same, one page, that only opens with a password.
[[nodiscard]] std::string locked_pdf();

// Photoshop: one picture of `side` x `side` and these channels (planes of 8 bits, one value each).
struct PsdSketch {
  int mode = 3;  // RGB; 4: CMYK
  int side = 8;
  std::vector<int> channels;
  bool transparent = false;  // the last channel is alpha
};
[[nodiscard]] std::string psd_of(const PsdSketch& sketch);

// A camera file (DNG) of 64 x 48 whose sensor saw one grey.
[[nodiscard]] std::string dng();

// A ZIP of these names and contents.
struct Member {
  std::string name;
  std::string content;
};
void make_zip(const path& to, const std::vector<Member>& members);

[[nodiscard]] std::string content_of(const path& file);

}  // namespace lensfs::test
