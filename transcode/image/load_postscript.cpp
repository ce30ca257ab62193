#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "transcode/image/binary.h"
#include "transcode/image/ghostscript.h"
#include "transcode/image/load.h"

namespace lensfs {
namespace {

using namespace std::string_view_literals;

// In points, 1/72 inch.
struct Area {
  double left = 0;
  double bottom = 0;
  double right = 612;  // a page where nothing says otherwise
  double top = 792;
};

// What the two kinds of EPS file hold.
struct Parts {
  std::span<const std::byte> program;
  std::span<const std::byte> preview;  // TIFF; may be empty
};

std::span<const std::byte> part(std::span<const std::byte> file, std::uint32_t offset,
                                std::uint32_t length) {
  if (offset > file.size()) return {};
  return file.subspan(offset, std::min<std::size_t>(length, file.size() - offset));
}

Parts parts_of(std::span<const std::byte> file) {
  constexpr std::size_t kDosHeader = 30;
  if (file.size() < kDosHeader || u32_at(file, 0) != 0xc5d0d3c6) return {file, {}};
  const auto number = [file](std::size_t offset) { return u32_at(file, offset, Endian::little); };
  return {part(file, number(4), number(8)), part(file, number(20), number(24))};
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<Area> area_in(std::string_view text) {
  constexpr std::string_view kKey = "%%BoundingBox:";
  for (std::size_t at = text.find(kKey); at != std::string_view::npos;
       at = text.find(kKey, at + 1)) {
    std::array<int, 4> sides{};
    const char* from = text.data() + at + kKey.size();
    const char* end = text.data() + text.size();
    std::size_t read = 0;
    for (; read < sides.size(); ++read) {
      while (from < end && (*from == ' ' || *from == '\t')) ++from;
      const auto [next, code] = std::from_chars(from, end, sides[read]);
      if (code != std::errc()) break;
      from = next;
      while (from < end && *from != ' ' && *from != '\r' && *from != '\n') ++from;  // ".5"
    }
    const Area area{double(sides[0]), double(sides[1]), double(sides[2]), double(sides[3])};
    if (read == sides.size() && area.right > area.left && area.top > area.bottom) return area;
  }
  return std::nullopt;
}

// The head says it, or that it stands at the end.
Area area_of(std::string_view program) {
  constexpr std::size_t kSearched = std::size_t{64} << 10U;
  if (const auto area = area_in(program.substr(0, kSearched))) return *area;
  const std::size_t tail = program.size() - std::min(program.size(), kSearched);
  return area_in(program.substr(tail)).value_or(Area{});
}

Result<Pixels> drawn(std::string_view program, const View& view) {
  const Area area = area_of(program);
  const double width = area.right - area.left;
  const double height = area.top - area.bottom;
  double scale = 144.0 / 72.0;  // without a box
  if (view.box.width > 0 || view.box.height > 0)
    scale = std::min(view.box.width > 0 ? view.box.width / width : VIPS_MAX_COORD,
                     view.box.height > 0 ? view.box.height / height : VIPS_MAX_COORD);
  LENSFS_CHECK(check_size(width * scale, height * scale, 4, Decoded::as_a_whole));
  const auto side = [scale](double length) {
    return std::max(1, static_cast<int>(std::lround(length * scale)));
  };
  const PostscriptPage page{area.left, area.bottom, side(width), side(height), 72 * scale};
  LENSFS_TRY(const auto picture, draw_postscript(program, page));
  return pixels_of_memory({page.width, page.height, 3}, picture.data());
}

}  // namespace

Result<Pixels> load_postscript(const Bytes& bytes, const View& view) {
  LENSFS_CHECK(check_moment(view.moment, 1, Counts::pages));
  LENSFS_TRY(const auto file, bytes.all());
  const Parts parts = parts_of(file);
  Result<Pixels> picture = drawn(text_of(parts.program), view);
  if (picture || parts.preview.empty()) return picture;
  const Bytes preview = Bytes::owned(std::string(text_of(parts.preview)));
  const auto format = format_of(preview);
  if (!format || *format != SourceFormat::tiff) return picture;
  return load_with_vips(preview, *format, view);
}

}  // namespace lensfs
