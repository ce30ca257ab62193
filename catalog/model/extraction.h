// Extractions: what was read out of the bytes of an object, once for each, and how it comes to the
// assets that have them: as fields of the source `file`, as words to look for; of an XMP file
// beside an asset, as sidecar.h says.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/asset.h"
#include "catalog/model/feed.h"
#include "catalog/model/field.h"

namespace lensfs {

struct Extraction {
  ObjectId object{};
  std::string extractor;  // the recipe by which it was read; another one reads again
  Nanoseconds done = 0;
  std::string facts;                   // JSON, as the schema says
  std::optional<std::string> error{};  // why nothing could be read

  static Extraction from(const Row& row);
};
[[nodiscard]] Result<std::optional<Extraction>> find_extraction(Database& db, ObjectId object);

// Of its current version.
[[nodiscard]] Result<std::optional<Extraction>> extraction_of(Database& db, const Asset& asset);
// The fields in facts.
[[nodiscard]] Result<FieldValues> fields_in(Database& db, const std::string& facts);

// Keeps what was read, and gives it to every asset whose current version is that object and, if it
// is a sidecar, to those beside it. `facts` must be such JSON; its keys are taken as they are.
[[nodiscard]] Status keep_extraction(Transaction& txn, const Actor& actor, ObjectId object,
                                     std::string_view extractor, std::string_view facts);
// Nothing could be read. What an earlier extractor found stays.
[[nodiscard]] Status keep_failed_extraction(Transaction& txn, ObjectId object,
                                            std::string_view extractor, std::string_view why);
// Gives the asset what was read of its current version and of its sidecars; if it is a sidecar,
// those beside it what it says. For an asset that came in, changed, or got another place.
[[nodiscard]] Status apply_extractions(Transaction& txn, const Actor& actor, const Asset& asset);

// Live assets after that one whose current version was not read by this extractor, nor is to be;
// by id.
[[nodiscard]] Result<std::vector<AssetId>> unread_assets(Database& db, AssetId after,
                                                         std::string_view extractor,
                                                         std::int64_t most);

}  // namespace lensfs
