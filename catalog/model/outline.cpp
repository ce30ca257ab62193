#include "catalog/model/outline.h"

#include <fmt/format.h>

#include "catalog/model/job.h"

namespace lensfs {

Outline Outline::from(const Row& row) {
  return {.id = row.get<OutlineId>(0),
          .source = row.get<ObjectId>(1),
          .recipe = row.get<RecipeId>(2),
          .build = row.get<std::string>(3),
          .size = row.integer(4),
          .extension = row.get<std::string>(5),
          .width = row.integer(6),
          .height = row.integer(7),
          .duration = row.integer(8),
          .made = row.integer(9)};
}

Result<std::optional<Outline>> find_outline(Database& db, ObjectId source, RecipeId recipe) {
  static const std::string kFind = fmt::format(
      "SELECT {} FROM outlines WHERE source_id = ?1 AND recipe_id = ?2", Outline::kColumns);
  return db.maybe<Outline>(kFind, source, recipe);
}

Result<Outline> find_outline(Database& db, OutlineId id) {
  static const std::string kFind =
      fmt::format("SELECT {} FROM outlines WHERE id = ?1", Outline::kColumns);
  return db.one<Outline>(kFind, id);
}

Result<std::vector<Outline>> outlines_of(Database& db, ObjectId source) {
  static const std::string kOf =
      fmt::format("SELECT {} FROM outlines WHERE source_id = ?1", Outline::kColumns);
  std::vector<Outline> all;
  LENSFS_CHECK(db.each<Outline>(
      kOf, [&](Outline outline) { all.push_back(std::move(outline)); }, source));
  return all;
}

Result<std::vector<Outline>> all_outlines(Database& db) {
  static const std::string kAll =
      fmt::format("SELECT {} FROM outlines /* SCAN: all of them */", Outline::kColumns);
  std::vector<Outline> all;
  LENSFS_CHECK(db.each<Outline>(kAll, [&](Outline outline) { all.push_back(std::move(outline)); }));
  return all;
}

Result<OutlineId> add_outline(Transaction& txn, ObjectId source, RecipeId recipe,
                              const NewOutline& made) {
  Database& db = txn.db();
  LENSFS_TRY(const bool had_failed, end_job(txn, source, recipe));
  LENSFS_TRY(const std::optional<Outline> before, find_outline(db, source, recipe));
  LENSFS_CHECK(
      db.run("INSERT OR REPLACE INTO outlines (source_id, recipe_id, build, size, extension, width,"
             " height, duration_ns, made_ns) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
             source, recipe, made.build, made.size, made.extension, made.width, made.height,
             made.duration, txn.now()));
  const auto id = static_cast<OutlineId>(db.last_insert_id());
  // The original is shown where one failed.
  const bool replaces = before || had_failed;
  LENSFS_CHECK(replaces ? record_replaced(txn, source, recipe) : record_ready(txn, source, recipe));
  return id;
}

Status forget_outline(Transaction& txn, OutlineId id) {
  const auto outline = find_outline(txn.db(), id);
  if (is_missing(outline)) return {};
  if (!outline) return fail(outline.error());
  LENSFS_CHECK(txn.db().run("DELETE FROM outlines WHERE id = ?1", id));
  return record_replaced(txn, outline->source, outline->recipe);
}

}  // namespace lensfs
