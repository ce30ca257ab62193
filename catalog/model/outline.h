// Outlines: renditions that are known to the byte before they are made, and rendered when they are
// read (transcode/outline.h). What there is of one lies beside the objects
// (store/outline_files.h); once it is whole it becomes a rendition like any other.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/model/rendition.h"

namespace lensfs {

struct Outline {
  OutlineId id{};
  ObjectId source{};
  RecipeId recipe{};
  std::string build;  // of the engine whose slots it holds; those of no other may be added
  std::int64_t size = 0;
  std::string extension;
  std::int64_t width = 0;
  std::int64_t height = 0;
  Nanoseconds duration = 0;
  Nanoseconds made = 0;

  static constexpr std::string_view kTable = "outlines";
  static constexpr std::string_view kColumns =
      "id, source_id, recipe_id, build, size, extension, width, height, duration_ns, made_ns";
  static Outline from(const Row& row);
};

[[nodiscard]] Result<std::optional<Outline>> find_outline(Database& db, ObjectId source,
                                                          RecipeId recipe);
[[nodiscard]] Result<Outline> find_outline(Database& db, OutlineId id);
[[nodiscard]] Result<std::vector<Outline>> outlines_of(Database& db, ObjectId source);
[[nodiscard]] Result<std::vector<Outline>> all_outlines(Database& db);

struct NewOutline {
  std::string build;
  std::int64_t size = 0;
  std::string extension;
  std::int64_t width = 0;
  std::int64_t height = 0;
  Nanoseconds duration = 0;
};
// There is one now; one that was there before goes. The job that was to make it is done. Logs
// rendition_ready, or rendition_replaced where something else was shown in its place. not_found if
// the source is no more.
[[nodiscard]] Result<OutlineId> add_outline(Transaction& txn, ObjectId source, RecipeId recipe,
                                            const NewOutline& made);

// Its name, if it has one still, shows something else. Its files are the caller's.
[[nodiscard]] Status forget_outline(Transaction& txn, OutlineId id);

}  // namespace lensfs
