// Files: what inode numbers stand for. An asset's names lead to one file at a time; the file stays
// the same over saves in place, and another one takes its place when a file is renamed over the
// name or a version comes from elsewhere. Files that lost their asset are remembered as long as
// somebody may have them open.
#pragma once

#include <functional>
#include <optional>

#include "catalog/model/asset.h"

namespace lensfs {

// What is known of a file that no name leads to any more.
struct LostFile {
  FileId file{};
  AssetId asset{};
  std::optional<VersionId> version{};
  std::optional<DraftId> draft{};
  std::int64_t mode = 0;
  std::int64_t uid = 0;
  std::int64_t gid = 0;
  std::int64_t size = 0;
  Nanoseconds mtime = 0;
  Nanoseconds changed = 0;
  static LostFile from(const Row& row);
};

[[nodiscard]] Result<LostFile> find_lost_file(Database& db, FileId file);
// Those that an asset lost.
[[nodiscard]] Result<std::vector<LostFile>> lost_files_of(Database& db, AssetId asset);
[[nodiscard]] Status each_lost_file(Database& db,
                                    const std::function<void(const LostFile&)>& visit);
// The asset's names lead to another file from now on; the one before is lost. Its draft, if there
// is one, stays the lost file's.
[[nodiscard]] Status replace_file(Transaction& txn, const Asset& asset, FileId by);
// The same with a number that nobody had.
[[nodiscard]] Result<FileId> renew_file(Transaction& txn, const Asset& asset);
// Who shows the bytes of an object: versions, the files whose present bytes they are, and frames.
struct Showing {
  struct FrameOf {
    VersionId version{};
    FrameNumber frame{};
    static FrameOf from(const Row& row);
  };
  std::vector<VersionId> versions;
  std::vector<FileId> files;
  std::vector<FrameOf> frames;
};
[[nodiscard]] Result<Showing> showing(Database& db, const ObjectKey& object);
// Whether no name leads to it any more: it is aside, has no place, and was made in no term.
[[nodiscard]] Result<bool> is_nameless(Database& db, const Asset& asset);
// All that are: somebody had them open.
[[nodiscard]] Result<std::vector<Asset>> nameless_assets(Database& db);
// Scratch files, links and the like that were made in this very term. They are in no set.
[[nodiscard]] Result<std::vector<Asset>> aside_in_term(Database& db, TagId term);
[[nodiscard]] Status forget_lost_file(Transaction& txn, FileId file);
// Those that were lost before `before` and have no draft.
[[nodiscard]] Status forget_lost_files(Transaction& txn, Nanoseconds before);

}  // namespace lensfs
