// Members: the assets of a result folder and the names under which they show there.
//
// Folders that are not project folders flatten the library, so names clash. The oldest asset keeps
// the bare name, later ones show as name~000a.ext; a clash that differs only in case or Unicode
// form counts, and so does one with a sub-term or with "+". The suffixed form always resolves.
#pragma once

#include <string_view>
#include <unordered_set>

#include "catalog/model/tag.h"
#include "fs/result_folder.h"
#include "fs/view.h"

namespace lensfs {

// The set that a result folder shows.
[[nodiscard]] Result<SharedSet> members_of(Database& db, CachedSets& sets,
                                           const ResultFolder& folder);

// Whether its members can be others when nothing but bytes and times of files changed, or when
// somebody only opened a file.
[[nodiscard]] bool shows_by_files(const ResultFolder& folder);
// Whether they can be others when nothing changed at all, but somebody opened a file.
[[nodiscard]] bool shows_by_uses(const ResultFolder& folder);
// Whether what it shows must not be kept by the kernel: it changes without a change, or not
// everybody finds the same there though they may see the same.
[[nodiscard]] bool shows_for_once(const ViewContext& context, const ResultFolder& folder);

// Whether a folder can be narrowed by that; not_found if nothing that the asker may see has it.
[[nodiscard]] Status check_facet_value(Database& db, ViewContext& context,
                                       const ResultFolder::Filter& filter);
[[nodiscard]] Status check_facet(Database& db, ViewContext& context, const AssetSet& members,
                                 std::string_view facet);

// The member that `name` stands for. `taken` are the folded names of the folder's other entries.
using TakenNames = std::unordered_set<std::string>;
[[nodiscard]] Result<Asset> find_member(Database& db, const AssetSet& members,
                                        const TakenNames& taken, std::string_view name);

// The name that a member shows under.
[[nodiscard]] Result<std::string> member_name(Database& db, const AssetSet& members,
                                              const TakenNames& taken, const Asset& member);

// The ranges that say what the marker: terms of a folder's query ask for, as names of files that
// can be opened in it ("A001@01.00.05.12+00.00.02.00.mov"). Empty where it has no such terms.
[[nodiscard]] Result<std::vector<std::string>> subclips_in(Database& db, CachedSets& sets,
                                                           const ResultFolder& folder);

// Adds every member with the name it shows under.
[[nodiscard]] Status list_members(Database& db, const AssetSet& members, const Drafts* drafts,
                                  TakenNames taken, Listing& into);

}  // namespace lensfs
