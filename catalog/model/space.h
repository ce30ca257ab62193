// Space: what a library takes on the disk, and what for. Content that several things share is
// counted once, for the first of these that holds it: current versions, labelled versions, the
// trash, older versions, renditions. So "older" is what purging the old versions of files that are
// not deleted would free, and no part is counted twice.
#pragma once

#include <array>
#include <string_view>

#include "catalog/model/catalog.h"

namespace lensfs {

struct SpaceUse {
  std::uint64_t files = 0;    // objects or files
  std::uint64_t bytes = 0;    // as long as they are
  std::uint64_t on_disk = 0;  // the blocks they take: less where there are holes, more by rounding
};

// In the order in which shared content is attributed, then what holds no content.
enum class SpaceFor {
  current,
  labelled,
  trash,
  older,
  renditions,
  outlines,  // renditions that are rendered as they are read: what there is of them
  garbage,
  drafts,
  staging,
  catalog,
};
inline constexpr std::size_t kSpaceKinds = 10;
[[nodiscard]] std::string_view name_of(SpaceFor what);  // one word

struct Space {
  std::array<SpaceUse, kSpaceKinds> uses{};
  std::uint64_t missing = 0;  // objects that versions or renditions name and the disk lacks
  std::uint64_t free = 0;     // on the file system, for who is not root

  [[nodiscard]] const SpaceUse& of(SpaceFor what) const {
    return uses.at(static_cast<std::size_t>(what));
  }
  [[nodiscard]] SpaceUse sum() const;
};

// Reads the catalog once and looks at every file of the library.
[[nodiscard]] Result<Space> space_of(Catalog& catalog);

}  // namespace lensfs
