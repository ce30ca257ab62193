// What a sidecar says goes into the catalog: the first time as its own word, later as edits.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "catalog/base/text.h"
#include "catalog/model/access.h"
#include "catalog/model/field.h"
#include "catalog/model/sidecar.h"
#include "catalog/model/sidecar_words.h"
#include "catalog/model/tag.h"

namespace lensfs {
namespace {

// Of a sidecar, about itself.
constexpr std::string_view kMeant = "sidecar_for";

struct SidecarWords {
  FieldValues fields;
  std::set<std::string> tags;
  std::vector<xmp::Marker> markers;
};

struct ReadMarker {
  xmp::Marker marker;
  static ReadMarker from(const Row& row) {
    return {{.start = row.integer(0),
             .frames = row.integer(1),
             .name = row.get<std::string>(2),
             .text = row.get<std::string>(3),
             .author = row.get<std::string>(4),
             .rate = {.frames = row.integer(5), .seconds = row.integer(6)}}};
  }
};

// Out of facts, as extractions have them.
Result<SidecarWords> words_in(Database& db, const std::string& facts) {
  SidecarWords words;
  LENSFS_TRY(words.fields, fields_in(db, facts));
  words.fields.erase(words.fields.lower_bound(kMeant), words.fields.upper_bound(kMeant));
  LENSFS_CHECK(db.each<std::string>(
      "SELECT value FROM json_each(?1, '$.tags') WHERE type = 'text' /* SCAN: of one asset */",
      [&](std::string keyword) {
        if (auto term = term_from_sidecar(std::move(keyword))) words.tags.insert(*std::move(term));
      },
      facts));
  LENSFS_CHECK(db.each<ReadMarker>(
      "SELECT value ->> 'start', value ->> 'frames', ifnull(value ->> 'name', ''),"
      " ifnull(value ->> 'text', ''), ifnull(value ->> 'author', ''),"
      " ifnull(value ->> '$.rate[0]', 0), ifnull(value ->> '$.rate[1]', 1)"
      " FROM json_each(?1, '$.markers') /* SCAN: of one asset */",
      [&](ReadMarker read) { words.markers.push_back(std::move(read.marker)); }, facts));
  return words;
}

// Each part by itself: what a clip of thousands of markers says is not read again for each.
Result<std::string> facts_from(Database& db, const xmp::Description& said) {
  const auto quoted = [&](const std::string& text) {
    return db.one<std::string>("SELECT json_quote(?1)", text);
  };
  std::vector<std::string> fields;
  for (const auto& [key, value] : said.fields) {
    LENSFS_TRY(const std::string name, quoted(key));
    LENSFS_TRY(const std::string text, quoted(value));
    fields.push_back(name + ":" + text);
  }
  std::vector<std::string> tags;
  for (const std::string& tag : said.tags) {
    LENSFS_TRY(std::string text, quoted(tag));
    tags.push_back(std::move(text));
  }
  std::vector<std::string> markers;
  for (const xmp::Marker& marker : said.markers) {
    LENSFS_TRY(std::string text,
               db.one<std::string>("SELECT json_object('start', ?1, 'frames', ?2, 'name', ?3,"
                                   " 'text', ?4, 'author', ?5, 'rate', json_array(?6, ?7))",
                                   marker.start, marker.frames, marker.name, marker.text,
                                   marker.author, marker.rate.frames, marker.rate.seconds));
    markers.push_back(std::move(text));
  }
  return fmt::format(R"({{"fields":{{{}}},"tags":[{}],"markers":[{}]}})", fmt::join(fields, ","),
                     fmt::join(tags, ","), fmt::join(markers, ","));
}

struct Told {
  AssetId sidecar{};
  ObjectId object{};
  std::string facts;
  static Told from(const Row& row) {
    return {row.get<AssetId>(0), row.get<ObjectId>(1), row.get<std::string>(2)};
  }
};

Status note_told(Transaction& txn, AssetId asset, const Told& told) {
  LENSFS_CHECK(txn.db().run(
      "INSERT INTO sidecars (asset_id, sidecar_id, object_id, facts) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT (asset_id) DO UPDATE SET sidecar_id = excluded.sidecar_id,"
      " object_id = excluded.object_id, facts = excluded.facts",
      asset, told.sidecar, told.object, told.facts));
  return {};
}

// Whether a rule is about the term, one above it, or one that it implies.
Result<bool> is_term_of_rule(Database& db, const std::string& term) {
  const auto tag = find_tag(db, term);
  if (is_missing(tag)) return false;
  if (!tag) return fail(tag.error());
  LENSFS_TRY(const std::vector<TagId> line, shown_in(db, tag->id));
  for (const TagId id : line) {
    LENSFS_TRY(const auto rule, maybe_access_rule(db, {AccessScope::Kind::tag, number(id)}));
    if (rule) return true;
  }
  return false;
}

// Telling: one sidecar to one asset.
class Telling {
 public:
  Telling(Transaction& txn, const Actor& actor, const Asset& asset)
      : txn_(txn), db_(txn.db()), actor_(actor), asset_(asset) {}

