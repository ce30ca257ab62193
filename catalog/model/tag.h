// Tags: terms of the taxonomy, nested with "/", and which assets carry them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/asset.h"

namespace lensfs {

struct Tag {
  TagId id{};
  std::optional<TagId> parent;
  std::string name;  // last part
  std::string path;  // whole term, "place/oslo"
  Nanoseconds created = 0;
  Nanoseconds changed = 0;

  static Tag from(const Row& row);
};

// A term as people type it, trimmed and checked: 1 … 255 bytes per part; no part may be empty, ".",
// "..", "+", hold a comma, a control character or bytes that are not UTF-8, or start with "@".
// invalid says what is wrong.
[[nodiscard]] Result<std::string> checked_term(std::string_view typed);

[[nodiscard]] Result<std::vector<Tag>> all_tags(Database& db);  // by path
[[nodiscard]] Result<Tag> find_tag(Database& db, TagId id);
[[nodiscard]] Result<Tag> find_tag(Database& db, std::string_view path);         // or by a synonym
[[nodiscard]] Result<Tag> find_tag_called(Database& db, std::string_view path);  // by its own name
[[nodiscard]] Result<std::vector<Tag>> subterms_of(Database& db, std::optional<TagId> parent);
// The term and everything below it.
[[nodiscard]] Result<std::vector<TagId>> family_of(Database& db, TagId tag);
// All that a term's folder shows the members of: its family, what implies one of these, their
// families, and so on.
[[nodiscard]] Result<std::vector<TagId>> meaning_of(Database& db, TagId tag);
// The other way: every term whose folder shows what carries this one.
[[nodiscard]] Result<std::vector<TagId>> shown_in(Database& db, TagId tag);
// From the term itself up to the top.
[[nodiscard]] Result<std::vector<TagId>> ancestors_of(Database& db, TagId tag);
[[nodiscard]] Result<std::vector<Tag>> tags_of(Database& db, AssetId asset);  // by path
[[nodiscard]] Result<bool> has_tag(Database& db, AssetId asset, TagId tag);   // directly
// Whether any asset carries it directly, what lies in the trash included.
[[nodiscard]] Result<bool> is_on_anything(Database& db, TagId tag);

// The term, made with all its parents if need be.
[[nodiscard]] Result<Tag> ensure_tag(Transaction& txn, const Actor& actor, std::string_view path);
// Whether anything changed is the answer.
[[nodiscard]] Result<bool> add_tag(Transaction& txn, const Actor& actor, const Asset& asset,
                                   std::string_view path);
// Whether a term is this one or lies below it, by their paths.
[[nodiscard]] bool is_within(std::string_view path, std::string_view term);
// The term and all below it.
[[nodiscard]] Status take_terms(Transaction& txn, const Actor& actor, const Asset& asset,
                                const std::string& term);
[[nodiscard]] Result<bool> remove_tag(Transaction& txn, const Actor& actor, const Asset& asset,
                                      std::string_view path);
// Adds all that another asset has.
[[nodiscard]] Status add_tags_of(Transaction& txn, const Actor& actor, AssetId from,
                                 const Asset& to);
// Makes the asset's tags exactly these.
[[nodiscard]] Status replace_tags(Transaction& txn, const Actor& actor, const Asset& asset,
                                  const std::vector<std::string>& paths);

// --- for the files that implement this
// Gives the term and all above it this transaction's moment.
[[nodiscard]] Status touch_terms(Transaction& txn, const Tag& tag);

}  // namespace lensfs
