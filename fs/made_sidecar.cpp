#include "fs/made_sidecar.h"

#include <sys/stat.h>

#include <span>

#include "catalog/model/ingest.h"
#include "catalog/model/kind.h"
#include "catalog/model/sidecar.h"

namespace lensfs {
namespace {

constexpr std::int64_t kReadWrite = 0666;

Status add_file(Editing& editing, FolderId folder, const std::string& name, const Asset& about,
                const ObjectKey& object, const std::string& text) {
  Transaction& txn = editing.txn;
  const Incoming file{
      .folder = folder,
      .place = {.name = name},
      .asset = {.name = name,
                .kind = std::string(kind_of(std::as_bytes(std::span(text)), name)),
                .uid = about.uid,
                .gid = about.gid,
                .mode = about.mode & kReadWrite,
                .first = {.object = object, .mtime = txn.now(), .reason = "sidecar"}},
      .same_file = std::nullopt};
  LENSFS_TRY(const Ingested made, ingest_file(txn, editing.actor, file));
  LENSFS_TRY(const Asset sidecar, find_asset(txn.db(), made.asset));
  return note_sidecar(txn, about, sidecar, text);
}

}  // namespace

Result<bool> make_sidecar_real(fuse_req_t request, NodeId folder, std::string_view name) {
  if (class_of(folder) != NodeClass::folder || !is_sidecar_name(name)) return false;
  Mount& mount = mount_of(request);
  const auto found = mount.tree.lookup(folder, name);
  if (is_missing(found)) return false;
  if (!found) return fail(found.error());
  if (!is_xmp_sidecar(found->node)) return false;
  LENSFS_CHECK(mount.tree.allow(folder, Right::write));
  LENSFS_CHECK(mount.tree.allow(found->node, Right::write));
  LENSFS_TRY(const std::string text, mount.tree.sidecar_text(found->node));

  Store& store = mount.catalog.store();
  LENSFS_TRY(const Store::Hold hold, store.hold());
  LENSFS_TRY(const Stored stored, store.keep_text(text));
  LENSFS_CHECK(store.sync());
  // Not noted by the request, which has more to do: done twice, it finds a real file.
  LENSFS_CHECK(mount.tree.edit({actor_of(request), {}}, [&](Editing& editing) -> Status {
    LENSFS_TRY(const Asset about, find_asset(editing.txn.db(), file_of_sidecar(found->node)));
    return add_file(editing, folder_of(folder), std::string(name), about, stored.key, text);
  }));
  return true;
}

}  // namespace lensfs
