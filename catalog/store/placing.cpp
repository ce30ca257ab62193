// How a file gets its object name: never over another file, and only after a byte comparison is it
// taken for what is there.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "catalog/store/compare.h"
#include "catalog/store/object_name.h"
#include "catalog/store/store.h"
#include "catalog/store/store_state.h"

namespace lensfs {
namespace {

constexpr mode_t kPermissions = 07777;

// Moves `from` to `name` under `objects`. exists if the name is taken, not_found if the directory
// of the name is missing.
Status move_without_replacing(const std::string& from, int objects, const std::string& name) {
  if (::renameat2(AT_FDCWD, from.c_str(), objects, name.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS) return last_error("rename");
  // Some network file systems cannot refuse to replace.
  if (::linkat(AT_FDCWD, from.c_str(), objects, name.c_str(), 0) != 0) return last_error("link");
  ::unlink(from.c_str());
  return {};
}

Status make_directory(int objects, const std::string& path) {
  if (::mkdirat(objects, path.c_str(), 0777) != 0 && errno != EEXIST) {
    return last_error("make directory");
  }
  return {};
}

// The upper one is nearly always there: it is only made when the lower one cannot be.
Status make_object_directory(int objects, const ContentId& id) {
  const std::string directory = object_directory(id);
  const Status made = make_directory(objects, directory);
  if (made || made.error().code() != Errc::not_found) return made;
  LENSFS_CHECK(make_directory(objects, directory.substr(0, directory.find('/'))));
  return make_directory(objects, directory);
}

// Whether the object `key` has the bytes of `file`. not_found if there is no such object.
Result<bool> object_equals(int objects, const ObjectKey& key, int file,
                           const std::stop_token& stop) {
  LENSFS_TRY(const Fd object, open_at(objects, object_name(key), O_RDONLY | O_NOFOLLOW));
  return same_bytes(object.get(), file, key.size, stop);
}

// Whether the failure of a hard link means that this file can only be copied.
bool needs_copy(int error_number) {
  return error_number == EXDEV || error_number == EPERM || error_number == EMLINK ||
         error_number == EOPNOTSUPP || error_number == ENOSYS;
}

// A hard link of `path` in staging. Removed at the end, unless it was moved away.
class StagedLink {
 public:
  explicit StagedLink(std::filesystem::path path) : path_(std::move(path)) {}
  ~StagedLink() {
    if (made_) ::unlink(path_.c_str());
  }
  StagedLink(const StagedLink&) = delete;
  StagedLink& operator=(const StagedLink&) = delete;

  // cross_device if `source` can only be copied; changed if it is not `expected`.
  Status make(const std::filesystem::path& source, const struct stat& expected) {
    if (::link(source.c_str(), path_.c_str()) != 0) {
      if (needs_copy(errno)) return fail(Errc::cross_device, "the file cannot be linked");
      return last_error("link");
    }
    made_ = true;
    struct stat linked {};
    if (::lstat(path_.c_str(), &linked) != 0) return last_error("stat");
    if (linked.st_dev != expected.st_dev || linked.st_ino != expected.st_ino) {
      return fail(Errc::changed, "another file has this name now");
    }
    return {};
  }
  void moved() { made_ = false; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  bool made_ = false;
};

}  // namespace

Result<Stored> Store::State::place(const std::filesystem::path& from, int file, ObjectKey key,
                                   const std::stop_token& stop) const {
  for (key.serial = 0;; ++key.serial) {
    const std::string name = object_name(key);
    Status moved = move_without_replacing(from.native(), objects.get(), name);
    if (is_missing(moved)) {
      LENSFS_CHECK(make_object_directory(objects.get(), key.id));
      moved = move_without_replacing(from.native(), objects.get(), name);
    }
    if (moved) return Stored{.key = key, .fresh = true};
    if (moved.error().code() != Errc::exists) return fail(moved.error().with(name));
    LENSFS_TRY(const bool is_same, object_equals(objects.get(), key, file, stop));
    if (is_same) return Stored{.key = key, .fresh = false};
  }
}

Result<std::optional<ObjectKey>> Store::find_same(int file, const ContentId& id, std::uint64_t size,
                                                  const std::stop_token& stop) const {
  for (ObjectKey key{.id = id, .size = size, .serial = 0};; ++key.serial) {
    const auto is_same = object_equals(state_->objects.get(), key, file, stop);
    if (is_same && *is_same) return std::optional(key);
    if (is_same) continue;
    if (is_same.error().code() == Errc::not_found) return std::optional<ObjectKey>();
    return fail(is_same.error());
  }
}

Result<Stored> Store::keep(StagedFile staged, const std::stop_token& stop) {
  if (staged.path_.empty()) return fail(Errc::invalid, "nothing is staged");
  LENSFS_CHECK(set_mode(staged.fd_.get(), kObjectMode));
  const ObjectKey key{.id = staged.id_, .size = staged.size_, .serial = 0};
  LENSFS_TRY(const Stored stored, state_->place(staged.path_, staged.fd_.get(), key, stop));
  if (stored.fresh) staged.path_.clear();
  return stored;
}

Result<Stored> Store::keep_text(std::string_view text, const std::stop_token& stop) {
  const auto bytes = std::as_bytes(std::span(text));
  LENSFS_TRY(StagedFile staged, stage_bytes(bytes, hash(bytes)));
  return keep(std::move(staged), stop);
}

Result<Stored> Store::adopt(const std::filesystem::path& path, int file, const ContentId& id,
                            const std::stop_token& stop) {
  LENSFS_TRY(const struct stat status, stat_of(file));
  if (!S_ISREG(status.st_mode)) return fail(Errc::not_supported, "not a regular file");
  const ObjectKey key{.id = id, .size = static_cast<std::uint64_t>(status.st_size), .serial = 0};
  // Known content must leave the file as it is, so this comes before the link and the chmod.
  LENSFS_TRY(const auto known, find_same(file, id, key.size, stop));
  if (known) return Stored{.key = *known, .fresh = false};

  LENSFS_TRY(auto staging_path, state_->new_staging_path());
  StagedLink link(std::move(staging_path));
  LENSFS_CHECK(link.make(path, status));
  if (const Status set = set_mode(file, kObjectMode); !set) {
    // Linked, but somebody else's: it would stay writable for them.
    if (set.error().code() == Errc::not_permitted) {
      return fail(Errc::cross_device, "the file belongs to somebody else");
    }
    return fail(set.error());
  }
  auto stored = state_->place(link.path(), file, key, stop);
  if (stored && stored->fresh) {
    link.moved();
  } else {
    // Not an object after all; a failure here leaves a read-only file, which is reported above it.
    static_cast<void>(::fchmod(file, status.st_mode & kPermissions));
  }
  return stored;
}

}  // namespace lensfs
