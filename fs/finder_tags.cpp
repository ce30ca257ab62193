#include "fs/finder_tags.h"

#include <plist/plist.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "catalog/base/text.h"
#include "catalog/model/xattr.h"

namespace lensfs {
namespace {

constexpr std::string_view kColourAttribute = "user.lensfs.colour";
constexpr std::uint32_t kMostTags = 1000;

struct FreePlist {
  void operator()(void* node) const { plist_free(node); }
};
using Plist = std::unique_ptr<void, FreePlist>;
struct FreeText {
  void operator()(char* text) const { std::free(text); }  // NOLINT(cppcoreguidelines-no-malloc)
};

FinderTag tag_of_text(std::string_view text) {
  const std::size_t line = text.rfind('\n');
  if (line == std::string_view::npos) return {std::string(text), 0};
  const auto colour = number_from<int>(text.substr(line + 1));
  return {std::string(text.substr(0, line)), colour && *colour >= 0 && *colour <= 7 ? *colour : 0};
}

Result<int> colour_of(Database& db, TagId tag) {
  const auto colour = find_xattr(db, {OwnerKind::tag, number(tag)}, kColourAttribute);
  if (colour) return number_from<int>(*colour).value_or(0);
  if (colour.error().code() == Errc::no_attribute) return 0;
  return fail(colour.error());
}

}  // namespace

Result<std::vector<FinderTag>> read_finder_tags(std::string_view bytes) {
  if (bytes.ends_with('\0')) bytes.remove_suffix(1);
  std::vector<FinderTag> tags;
  if (bytes.empty()) return tags;
  if (!bytes.starts_with("bplist00")) return fail(Errc::invalid, "not a binary property list");
  plist_t read = nullptr;
  plist_from_bin(bytes.data(), static_cast<std::uint32_t>(bytes.size()), &read);
  const Plist list(read);
  if (!list || plist_get_node_type(list.get()) != PLIST_ARRAY) {
    return fail(Errc::invalid, "not a property list of an array");
  }
  const std::uint32_t count = std::min(plist_array_get_size(list.get()), kMostTags);
  for (std::uint32_t at = 0; at < count; ++at) {
    const plist_t item = plist_array_get_item(list.get(), at);
    if (plist_get_node_type(item) != PLIST_STRING) return fail(Errc::invalid, "a tag is no text");
    char* value = nullptr;
    plist_get_string_val(item, &value);
    const std::unique_ptr<char, FreeText> text(value);
    if (text) tags.push_back(tag_of_text(text.get()));
  }
  return tags;
}

std::string write_finder_tags(const std::vector<FinderTag>& tags) {
  const Plist list(plist_new_array());
  for (const FinderTag& tag : tags) {
    const std::string text =
        tag.colour == 0 ? tag.name : tag.name + "\n" + std::to_string(tag.colour);
    plist_array_append_item(list.get(), plist_new_string(text.c_str()));
  }
  char* bytes = nullptr;
  std::uint32_t length = 0;
  plist_to_bin(list.get(), &bytes, &length);
  const std::unique_ptr<char, FreeText> owned(bytes);
  return owned ? std::string(bytes, length) : std::string();
}

Result<std::vector<FinderTag>> with_colours(Database& db, const std::vector<Tag>& tags) {
  std::vector<FinderTag> shown;
  for (const Tag& tag : tags) {
    LENSFS_TRY(const int colour, colour_of(db, tag.id));
    shown.push_back({tag.path, colour});
  }
  return shown;
}

Status replace_finder_tags(Transaction& txn, const Actor& actor, const Asset& asset,
                           const std::vector<FinderTag>& tags) {
  std::vector<std::string> terms;
  for (const FinderTag& tag : tags) terms.push_back(tag.name);
  LENSFS_CHECK(replace_tags(txn, actor, asset, terms));
  for (const FinderTag& tag : tags) {
    if (tag.colour == 0) continue;
    LENSFS_TRY(const std::string term, checked_term(tag.name));
    LENSFS_TRY(const Tag carried, find_tag(txn.db(), term));
    LENSFS_TRY(const int before, colour_of(txn.db(), carried.id));
    if (before == tag.colour) continue;
    LENSFS_CHECK(set_xattr(txn, actor, {OwnerKind::tag, number(carried.id)}, kColourAttribute,
                           std::to_string(tag.colour)));
  }
  return {};
}

}  // namespace lensfs
