// Moving: what rename(2) means between folders of the same and of different kinds.
//
//   project → project   rename; a temporary file over an asset is a version of it
//   project → term      the asset gets the term, its place stays
//   term → term         the asset gets the one term for the other; sub-terms rename or merge
//   term → project      the asset gets a place, its terms stay
//   trash → project     restore
//   project → trash     delete
#pragma once

#include <optional>
#include <string_view>

#include "fs/removal.h"

namespace lensfs {

struct Renaming {
  NodeId from{};
  std::string_view name;
  NodeId to{};
  std::string_view to_name;
  enum class How { replace, refuse, exchange } how = How::replace;
};

// A draft that is to be saved now because its file got a name that is not scratch.
[[nodiscard]] Result<std::optional<DraftId>> move_between(Mount& mount, Editing& editing,
                                                          const Renaming& renaming,
                                                          Removal& removal);

}  // namespace lensfs
