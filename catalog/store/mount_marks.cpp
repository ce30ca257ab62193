#include "catalog/store/mount_marks.h"

#include <fcntl.h>

#include "catalog/base/fd.h"

namespace lensfs {

bool is_mounted_by_others(const std::filesystem::path& library, std::string_view but) {
  std::error_code error;
  for (std::filesystem::directory_iterator at(library / "staging" / "mounts", error), end;
       !error && at != end; at.increment(error)) {
    if (at->path().filename() == but) continue;
    const auto mark = open_path(at->path(), O_RDONLY);
    if (!mark && mark.error().code() == Errc::not_found) continue;
    if (!mark || !lock_file(mark->get(), LockMode::shared, Wait::no)) return true;
  }
  return error && error != std::errc::no_such_file_or_directory;
}

}  // namespace lensfs
