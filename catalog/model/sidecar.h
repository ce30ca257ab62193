// Sidecars: XMP files beside assets (IMG.CR2.xmp, IMG.xmp), and how they and the catalog come to
// say the same.
//
// What a sidecar says when it is first read counts as its word (FieldSource::sidecar): it fills
// what no person has said. Later versions of it are edits: what they say otherwise than the version
// before is the word of whoever saved it, as if it had been set on the asset. The other way, what
// changes in the catalog is written into the sidecar, as a version more; all else in it stays, byte
// for byte (catalog/xmp). Where there is none, one can be made of what the catalog says.
//
// Told and written are the fields that catalog/xmp/mapping.h names, tags, and markers of what has
// frames. Originals are never written to.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/asset.h"
#include "catalog/model/extraction.h"
#include "catalog/model/project.h"

namespace lensfs {

// Whether the name is that of a sidecar.
[[nodiscard]] bool is_sidecar_name(std::string_view name);
// The sidecar that is about a place: IMG.CR2.xmp before IMG.xmp, and that only if it is not known
// to be about another extension. not_found.
[[nodiscard]] Result<Asset> find_sidecar(Database& db, const Place& place);
// The same of an asset, by the first of its places that has one.
[[nodiscard]] Result<Asset> find_sidecar(Database& db, AssetId asset);

// --- what a sidecar says goes into the catalog (called by extraction.cpp)
// Tells the asset what its sidecar says, if it has one that was read and not told yet.
[[nodiscard]] Status tell_from_sidecar(Transaction& txn, const Actor& actor, const Asset& asset);
// Tells those that the sidecar is about.
[[nodiscard]] Status tell_those_beside(Transaction& txn, const Actor& actor, const Asset& sidecar);

// --- what the catalog says goes into a sidecar
// A new packet that says what the catalog does.
struct NewSidecar {
  std::string text;
  bool has_words = false;  // whether it says anything that the file itself does not
};
[[nodiscard]] Result<NewSidecar> new_sidecar(Database& db, const Asset& asset);
// The packet, saying what the catalog does; the same text if it does already. corrupt, too_big for
// what is no XMP.
[[nodiscard]] Result<std::string> updated_sidecar(Database& db, const Asset& asset,
                                                  std::string_view packet);
// `sidecar` holds `packet` by now, which says what the catalog says of the asset.
[[nodiscard]] Status note_sidecar(Transaction& txn, const Asset& asset, const Asset& sidecar,
                                  std::string_view packet);

// --- which sidecars may have to be written
// Whether the asset was told anything by one.
[[nodiscard]] Result<bool> has_been_told(Database& db, AssetId asset);
[[nodiscard]] Result<std::vector<AssetId>> told_members_of(Database& db, TagId tag);
[[nodiscard]] Status mark_sidecar_stale(Transaction& txn, AssetId asset);
struct StaleSidecar {
  AssetId asset{};
  AssetId sidecar{};
  ObjectId told{};  // the bytes of the sidecar that the asset was told
  Nanoseconds since = 0;
  static StaleSidecar from(const Row& row);
};
// By age, the oldest first.
[[nodiscard]] Result<std::vector<StaleSidecar>> stale_sidecars(Database& db, std::int64_t most);
// It is in order again, unless it became stale once more since.
[[nodiscard]] Status settle_sidecar(Transaction& txn, const StaleSidecar& stale);

}  // namespace lensfs
