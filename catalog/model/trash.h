// The trash: assets whose last place was deleted. They keep everything but their places, and come
// back with it; only purging destroys.
#pragma once

#include <string>
#include <vector>

#include "catalog/model/asset.h"
#include "catalog/model/project.h"

namespace lensfs {

struct Trashed {
  std::int64_t id = 0;
  AssetId asset{};
  FolderId folder{};  // where it lay; may be gone; 0: it had no place
  std::string name;
  std::string path;  // "project/folder/name" then, or "Tags/term/name"
  std::int64_t uid = 0;
  Nanoseconds deleted = 0;
  static Trashed from(const Row& row);
};

// Oldest first.
[[nodiscard]] Result<std::vector<Trashed>> all_trashed(Database& db);
[[nodiscard]] Result<Trashed> find_trashed(Database& db, AssetId asset);
// When the newest of it was deleted; when the library began where there is none.
[[nodiscard]] Result<Nanoseconds> trash_changed(Database& db);
// Gives a trashed asset a place. exists.
[[nodiscard]] Status restore_to(Transaction& txn, const Actor& actor, const Asset& asset,
                                FolderId folder, const NewPlace& place);
// Gives a trashed asset that had no place back to its terms.
[[nodiscard]] Status restore_unplaced(Transaction& txn, const Actor& actor, const Asset& asset);
// Destroys an asset in the trash with all its versions; their objects are garbage then. Its drafts,
// if it has any, are the caller's to remove. not_permitted for what is not in the trash.
[[nodiscard]] Status purge(Transaction& txn, const Actor& actor, const Asset& asset);
// The same while somebody has it open: nothing shows it any more, and drop_asset takes its rows
// when it is closed (or the next mount does).
[[nodiscard]] Status condemn(Transaction& txn, const Actor& actor, const Asset& asset);

}  // namespace lensfs
