#include "catalog/model/rendition.h"

#include <fmt/format.h>

#include "catalog/model/job.h"

namespace lensfs {
namespace {

std::string renditions_where(std::string_view rest) {
  return fmt::format("SELECT {} FROM renditions {}", Rendition::kColumns, rest);
}
const std::string kRenditionBy = renditions_where("WHERE source_id = ?1 AND recipe_id = ?2");
const std::string kRenditionById = renditions_where("WHERE id = ?1");
const std::string kRenditionsOf = renditions_where("WHERE source_id = ?1");

Status record(Transaction& txn, ChangeKind kind, ObjectId source, RecipeId recipe) {
  LENSFS_TRY(const std::string text, recipe_text(txn.db(), recipe));
  return record_change(txn, {}, {.kind = kind, .name = text, .object = source});
}

}  // namespace

Rendition Rendition::from(const Row& row) {
  return {.id = row.get<RenditionId>(0),
          .source = row.get<ObjectId>(1),
          .recipe = row.get<RecipeId>(2),
          .object = row.get<ObjectId>(3),
          .size = row.integer(4),
          .extension = row.get<std::string>(5),
          .width = row.integer(6),
          .height = row.integer(7),
          .duration = row.integer(8),
          .made = row.integer(9),
          .attached = row.get<bool>(10)};
}

Result<RecipeId> recipe_row(Transaction& txn, const Recipe& recipe) {
  LENSFS_TRY(const std::optional<RecipeId> known, find_recipe(txn.db(), recipe));
  if (known) return *known;
  LENSFS_CHECK(txn.db().run("INSERT INTO recipes (text) VALUES (?1)", recipe.text()));
  return static_cast<RecipeId>(txn.db().last_insert_id());
}

Result<std::optional<RecipeId>> find_recipe(Database& db, const Recipe& recipe) {
  return db.maybe<RecipeId>("SELECT id FROM recipes WHERE text = ?1", recipe.text());
}

Result<std::string> recipe_text(Database& db, RecipeId id) {
  return db.one<std::string>("SELECT text FROM recipes WHERE id = ?1", id);
}

Result<Recipe> recipe_of(Database& db, RecipeId id) {
  LENSFS_TRY(const std::string text, recipe_text(db, id));
  return Recipe::from_text(text);
}

Result<std::optional<Rendition>> find_rendition(Database& db, ObjectId source, RecipeId recipe) {
  return db.maybe<Rendition>(kRenditionBy, source, recipe);
}

Result<Rendition> find_rendition(Database& db, RenditionId id) {
  return db.one<Rendition>(kRenditionById, id);
}

Result<std::vector<Rendition>> renditions_of(Database& db, ObjectId source) {
  std::vector<Rendition> all;
  LENSFS_CHECK(db.each<Rendition>(
      kRenditionsOf, [&](Rendition rendition) { all.push_back(std::move(rendition)); }, source));
  return all;
}

Result<ObjectKey> object_of(Database& db, const Rendition& rendition) {
  return find_object(db, rendition.object);
}

Status add_rendition(Transaction& txn, ObjectId source, RecipeId recipe, const NewRendition& made) {
  Database& db = txn.db();
  LENSFS_TRY(const bool had_failed, end_job(txn, source, recipe));
  const bool attached = made.origin == NewRendition::Origin::attached;
  LENSFS_TRY(const std::optional<Rendition> before, find_rendition(db, source, recipe));
  if (before && before->attached && !attached) return {};
  LENSFS_TRY(const ObjectId object, object_row(txn, made.object));
  LENSFS_CHECK(
      db.run("INSERT OR REPLACE INTO renditions (source_id, recipe_id, object_id, size, extension,"
             " width, height, duration_ns, made_ns, attached)"
             " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
             source, recipe, object, made.object.size, made.extension, made.width, made.height,
             made.duration, txn.now(), attached));
  // The original is shown where one failed, and where none is to be made, so that one is brought.
  LENSFS_TRY(const std::optional<Outline> outline, find_outline(db, source, recipe));
  const bool replaces = before || had_failed || attached || outline;
  return replaces ? record_replaced(txn, source, recipe) : record_ready(txn, source, recipe);
}

Status remove_rendition(Transaction& txn, const Rendition& rendition) {
  LENSFS_CHECK(txn.db().run("DELETE FROM renditions WHERE source_id = ?1 AND recipe_id = ?2",
                            rendition.source, rendition.recipe));
  LENSFS_CHECK(txn.db().run("DELETE FROM outlines WHERE source_id = ?1 AND recipe_id = ?2",
                            rendition.source, rendition.recipe));
  return record_replaced(txn, rendition.source, rendition.recipe);
}

Status record_ready(Transaction& txn, ObjectId source, RecipeId recipe) {
  return record(txn, ChangeKind::rendition_ready, source, recipe);
}

Status record_replaced(Transaction& txn, ObjectId source, RecipeId recipe) {
  return record(txn, ChangeKind::rendition_replaced, source, recipe);
}

Status each_asset_of_object(Database& db, ObjectId object,
                            const std::function<void(AssetId)>& visit) {
  return db.each<AssetId>("SELECT DISTINCT asset_id FROM versions WHERE object_id = ?1", visit,
                          object);
}

}  // namespace lensfs
