// What every result folder has in common, be it a term, a search or either narrowed further.
#pragma once

#include <optional>

#include "fs/members.h"
#include "fs/view.h"

namespace lensfs {

inline constexpr std::string_view kPlus = "+";
inline constexpr std::string_view kSubclips =
    "subclips";  // below "+", where markers were asked for

// The folder's own entries that are neither sub-terms nor members: "+" and typed "facet=value".
class ResultEntries {
 public:
  explicit ResultEntries(ViewContext& context) : context_(context) {}

  [[nodiscard]] Result<Found> plus(Database& db, const ResultFolder& folder);
  // A member, or a "facet=value" segment that narrows the folder.
  [[nodiscard]] Result<Found> member_or_narrowed(Database& db, const ResultFolder& folder,
                                                 const TakenNames& taken, std::string_view name);
  // Adds "+" and all members.
  [[nodiscard]] Status list(Database& db, const ResultFolder& folder, TakenNames taken,
                            Listing& into);
  // A node known by what it stands for, remembered so that the kernel can ask for it again.
  [[nodiscard]] Result<Found> path_folder(Database& db, const PathNode& node);
  [[nodiscard]] Result<Attributes> attributes(Database& db, const PathNode& node);

 private:
  [[nodiscard]] Result<Found> narrowed(Database& db, const ResultFolder& folder,
                                       std::string_view name);
  ViewContext& context_;
};

// The number under which people see a result folder: that of its canonical form.
[[nodiscard]] Result<NodeId> canonical_node(Database& db, const ResultFolder& folder);

// Where "+/<facet>/<value>" leads: the relative path of the canonical folder; a sub-clip's, to its
// name in the result folder.
[[nodiscard]] std::string link_target_of(const PathNode& link);

}  // namespace lensfs
