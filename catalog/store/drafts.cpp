#include "catalog/store/drafts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string>

#include "catalog/store/staging.h"

namespace lensfs {
namespace {

constexpr mode_t kDraftMode = 0600;
constexpr const char* kKeptMode = "user.lensfs.mode";
constexpr std::size_t kLongestMode = 8;  // octal digits

std::optional<std::int64_t> mode_from(const char* text, ssize_t size) {
  if (size <= 0) return std::nullopt;
  std::int64_t mode = 0;
  const auto [end, error] = std::from_chars(text, text + size, mode, 8);
  return error == std::errc() && end == text + size ? std::optional(mode) : std::nullopt;
}

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

Status Drafts::keep_mode(std::int64_t number, std::int64_t mode) const {
  std::array<char, kLongestMode> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), mode, 8);
  if (error != std::errc()) return fail(Errc::invalid);
  const auto size = static_cast<std::size_t>(end - text.data());
  if (::lsetxattr(path_of(number).c_str(), kKeptMode, text.data(), size, 0) != 0) {
    return last_error("set the mode of a draft");
  }
  return {};
}

std::optional<Drafts::Kept> Drafts::kept(std::int64_t number) const {
  std::array<char, kLongestMode> text{};
  const auto mode = mode_from(
      text.data(), ::lgetxattr(path_of(number).c_str(), kKeptMode, text.data(), text.size()));
  if (!mode) return std::nullopt;
  const auto times = status(number);
  if (!times) return std::nullopt;
  return Kept{*mode, from_timespec(times->st_atim)};
}

std::optional<Drafts::Kept> Drafts::kept(int file) {
  std::array<char, kLongestMode> text{};
  const auto mode = mode_from(text.data(), ::fgetxattr(file, kKeptMode, text.data(), text.size()));
  if (!mode) return std::nullopt;
  const auto times = stat_of(file);
  if (!times) return std::nullopt;
  return Kept{*mode, from_timespec(times->st_atim)};
}

void Drafts::forget_mode(int file) {
  static_cast<void>(::fremovexattr(file, kKeptMode));
}

Status Drafts::set_mtime(std::int64_t number, Nanoseconds mtime) const {
  return set_times(number, {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, to_timespec(mtime)});
}

Status Drafts::set_atime(std::int64_t number, Nanoseconds atime) const {
  return set_times(number, {to_timespec(atime), {.tv_sec = 0, .tv_nsec = UTIME_OMIT}});
}

Status Drafts::set_times(std::int64_t number, const timespec (&times)[2]) const {
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
