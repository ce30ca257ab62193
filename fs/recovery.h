// Recovery: what a mount does about the drafts of mounts that died before it.
#pragma once

#include <string>

#include "fs/open_files.h"
#include "fs/saver.h"

namespace lensfs {

struct Recovered {
  std::size_t saved = 0;    // drafts that became versions
  std::size_t dropped = 0;  // what no name led to, or never reached the disk
};
// Drafts of this mount that an earlier worker left closed go to the saver. Those of mounts that
// died become versions: as the file, where it was closed or synced, or where it has no other
// version; else as a version for the history, which says "recovered". Their bytes are copied, for
// programs of the dead mount may still write to the file itself.
[[nodiscard]] Result<Recovered> recover_drafts(Catalog& catalog, const std::string& mount,
                                               const OpenFiles& open_files, Saver& saver);

}  // namespace lensfs
