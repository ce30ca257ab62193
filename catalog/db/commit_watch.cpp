#include "catalog/db/commit_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>

namespace lensfs {

Result<CommitWatch> CommitWatch::open(const std::filesystem::path& database) {
  Fd watch(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!watch) return last_error("watch the catalog");
  const std::string log = database.string() + "-wal";
  if (::inotify_add_watch(watch.get(), log.c_str(), IN_MODIFY) < 0) {
    return last_error("watch the catalog's log");
  }
  return CommitWatch(std::move(watch));
}

void CommitWatch::drain() const {
  std::array<char, 4096> events{};
  while (::read(watch_.get(), events.data(), events.size()) > 0) {
  }
}

}  // namespace lensfs
