#include "catalog/store/marks.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lensfs {
namespace {

Marks::Life life_at(const std::filesystem::path& mark) {
  const auto file = open_path(mark, O_RDONLY);
  if (!file) return is_missing(file) ? Marks::Life::dead : Marks::Life::unknown;
  return lock_file(file->get(), LockMode::shared, Wait::no) ? Marks::Life::dead
                                                            : Marks::Life::alive;
}

}  // namespace

std::string_view Marks::name_of(Of of) {
  return of == Of::mounts ? "mounts" : "workers";
}

Marks::Marks(const std::filesystem::path& library, Of of)
    : directory_(library / "staging" / name_of(of)) {}

Result<Fd> Marks::mark_alive(const std::string& id) const {
  if (::mkdir(directory_.c_str(), 0777) != 0 && errno != EEXIST) return last_error("leave a mark");
  for (;;) {
    LENSFS_TRY(Fd file, open_path(directory_ / id, O_RDWR | O_CREAT));
    // Whoever looks whether it is locked has it locked for that moment.
    LENSFS_CHECK(lock_file(file.get(), LockMode::exclusive, Wait::yes));
    LENSFS_TRY(const struct stat status, stat_of(file.get()));
    if (status.st_nlink > 0) return file;  // else taken for a dead one's before it was locked
  }
}

Marks::Life Marks::life_of(const std::string& id) const {
  return life_at(directory_ / id);
}

bool Marks::each(const std::function<void(const std::filesystem::path& mark, Life)>& visit) const {
  std::error_code error;
  for (std::filesystem::directory_iterator at(directory_, error), end; !error && at != end;
       at.increment(error)) {
    visit(at->path(), life_at(at->path()));
  }
  return !error || error == std::errc::no_such_file_or_directory;
}

void Marks::remove_those_of_the_dead(std::string_view but) const {
  static_cast<void>(each([&](const std::filesystem::path& mark, Life life) {
    if (mark.filename() != but && life == Life::dead) ::unlink(mark.c_str());
  }));
}

}  // namespace lensfs
