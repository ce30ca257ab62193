// Ingest: how content that lies in the store becomes an asset version with a place in a project.
// The command line, the inbox and a file written through the mount all end here; nothing else
// makes versions of new bytes.
//
// The caller keeps the bytes first (Store::keep, Store::sync) and holds Store::Hold until the
// transaction is committed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "catalog/model/asset.h"
#include "catalog/model/project.h"

namespace lensfs {

// A name as the drive spells it, and the bytes it came with where they differ.
struct Spelling {
  std::string name;
  std::optional<std::string> raw;
};
[[nodiscard]] Spelling spelled(std::string_view raw);

struct Incoming {
  FolderId folder{};
  NewPlace place;
  NewAsset asset;
  // The asset that another hard link of the same file became: the place joins it.
  std::optional<AssetId> same_file;
};

enum class IngestOutcome {
  added,        // a new asset
  new_version,  // the place was there with other bytes
  linked,       // one more place of the asset of the same file
  unchanged,    // the place was there with these bytes
};

struct Ingested {
  AssetId asset{};
  IngestOutcome outcome = IngestOutcome::added;
};

// exists if a folder has the name of the place; nothing is written then.
[[nodiscard]] Result<Ingested> ingest_file(Transaction& txn, const Actor& actor,
                                           const Incoming& file);

// The project of this name, made if there is none. invalid for a name that is not legal.
[[nodiscard]] Result<Project> ensure_project(Transaction& txn, const Actor& actor,
                                             const NewFolder& as);
// The folder of this name, made if there is none. exists if an asset has its place there.
[[nodiscard]] Result<FolderId> ensure_folder(Transaction& txn, const Actor& actor, FolderId parent,
                                             const NewFolder& folder);

// Source: a file that was ingested, as it was then. One that looks the same need not be read again.
struct Source {
  std::string path;  // absolute, bytes as they are
  ProjectId project{};
  std::int64_t device = 0;
  std::int64_t inode = 0;
  std::int64_t size = 0;
  Nanoseconds mtime = 0;
  Nanoseconds ctime = 0;
};

// The asset that this very source became, if it still has the place `name` in `folder`.
[[nodiscard]] Result<std::optional<AssetId>> find_source(Database& db, const Source& source,
                                                         FolderId folder, std::string_view name);
[[nodiscard]] Status remember_source(Transaction& txn, const Source& source, AssetId asset);

}  // namespace lensfs