  // `before`: what the version before said; nothing the first time.
  Status tell(const SidecarWords& now, const std::optional<SidecarWords>& before) {
    LENSFS_CHECK(replace_fields(txn_, actor_, asset_, FieldSource::sidecar, now.fields));
    if (before) LENSFS_CHECK(edit_fields(*before, now));
    for (const std::string& term : now.tags) {
      if (before && before->tags.contains(term)) continue;
      LENSFS_CHECK(add_tag(txn_, actor_, asset_, term));
    }
    if (!before) return {};
    for (const std::string& term : before->tags) {
      if (now.tags.contains(term)) continue;
      LENSFS_TRY(const bool binds, is_term_of_rule(db_, term));
      if (binds)
        continue;  // only who manages the rule takes it off, and who that is a file cannot say
      const auto removed = remove_tag(txn_, actor_, asset_, term);
      if (!removed && !is_missing(removed)) return fail(removed.error());
    }
    return {};
  }

  Status tell_markers(const SidecarWords& now, const std::optional<SidecarWords>& before) {
    LENSFS_TRY(const xmp::FrameRate rate, rate_of(db_, asset_));
    LENSFS_TRY(std::vector<Marker> markers, lensfs::markers_of(db_, asset_.id));
    const std::vector<Marker> said = in_frames(now, rate);
    const std::vector<Marker> was = before ? in_frames(*before, rate) : std::vector<Marker>();
    std::erase_if(markers, [&](const Marker& one) { return has(was, one) && !has(said, one); });
    for (const Marker& one : said) {
      if (!has(was, one) && !has(markers, one)) markers.push_back(one);
    }
    return replace_markers(txn_, actor_, asset_, markers);
  }

 private:
  Status edit_fields(const SidecarWords& before, const SidecarWords& now) {
    for (const auto& [key, value] : now.fields) {
      const auto was = before.fields.find(key);
      const bool is_edit =
          xmp::is_written(key) && (was == before.fields.end() || was->second != value);
      if (!is_edit || !value_for(db_, key, value)) continue;
      LENSFS_CHECK(set_field(txn_, actor_, asset_, key, value, FieldSource::person));
    }
    for (const auto& [key, value] : before.fields) {
      if (now.fields.contains(key) || !xmp::is_written(key)) continue;
      const auto means = value_for(db_, key, value);
      const auto current = find_field(db_, asset_.id, key);
      const bool is_his = means && current && current->value == means->text &&
                          current->source == name_of(FieldSource::person);
      if (is_his) LENSFS_CHECK(remove_field(txn_, actor_, asset_, key));
    }
    return {};
  }

  static bool has(const std::vector<Marker>& markers, const Marker& wanted) {
    return std::any_of(markers.begin(), markers.end(), [&](const Marker& one) {
      return one.start == wanted.start && one.frames == wanted.frames && one.name == wanted.name &&
             one.text == wanted.text && one.author == wanted.author;
    });
  }

