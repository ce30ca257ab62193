// SpotlightSearch: finds what Samba asks for, as paths of a drive that the one who asks may read.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/catalog.h"
#include "tools/spotlight/shared_folder.h"

namespace lensfs {

// No more are found by one search: clients of Samba 4.17 take so many in one answer, but not 1000.
inline constexpr std::size_t kMostHits = 400;

// Thread-safe.
class SpotlightSearch {
 public:
  // `catalog` outlives this.
  explicit SpotlightSearch(Catalog& catalog) : catalog_(catalog) {}

  // Absolute paths below the folder that the query names; at most kMostHits. Each was there and
  // `asker` could read it. Errors say what cannot be translated or searched, see translate.h and
  // shared_folder.h; denied where this process may not look for `asker`.
  [[nodiscard]] Result<std::vector<std::string>> find(std::string_view lucene, uid_t asker);
  // Where drives of this library are mounted now.
  [[nodiscard]] std::vector<MountedDrive> drives() const;

 private:
  Catalog& catalog_;
};

}  // namespace lensfs
