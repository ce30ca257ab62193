#include <algorithm>
#include <bit>
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
#include "transcode/image/psd_header.h"

namespace lensfs {
namespace {

struct Psd {
  Bytes bytes;
  PsdHeader header;
  std::size_t colours = 0;  // channels of colour
  bool alpha = false;
  std::size_t row_bytes = 0;         // of one channel
  std::vector<std::int64_t> starts;  // of the packed rows, channel by channel, and the last's end
  std::vector<std::byte> packed;
  std::vector<std::vector<std::byte>> rows;  // one per channel
};

std::size_t colours_of(PsdMode mode) {
  switch (mode) {
    case PsdMode::rgb:
    case PsdMode::lab:
      return 3;
    case PsdMode::cmyk:
      return 4;
    case PsdMode::bitmap:
    case PsdMode::grey:
    case PsdMode::indexed:
    case PsdMode::duotone:
      return 1;
    case PsdMode::multichannel:
      break;
  }
  return 0;
}

// Where each packed row lies: the picture starts with the length of every one.
Status find_rows(Psd& psd) {
  const std::size_t rows = psd.rows.size() * static_cast<std::size_t>(psd.header.height);
  const std::int64_t all_rows = std::int64_t{psd.header.channels} * psd.header.height;
  const std::size_t width = psd.header.large ? 4 : 2;
  std::vector<std::byte> lengths(rows * width);
  const std::int64_t table = psd.header.picture + 2;
  LENSFS_TRY(const std::size_t got, psd.bytes.read_at(table, lengths));
  if (got < lengths.size()) return fail(Error(Errc::corrupt, "the file ends too early"));
  psd.starts.reserve(rows + 1);
  std::int64_t at = table + all_rows * static_cast<std::int64_t>(width);
  for (std::size_t row = 0; row < rows; ++row) {
    psd.starts.push_back(at);
    at += width == 4 ? u32_at(lengths, row * 4) : u16_at(lengths, row * 2);
  }
  psd.starts.push_back(at);
  return {};
}

// PackBits.
bool unpack(std::span<const std::byte> packed, std::span<std::byte> row) {
  std::size_t at = 0;
  std::size_t done = 0;
  while (done < row.size()) {
    if (at + 2 > packed.size()) return false;
    const int control = static_cast<std::int8_t>(packed[at++]);
    if (control == -128) continue;
    if (control < 0) {
      const std::size_t count = std::min(static_cast<std::size_t>(1 - control), row.size() - done);
      std::fill_n(row.begin() + static_cast<std::ptrdiff_t>(done), count, packed[at++]);
      done += count;
      continue;
    }
    const std::size_t count = std::min(static_cast<std::size_t>(control) + 1, row.size() - done);
    if (at + count > packed.size()) return false;
    std::copy_n(packed.begin() + static_cast<std::ptrdiff_t>(at), count,
                row.begin() + static_cast<std::ptrdiff_t>(done));
    at += count;
    done += count;
  }
  return true;
}

Status read_channel(Psd& psd, std::size_t channel, int y) {
  const std::size_t index =
      channel * static_cast<std::size_t>(psd.header.height) + static_cast<std::size_t>(y);
  const Error short_file(Errc::corrupt, "the file ends too early");
  if (psd.starts.empty()) {
    const auto offset = psd.header.picture + 2 +
                        static_cast<std::int64_t>(index) * static_cast<std::int64_t>(psd.row_bytes);
    LENSFS_TRY(const std::size_t got, psd.bytes.read_at(offset, psd.rows[channel]));
    return got < psd.row_bytes ? Status(fail(short_file)) : Status();
  }
  const std::int64_t length = psd.starts[index + 1] - psd.starts[index];
  // Packed rows are at most a little longer than plain ones.
  if (length > static_cast<std::int64_t>(2 * psd.row_bytes + 64)) return fail(short_file);
  psd.packed.resize(static_cast<std::size_t>(length));
  LENSFS_TRY(const std::size_t got, psd.bytes.read_at(psd.starts[index], psd.packed));
  if (got < psd.packed.size() || !unpack(psd.packed, psd.rows[channel])) return fail(short_file);
  return {};
}

// Channels lie one behind the other: a file that is cut may lack a whole colour, and what is left
// would mislead.
Status check_last_channel(Psd& psd) {
  return read_channel(psd, psd.rows.size() - 1, psd.header.height / 2);
}

// Sample `x` of a channel, 0 … 1.
float sample(const Psd& psd, std::size_t channel, std::size_t x) {
  const std::span<const std::byte> row = psd.rows[channel];
  if (psd.header.depth == 8) return static_cast<float>(row[x]) / 255.0F;
  if (psd.header.depth == 16) return static_cast<float>(u16_at(row, 2 * x)) / 65535.0F;
  return std::bit_cast<float>(u32_at(row, 4 * x));
}

// The colours of what is partly transparent were laid over white; this takes the white off.
float without_white(float colour, float alpha) {
  if (alpha <= 0) return 0;
  return std::clamp((colour - (1 - alpha)) / alpha, 0.0F, 1.0F);
}

void put_light(const Psd& psd, std::uint8_t* out) {
  const bool grey = psd.colours == 1;
  for (std::size_t x = 0; x < static_cast<std::size_t>(psd.header.width); ++x) {
    const float alpha = psd.alpha ? sample(psd, psd.colours, x) : 1.0F;
    const float over = 1 - alpha;  // white below
    const auto light = [&](std::size_t channel) {
      return sample(psd, grey ? 0 : channel, x) - over;
    };
    show_light({light(0), light(1), light(2), alpha}, out + 4 * x);
  }
}

template <typename T>
void put_samples(const Psd& psd, T* out) {
  constexpr float kMost = static_cast<float>(std::numeric_limits<T>::max());
  const std::size_t bands = psd.colours + (psd.alpha ? 1 : 0);
  const bool ink = psd.header.mode == PsdMode::cmyk;  // stored as what is left of the light
  for (std::size_t x = 0; x < static_cast<std::size_t>(psd.header.width); ++x) {
    const float alpha = psd.alpha ? sample(psd, psd.colours, x) : 1.0F;
    for (std::size_t band = 0; band < psd.colours; ++band) {
      float value = sample(psd, band, x);
      if (psd.alpha && alpha < 1 && !ink) value = without_white(value, alpha);
      out[x * bands + band] = static_cast<T>((ink ? 1 - value : value) * kMost + 0.5F);
    }
    if (psd.alpha) out[x * bands + psd.colours] = static_cast<T>(alpha * kMost + 0.5F);
  }
}

void put_lab(const Psd& psd, float* out) {
  for (std::size_t x = 0; x < static_cast<std::size_t>(psd.header.width); ++x) {
    out[3 * x] = sample(psd, 0, x) * 100;
    for (std::size_t band = 1; band < 3; ++band)
      out[3 * x + band] = psd.header.depth == 8 ? sample(psd, band, x) * 255 - 128
                                                : sample(psd, band, x) * 65535 / 256 - 128;
  }
}

void put_indexed(const Psd& psd, std::uint8_t* out) {
  for (std::size_t x = 0; x < static_cast<std::size_t>(psd.header.width); ++x) {
    const auto index = std::to_integer<std::size_t>(psd.rows[0][x]);
    for (std::size_t band = 0; band < 3; ++band)
      out[3 * x + band] = static_cast<std::uint8_t>(psd.header.palette[band * 256 + index]);
  }
}

void put_bits(const Psd& psd, std::uint8_t* out) {  // 1 is black
  for (std::size_t x = 0; x < static_cast<std::size_t>(psd.header.width); ++x) {
    const auto byte = std::to_integer<unsigned>(psd.rows[0][x / 8]);
    out[x] = (byte >> (7 - x % 8) & 1U) != 0 ? 0 : 255;
  }
}

Status read_row(Psd& psd, int y, void* row) {
  for (std::size_t channel = 0; channel < psd.rows.size(); ++channel)
    LENSFS_CHECK(read_channel(psd, channel, y));
  auto* bytes = static_cast<std::uint8_t*>(row);
  if (psd.header.depth == 32) {
    put_light(psd, bytes);
  } else if (psd.header.mode == PsdMode::lab) {
    put_lab(psd, static_cast<float*>(row));
  } else if (psd.header.mode == PsdMode::indexed) {
    put_indexed(psd, bytes);
  } else if (psd.header.depth == 1) {
    put_bits(psd, bytes);
  } else if (psd.header.depth == 8) {
    put_samples(psd, bytes);
  } else {
    put_samples(psd, static_cast<std::uint16_t*>(row));
  }
  return {};
}

RowShape shape_of(const Psd& psd) {
  RowShape shape{psd.header.width, psd.header.height, 4};
  if (psd.header.depth == 32) return shape;
  const bool deep = psd.header.depth == 16;
  shape.bands = static_cast<int>(psd.colours) + (psd.alpha ? 1 : 0);
  shape.format = deep ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR;
  shape.interpretation = deep ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
  if (psd.colours == 1)
    shape.interpretation = deep ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W;
  if (psd.header.mode == PsdMode::cmyk) shape.interpretation = VIPS_INTERPRETATION_CMYK;
  if (psd.header.mode == PsdMode::indexed) {
    shape.bands = 3;
    shape.interpretation = VIPS_INTERPRETATION_sRGB;
  }
  if (psd.header.mode == PsdMode::lab) {
    shape.bands = 3;
    shape.format = VIPS_FORMAT_FLOAT;
    shape.interpretation = VIPS_INTERPRETATION_LAB;
  }
  return shape;
}

Status set_channels(Psd& psd) {
  const PsdHeader& header = psd.header;
  psd.colours = colours_of(header.mode);
  const bool plain = header.mode == PsdMode::rgb || header.mode == PsdMode::grey;
  const bool depth_fits = header.depth == 8 || (header.depth == 16 && psd.colours > 0) ||
                          (header.depth == 32 && plain) ||
                          (header.depth == 1 && header.mode == PsdMode::bitmap);
  const bool indexed_fits =
      header.mode != PsdMode::indexed || (header.depth == 8 && header.palette.size() == 768);
  if (psd.colours == 0 || !depth_fits || !indexed_fits)
    return fail(Error(Errc::not_supported, "a Photoshop file of this colour mode"));
  if (static_cast<int>(psd.colours) > header.channels)
    return fail(Error(Errc::corrupt, "fewer channels than colours"));
  const bool alpha_fits = plain || header.mode == PsdMode::cmyk || header.mode == PsdMode::duotone;
  psd.alpha = alpha_fits && header.depth != 1 && header.has_transparency &&
              static_cast<int>(psd.colours) < header.channels;
  const auto width = static_cast<std::size_t>(header.width);
  psd.row_bytes =
      header.depth == 1 ? (width + 7) / 8 : width * static_cast<std::size_t>(header.depth) / 8;
  psd.rows.assign(psd.colours + (psd.alpha ? 1 : 0), std::vector<std::byte>(psd.row_bytes));
  return {};
}

Result<Pixels> merged(const Bytes& bytes, PsdHeader header, const View& view) {
  auto psd = std::make_shared<Psd>();
  psd->bytes = bytes;
  psd->header = std::move(header);
  LENSFS_CHECK(check_size(psd->header.width, psd->header.height, 4, Decoded::in_strips));
  LENSFS_CHECK(set_channels(*psd));
  std::byte compression[2]{};
  LENSFS_TRY(const std::size_t got, bytes.read_at(psd->header.picture, compression));
  if (got < 2) return fail(Error(Errc::corrupt, "the file ends before the merged picture"));
  const unsigned kind = u16_at(compression, 0);
  if (kind > 1) return fail(Error(Errc::not_supported, "a merged picture packed as ZIP"));
  if (kind == 1) LENSFS_CHECK(find_rows(*psd));
  LENSFS_CHECK(check_last_channel(*psd));
  LENSFS_TRY(
      const Pixels picture,
      pixels_of_rows(
          shape_of(*psd), [psd](int y, void* row) { return read_row(*psd, y, row); }, view.damage));
  const std::string& profile = psd->header.profile;
  const bool managed = psd->header.depth != 32 && psd->header.mode != PsdMode::lab;
  if (managed && !profile.empty())
    vips_image_set_blob_copy(picture.get(), VIPS_META_ICC_NAME, profile.data(), profile.size());
  return fit(picture, view.box);
}

}  // namespace

Result<Pixels> load_psd(const Bytes& bytes, const View& view) {
  LENSFS_CHECK(check_moment(view.moment, 1, Counts::pages));
  LENSFS_TRY(PsdHeader header, read_psd_header(bytes));
  const std::string thumbnail = header.thumbnail;
  Result<Pixels> picture =
      header.has_merged
          ? merged(bytes, std::move(header), view)
          : fail(Error(Errc::corrupt, "there is no merged picture in it, or the file is cut"));
  if (picture || thumbnail.empty()) return picture;
  const Bytes small = Bytes::owned(thumbnail);
  const auto format = format_of(small);
  if (!format || *format != SourceFormat::jpeg) return picture;
  return load_with_vips(small, *format, view);
}

}  // namespace lensfs
