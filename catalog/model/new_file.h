// Files that a mount made and answered for before the catalog has them: copying or unpacking a
// folder makes thousands, and a transaction each would cost several times what the disk does.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "catalog/model/edit.h"
#include "catalog/model/request_log.h"

namespace lensfs {

// Numbers that nobody else is given, for assets and their drafts.
struct ReservedIds {
  std::int64_t asset = 0;  // the first of `count`
  std::int64_t draft = 0;
  std::int64_t count = 0;
};
[[nodiscard]] Result<ReservedIds> reserve_ids(Transaction& txn, std::int64_t count);

// Where a file is to be made: whether nothing but a new row comes of it.
struct NewFileSpot {
  std::int64_t folder_mode = 0;
  std::int64_t folder_gid = 0;
  bool is_plain = false;  // false: the name is taken, or was freed a moment ago (identity.h)
  static NewFileSpot from(const Row& row);
};
// not_found if the folder is gone.
[[nodiscard]] Result<NewFileSpot> look_at_spot(Database& db, FolderId folder, std::string_view name,
                                               Nanoseconds now);

struct DeferredFile {
  AssetId asset{};  // its file has the same number
  DraftId draft{};  // its bytes
  FolderId folder{};
  NewFile file;
  Actor actor;
  RequestKey request;  // that made it, and the mount
  Nanoseconds made = 0;
  Nanoseconds changed = 0;             // ctime
  std::optional<Nanoseconds> atime{};  // where it was set; its mtime is the draft's
};
// As it shows until it is in the catalog.
[[nodiscard]] Asset asset_of(const DeferredFile& made);
// Makes the rows of each, asset, place and draft, and notes its request as done; what is there
// already is passed over. Where a name was taken meanwhile, by who did not wait for the turn, the
// file gets another one.
enum class Noted { now, before };  // before: by a process that died, and that may have added them
[[nodiscard]] Status add_deferred(Transaction& txn, std::span<const DeferredFile> files,
                                  Noted noted);

}  // namespace lensfs
