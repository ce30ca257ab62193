#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "transcode/image/binary.h"
#include "transcode/image/load.h"

namespace lensfs {
namespace {

// Pictures of old icons: three colour planes, run-length encoded, and a plane of alpha beside.
struct OldSize {
  std::string_view colours;
  std::string_view alpha;
  std::size_t side;
};
constexpr std::array kOldSizes = {OldSize{"it32", "t8mk", 128}, OldSize{"ih32", "h8mk", 48},
                                  OldSize{"il32", "l8mk", 32}, OldSize{"is32", "s8mk", 16}};

struct Element {
  std::string name;
  std::span<const std::byte> content;
};

std::vector<Element> elements_of(std::span<const std::byte> file) {
  constexpr std::size_t kHeader = 8;
  constexpr std::size_t kMost = 64;
  std::vector<Element> elements;
  std::size_t at = kHeader;
  while (at + kHeader <= file.size() && elements.size() < kMost) {
    const std::size_t length = u32_at(file, at + 4);
    if (length < kHeader || length > file.size() - at) break;
    std::string name;
    for (std::size_t i = 0; i < 4; ++i) name.push_back(std::to_integer<char>(file[at + i]));
    elements.push_back({name, file.subspan(at + kHeader, length - kHeader)});
    at += length;
  }
  return elements;
}

std::optional<std::span<const std::byte>> named(const std::vector<Element>& elements,
                                                std::string_view name) {
  for (const Element& element : elements)
    if (element.name == name) return element.content;
  return std::nullopt;
}

// The largest element that is a file of its own: PNG, or JPEG 2000.
std::optional<Bytes> largest_file(const std::vector<Element>& elements) {
  std::optional<Bytes> best;
  for (const Element& element : elements) {
    const auto* text = reinterpret_cast<const char*>(element.content.data());
    Bytes bytes = Bytes::owned(std::string(text, element.content.size()));
    const auto format = format_of(bytes);
    if (!format || (*format != SourceFormat::png && *format != SourceFormat::jp2)) continue;
    if (!best || bytes.size() > best->size()) best = std::move(bytes);
  }
  return best;
}

// A byte n below 128: n + 1 bytes as they are; else the next byte, n - 125 times.
Status unpack(std::span<const std::byte> packed, std::span<std::uint8_t> rgba, std::size_t side) {
  const std::size_t area = side * side;
  std::size_t done = 0;
  std::size_t at = 0;
  while (done < 3 * area) {
    if (at + 2 > packed.size()) return fail(Error(Errc::corrupt, "the icon ends too early"));
    const auto control = std::to_integer<std::size_t>(packed[at++]);
    const bool run = control >= 128;
    const std::size_t count = run ? control - 125 : control + 1;
    for (std::size_t i = 0; i < count && done < 3 * area; ++i, ++done) {
      const std::size_t from = run ? at : at + i;
      if (from >= packed.size()) return fail(Error(Errc::corrupt, "the icon ends too early"));
      rgba[done % area * 4 + done / area] = std::to_integer<std::uint8_t>(packed[from]);
    }
    at += run ? 1 : count;
  }
  return {};
}

Result<Pixels> old_picture(const std::vector<Element>& elements, const OldSize& size) {
  auto colours = *named(elements, size.colours);
  if (size.side == 128 && colours.size() > 4) colours = colours.subspan(4);  // four zeros
  std::vector<std::uint8_t> rgba(size.side * size.side * 4, 255);
  LENSFS_CHECK(unpack(colours, rgba, size.side));
  const auto alpha = named(elements, size.alpha);
  for (std::size_t i = 0; alpha && i < std::min(alpha->size(), size.side * size.side); ++i)
    rgba[i * 4 + 3] = std::to_integer<std::uint8_t>((*alpha)[i]);
  const auto side = static_cast<int>(size.side);
  return pixels_of_memory({side, side, 4}, rgba.data());
}

}  // namespace

Result<Pixels> load_icns(const Bytes& bytes, const View& view) {
  LENSFS_CHECK(check_moment(view.moment, 1, Counts::pages));
  LENSFS_TRY(const auto file, bytes.all());
  const std::vector<Element> elements = elements_of(file);
  if (const auto best = largest_file(elements)) return load(*best, view);
  for (const OldSize& size : kOldSizes) {
    if (!named(elements, size.colours)) continue;
    LENSFS_TRY(const Pixels picture, old_picture(elements, size));
    return fit(picture, view.box);
  }
  return fail(Error(Errc::not_supported, "an icon without a picture of a known kind"));
}

}  // namespace lensfs
