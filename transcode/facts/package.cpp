// Documents that are ZIP files: OOXML, OpenDocument, EPUB. One pass over the members.
#include <archive_entry.h>

#include <array>
#include <memory>
#include <optional>

#include <pugixml.hpp>

#include "transcode/facts/readers.h"
#include "transcode/facts/running_text.h"
#include "transcode/image/zip.h"

namespace lensfs::facts {
namespace {

constexpr std::size_t kMostProperties = std::size_t{1} << 20U;  // unpacked, of a member
constexpr std::size_t kMostContent = std::size_t{64} << 20U;    // unpacked, of all members

std::string_view local(std::string_view name) {
  return name.substr(name.find(':') + 1);
}

void say_property(std::string_view name, const std::string& value, Facts& facts) {
  struct Said {
    std::string_view key;
    std::string_view property;
  };
  constexpr std::array kSaid = {Said{"title", "title"},
                                Said{"creator", "creator"},
                                Said{"creator", "initial-creator"},
                                Said{"description", "description"},
                                Said{"description", "subject"},
                                Said{"language", "language"},
                                Said{"software", "Application"},
                                Said{"software", "generator"},
                                Said{"pages", "Pages"},
                                Said{"pages", "Slides"},
                                Said{"copyright", "rights"}};
  for (const Said& said : kSaid) {
    const bool is_none = said.key == "pages" && value == "0";
    if (said.property == name && !is_none) facts.say(said.key, value);
  }
  if (name == "created" || name == "creation-date") facts.say("shot", iso_date(value));
  if (name == "keyword") facts.add_keyword(value);
  if (name != "keywords") return;
  for (std::string_view rest = value; !rest.empty();) {
    const std::size_t end = rest.find_first_of(",;");
    facts.add_keyword(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
}

// core.xml, app.xml, meta.xml and the package document of an EPUB: names and values in one list.
void take_properties(const std::string& xml, Facts& facts) {
  pugi::xml_document document;
  if (is_deep(xml) || !document.load_buffer(xml.data(), xml.size())) return;
  pugi::xml_node list = document.document_element();
  for (const pugi::xml_node& child : list.children()) {
    const std::string_view name = local(child.name());
    if (name == "meta" || name == "metadata") list = child;  // ODF, EPUB: one deeper
  }
  for (const pugi::xml_node& property : list.children()) {
    if (local(property.name()) == "document-statistic") {
      facts.say("pages", property.attribute("meta:page-count").value());
    }
    say_property(local(property.name()), property.text().get(), facts);
  }
}

bool has_properties(std::string_view name) {
  return name == "docProps/core.xml" || name == "docProps/app.xml" || name == "meta.xml" ||
         name.ends_with(".opf");
}

std::optional<RunningText::Of> words_in(std::string_view name) {
  if (name == "word/document.xml" || name == "xl/sharedStrings.xml" ||
      (name.starts_with("ppt/slides/slide") && name.ends_with(".xml"))) {
    return RunningText::Of::runs;
  }
  if (name == "content.xml" || name.ends_with(".xhtml") || name.ends_with(".html")) {
    return RunningText::Of::all;
  }
  return std::nullopt;
}

// Passes the member on in blocks until `take` has enough or `most` bytes came.
template <typename Take>
void unpack(archive* zip, std::size_t most, const Take& take) {
  std::array<char, 65536> block{};
  for (std::size_t done = 0; done < most;) {
    const la_ssize_t got = archive_read_data(zip, block.data(), block.size());
    if (got <= 0) return;  // what came before a damage counts
    done += static_cast<std::size_t>(got);
    if (!take(std::string_view(block.data(), static_cast<std::size_t>(got)))) return;
  }
}

}  // namespace

Status read_package(const Bytes& bytes, Facts& facts) {
  const auto reading = std::make_unique<ZipReading>(ZipReading{bytes});
  LENSFS_TRY(const Archive zip, open_zip(*reading));
  std::size_t left = kMostContent;
  archive_entry* entry = nullptr;
  for (int i = 0;
       i < kMostZipMembers && archive_read_next_header(zip.get(), &entry) >= ARCHIVE_WARN; ++i) {
    const char* path = archive_entry_pathname_utf8(entry);
    const std::string name = path == nullptr ? "" : path;
    if (has_properties(name)) {
      std::string xml;
      unpack(zip.get(), kMostProperties, [&](std::string_view block) {
        xml += block;
        return true;
      });
      take_properties(xml, facts);
    }
    const auto of = words_in(name);
    if (!of || facts.text.size() >= kLongestWords) continue;
    RunningText text(*of);
    unpack(zip.get(), left, [&](std::string_view block) {
      text.add(block);
      left -= std::min(left, block.size());
      return text.text().size() < kLongestWords;
    });
    facts.add_words(readable(text.text()));
  }
  return {};
}

}  // namespace lensfs::facts
