#include "catalog/model/marker.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "catalog/base/text.h"
#include "catalog/model/frame_name.h"
#include "catalog/model/text_index.h"

namespace lensfs {
namespace {

constexpr std::size_t kTextLimit = 65536;  // bytes

Status check_text(std::string_view text) {
  if (text.size() > kTextLimit) return fail(Errc::too_big, "a marker's text has over 65536 bytes");
  if (!is_utf8(text) || text.find('\0') != std::string_view::npos) {
    return fail(Errc::invalid, "a marker's text is not UTF-8");
  }
  return {};
}

Status check_marker(const Marker& marker) {
  if (marker.start < 0 || marker.frames < 0) {
    return fail(Errc::invalid, "a marker begins before the first frame, or ends before it begins");
  }
  LENSFS_CHECK(check_text(marker.name));
  LENSFS_CHECK(check_text(marker.text));
  LENSFS_CHECK(check_text(marker.colour));
  return check_text(marker.author);
}

Status record_markers(Transaction& txn, const Actor& actor, AssetId asset) {
  LENSFS_CHECK(touch_asset(txn, asset));
  return record_change(txn, actor, {.kind = ChangeKind::marker_changed, .asset = asset});
}

std::string text_name(MarkerId id) {
  return fmt::format("marker {}", number(id));
}

Result<MarkerId> insert_marker(Transaction& txn, const Actor& actor, AssetId asset,
                               const Marker& marker) {
  LENSFS_CHECK(check_marker(marker));
  LENSFS_CHECK(txn.db().run(
      "INSERT INTO markers (asset_id, start_frame, frames, name, text, colour, author, created_ns)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      asset, marker.start, marker.frames, marker.name, marker.text, marker.colour,
      marker.author.empty() ? actor.name : marker.author, txn.now()));
  const auto id = static_cast<MarkerId>(txn.db().last_insert_id());
  LENSFS_CHECK(index_text(txn, asset, text_name(id), marker.name + "\n" + marker.text));
  return id;
}

Status delete_marker(Transaction& txn, const Marker& marker) {
  LENSFS_CHECK(index_text(txn, marker.asset, text_name(marker.id), ""));
  LENSFS_CHECK(txn.db().run("DELETE FROM markers WHERE id = ?1", marker.id));
  return {};
}

bool same_marker(const Marker& a, const Marker& b) {
  return a.start == b.start && a.frames == b.frames && a.name == b.name && a.text == b.text &&
         a.colour == b.colour && (b.author.empty() || a.author == b.author);
}

}  // namespace

Marker Marker::from(const Row& row) {
  return {.id = row.get<MarkerId>(0),
          .asset = row.get<AssetId>(1),
          .start = row.integer(2),
          .frames = row.integer(3),
          .name = row.get<std::string>(4),
          .text = row.get<std::string>(5),
          .colour = row.get<std::string>(6),
          .author = row.get<std::string>(7),
          .created = row.integer(8)};
}

bool has_frames(const Asset& asset) {
  return asset.kind == "video" || asset.kind == "audio" || asset.kind == kSequenceKind;
}

Result<std::vector<Marker>> markers_of(Database& db, AssetId asset) {
  std::vector<Marker> markers;
  LENSFS_CHECK(db.each<Marker>(
      "SELECT id, asset_id, start_frame, frames, name, text, colour, author, created_ns"
      " FROM markers WHERE asset_id = ?1 ORDER BY start_frame, id",
      [&](Marker marker) { markers.push_back(std::move(marker)); }, asset));
  return markers;
}

Result<Marker> find_marker(Database& db, MarkerId id) {
  return db.one<Marker>(
      "SELECT id, asset_id, start_frame, frames, name, text, colour, author, created_ns"
      " FROM markers WHERE id = ?1",
      id);
}

Result<std::vector<Marker>> markers_saying(Database& db, std::string_view phrase) {
  LENSFS_TRY(const std::vector<std::string> texts,
             texts_saying(db, {.phrase = phrase, .in_markers = true}));
  std::vector<Marker> markers;
  for (const std::string& text : texts) {
    const auto id = number_from<std::int64_t>(std::string_view(text).substr(text.find(' ') + 1));
    LENSFS_TRY(Marker marker, find_marker(db, static_cast<MarkerId>(id.value_or(0))));
    markers.push_back(std::move(marker));
  }
  std::sort(markers.begin(), markers.end(), [](const Marker& a, const Marker& b) {
    return std::tie(a.asset, a.start, a.id) < std::tie(b.asset, b.start, b.id);
  });
  return markers;
}

Result<MarkerId> add_marker(Transaction& txn, const Actor& actor, const Asset& asset,
                            const Marker& marker) {
  LENSFS_TRY(const MarkerId id, insert_marker(txn, actor, asset.id, marker));
  LENSFS_CHECK(record_markers(txn, actor, asset.id));
  return id;
}

Status remove_marker(Transaction& txn, const Actor& actor, MarkerId id) {
  LENSFS_TRY(const Marker marker, find_marker(txn.db(), id));
  LENSFS_CHECK(delete_marker(txn, marker));
  return record_markers(txn, actor, marker.asset);
}

Status replace_markers(Transaction& txn, const Actor& actor, const Asset& asset,
                       const std::vector<Marker>& markers) {
  LENSFS_TRY(const std::vector<Marker> there, markers_of(txn.db(), asset.id));
  std::vector<bool> kept(markers.size(), false);
  bool differs = false;
  for (const Marker& old : there) {
    const auto same = std::find_if(markers.begin(), markers.end(), [&](const Marker& marker) {
      return !kept[static_cast<std::size_t>(&marker - markers.data())] && same_marker(old, marker);
    });
    if (same != markers.end()) {
      kept[static_cast<std::size_t>(same - markers.begin())] = true;
    } else {
      LENSFS_CHECK(delete_marker(txn, old));
      differs = true;
    }
  }
  for (std::size_t at = 0; at < markers.size(); ++at) {
    if (kept[at]) continue;
    LENSFS_CHECK(insert_marker(txn, actor, asset.id, markers[at]));
    differs = true;
  }
  return differs ? record_markers(txn, actor, asset.id) : Status();
}

Status move_markers(Transaction& txn, AssetId from, AssetId to) {
  LENSFS_CHECK(txn.db().run("UPDATE markers SET asset_id = ?2 WHERE asset_id = ?1", from, to));
  return {};
}

}  // namespace lensfs
