// Collecting outlines that nothing needs any more, as `lensfs gc` does.
#pragma once

#include "catalog/model/catalog.h"

namespace lensfs {

struct OutlineReport {
  std::uint64_t outlines = 0;    // removed (or removable, when dry)
  std::uint64_t bytes = 0;       // that they took on the disk
  std::uint64_t kept_young = 0;  // not needed, within the grace time
};

// Removes the files of outlines that
//   the catalog does not know: their source is gone, or another build of the engine began another;
//   have become a rendition, or one was made or brought in their place;
//   nobody could go on with: no asset has their source, or their recipe is of another release;
// once nothing was written to them for `grace`. Who has one open reads on.
[[nodiscard]] Result<OutlineReport> collect_outlines(Catalog& catalog, Nanoseconds grace,
                                                     Store::Dry dry);

// Removes, at once, the files of those that the catalog does not know.
[[nodiscard]] Status remove_stray_outlines(Catalog& catalog);

}  // namespace lensfs
