#include "transcode/image/source_format.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace lensfs {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kHead = std::size_t{64} << 10U;

struct Magic {
  std::string_view bytes;
  std::size_t offset;
  SourceFormat format;
};

constexpr std::array kMagic = {
    Magic{"\xff\xd8\xff"sv, 0, SourceFormat::jpeg},
    Magic{"\x89PNG\r\n\x1a\n"sv, 0, SourceFormat::png},
    Magic{"GIF8"sv, 0, SourceFormat::gif},
    Magic{"WEBP"sv, 8, SourceFormat::webp},
    Magic{"\x00\x00\x00\x0cjP  "sv, 0, SourceFormat::jp2},
    Magic{"\xff\x4f\xff\x51"sv, 0, SourceFormat::jp2},
    Magic{"\xff\x0a"sv, 0, SourceFormat::jxl},
    Magic{"\x00\x00\x00\x0cJXL "sv, 0, SourceFormat::jxl},
    Magic{"#?RADIANCE"sv, 0, SourceFormat::radiance},
    Magic{"#?RGBE"sv, 0, SourceFormat::radiance},
    Magic{"\x76\x2f\x31\x01"sv, 0, SourceFormat::exr},
    Magic{"SDPX"sv, 0, SourceFormat::dpx},
    Magic{"XPDS"sv, 0, SourceFormat::dpx},
    Magic{"\x80\x2a\x5f\xd7"sv, 0, SourceFormat::cineon},
    Magic{"\xd7\x5f\x2a\x80"sv, 0, SourceFormat::cineon},
    Magic{"8BPS"sv, 0, SourceFormat::psd},
    Magic{"icns"sv, 0, SourceFormat::icns},
    Magic{"%!"sv, 0, SourceFormat::postscript},
    Magic{"\x04%!"sv, 0, SourceFormat::postscript},
    Magic{"\xc5\xd0\xd3\xc6"sv, 0, SourceFormat::postscript},
    Magic{"PK\x03\x04"sv, 0, SourceFormat::package},
    Magic{"FUJIFILMCCD-RAW"sv, 0, SourceFormat::raw},
    Magic{"IIRO"sv, 0, SourceFormat::raw},
    Magic{"IIRS"sv, 0, SourceFormat::raw},
    Magic{"MMOR"sv, 0, SourceFormat::raw},
    Magic{"IIU\0"sv, 0, SourceFormat::raw},
    Magic{"FOVb"sv, 0, SourceFormat::raw},
    Magic{"\0MRM"sv, 0, SourceFormat::raw},
    Magic{"ftypcrx "sv, 4, SourceFormat::raw},
    Magic{"BM"sv, 0, SourceFormat::bitmap},
    Magic{"\x00\x00\x01\x00"sv, 0, SourceFormat::bitmap},
    Magic{"\x01\xda"sv, 0, SourceFormat::bitmap},
    Magic{"DDS "sv, 0, SourceFormat::bitmap},
    Magic{"gimp xcf"sv, 0, SourceFormat::bitmap},
};

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Camera files that look like TIFF.
constexpr std::array kRawNames = {"dng"sv, "nef"sv, "nrw"sv, "cr2"sv, "arw"sv, "sr2"sv, "srf"sv,
                                  "pef"sv, "srw"sv, "3fr"sv, "fff"sv, "iiq"sv, "erf"sv, "rwl"sv,
                                  "mos"sv, "dcr"sv, "kdc"sv, "mef"sv, "raw"sv, "orf"sv, "rw2"sv};

std::optional<SourceFormat> tiff_format(std::string_view head, std::string_view extension) {
  const bool tiff = head.starts_with("II*\0"sv) || head.starts_with("MM\0*"sv) ||
                    head.starts_with("II+\0"sv) || head.starts_with("MM\0+"sv);
  if (!tiff) return std::nullopt;
  const bool canon = head.size() > 10 && head.substr(8, 2) == "CR"sv;
  return canon || is_one_of(extension, kRawNames) ? SourceFormat::raw : SourceFormat::tiff;
}

std::optional<SourceFormat> heif_format(std::string_view head) {
  constexpr std::array kBrands = {"heic"sv, "heix"sv, "hevc"sv, "hevx"sv, "heim"sv, "heis"sv,
                                  "mif1"sv, "msf1"sv, "avif"sv, "avis"sv, "miaf"sv};
  if (head.size() < 16 || head.substr(4, 4) != "ftyp"sv) return std::nullopt;
  return is_one_of(head.substr(8, 4), kBrands) ? std::optional(SourceFormat::heif) : std::nullopt;
}

std::optional<SourceFormat> text_format(std::string_view head, std::string_view extension) {
  constexpr std::size_t kPdfWithin = 1024;  // what readers accept
  if (head.substr(0, kPdfWithin).find("%PDF-"sv) != std::string_view::npos)
    return SourceFormat::pdf;
  const bool packed = head.starts_with("\x1f\x8b"sv);
  if (packed && (extension == "svgz"sv || extension == "svg"sv)) return SourceFormat::svg;
  const std::size_t first = head.find_first_not_of("\xef\xbb\xbf \t\r\n"sv);
  if (first == std::string_view::npos || head[first] != '<') return std::nullopt;
  return head.find("<svg"sv) != std::string_view::npos ||
                 head.find(":svg"sv) != std::string_view::npos
             ? std::optional(SourceFormat::svg)
             : std::nullopt;
}

std::optional<SourceFormat> named_format(std::string_view head, std::string_view extension) {
  constexpr std::array kTarga = {"tga"sv, "targa"sv, "icb"sv, "vda"sv, "vst"sv};
  if (is_one_of(extension, kTarga) && head.size() > 18 &&
      static_cast<unsigned char>(head[1]) <= 1 && (head[2] & ~0x0b) == 0)
    return SourceFormat::bitmap;
  if (extension == "pcx"sv && head.starts_with("\x0a"sv)) return SourceFormat::bitmap;
  const bool pnm = head.size() > 3 && head[0] == 'P' &&
                   "123456fF"sv.find(head[1]) != std::string_view::npos &&
                   " \t\r\n#"sv.find(head[2]) != std::string_view::npos;
  return pnm ? std::optional(SourceFormat::pnm) : std::nullopt;
}

// No more than `head` and the name.
std::optional<SourceFormat> recognised(std::string_view head, std::string_view extension) {
  if (const auto format = tiff_format(head, extension)) return format;
  if (const auto format = heif_format(head)) return format;
  const bool riff = head.starts_with("RIFF"sv);
  for (const Magic& magic : kMagic) {
    if (magic.format == SourceFormat::webp && !riff) continue;
    if (head.size() < magic.offset + magic.bytes.size()) continue;
    if (head.substr(magic.offset, magic.bytes.size()) == magic.bytes) return magic.format;
  }
  if (const auto format = text_format(head, extension)) return format;
  return named_format(head, extension);
}

}  // namespace

Result<SourceFormat> format_of(const Bytes& bytes) {
  const auto head = bytes.head(kHead);
  if (!head) return fail(head.error());
  if (const auto format = recognised(*head, bytes.extension())) return *format;
  return fail(Error(Errc::not_supported, "neither a picture nor a page nor a design"));
}

}  // namespace lensfs
