#include "catalog/model/collecting.h"

#include "catalog/model/asset.h"
#include "catalog/model/outline_collecting.h"

namespace lensfs {

Result<CollectReport> collect_freed(Catalog& catalog, const std::vector<ObjectKey>& objects) {
  const auto is_referenced = [&](const ObjectKey& key) -> Result<bool> {
    LENSFS_TRY(const Pool::Reader reader, catalog.read());
    return is_object_named(*reader, key);
  };
  LENSFS_TRY(const CollectReport report, catalog.store().collect_these(objects, is_referenced));
  if (report.objects == 0) return report;
  LENSFS_CHECK(catalog.write([&](Transaction& txn) -> Status {
    for (const ObjectKey& key : objects) LENSFS_CHECK(forget_object(txn, key));
    return {};
  }));
  LENSFS_CHECK(remove_stray_outlines(catalog));
  return report;
}

}  // namespace lensfs
