// OriginalLookup: how one request behind a lens learns of originals and of what is made of them:
// one after another, or, once it foresaw a folder, all at once. Lives no longer than the snapshot
// that it reads.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "catalog/model/originals.h"
#include "fs/listing.h"

namespace lensfs {

class OriginalLookup {
 public:
  explicit OriginalLookup(Database& db) : db_(db) {}

  [[nodiscard]] Database& db() const { return db_; }
  // The entries of that folder will be asked for.
  [[nodiscard]] Status foresee(const Listing& folder);
  // Nothing for what has no bytes, and for what somebody deleted who has it open. not_found if
  // there is no such file any more.
  [[nodiscard]] Result<std::optional<Original>> original(NodeId file);
  [[nodiscard]] Result<Standing> standing(ObjectId source, const Recipe& recipe);

 private:
  // What is known of a recipe: its number, and, where a folder was foreseen, how far all of it is.
  struct Known {
    std::optional<RecipeId> id;
    std::unordered_map<ObjectId, Standing> standings;
  };
  [[nodiscard]] Result<Known*> known(const Recipe& recipe);

  Database& db_;
  std::unordered_map<FileId, Original> originals_;
  std::vector<ObjectId> sources_;  // of all foreseen
  std::unordered_map<std::string, Known> recipes_;
};

}  // namespace lensfs
