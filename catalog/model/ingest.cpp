#include "catalog/model/ingest.h"

#include "catalog/base/text.h"

namespace lensfs {
namespace {

constexpr std::string_view kFindSource =
    "SELECT s.asset_id FROM sources s"
    " JOIN places p ON p.folder_id = ?8 AND p.name = ?9 AND p.asset_id = s.asset_id"
    " WHERE s.path = ?1 AND s.project_id = ?2 AND s.device = ?3 AND s.inode = ?4 AND s.size = ?5"
    " AND s.mtime_ns = ?6 AND s.ctime_ns = ?7";

constexpr std::string_view kRememberSource =
    "INSERT INTO sources (path, project_id, device, inode, size, mtime_ns, ctime_ns, asset_id)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    " ON CONFLICT (path, project_id) DO UPDATE SET device = excluded.device,"
    " inode = excluded.inode, size = excluded.size, mtime_ns = excluded.mtime_ns,"
    " ctime_ns = excluded.ctime_ns, asset_id = excluded.asset_id";

Result<bool> holds(Database& db, AssetId asset, const ObjectKey& object) {
  LENSFS_TRY(const Asset current, find_asset(db, asset));
  LENSFS_TRY(const ObjectKey there, object_of(db, current.version));
  return there == object;
}

Result<Ingested> update(Transaction& txn, const Actor& actor, AssetId asset,
                        const NewVersion& version) {
  LENSFS_TRY(const bool same, holds(txn.db(), asset, version.object));
  if (same) return Ingested{asset, IngestOutcome::unchanged};
  LENSFS_CHECK(add_version(txn, actor, asset, version));
  return Ingested{asset, IngestOutcome::new_version};
}

}  // namespace

Spelling spelled(std::string_view raw) {
  Spelling spelling{.name = shortened_name(legal_name(raw)), .raw = std::nullopt};
  if (spelling.name != raw) spelling.raw = std::string(raw);
  return spelling;
}

Result<Ingested> ingest_file(Transaction& txn, const Actor& actor, const Incoming& file) {
  auto there = find_place(txn.db(), file.folder, file.place.name);
  if (there) return update(txn, actor, there->asset, file.asset.first);
  if (there.error().code() != Errc::not_found) return fail(std::move(there).error());

  auto folder = find_subfolder(txn.db(), file.folder, file.place.name);
  if (folder) return fail(Errc::exists, "a folder has this name");
  if (folder.error().code() != Errc::not_found) return fail(std::move(folder).error());

  if (file.same_file) {
    LENSFS_TRY(const bool same, holds(txn.db(), *file.same_file, file.asset.first.object));
    if (same) {
      LENSFS_CHECK(add_place(txn, actor, file.folder, *file.same_file, file.place));
      return Ingested{*file.same_file, IngestOutcome::linked};
    }
  }
  LENSFS_TRY(const AssetId asset, add_asset(txn, actor, file.asset));
  LENSFS_CHECK(add_place(txn, actor, file.folder, asset, file.place));
  return Ingested{asset, IngestOutcome::added};
}

Result<Project> ensure_project(Transaction& txn, const Actor& actor, const NewFolder& as) {
  auto there = find_project(txn.db(), as.name);
  if (there || there.error().code() != Errc::not_found) return there;
  if (as.name.empty() || as.name == "." || as.name == ".." || as.name.size() > kNameLimit ||
      !is_legal_name(as.name)) {
    return fail(Error(Errc::invalid, "not a name that every system can show").with(as.name));
  }
  return add_project(txn, actor, as);
}

Result<FolderId> ensure_folder(Transaction& txn, const Actor& actor, FolderId parent,
                               const NewFolder& folder) {
  auto there = find_subfolder(txn.db(), parent, folder.name);
  if (there) return there->id;
  if (there.error().code() != Errc::not_found) return fail(std::move(there).error());
  return add_folder(txn, actor, parent, folder);
}

Result<std::optional<AssetId>> find_source(Database& db, const Source& source, FolderId folder,
                                           std::string_view name) {
  return db.maybe<AssetId>(kFindSource, Blob{source.path}, source.project, source.device,
                           source.inode, source.size, source.mtime, source.ctime, folder, name);
}

Status remember_source(Transaction& txn, const Source& source, AssetId asset) {
  LENSFS_CHECK(txn.db().run(kRememberSource, Blob{source.path}, source.project, source.device,
                            source.inode, source.size, source.mtime, source.ctime, asset));
  return {};
}

}  // namespace lensfs
