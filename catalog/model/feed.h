// The change log: every write appends what it did, in its own transaction. A mount follows it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "catalog/base/clock.h"
#include "catalog/db/transaction.h"
#include "catalog/model/ids.h"

namespace lensfs {

// Numbers are stored: never renumber.
enum class ChangeKind : int {
  asset_added = 1,          // asset
  version_added = 2,        // asset: its bytes, size and inode number are new
  place_added = 3,          // asset, folder, name
  place_removed = 4,        // asset, folder, name
  folder_added = 5,         // folder = parent, name
  folder_removed = 6,       // folder = parent, name
  project_added = 7,        // name
  tag_added = 8,            // tag, name = whole term
  tag_removed = 9,          // tag, name = whole term
  tagged = 10,              // asset, tag, name = the asset's name
  untagged = 11,            // asset, tag, name = the asset's name
  field_changed = 12,       // asset, name = key
  xattr_changed = 13,       // asset or folder or tag, name = attribute
  attributes_changed = 14,  // asset or folder: mode, owner or times
  saved = 15,               // asset: a version more; its file is the same
  label_changed = 16,       // asset, name = label
  trashed = 17,             // asset: its last place was deleted
  restored = 18,            // asset: it has a place again
  removed = 19,             // asset: it is no more; name = its name; file if it was purged
  renamed = 20,             // asset: the name it has in flattened folders; name = the one before
  search_changed = 21,      // name = query: saved or forgotten
  project_removed = 22,     // name
  term_renamed = 23,        // tag, name = the whole term before; its members may have moved here
  version_purged = 24,      // asset, version; name = "v" and its number: it is no more
  rendition_ready = 25,     // object, name = recipe: there is one where nothing was shown
  rendition_failed = 26,    // object, name = recipe: it cannot be made
  term_links_changed = 28,  // tag: its synonyms, or what it implies
  fields_declared = 29,     // name = key, or nothing: all that lensfs.toml declares
  marker_changed = 30,      // asset: its markers
  rendition_replaced = 27,  // object, name = recipe: what was shown in its place is so no more
  access_changed = 34,      // folder, tag or asset, or none: the library; who may see it
  role_changed = 35,        // name = role: who has it
};

struct Change {
  ChangeId id{};
  Nanoseconds at = 0;
  std::int64_t actor = 0;  // uid
  ChangeKind kind{};
  std::optional<AssetId> asset{};
  std::optional<TagId> tag{};
  std::optional<FolderId> folder{};
  std::string name{};
  std::optional<std::int64_t> origin{};  // the mount whose kernel knows of it already
  std::optional<VersionId> version{};
  std::optional<FileId> file{};
  std::optional<ObjectId> object{};  // the source of a rendition
  std::string program{};             // through which; empty: a command, or not known

  static constexpr std::string_view kColumns =
      "id, at_ns, actor, kind, asset_id, tag_id, folder_id, name, origin, version_id, file_id,"
      " object_id, program";
  static Change from(const Row& row);  // kColumns from column 0
  // Whether something that moments of the past may have shown is no more.
  [[nodiscard]] bool is_purge() const { return kind == ChangeKind::version_purged || file; }
};

// Who asks for a change: the uid that the log shows and the name that versions carry.
struct Actor {
  std::int64_t uid = 0;
  std::string name{};
  std::optional<std::int64_t> origin{};  // the mount through which they ask
  std::string program{};                 // with which; empty: not known
};
// The login name of a user, or the number as text where there is none.
[[nodiscard]] std::string name_of_user(std::int64_t uid);
[[nodiscard]] Actor actor_of_process();  // the real uid of this process and its login name

[[nodiscard]] Status record_change(Transaction& txn, const Actor& actor, const Change& change);
// Up to `limit` changes after `since`, in order.
[[nodiscard]] Result<std::vector<Change>> changes_after(Database& db, ChangeId since,
                                                        std::int64_t limit);
// Whether the log said of a change's asset before that it came or went.
[[nodiscard]] Result<bool> came_before(Database& db, const Change& change);
// Newest first; `visit` returns false to stop.
using VisitChange = std::function<bool(const Change&)>;
[[nodiscard]] Status each_change_backward(Database& db, const VisitChange& visit);
[[nodiscard]] Status each_change_of(Database& db, AssetId asset, const VisitChange& visit);
// Which terms were taken off after `since`, each once; not of what is no more, or has no name.
[[nodiscard]] Result<std::vector<TagId>> terms_taken_off(Database& db, ChangeId since);
// Which terms were put on something that was there before, or were changed themselves, after
// `since`; each once.
[[nodiscard]] Result<std::vector<TagId>> terms_put_on(Database& db, ChangeId since);
[[nodiscard]] Result<ChangeId> last_change(Database& db);  // 0 when there is none

}  // namespace lensfs
