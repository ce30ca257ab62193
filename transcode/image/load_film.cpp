#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "transcode/image/binary.h"
#include "transcode/image/colour.h"
#include "transcode/image/load.h"

namespace lensfs {
namespace {

// How a film scan lies in the file, whichever of the two headers says so.
struct Film {
  Bytes bytes;
  Endian endian = Endian::big;
  std::int64_t offset = 0;  // of the first row
  std::int64_t stride = 0;  // bytes from row to row
  int width = 0;
  int height = 0;
  int samples = 0;  // of a pixel: 1, 3, 4
  unsigned bits = 0;
  unsigned packing = 0;  // 0: without gaps; 1: gap in the low bits of a word; 2: in the high bits
  bool alpha_first = false;  // ABGR
  enum class Curve { shown, linear, density } curve = Curve::shown;
  int orientation = 1;  // as EXIF counts
  double aspect = 1;
  std::vector<std::uint8_t> codes;  // sRGB code of each value
  std::vector<std::byte> packed;
  std::vector<std::uint32_t> values;
};

int sane_orientation(unsigned code) {
  constexpr std::array kExif = {1, 2, 4, 3, 5, 6, 8, 7};
  return code < kExif.size() ? kExif[code] : 1;
}

Status set_sides(Film& film, std::uint32_t width, std::uint32_t height) {
  LENSFS_CHECK(check_size(width, height, 4, Decoded::in_strips));
  if (width == 0 || height == 0 || width > VIPS_MAX_COORD || height > VIPS_MAX_COORD)
    return fail(Error(Errc::corrupt, "the header names no size"));
  film.width = static_cast<int>(width);
  film.height = static_cast<int>(height);
  return {};
}

Status set_samples(Film& film, unsigned descriptor) {
  constexpr unsigned kRgb = 50;
  constexpr unsigned kRgba = 51;
  constexpr unsigned kAbgr = 52;
  constexpr unsigned kLuma = 6;
  if (descriptor == kRgb) film.samples = 3;
  if (descriptor == kRgba || descriptor == kAbgr) film.samples = 4;
  if (descriptor == kLuma || (descriptor >= 1 && descriptor <= 4)) film.samples = 1;
  film.alpha_first = descriptor == kAbgr;
  if (film.samples == 0) return fail(Error(Errc::not_supported, "DPX with these channels"));
  return {};
}

double pixel_aspect(std::span<const std::byte> head, Endian endian) {
  constexpr std::size_t kAspect = 1628;
  if (head.size() < kAspect + 8) return 1;
  const double across = u32_at(head, kAspect, endian);
  const double down = u32_at(head, kAspect + 4, endian);
  const double ratio = down > 0 ? across / down : 0;
  return ratio > 0.2 && ratio < 5 ? ratio : 1;
}

// SMPTE 268M.
Status read_dpx(Film& film, std::span<const std::byte> head) {
  constexpr std::size_t kElement = 780;
  if (head.size() < 2048) return fail(Error(Errc::corrupt, "the file ends in the header"));
  film.endian = std::to_integer<char>(head[0]) == 'S' ? Endian::big : Endian::little;
  const Endian endian = film.endian;
  LENSFS_CHECK(set_sides(film, u32_at(head, 772, endian), u32_at(head, 776, endian)));
  LENSFS_CHECK(set_samples(film, std::to_integer<unsigned>(head[kElement + 20])));
  const auto transfer = std::to_integer<unsigned>(head[kElement + 21]);
  if (transfer == 2) film.curve = Film::Curve::linear;
  if (transfer == 1 || transfer == 3) film.curve = Film::Curve::density;
  film.bits = std::to_integer<unsigned>(head[kElement + 23]);
  film.packing = u16_at(head, kElement + 24, endian);
  if (film.packing > 2) film.packing = 1;
  if (u16_at(head, kElement + 26, endian) == 1)
    return fail(Error(Errc::not_supported, "run-length encoded DPX"));
  film.offset = u32_at(head, kElement + 28, endian);
  if (film.offset == 0 || film.offset == 0xffffffff) film.offset = u32_at(head, 4, endian);
  film.orientation = sane_orientation(u16_at(head, 768, endian));
  film.aspect = pixel_aspect(head, endian);
  return {};
}

Status read_cineon(Film& film, std::span<const std::byte> head) {
  if (head.size() < 1024) return fail(Error(Errc::corrupt, "the file ends in the header"));
  film.endian = std::to_integer<unsigned>(head[0]) == 0x80U ? Endian::big : Endian::little;
  const Endian endian = film.endian;
  LENSFS_CHECK(set_sides(film, u32_at(head, 200, endian), u32_at(head, 204, endian)));
  film.offset = u32_at(head, 4, endian);
  film.samples = std::to_integer<int>(head[193]);
  film.bits = std::to_integer<unsigned>(head[198]);
  film.packing = 1;
  film.curve = Film::Curve::density;
  film.orientation = sane_orientation(std::to_integer<unsigned>(head[192]));
  if (film.samples != 1 && film.samples != 3)
    return fail(Error(Errc::not_supported, "Cineon with these channels"));
  return {};
}

Status set_stride(Film& film) {
  const std::int64_t values = std::int64_t{film.width} * film.samples;
  switch (film.bits) {
    case 8:
      film.stride = values;
      break;
    case 10:
      film.stride = film.packing == 0 ? (values * 10 + 31) / 32 * 4 : (values + 2) / 3 * 4;
      break;
    case 12:
      film.stride = film.packing == 0 ? (values * 12 + 31) / 32 * 4 : values * 2;
      break;
    case 16:
      film.stride = values * 2;
      break;
    default:
      return fail(Error(Errc::not_supported, "a film scan with this many bits"));
  }
  // Rows should start at words; not everybody keeps to it.
  const std::int64_t aligned = (film.stride + 3) / 4 * 4;
  if (film.offset + aligned * film.height <= film.bytes.size()) film.stride = aligned;
  if (film.offset >= film.bytes.size())
    return fail(Error(Errc::corrupt, "the file ends before the picture"));
  film.packed.resize(static_cast<std::size_t>(film.stride));
  film.values.resize(static_cast<std::size_t>(values) + 3);
  return {};
}

// What a projector or a screen shows of a code.
void set_codes(Film& film) {
  constexpr double kBlack = 95;
  constexpr double kWhite = 685;
  constexpr double kSlope = 0.002 / 0.6;
  const double foot = std::pow(10, (kBlack - kWhite) * kSlope);
  const std::size_t count = std::size_t{1} << film.bits;
  film.codes.resize(count);
  for (std::size_t code = 0; code < count; ++code) {
    const double part = static_cast<double>(code) / static_cast<double>(count - 1);
    if (film.curve == Film::Curve::shown) {
      film.codes[code] = static_cast<std::uint8_t>(std::lround(part * 255));
      continue;
    }
    double light = part;
    if (film.curve == Film::Curve::density)
      light = (std::pow(10, (part * 1023 - kWhite) * kSlope) - foot) / (1 - foot);
    film.codes[code] = srgb_code(roll_off(std::max(0.0F, static_cast<float>(light))));
  }
}

void unpack_words(Film& film) {
  const std::span<const std::byte> packed = film.packed;
  const std::size_t count = film.values.size() - 3;
  const unsigned gap = film.packing == 1 ? 2 : 0;
  for (std::size_t i = 0; i < count; i += 3) {
    if (i / 3 * 4 + 4 > packed.size()) return;
    const std::uint32_t word = u32_at(packed, i / 3 * 4, film.endian) >> gap;
    film.values[i] = word >> 20U & 0x3ffU;
    film.values[i + 1] = word >> 10U & 0x3ffU;
    film.values[i + 2] = word & 0x3ffU;
  }
}

// Values without gaps fill 32-bit words from the low bits on.
void unpack_stream(Film& film) {
  const std::span<const std::byte> packed = film.packed;
  const std::size_t count = film.values.size() - 3;
  const std::uint32_t mask = (1U << film.bits) - 1;
  std::uint64_t pool = 0;
  unsigned held = 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (held < film.bits) {
      if (at + 4 > packed.size()) return;
      pool |= std::uint64_t{u32_at(packed, at, film.endian)} << held;
      at += 4;
      held += 32;
    }
    film.values[i] = static_cast<std::uint32_t>(pool) & mask;
    pool >>= film.bits;
    held -= film.bits;
  }
}

void unpack_plain(Film& film) {
  const std::span<const std::byte> packed = film.packed;
  const std::size_t count = film.values.size() - 3;
  const unsigned gap = film.bits == 12 && film.packing == 1 ? 4 : 0;
  const std::uint32_t mask = (1U << film.bits) - 1;
  for (std::size_t i = 0; i < count; ++i)
    film.values[i] = film.bits == 8 ? std::to_integer<std::uint32_t>(packed[i])
                                    : u16_at(packed, 2 * i, film.endian) >> gap & mask;
}

void put_row(const Film& film, std::uint8_t* out) {
  const auto samples = static_cast<std::size_t>(film.samples);
  const std::size_t count = film.values.size() - 3;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t sample = i % samples;
    const std::size_t to = film.alpha_first ? i - sample + 3 - sample : i;
    const bool alpha = samples == 4 && to % 4 == 3;
    const std::uint32_t value = film.values[i];
    out[to] = alpha ? static_cast<std::uint8_t>(value >> (film.bits - 8)) : film.codes[value];
  }
}

