#include "catalog/model/totals.h"

namespace lensfs {
namespace {

constexpr std::string_view kTotals =
    "SELECT (SELECT count(*) FROM assets), (SELECT count(*) FROM versions),"
    " (SELECT count(*) FROM objects), (SELECT coalesce(sum(size), 0) FROM objects),"
    " (SELECT coalesce(sum(size), 0) FROM versions), (SELECT count(*) FROM projects),"
    " (SELECT count(*) FROM folders), (SELECT count(*) FROM places), (SELECT count(*) FROM tags)";

}  // namespace

Totals Totals::from(const Row& row) {
  return {.assets = row.integer(0),
          .versions = row.integer(1),
          .objects = row.integer(2),
          .object_bytes = row.integer(3),
          .version_bytes = row.integer(4),
          .projects = row.integer(5),
          .folders = row.integer(6),
          .places = row.integer(7),
          .tags = row.integer(8)};
}

Result<Totals> totals_of(Database& db) {
  return db.one<Totals>(kTotals);
}

}  // namespace lensfs
