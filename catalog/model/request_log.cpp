#include "catalog/model/request_log.h"

namespace lensfs {
namespace {
constexpr std::int64_t kKeptRequests = 4096;
}  // namespace

Result<bool> is_done(Database& db, const RequestKey& key) {
  if (!key.resent) return false;
  return db.one<bool>("SELECT EXISTS (SELECT 1 FROM requests WHERE mount = ?1 AND request = ?2)",
                      key.mount, key.request);
}

Status note_done(Transaction& txn, const RequestKey& key) {
  LENSFS_CHECK(txn.db().run("INSERT OR IGNORE INTO requests (mount, request) VALUES (?1, ?2)",
                            key.mount, key.request));
  return {};
}

Status trim_requests(Transaction& txn, const std::string& mount) {
  LENSFS_CHECK(txn.db().run(
      "DELETE FROM requests WHERE mount <> ?1 /* SCAN: few rows, once a mount */", mount));
  LENSFS_CHECK(txn.db().run(
      "DELETE FROM requests WHERE mount = ?1 AND request < (SELECT request FROM requests"
      " WHERE mount = ?1 ORDER BY request DESC LIMIT 1 OFFSET ?2)",
      mount, kKeptRequests - 1));
  return {};
}

}  // namespace lensfs
