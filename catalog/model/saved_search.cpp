#include "catalog/model/saved_search.h"

#include "catalog/model/search.h"

namespace lensfs {

SavedSearch SavedSearch::from(const Row& row) {
  return {.id = row.integer(0), .query = row.get<std::string>(1), .created = row.integer(2)};
}

Result<std::vector<SavedSearch>> saved_searches(Database& db) {
  std::vector<SavedSearch> all;
  LENSFS_CHECK(db.each<SavedSearch>(
      "SELECT id, query, created_ns FROM searches ORDER BY id /* SCAN: all of them */",
      [&](SavedSearch search) { all.push_back(std::move(search)); }));
  return all;
}

Result<bool> is_saved_search(Database& db, std::string_view query) {
  return db.one<bool>("SELECT EXISTS (SELECT 1 FROM searches WHERE query = ?1)", query);
}

Status save_search(Transaction& txn, const Actor& actor, std::string_view query) {
  LENSFS_CHECK(parse_query(query));
  LENSFS_CHECK(
      txn.db().run("INSERT INTO searches (query, created_ns) VALUES (?1, ?2)", query, txn.now()));
  return record_change(txn, actor,
                       {.kind = ChangeKind::search_changed, .name = std::string(query)});
}

Status forget_search(Transaction& txn, const Actor& actor, std::string_view query) {
  LENSFS_TRY(const std::int64_t rows, txn.db().run("DELETE FROM searches WHERE query = ?1", query));
  if (rows == 0) return fail(Errc::not_found);
  return record_change(txn, actor,
                       {.kind = ChangeKind::search_changed, .name = std::string(query)});
}

}  // namespace lensfs
