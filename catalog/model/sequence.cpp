// What sequences there are, and what their frames are; sequence_edit.cpp makes and splits them.
#include "catalog/model/sequence.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cmath>

#include "catalog/base/text.h"
#include "catalog/model/field.h"

namespace lensfs {
namespace {

constexpr int kUsualRate = 25000;

const std::string kSequenceInFolder = fmt::format(
    "SELECT {}, p.id, p.name FROM places p JOIN assets a ON a.id = p.asset_id"
    " WHERE p.folder_id = ?1 AND p.name >= ?2 AND p.name < ?3 AND a.type = ?4 ORDER BY p.id",
    Asset::kColumns);

const std::string kAllSequences = fmt::format(
    "SELECT {} FROM assets a WHERE a.kind = ?1 AND a.state = 0 ORDER BY a.id", Asset::kColumns);

// In thousandths; 0 for what is no rate.
int rate_from(std::string_view text) {
  constexpr double kThousand = 1000;
  const auto frames = number_from<double>(text);
  const bool is_rate = frames && *frames >= 1 && *frames <= 240;
  return is_rate ? static_cast<int>(std::lround(*frames * kThousand)) : 0;
}

}  // namespace

Result<std::optional<Recipe>> recipe_for(Database& db, const Profile& profile, const Asset& asset,
                                         std::string_view name) {
  auto recipe = recipe_for(profile, asset.kind, name);
  if (!recipe || !is_sequence(asset) || recipe->form != Recipe::Form::video) return recipe;
  const auto field = find_field(db, asset.id, "fps");
  if (!field && !is_missing(field)) return fail(field.error());
  if (field) recipe->rate = rate_from(field->value);
  if (recipe->rate == kUsualRate) recipe->rate = 0;
  return recipe;
}

bool is_sequence(const Asset& asset) {
  return asset.type == S_IFDIR;
}

Frame Frame::from(const Row& row) {
  return {.number = row.get<FrameNumber>(0),
          .object = row.get<ObjectId>(1),
          .size = row.integer(2),
          .mtime = row.integer(3),
          .name = row.get<std::string>(4),
          .hidden = row.get<bool>(5)};
}

Result<Frame> find_frame(Database& db, VersionId version, FrameNumber frame) {
  return db.one<Frame>(
      "SELECT f.frame, f.object_id, o.size, f.mtime_ns, f.name, f.hidden FROM sequence_frames f"
      " JOIN objects o ON o.id = f.object_id WHERE f.version_id = ?1 AND f.frame = ?2",
      version, frame);
}

Result<Frame> find_frame(Database& db, VersionId version, std::string_view name) {
  const auto parts = frame_name(name);
  if (!parts) return fail(Errc::not_found);
  LENSFS_TRY(Frame frame, find_frame(db, version, parts->number));
  if (frame.name != name) return fail(Errc::not_found);
  return frame;
}

Result<std::vector<Frame>> frames_of(Database& db, VersionId version) {
  std::vector<Frame> frames;
  LENSFS_CHECK(db.each<Frame>(
      "SELECT f.frame, f.object_id, o.size, f.mtime_ns, f.name, f.hidden FROM sequence_frames f"
      " JOIN objects o ON o.id = f.object_id WHERE f.version_id = ?1 ORDER BY f.frame",
      [&](Frame frame) { frames.push_back(std::move(frame)); }, version));
  return frames;
}

Result<std::vector<Asset>> all_sequences(Database& db) {
  std::vector<Asset> all;
  LENSFS_CHECK(db.each<Asset>(
      kAllSequences, [&](Asset asset) { all.push_back(std::move(asset)); }, kSequenceKind));
  return all;
}

Result<ObjectKey> object_of(Database& db, const Frame& frame) {
  return find_object(db, frame.object);
}

// "\" comes after "[".
Result<PlacedAsset> find_sequence(Database& db, FolderId folder, const FrameName& frame) {
  const std::string from = std::string(frame.head) + "[";
  const std::string until = std::string(frame.head) + "\\";
  std::optional<PlacedAsset> found;
  LENSFS_CHECK(db.each<PlacedAsset>(
      kSequenceInFolder,
      [&](PlacedAsset placed) {
        const auto parts = sequence_name(placed.name);
        const bool is_of_it =
            parts && parts->head == frame.head && parts->extension == frame.extension && !found;
        if (is_of_it) found = std::move(placed);
      },
      folder, from, until, std::int64_t{S_IFDIR}));
  if (!found) return fail(Errc::not_found);
  return *std::move(found);
}

}  // namespace lensfs
