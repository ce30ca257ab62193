// Which sidecar is about what, and what the catalog says in the words of one; sidecar_telling.cpp
// is the other direction.
#include "catalog/model/sidecar.h"

#include <algorithm>
#include <array>

#include "catalog/base/text.h"
#include "catalog/model/field.h"
#include "catalog/model/sidecar_words.h"
#include "catalog/model/tag.h"

namespace lensfs {
namespace {

// Whether what was read of a sidecar says that it is about a file of another extension.
Result<bool> is_of_another(Database& db, const Asset& sidecar, std::string_view extension) {
  if (number(sidecar.version) == 0) return false;
  LENSFS_TRY(
      const auto meant,
      db.maybe<std::string>("SELECT json_extract(e.facts, '$.fields.sidecar_for')"
                            " FROM versions v JOIN extractions e ON e.object_id = v.object_id"
                            " WHERE v.id = ?1 AND json_extract(e.facts,"
                            " '$.fields.sidecar_for') IS NOT NULL",
                            sidecar.version));
  return meant && fold_name("." + *meant) != fold_name(extension);
}

// What the catalog says in the order of the packet's own words wherever both mean the same, so that
// nothing is written that would be read as what is known.
class Wording {
 public:
  Wording(Database& db, const Asset& asset, const xmp::Description& packet)
      : db_(db), asset_(asset), packet_(packet) {}

  Result<xmp::Description> wanted() {
    LENSFS_CHECK(say_fields());
    LENSFS_CHECK(say_tags());
    LENSFS_CHECK(say_markers());
    return std::move(wanted_);
  }

 private:
  Status say_fields() {
    LENSFS_TRY(const std::vector<Field> fields, fields_of(db_, asset_.id));
    for (const Field& field : fields) {
      if (!xmp::is_written(field.key) || field.source == name_of(FieldSource::file)) continue;
      wanted_.fields[field.key] = field.value;
    }
    for (const auto& [key, value] : packet_.fields) {
      if (!xmp::is_written(key)) continue;
      const auto means = value_for(db_, key, value);
      const auto said = wanted_.fields.find(key);
      // What the field does not take was never known here, so nobody took it away.
      const bool is_kept = !means || (said != wanted_.fields.end() && means->text == said->second);
      if (is_kept) wanted_.fields[key] = value;
    }
    return {};
  }

  Status say_tags() {
    LENSFS_TRY(const std::vector<Tag> tags, tags_of(db_, asset_.id));
    std::vector<std::string> terms;
    for (const Tag& tag : tags) terms.push_back(tag.path);
    for (const std::string& typed : packet_.tags) {
      const auto term = term_from_sidecar(typed);
      if (!term) {
        wanted_.tags.push_back(typed);
        continue;
      }
      const auto meant = find_tag(db_, *term);
      if (!meant && !is_missing(meant)) return fail(meant.error());
      const auto said = std::find(terms.begin(), terms.end(), meant ? meant->path : *term);
      if (said == terms.end()) continue;
      wanted_.tags.push_back(typed);
      terms.erase(said);
    }
    wanted_.tags.insert(wanted_.tags.end(), terms.begin(), terms.end());
    return {};
  }

  Status say_markers() {
    if (!has_frames(asset_)) {
      wanted_.markers = packet_.markers;
      return {};
    }
    LENSFS_TRY(const std::vector<Marker> markers, markers_of(db_, asset_.id));
    for (const Marker& marker : markers) {
      wanted_.markers.push_back({.start = marker.start,
                                 .frames = marker.frames,
                                 .name = marker.name,
                                 .text = marker.text,
                                 .author = marker.author});
    }
    return {};
  }

