#include "catalog/model/request_log.h"

namespace lensfs {
namespace {
// The kernel numbers its requests in order. One so much older than the newest was answered long
// ago.
constexpr std::int64_t kKeptSpan = 1'000'000;
// Old ones are removed now and then; requests have even numbers.
constexpr std::int64_t kRemovedEvery = 2048;
}  // namespace

Result<bool> is_done(Database& db, const RequestKey& key) {
  if (!key.resent) return false;
  return db.one<bool>("SELECT EXISTS (SELECT 1 FROM requests WHERE mount = ?1 AND request = ?2)",
                      key.mount, key.request);
}

Status note_done(Transaction& txn, const RequestKey& key) {
  LENSFS_CHECK(txn.db().run("INSERT OR IGNORE INTO requests (mount, request) VALUES (?1, ?2)",
                            key.mount, key.request));
  if (key.request % kRemovedEvery != 0) return {};
  LENSFS_CHECK(txn.db().run("DELETE FROM requests WHERE mount = ?1 AND request < ?2", key.mount,
                            key.request - kKeptSpan));
  return {};
}

Status forget_requests(Transaction& txn, const std::string& mount) {
  LENSFS_CHECK(txn.db().run("DELETE FROM requests WHERE mount = ?1", mount));
  return {};
}

}  // namespace lensfs