  [[nodiscard]] static std::vector<Marker> in_frames(const SidecarWords& words,
                                                     xmp::FrameRate rate) {
    std::vector<Marker> markers;
    for (const xmp::Marker& said : words.markers) {
      markers.push_back({.start = xmp::frames_at(said.start, said.rate, rate),
                         .frames = xmp::frames_at(said.frames, said.rate, rate),
                         .name = said.name,
                         .text = said.text,
                         .author = said.author});
    }
    return markers;
  }

  Transaction& txn_;
  Database& db_;
  const Actor& actor_;
  const Asset& asset_;
};

}  // namespace

Result<std::string> term_from_sidecar(std::string keyword) {
  std::replace(keyword.begin(), keyword.end(), ',', ';');
  return checked_term(keyword);
}

Status tell_from_sidecar(Transaction& txn, const Actor& actor, const Asset& asset) {
  Database& db = txn.db();
  const auto sidecar = find_sidecar(db, asset.id);
  if (!sidecar) return is_missing(sidecar) ? Status() : Status(fail(sidecar.error()));
  // Who may write the one and not the other must not change that by way of the sidecar.
  LENSFS_TRY(const bool is_its_own, is_bound_no_more(db, asset.id, sidecar->id));
  if (!is_its_own) return {};
  LENSFS_TRY(const auto read, extraction_of(db, *sidecar));
  if (!read || read->error) return {};
  LENSFS_TRY(const auto told,
             db.maybe<Told>("SELECT sidecar_id, object_id, facts FROM sidecars WHERE asset_id = ?1",
                            asset.id));
  const bool is_same = told && told->sidecar == sidecar->id;
  if (is_same && told->object == read->object) return {};
  LENSFS_TRY(const SidecarWords now, words_in(db, read->facts));
  std::optional<SidecarWords> before;
  if (is_same) {
    LENSFS_TRY(before, words_in(db, told->facts));
  }
  Telling telling(txn, actor, asset);
  LENSFS_CHECK(telling.tell(now, before));
  if (has_frames(asset) && !now.markers.empty()) {
    // Frames of which rate? It is told once the clip was read.
    LENSFS_TRY(const auto own, extraction_of(db, asset));
    if (!own) return {};
  }
  if (has_frames(asset)) LENSFS_CHECK(telling.tell_markers(now, before));
  LENSFS_CHECK(note_told(txn, asset.id, {sidecar->id, read->object, read->facts}));
  // What people said before it was there, or while somebody wrote it, is not in it.
  return mark_sidecar_stale(txn, asset.id);
}

Status tell_those_beside(Transaction& txn, const Actor& actor, const Asset& sidecar) {
  Database& db = txn.db();
  LENSFS_TRY(const std::vector<Place> places, places_of(db, sidecar.id));
  for (const Place& place : places) {
    const std::string stem(split_name(place.name).stem);
    LENSFS_TRY(std::vector<std::string> names, names_with_stem(db, place.folder, stem));
    names.push_back(stem);
    for (const std::string& name : names) {
      if (is_sidecar_name(name)) continue;
      const auto beside = find_placed(db, place.folder, name);
      if (is_missing(beside)) continue;
      if (!beside) return fail(beside.error());
      LENSFS_CHECK(tell_from_sidecar(txn, actor, beside->asset));
    }
  }
  return {};
}

Status note_sidecar(Transaction& txn, const Asset& asset, const Asset& sidecar,
                    std::string_view packet) {
  LENSFS_TRY(const xmp::Properties properties, xmp::parse(packet));
  LENSFS_TRY(std::string facts, facts_from(txn.db(), xmp::description_of(properties)));
  LENSFS_TRY(const Version version, find_version(txn.db(), sidecar.version));
  return note_told(txn, asset.id, {sidecar.id, version.object, std::move(facts)});
}

}  // namespace lensfs
