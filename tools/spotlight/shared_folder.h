// SharedFolder: the folder of a drive that a search of Spotlight is limited to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/result.h"
#include "tools/cli/mount_table.h"

namespace lensfs {

struct SharedFolder {
  enum class Kind {
    projects,  // the drive, /Projects or a folder in it
    flat       // a term or a search: all that it shows lies in itself
  };
  Kind kind = Kind::projects;
  std::string root{};     // that of the drive, or the drive through a lens: "/mnt/media"
  bool has_lens = false;  // names are those of renditions
  std::string below{};    // "Projects/demo/day1"; "" for all
  [[nodiscard]] std::string path() const { return below.empty() ? root : root + "/" + below; }
  // "demo", where it lies in a project.
  [[nodiscard]] std::string_view project() const;
};

// not_found where `path` lies in none of the drives; not_supported for folders that are not
// searched: the past, the trash, and what is narrowed by what is typed.
[[nodiscard]] Result<SharedFolder> shared_folder(const std::string& path,
                                                 const std::vector<MountedDrive>& drives);

}  // namespace lensfs
