#include "transcode/image/psd_header.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "transcode/image/binary.h"
#include "transcode/image/view.h"

namespace lensfs {
namespace {

// Reads numbers one behind the other; past the end they are 0 and `ended` says so.
class Reader {
 public:
  Reader(const Bytes& bytes, std::int64_t offset) : bytes_(bytes), offset_(offset) {}

  std::uint16_t u16() {
    fill(2);
    return u16_at(number_, 0);
  }
  std::uint32_t u32() {
    fill(4);
    return u32_at(number_, 0);
  }
  std::uint64_t u64() {
    fill(8);
    return u64_at(number_, 0);
  }
  std::uint64_t length(bool wide) { return wide ? u64() : u32(); }
  std::string text(std::size_t count) {
    std::string read(count, '\0');
    const auto got = bytes_.read_at(offset_, std::as_writable_bytes(std::span(read)));
    ended_ = ended_ || !got || *got < count;
    read.resize(got ? *got : 0);
    offset_ += static_cast<std::int64_t>(count);
    return read;
  }
  void skip(std::uint64_t count) {
    const auto left =
        static_cast<std::uint64_t>(std::max<std::int64_t>(bytes_.size() - offset_, 0));
    ended_ = ended_ || count > left;
    offset_ += static_cast<std::int64_t>(std::min(count, left));
  }
  void seek(std::int64_t offset) { offset_ = offset; }
  [[nodiscard]] std::int64_t offset() const { return offset_; }
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  void fill(std::size_t count) {
    number_ = {};
    const auto got = bytes_.read_at(offset_, std::span(number_).first(count));
    ended_ = ended_ || !got || *got < count;
    offset_ += static_cast<std::int64_t>(count);
  }

  const Bytes& bytes_;
  std::int64_t offset_;
  std::array<std::byte, 8> number_{};
  bool ended_ = false;
};

constexpr std::size_t kMostKept = std::size_t{16} << 20U;  // of a profile, a thumbnail

void read_resource(Reader& reader, PsdHeader& header, unsigned id, std::uint32_t size) {
  constexpr unsigned kThumbnail = 1036;
  constexpr unsigned kProfile = 1039;
  constexpr unsigned kVersion = 1057;
  constexpr std::size_t kThumbnailHeader = 28;
  if (size > kMostKept) return;
  if (id == kProfile) header.profile = reader.text(size);
  if (id == kThumbnail && size > kThumbnailHeader)
    header.thumbnail = reader.text(size).substr(kThumbnailHeader);
  if (id == kVersion && size >= 5) header.has_merged = reader.text(5)[4] != 0;
}

void read_resources(Reader& reader, PsdHeader& header) {
  const std::uint32_t length = reader.u32();
  const std::int64_t end = reader.offset() + length;
  while (reader.offset() + 12 <= end && !reader.ended()) {
    if (reader.text(4) != "8BIM") break;
    const unsigned id = reader.u16();
    const auto name = static_cast<unsigned char>((reader.text(1) + '\0')[0]);
    reader.skip(name + (name % 2 == 0 ? 1U : 0U));
    const std::uint32_t size = reader.u32();
    const std::int64_t start = reader.offset();
    if (start + size > end) break;
    read_resource(reader, header, id, size);
    reader.seek(start + size + size % 2);
  }
  reader.seek(end);
}

bool is_negative(std::uint16_t count) {
  return (count & 0x8000U) != 0;
}

// Blocks behind the layers: where 16- and 32-bit files keep theirs.
void read_blocks(Reader& reader, PsdHeader& header, std::int64_t end) {
  using namespace std::string_view_literals;
  constexpr std::array kWide = {"LMsk"sv, "Lr16"sv, "Lr32"sv, "Layr"sv, "Mt16"sv,
                                "Mt32"sv, "Mtrn"sv, "Alph"sv, "FMsk"sv, "lnk2"sv,
                                "FEid"sv, "FXid"sv, "PxSD"sv};
  while (reader.offset() + 12 <= end && !reader.ended()) {
    const std::string signature = reader.text(4);
    if (signature != "8BIM" && signature != "8B64") return;
    const std::string key = reader.text(4);
    const bool wide = header.large && std::find(kWide.begin(), kWide.end(), key) != kWide.end();
    const std::uint64_t length = reader.length(wide);
    const std::int64_t start = reader.offset();
    if (length > static_cast<std::uint64_t>(end - start)) return;
    if (key == "Mt16" || key == "Mt32" || key == "Mtrn") header.has_transparency = true;
    if ((key == "Lr16" || key == "Lr32") && length >= 2 && is_negative(reader.u16()))
      header.has_transparency = true;
    reader.seek(start + static_cast<std::int64_t>((length + 3) / 4 * 4));
  }
}

void read_layers(Reader& reader, PsdHeader& header) {
  const std::uint64_t length = reader.length(header.large);
  const std::int64_t start = reader.offset();
  reader.skip(length);
  header.picture = reader.offset();
  if (length == 0 || reader.ended()) return;
  const std::int64_t end = header.picture;
  reader.seek(start);
  const std::uint64_t layers = reader.length(header.large);
  const std::int64_t layers_start = reader.offset();
  if (layers >= 2 && is_negative(reader.u16())) header.has_transparency = true;
  reader.seek(layers_start);
  if (layers > static_cast<std::uint64_t>(end - layers_start)) return;
  reader.skip(layers + layers % 2);
  if (reader.offset() + 4 > end) return;
  reader.skip(reader.u32());  // the mask of all layers
  read_blocks(reader, header, end);
}

Status read_start(Reader& reader, PsdHeader& header) {
  reader.skip(4);
  header.large = reader.u16() == 2;
  reader.skip(6);
  header.channels = reader.u16();
  const std::uint32_t height = reader.u32();
  const std::uint32_t width = reader.u32();
  header.depth = reader.u16();
  header.mode = static_cast<PsdMode>(reader.u16());
  constexpr std::uint32_t kMostSide = 300000;  // of a PSB
  if (reader.ended() || width == 0 || height == 0 || width > kMostSide || height > kMostSide)
    return fail(Error(Errc::corrupt, "the header names no size"));
  header.width = static_cast<int>(width);
  header.height = static_cast<int>(height);
  return {};
}

}  // namespace

Result<PsdHeader> read_psd_header(const Bytes& bytes) {
  PsdHeader header;
  Reader reader(bytes, 0);
  LENSFS_CHECK(read_start(reader, header));
  const std::uint32_t colours = reader.u32();
  const std::int64_t colours_start = reader.offset();
  constexpr std::uint32_t kPalette = 768;
  if (header.mode == PsdMode::indexed && colours >= kPalette)
    header.palette = reader.text(kPalette);
  reader.seek(colours_start + colours);
  read_resources(reader, header);
  read_layers(reader, header);
  // What was read up to here, a thumbnail, may still serve.
  if (reader.ended()) header.has_merged = false;
  return header;
}

}  // namespace lensfs
