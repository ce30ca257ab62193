#include "catalog/store/mount_marks.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

namespace lensfs {
namespace {

std::filesystem::path mounts_of(const std::filesystem::path& library) {
  return library / "staging" / "mounts";
}

enum class Life { dead, alive, unknown };  // unknown: the mark cannot be looked at

Life life_of(const std::filesystem::path& mark) {
  const auto file = open_path(mark, O_RDONLY);
  if (!file) return is_missing(file) ? Life::dead : Life::unknown;
  return lock_file(file->get(), LockMode::shared, Wait::no) ? Life::dead : Life::alive;
}

// False if the marks cannot be listed.
bool each_mark(const std::filesystem::path& library,
               const std::function<void(const std::filesystem::path& mark, Life)>& visit) {
  std::error_code error;
  for (std::filesystem::directory_iterator at(mounts_of(library), error), end; !error && at != end;
       at.increment(error)) {
    visit(at->path(), life_of(at->path()));
  }
  return !error || error == std::errc::no_such_file_or_directory;
}

}  // namespace

Result<Fd> mark_alive(const std::filesystem::path& library, const std::string& mount) {
  const std::filesystem::path directory = mounts_of(library);
  if (::mkdir(directory.c_str(), 0777) != 0 && errno != EEXIST) return last_error("mark the mount");
  for (;;) {
    LENSFS_TRY(Fd file, open_path(directory / mount, O_RDWR | O_CREAT));
    LENSFS_CHECK(lock_file(file.get(), LockMode::exclusive, Wait::no));
    LENSFS_TRY(const struct stat status, stat_of(file.get()));
    if (status.st_nlink > 0) return file;  // else taken for a dead one's before it was locked
  }
}

bool is_alive(const std::filesystem::path& library, const std::string& mount) {
  return life_of(mounts_of(library) / mount) == Life::alive;
}

bool is_mounted_by_others(const std::filesystem::path& library, std::string_view but) {
  bool any = false;
  const bool listed = each_mark(library, [&](const std::filesystem::path& mark, Life life) {
    any = any || (mark.filename() != but && life != Life::dead);
  });
  return any || !listed;
}

bool is_kept(const std::filesystem::path& library, const std::string& device) {
  if (::access(mounts_of(library).c_str(), R_OK | X_OK) != 0) return true;
  bool kept = false;
  static_cast<void>(each_mark(library, [&](const std::filesystem::path& mark, Life life) {
    if (life != Life::alive) return;
    const std::string its = read_text(mark).value_or("");
    kept = kept || its.empty() || its == device;
  }));
  return kept;
}

void remove_marks_of_the_dead(const std::filesystem::path& library, std::string_view but) {
  static_cast<void>(each_mark(library, [&](const std::filesystem::path& mark, Life life) {
    if (mark.filename() != but && life == Life::dead) ::unlink(mark.c_str());
  }));
}

}  // namespace lensfs
