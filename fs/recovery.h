// Recovery: what a mount does about the drafts of mounts that died before it.
#pragma once

#include <filesystem>
#include <string>

#include "catalog/base/fd.h"
#include "fs/open_files.h"
#include "fs/saver.h"

namespace lensfs {

// Says to other processes, while the descriptor lives, that this mount of the library does.
[[nodiscard]] Result<Fd> mark_alive(const std::filesystem::path& library, const std::string& mount);
// Whether a living mount of the library has that device (device_at), as its keeper writes into its
// mark; yes where that cannot be seen.
[[nodiscard]] bool is_kept(const std::filesystem::path& library, const std::string& device);

// Whether no other mount of the library lives.
[[nodiscard]] bool is_alone(const std::filesystem::path& library, const std::string& mount);

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
