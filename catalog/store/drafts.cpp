#include "catalog/store/drafts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "catalog/store/staging.h"

namespace lensfs {
namespace {

constexpr mode_t kDraftMode = 0600;

}  // namespace

Result<Drafts> Drafts::open(const std::filesystem::path& staging) {
  std::filesystem::path path = staging / kDirectory;
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST && errno != EROFS && errno != EACCES) {
    return last_error("make the directory of drafts");
  }
  auto directory = open_path(path, O_RDONLY | O_DIRECTORY);
  if (!directory) return fail(Error(Errc::read_only, "no drafts here").with(path.native()));
  return Drafts(std::move(path), *std::move(directory));
}

Result<Fd> Drafts::create(std::int64_t number, int access) const {
  return open_at(directory_.get(), std::to_string(number), access | O_CREAT | O_TRUNC | O_NOFOLLOW,
                 kDraftMode);
}

Result<Fd> Drafts::open(std::int64_t number, int flags) const {
  return open_at(directory_.get(), std::to_string(number), flags | O_NOFOLLOW);
}

Result<struct stat> Drafts::status(std::int64_t number) const {
  struct stat status {};
  if (::fstatat(directory_.get(), std::to_string(number).c_str(), &status, AT_SYMLINK_NOFOLLOW) !=
      0) {
    return last_error("look at a draft");
  }
  return status;
}

Status Drafts::set_mtime(std::int64_t number, Nanoseconds mtime) const {
  const timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, to_timespec(mtime)};
  if (::utimensat(directory_.get(), std::to_string(number).c_str(), times, AT_SYMLINK_NOFOLLOW) !=
          0 &&
      errno != ENOENT) {
    return last_error("set the time of a draft");
  }
  return {};
}

Status Drafts::remove(std::int64_t number) const {
  if (::unlinkat(directory_.get(), std::to_string(number).c_str(), 0) != 0 && errno != ENOENT) {
    return last_error("remove a draft");
  }
  return {};
}

Result<std::vector<std::int64_t>> Drafts::numbers() const {
  return numbered_files(path_, {});
}

std::filesystem::path Drafts::path_of(std::int64_t number) const {
  return path_ / std::to_string(number);
}

Status Drafts::sync() const {
  return sync_file(directory_.get());
}

}  // namespace lensfs
