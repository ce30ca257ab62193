// Edits: what the calls that make, rename and delete names mean for project folders. POSIX in what
// they answer, assets in what they keep: an asset's identity follows its name in its folder
// (identity.h), deleting only moves to the trash, saving makes versions.
//
// "Folder" is nothing for /Projects itself, where folders are projects.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "catalog/model/asset.h"
#include "catalog/model/identity.h"
#include "catalog/model/project.h"
#include "catalog/model/scratch.h"

namespace lensfs {

using FolderSpot = std::optional<FolderId>;

struct NewFile {
  std::string name;                       // legal spelling
  std::optional<std::string> raw_name{};  // the bytes it came with, where they differ
  std::int64_t uid = 0;
  std::int64_t gid = 0;
  std::int64_t mode = 0;    // permission bits
  std::int64_t type = 0;    // S_IFLNK, S_IFIFO, S_IFSOCK; 0: a regular file
  std::string target = {};  // of a symbolic link
  MayChange may_change{};
};

// A file with a place and no bytes. One whose name was freed a moment ago goes on being the asset
// that had it, where whoever asks may change that. exists.
[[nodiscard]] Result<Asset> create_file(Transaction& txn, const Actor& actor, FolderId folder,
                                        const NewFile& file, const ScratchNames& scratch);
// A file that has no place yet (O_TMPFILE, a file made in a tag folder).
[[nodiscard]] Result<Asset> create_unplaced(Transaction& txn, const Actor& actor,
                                            const NewFile& file, AssetState state);
// A project or a folder. exists.
[[nodiscard]] Result<FolderId> create_folder(Transaction& txn, const Actor& actor, FolderSpot in,
                                             const NewFolder& folder);
// One more place of an asset. exists; not_permitted for what is in the trash.
[[nodiscard]] Status link_file(Transaction& txn, const Actor& actor, const Asset& asset,
                               FolderId folder, const NewPlace& place);

// Whether somebody writes to the file just now: such a file, if it was never saved, is dropped.
enum class Writing { no, yes };
// What lies in a term and nowhere else, as remove_file does; in the trash it keeps its terms.
[[nodiscard]] Result<Asset> remove_unplaced(Transaction& txn, const Actor& actor,
                                            const Asset& asset, const std::string& term);
// Removes a place. The last place of an asset goes to the trash; a scratch file, a link, or a file
// that was never saved and is being written has no use without a name: it is aside until it is
// closed (drop_asset). not_found, is_directory.
[[nodiscard]] Result<Asset> remove_file(Transaction& txn, const Actor& actor, FolderId folder,
                                        std::string_view name, Writing writing);
// not_found, not_directory, not_empty.
[[nodiscard]] Status remove_folder(Transaction& txn, const Actor& actor, FolderSpot in,
                                   std::string_view name);
// Removes the rows of an asset that has no place and no version worth keeping. Its objects and
// drafts are the caller's.
[[nodiscard]] Status drop_asset(Transaction& txn, const Actor& actor, const Asset& asset);

struct Spot {
  FolderSpot folder;
  std::string_view name;  // legal spelling
};
struct Move {
  Spot from;
  Spot to;
  std::optional<std::string> raw_name{};  // of the new name
  enum class Over { replace, refuse } over = Over::replace;
  Writing writing = Writing::no;  // to what is replaced
  MayChange may_change{};
};
// rename(2), of files and folders, within and between projects.
[[nodiscard]] Status move_entry(Transaction& txn, const Actor& actor, const Move& move,
                                const ScratchNames& scratch);
// RENAME_EXCHANGE.
[[nodiscard]] Status exchange_entries(Transaction& txn, const Actor& actor, const Spot& a,
                                      const Spot& b);

// The name that an asset has where all folders are flattened.
[[nodiscard]] Status set_flat_name(Transaction& txn, const Actor& actor, const Asset& asset,
                                   std::string_view name);

// chmod, chown, utimensat. ctime is the transaction's moment.
struct NewAttributes {
  std::optional<std::int64_t> mode{};
  std::optional<std::int64_t> uid{};
  std::optional<std::int64_t> gid{};
  std::optional<Nanoseconds> atime{};
  std::optional<Nanoseconds> mtime{};
};
// Gives the asset as it is then.
[[nodiscard]] Result<Asset> change_attributes(Transaction& txn, const Actor& actor,
                                              const Asset& asset, const NewAttributes& to);
[[nodiscard]] Status change_attributes(Transaction& txn, const Actor& actor, FolderId folder,
                                       const NewAttributes& to);
[[nodiscard]] Result<std::string> link_target(Database& db, AssetId asset);

// --- for the files that implement this
// What a directory's own times do when a name in it comes or goes.
[[nodiscard]] Status touch_folder(Transaction& txn, FolderId folder);
// Removes the row of a place and remembers that it was; the asset has one place less.
[[nodiscard]] Status take_place(Transaction& txn, const Actor& actor, const Place& place);
[[nodiscard]] Status set_state(Transaction& txn, AssetId asset, AssetState state);
// A scratch file that gets a name of its own becomes an asset; a file without history that gets a
// scratch name is set aside.
[[nodiscard]] Status follow_state(Transaction& txn, const Actor& actor, const Asset& asset,
                                  bool scratch);

}  // namespace lensfs
