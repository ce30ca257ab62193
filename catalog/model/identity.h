// Identity: which asset a name in a folder goes on to be. Applications save by writing beside and
// renaming over, by moving the old file away first, by deleting and making anew; all of that is one
// asset that gets a version (design: "Identity follows the name in its folder").
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "catalog/model/asset.h"
#include "catalog/model/project.h"

namespace lensfs {

// How long a name that was freed still means the asset that had it. Word and others delete or move
// away the old file before the new one gets its name; 15 s is what CmisSync waits.
inline constexpr Nanoseconds kNameGrace = 15 * kNanosecondsPerSecond;

// Whether whoever asks may change an asset; empty: they may.
using MayChange = std::function<Result<bool>(Database&, AssetId)>;

struct Vacancy {
  FolderId folder{};
  std::string_view name;
  std::optional<FolderId> comes_from{};  // the folder out of which a file takes the name
  MayChange may_change{};
};
// The asset that had this name until a moment ago, and has been deleted since, or moved aside: in
// its folder, or to where the new one comes from (macOS saves in a folder beside the file and lets
// the two change places). Nothing if whoever takes the name may not change that asset.
[[nodiscard]] Result<std::optional<Asset>> vacated_by(Transaction& txn, const Vacancy& vacancy);
// Whether the name was freed a moment ago, by whatever had it.
[[nodiscard]] Result<bool> was_vacated(Database& db, FolderId folder, std::string_view name,
                                       Nanoseconds now);
// Whether a file is on its way to be something else: it has at most one place, no history of its
// own, and no rule that says who may see it.
[[nodiscard]] Result<bool> is_passing(Transaction& txn, const Asset& asset);
// `asset` gets its name back: out of the trash, or by leaving its present place to a new asset of
// the same bytes, for the same people. Afterwards it has no place; its file is the one it had last.
[[nodiscard]] Status reclaim(Transaction& txn, const Actor& actor, const Asset& asset);
// The file of `from`, its bytes and what was set on it become `into`'s; `from` is no more. Both
// must be read in this transaction.
[[nodiscard]] Status merge_asset(Transaction& txn, const Actor& actor, const Asset& from,
                                 const Asset& into);

}  // namespace lensfs