  Database& db_;
  const Asset& asset_;
  const xmp::Description& packet_;
  xmp::Description wanted_;
};

}  // namespace

Result<xmp::FrameRate> rate_of(Database& db, const Asset& asset) {
  if (!has_frames(asset)) return xmp::FrameRate{};
  LENSFS_TRY(const FrameClock clock, clock_of(db, asset.id));
  return xmp::FrameRate{.frames = clock.numerator, .seconds = clock.denominator};
}

bool is_sidecar_name(std::string_view name) {
  return lower_extension(name) == "xmp";
}

Result<Asset> find_sidecar(Database& db, const Place& place) {
  const NameParts parts = split_name(place.name);
  const std::array<std::string, 2> stems = {place.name, std::string(parts.stem)};
  for (const std::string& stem : stems) {
    for (const char* ending : {".xmp", ".XMP"}) {
      const auto found = find_placed(db, place.folder, stem + ending);
      if (is_missing(found)) continue;
      if (!found) return fail(found.error());
      if (stem == place.name) return found->asset;
      LENSFS_TRY(const bool is_other, is_of_another(db, found->asset, parts.extension));
      if (!is_other) return found->asset;
    }
  }
  return fail(Errc::not_found);
}

Result<Asset> find_sidecar(Database& db, AssetId asset) {
  LENSFS_TRY(const std::vector<Place> places, places_of(db, asset));
  for (const Place& place : places) {
    auto sidecar = find_sidecar(db, place);
    if (!is_missing(sidecar)) return sidecar;
  }
  return fail(Errc::not_found);
}

Result<NewSidecar> new_sidecar(Database& db, const Asset& asset) {
  LENSFS_TRY(const xmp::FrameRate rate, rate_of(db, asset));
  LENSFS_TRY(const xmp::Description wanted, Wording(db, asset, {}).wanted());
  xmp::Properties properties;
  for (auto& [name, value] : xmp::changes_for({}, wanted, rate)) {
    if (value) properties[name] = *value;
  }
  const bool has_words = !properties.empty();
  const std::string_view extension = split_name(asset.name).extension;
  if (extension.size() > 1) {
    properties["photoshop:SidecarForExtension"] = xmp::Value::of(std::string(extension.substr(1)));
  }
  LENSFS_TRY(std::string text, xmp::written(properties));
  return NewSidecar{std::move(text), has_words};
}

Result<std::string> updated_sidecar(Database& db, const Asset& asset, std::string_view packet) {
  LENSFS_TRY(const xmp::Properties now, xmp::parse(packet));
  LENSFS_TRY(const xmp::FrameRate rate, rate_of(db, asset));
  LENSFS_TRY(const xmp::Description wanted,
             Wording(db, asset, xmp::description_of(now, rate)).wanted());
  const xmp::Changes changes = xmp::changes_for(now, wanted, rate);
  if (changes.empty()) return std::string(packet);
  return xmp::patch(packet, changes);
}

StaleSidecar StaleSidecar::from(const Row& row) {
  return {.asset = row.get<AssetId>(0),
          .sidecar = row.get<AssetId>(1),
          .told = row.get<ObjectId>(2),
          .since = row.integer(3)};
}

Result<bool> has_been_told(Database& db, AssetId asset) {
  return db.one<bool>("SELECT EXISTS (SELECT 1 FROM sidecars WHERE asset_id = ?1)", asset);
}

Result<std::vector<AssetId>> told_members_of(Database& db, TagId tag) {
  LENSFS_TRY(const std::vector<TagId> family, family_of(db, tag));
  std::vector<AssetId> members;
  for (const TagId term : family) {
    LENSFS_CHECK(db.each<AssetId>(
        "SELECT t.asset_id FROM asset_tags t JOIN sidecars s ON s.asset_id = t.asset_id"
        " WHERE t.tag_id = ?1",
        [&](AssetId asset) { members.push_back(asset); }, term));
  }
  return members;
}

Status mark_sidecar_stale(Transaction& txn, AssetId asset) {
  LENSFS_CHECK(
      txn.db().run("UPDATE sidecars SET stale_ns = ?2 WHERE asset_id = ?1", asset, txn.now()));
  return {};
}

Result<std::vector<StaleSidecar>> stale_sidecars(Database& db, std::int64_t most) {
  std::vector<StaleSidecar> stale;
  LENSFS_CHECK(db.each<StaleSidecar>(
      "SELECT asset_id, sidecar_id, object_id, stale_ns FROM sidecars WHERE stale_ns IS NOT NULL"
      " ORDER BY stale_ns LIMIT ?1",
      [&](const StaleSidecar& one) { stale.push_back(one); }, most));
  return stale;
}

Status settle_sidecar(Transaction& txn, const StaleSidecar& stale) {
  LENSFS_CHECK(
      txn.db().run("UPDATE sidecars SET stale_ns = NULL WHERE asset_id = ?1 AND stale_ns = ?2",
                   stale.asset, stale.since));
  return {};
}

}  // namespace lensfs
