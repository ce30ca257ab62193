// Labels: names given to versions, such as approved or sent. One version of an asset has a label at
// a time; the library can be looked at through one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/asset_set.h"

namespace lensfs {

struct Label {
  std::string name;
  VersionId version{};
  AssetId asset{};
  std::string author;
  Nanoseconds created = 0;

  static Label from(const Row& row);
};

// 1 … 64 bytes that can be a folder's name, not one that a date, a version number or another lens
// has: invalid says what is wrong.
[[nodiscard]] Status check_label(std::string_view name);

// Gives the label to a version; another one of the same asset loses it. Whether anything changed is
// the answer.
[[nodiscard]] Result<bool> set_label(Transaction& txn, const Actor& actor, const Version& version,
                                     std::string_view name);
// Takes it off whichever version has it.
[[nodiscard]] Result<bool> remove_label(Transaction& txn, const Actor& actor, AssetId asset,
                                        std::string_view name);

[[nodiscard]] Result<std::vector<std::string>> all_labels(Database& db);  // by name
[[nodiscard]] Result<bool> is_label(Database& db, std::string_view name);
[[nodiscard]] Result<std::vector<Label>> labels_of(Database& db, AssetId asset);  // by name
[[nodiscard]] Result<Version> labelled_version(Database& db, AssetId asset, std::string_view name);
[[nodiscard]] Result<AssetSet> labelled_assets(Database& db, std::string_view name);

}  // namespace lensfs
