#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "transcode/image/load.h"
#include "transcode/image/zip.h"

namespace lensfs {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kMostPicture = std::size_t{64} << 20U;  // unpacked
constexpr std::size_t kMostText = std::size_t{4} << 20U;

// Best first. All are pictures of the whole document.
constexpr std::array kPreviews = {
    "mergedimage.png"sv,          // Krita, OpenRaster: the picture itself
    "docProps/thumbnail.jpeg"sv,  // Office
    "docProps/thumbnail.jpg"sv,
    "docProps/thumbnail.png"sv,
    "preview.jpg"sv,  // Keynote, Pages, Numbers
    "QuickLook/Thumbnail.jpg"sv,
    "QuickLook/Thumbnail.png"sv,
    "preview-web.jpg"sv,
    "previews/preview.png"sv,  // Sketch
    "preview.png"sv,
    "Thumbnails/thumbnail.png"sv,  // OpenDocument
    "thumbnail.png"sv,
    "preview-micro.jpg"sv,
};

// The names of its members, as far as they can be read.
Result<std::vector<std::string>> names_in(const Bytes& bytes) {
  auto reading = std::make_unique<ZipReading>(ZipReading{bytes});
  LENSFS_TRY(const Archive zip, open_zip(*reading));
  std::vector<std::string> names;
  archive_entry* entry = nullptr;
  for (int i = 0;
       i < kMostZipMembers && archive_read_next_header(zip.get(), &entry) >= ARCHIVE_WARN; ++i) {
    const char* name = archive_entry_pathname_utf8(entry);
    if (name != nullptr) names.emplace_back(name);
  }
  return names;
}

// Unpacks the member that is found at the end of the list of headers.
Result<std::string> unpack(archive* zip, std::size_t limit) {
  std::string content;
  std::array<char, 65536> block{};
  while (true) {
    const la_ssize_t got = archive_read_data(zip, block.data(), block.size());
    if (got == 0) return content;
    if (got < 0) {
      const char* said = archive_error_string(zip);
      return fail(Error(Errc::corrupt, "cannot be unpacked").with(said == nullptr ? "" : said));
    }
    content.append(block.data(), static_cast<std::size_t>(got));
    if (content.size() > limit)
      return fail(Error(Errc::too_big, "the preview in this document is too large"));
  }
}

Result<std::string> member(const Bytes& bytes, std::string_view name, std::size_t limit) {
  auto reading = std::make_unique<ZipReading>(ZipReading{bytes});
  LENSFS_TRY(const Archive zip, open_zip(*reading));
  archive_entry* entry = nullptr;
  for (int i = 0;
       i < kMostZipMembers && archive_read_next_header(zip.get(), &entry) >= ARCHIVE_WARN; ++i) {
    const char* found = archive_entry_pathname_utf8(entry);
    if (found != nullptr && found == name) return unpack(zip.get(), limit);
  }
  return fail(Error(Errc::corrupt, "a part of this document is missing").with(name));
}

// The value of an attribute of an XML tag ("<item href='x'"), "" if it has none.
std::string attribute(std::string_view tag, std::string_view name) {
  std::size_t at = 0;
  while ((at = tag.find(name, at)) != std::string_view::npos) {
    const bool starts = at > 0 && " \t\r\n"sv.find(tag[at - 1]) != std::string_view::npos;
    at += name.size();
    const std::size_t equals = tag.find_first_not_of(" \t\r\n"sv, at);
    if (!starts || equals == std::string_view::npos || tag[equals] != '=') continue;
    const std::size_t quote = tag.find_first_of("\"'"sv, equals);
    if (quote == std::string_view::npos) return {};
    const std::size_t end = tag.find(tag[quote], quote + 1);
    if (end == std::string_view::npos) return {};
    return std::string(tag.substr(quote + 1, end - quote - 1));
  }
  return {};
}

// Every "<name …>" of an XML text, with or without a namespace.
std::vector<std::string_view> tags(std::string_view xml, std::string_view name) {
  std::vector<std::string_view> found;
  for (std::size_t at = xml.find('<'); at != std::string_view::npos; at = xml.find('<', at + 1)) {
    const std::size_t end = xml.find('>', at);
    if (end == std::string_view::npos) break;
    const std::string_view tag = xml.substr(at + 1, end - at - 1);
    std::string_view own = tag.substr(0, tag.find_first_of(" \t\r\n/"sv));
    if (const std::size_t colon = own.find(':'); colon != std::string_view::npos)
      own.remove_prefix(colon + 1);
    if (own == name) found.push_back(tag);
  }
  return found;
}

// The file of an EPUB's cover, relative to its package document; "" if it names none.
std::string cover_file(std::string_view opf) {
  std::string id;
  for (const std::string_view meta : tags(opf, "meta"))
    if (attribute(meta, "name") == "cover") id = attribute(meta, "content");
  std::string by_id;
  for (const std::string_view item : tags(opf, "item")) {
    if (attribute(item, "properties").find("cover-image") != std::string::npos)
      return attribute(item, "href");
    if (!id.empty() && attribute(item, "id") == id) by_id = attribute(item, "href");
  }
  return by_id;
}

Result<std::string> epub_cover(const Bytes& bytes) {
  LENSFS_TRY(const std::string container, member(bytes, "META-INF/container.xml", kMostText));
  const auto roots = tags(container, "rootfile");
  if (roots.empty()) return std::string();
  const std::string document = attribute(roots.front(), "full-path");
  LENSFS_TRY(const std::string opf, member(bytes, document, kMostText));
  const std::string cover = cover_file(opf);
  if (cover.empty()) return cover;
  const std::size_t slash = document.rfind('/');
  return slash == std::string::npos ? cover : document.substr(0, slash + 1) + cover;
}

Result<std::string> preview_name(const Bytes& bytes) {
  LENSFS_TRY(const std::vector<std::string> names, names_in(bytes));
  const auto has = [&names](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const std::string_view preview : kPreviews)
    if (has(preview)) return std::string(preview);
  if (has("META-INF/container.xml")) {
    LENSFS_TRY(const std::string cover, epub_cover(bytes));
    if (has(cover)) return cover;
  }
  return fail(Error(Errc::not_supported, "this document has no preview picture in it"));
}

}  // namespace

Result<Pixels> load_package(const Bytes& bytes, const View& view) {
  LENSFS_CHECK(check_moment(view.moment, 1, Counts::pages));
  LENSFS_TRY(const std::string name, preview_name(bytes));
  LENSFS_TRY(std::string content, member(bytes, name, kMostPicture));
  if (content.empty())
    return fail(Error(Errc::not_supported, "the preview picture in this document is empty"));
  const Bytes picture = Bytes::owned(std::move(content));
  const auto format = format_of(picture);
  const bool simple = format && (*format == SourceFormat::jpeg || *format == SourceFormat::png ||
                                 *format == SourceFormat::gif || *format == SourceFormat::webp);
  if (!simple)
    return fail(Error(Errc::not_supported, "the preview in this document is no plain picture"));
  return load_with_vips(picture, *format, view);
}

}  // namespace lensfs
