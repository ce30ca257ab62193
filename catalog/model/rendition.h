// Renditions: what a recipe made of an object. They are objects themselves: deduplicated, served
// like any other, and garbage once no version names what they were made of.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "catalog/model/asset.h"
#include "catalog/model/recipe.h"

namespace lensfs {

struct Rendition {
  RenditionId id{};
  ObjectId source{};
  RecipeId recipe{};
  ObjectId object{};
  std::int64_t size = 0;   // bytes
  std::string extension;   // that its format has: "jpg"; no dot
  std::int64_t width = 0;  // pixels; 0: not a picture
  std::int64_t height = 0;
  Nanoseconds duration = 0;  // 0: takes no time
  Nanoseconds made = 0;
  bool attached = false;  // somebody brought it, it was not made here

  static constexpr std::string_view kTable = "renditions";
  static constexpr std::string_view kColumns =
      "id, source_id, recipe_id, object_id, size, extension, width, height, duration_ns, made_ns, "
      "attached";
  static Rendition from(const Row& row);
};

// The number of a recipe, given to it when it is first asked for.
[[nodiscard]] Result<RecipeId> recipe_row(Transaction& txn, const Recipe& recipe);
// Nothing: nobody ever asked for it, so there is no rendition by it either.
[[nodiscard]] Result<std::optional<RecipeId>> find_recipe(Database& db, const Recipe& recipe);
[[nodiscard]] Result<std::string> recipe_text(Database& db, RecipeId id);
// invalid for one of another release, which makes it no more.
[[nodiscard]] Result<Recipe> recipe_of(Database& db, RecipeId id);

[[nodiscard]] Result<std::optional<Rendition>> find_rendition(Database& db, ObjectId source,
                                                              RecipeId recipe);
[[nodiscard]] Result<Rendition> find_rendition(Database& db, RenditionId id);
[[nodiscard]] Result<std::vector<Rendition>> renditions_of(Database& db, ObjectId source);
// The object that holds its bytes.
[[nodiscard]] Result<ObjectKey> object_of(Database& db, const Rendition& rendition);

struct NewRendition {
  ObjectKey object;  // in the store already
  std::string extension;
  std::int64_t width = 0;
  std::int64_t height = 0;
  Nanoseconds duration = 0;
  enum class Origin { made, attached } origin = Origin::made;
};
// There is one now; one that was there before goes, unless it was attached and this one is made.
// The job that was to make it is done. Logs rendition_ready, or rendition_replaced where
// something else was shown in its place. not_found if the source is no more.
[[nodiscard]] Status add_rendition(Transaction& txn, ObjectId source, RecipeId recipe,
                                   const NewRendition& made);
// Forgets it, and its outline, so that it is made anew when it is asked for.
[[nodiscard]] Status remove_rendition(Transaction& txn, const Rendition& rendition);

// Logs that there is one where nothing was shown.
[[nodiscard]] Status record_ready(Transaction& txn, ObjectId source, RecipeId recipe);
// Logs that what is shown in its place is so no more.
[[nodiscard]] Status record_replaced(Transaction& txn, ObjectId source, RecipeId recipe);

// The assets whose current version is that object, or ever was.
[[nodiscard]] Status each_asset_of_object(Database& db, ObjectId object,
                                          const std::function<void(AssetId)>& visit);

}  // namespace lensfs