Status read_row(Film& film, int y, void* row) {
  LENSFS_TRY(const std::size_t got, film.bytes.read_at(film.offset + film.stride * y, film.packed));
  if (got < film.packed.size()) return fail(Error(Errc::corrupt, "the file ends too early"));
  if (film.bits == 10 && film.packing != 0) {
    unpack_words(film);
  } else if (film.packing == 0 && (film.bits == 10 || film.bits == 12)) {
    unpack_stream(film);
  } else {
    unpack_plain(film);
  }
  put_row(film, static_cast<std::uint8_t*>(row));
  return {};
}

}  // namespace

Result<Pixels> load_film(const Bytes& bytes, SourceFormat format, const View& view) {
  LENSFS_CHECK(check_moment(view.moment, 1, Counts::pages));
  auto film = std::make_shared<Film>();
  film->bytes = bytes;
  LENSFS_TRY(const std::string head, bytes.head(2048));
  const auto header = std::as_bytes(std::span(head));
  LENSFS_CHECK(format == SourceFormat::dpx ? read_dpx(*film, header) : read_cineon(*film, header));
  LENSFS_CHECK(set_stride(*film));
  set_codes(*film);
  const RowShape shape{film->width, film->height, film->samples, VIPS_FORMAT_UCHAR,
                       film->samples == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB};
  LENSFS_TRY(const Pixels picture,
             pixels_of_rows(
                 shape, [film](int y, void* row) { return read_row(*film, y, row); }, view.damage));
  vips_image_set_int(picture.get(), VIPS_META_ORIENTATION, film->orientation);
  return fit(picture, view.box, {film->aspect});
}

}  // namespace lensfs
