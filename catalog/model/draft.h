// Drafts: bytes that are being written. A draft is a plain file in the store's staging area
// (Store::drafts) that the kernel writes to by itself; after its last close it becomes an object
// and a version. While an asset has a draft, the draft is what its file holds.
#pragma once

#include <string>
#include <vector>

#include "catalog/model/asset.h"
#include "catalog/store/drafts.h"

namespace lensfs {

struct Draft {
  DraftId id{};
  AssetId asset{};
  FileId file{};
  std::string mount;     // identity of the mount through which it is written
  std::int64_t uid = 0;  // who writes
  std::string author;
  Nanoseconds began = 0;
  bool copied = false;  // began as a copy of the version before, else empty
  bool closed = false;  // its last writer closed it
  bool synced = false;  // somebody was told that it is on disk
  std::string program;  // that began to write; empty: not known
  static constexpr std::string_view kFind =
      "SELECT id, asset_id, file_id, mount, uid, author, began_ns, copied, closed, synced, program"
      " FROM drafts WHERE id = ?1";
  static Draft from(const Row& row);
};

[[nodiscard]] Result<Draft> find_draft(Database& db, DraftId id);
[[nodiscard]] Result<std::vector<Draft>> all_drafts(Database& db);  // oldest first

[[nodiscard]] Result<std::vector<DraftId>> drafts_of(Database& db, AssetId asset);

struct NewDraft {
  std::string mount;
  bool copied = false;
};
// A draft that nothing shows yet: its bytes are still being copied.
[[nodiscard]] Result<DraftId> add_draft(Transaction& txn, const Actor& actor, const Asset& asset,
                                        const NewDraft& as);
// Its file, one that lost its name included, holds the draft from now on.
[[nodiscard]] Status show_draft(Transaction& txn, DraftId draft);
// The asset's file holds the new draft from now on. A draft that it held before stays in the table
// until it is saved or ended.
[[nodiscard]] Result<DraftId> begin_draft(Transaction& txn, const Actor& actor, const Asset& asset,
                                          const NewDraft& as);
[[nodiscard]] Status note_closed(Transaction& txn, DraftId draft);
// Also says that it is being written (again).
[[nodiscard]] Status note_synced(Transaction& txn, DraftId draft);
// The draft is no more; what its file holds is the asset's version.
[[nodiscard]] Status end_draft(Transaction& txn, DraftId draft);

// What a draft became.
enum class Shown { yes, no };  // no: a version for the history, the asset stays as it was
struct SavedDraft {
  ObjectKey object;
  Nanoseconds mtime = 0;
  Nanoseconds ctime = 0;
  std::string kind;                      // of its bytes and name
  std::optional<std::int64_t> blocks{};  // as in Asset
  std::string reason = "save";
  Shown shown = Shown::yes;
  std::optional<Drafts::Kept> kept{};  // what was set on the file while it was written
};
// A version of the draft's bytes, which lie in the store already; none if they are those of the
// version before. Ends the draft. Logs asset_added for the first version, else saved.
[[nodiscard]] Result<VersionId> save_draft(Transaction& txn, const Draft& draft,
                                           const SavedDraft& saved);

}  // namespace lensfs
