#include "fs/attribute_name.h"

#include <array>

#include "fs/finder_tags.h"

namespace lensfs {
namespace {

using Meaning = AttributeName::Meaning;

struct Alias {
  std::string_view attribute;
  std::string_view key;
};
// freedesktop's comment and KDE's rating, as KFileMetaData writes them.
constexpr std::array<Alias, 11> kAliases = {{
    {"user.xdg.comment", "comment"},
    {"user.dublincore.title", "title"},
    {"user.dublincore.creator", "creator"},
    {"user.dublincore.contributor", "contributor"},
    {"user.dublincore.description", "description"},
    {"user.dublincore.subject", "keywords"},
    {"user.dublincore.rights", "rights"},
    {"user.dublincore.publisher", "publisher"},
    {"user.dublincore.source", "source"},
    {"user.dublincore.date", "shot"},
    {"user.dublincore.language", "language"},
}};
constexpr std::string_view kHalfStars = "user.baloo.rating";
constexpr std::string_view kOwn = "user.lensfs.";
constexpr std::string_view kTag = "user.lensfs.tag.";
constexpr std::string_view kField = "user.lensfs.field.";

// The part after `prefix`, or empty.
std::string_view after(std::string_view name, std::string_view prefix) {
  return name.starts_with(prefix) ? name.substr(prefix.size()) : std::string_view();
}

}  // namespace

Result<AttributeName> parse_attribute_name(std::string_view name) {
  if (name == "user." || name == kOwn) return fail(Errc::invalid);
  if (name == kTagsAttribute) return AttributeName{Meaning::tags, ""};
  if (const auto term = after(name, kTag); !term.empty()) {
    return AttributeName{Meaning::tag, std::string(term)};
  }
  if (const auto key = after(name, kField); !key.empty()) {
    return AttributeName{Meaning::field, std::string(key)};
  }
  if (const auto key = after(name, kOwn); !key.empty()) {
    return AttributeName{Meaning::computed, std::string(key)};
  }
  for (const Alias& alias : kAliases) {
    if (alias.attribute == name) return AttributeName{Meaning::field, std::string(alias.key)};
  }
  if (name == kHalfStars) return AttributeName{Meaning::half_stars, "rating"};
  if (name == kFinderTagsAttribute) return AttributeName{Meaning::finder_tags, ""};
  if (name == kFinderTagsStream) return AttributeName{Meaning::finder_stream, ""};
  if (name.starts_with("user.") || name == "security.NTACL") {
    return AttributeName{Meaning::raw, std::string(name)};
  }
  return fail(Errc::not_supported);
}

std::string attribute_of_field(std::string_view key) {
  for (const Alias& alias : kAliases) {
    if (alias.key == key) return std::string(alias.attribute);
  }
  if (key == "rating") return std::string(kHalfStars);
  return std::string(kField).append(key);
}

}  // namespace lensfs
