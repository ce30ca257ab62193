// Walking, checking and removing objects.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

#include "catalog/store/copy.h"
#include "catalog/store/object_name.h"
#include "catalog/store/store.h"
#include "catalog/store/store_state.h"

namespace lensfs {
namespace {

struct Entry {
  std::string name;
  std::filesystem::file_type type = std::filesystem::file_type::none;
};

// The entries of a directory, sorted; none if it is gone.
Result<std::vector<Entry>> entries_of(const std::filesystem::path& directory) {
  std::error_code error;
  std::vector<Entry> entries;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code of_entry;
    entries.push_back({at->path().filename().native(), at->symlink_status(of_entry).type()});
  }
  if (error == std::errc::no_such_file_or_directory) return std::vector<Entry>();
  if (error) return fail(error_from_errno(error.value(), "list").with(directory.native()));
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

// ObjectWalk: visits objects/ two directories deep.
class ObjectWalk {
 public:
  ObjectWalk(const std::filesystem::path& objects,
             const std::function<Status(const ObjectKey&)>& visit,
             const std::function<void(const std::string&)>& stranger)
      : objects_(objects), visit_(visit), stranger_(stranger) {}

  // `relative` is the directory, "" or ending in "/"; `depth` counts the levels below it.
  [[nodiscard]] Status walk(const std::string& relative, int depth) const {
    LENSFS_TRY(const auto entries, entries_of(objects_ / relative));
    for (const Entry& entry : entries) LENSFS_CHECK(meet(relative + entry.name, entry.type, depth));
    return {};
  }

 private:
  [[nodiscard]] Status meet(const std::string& name, std::filesystem::file_type type,
                            int depth) const {
    if (depth > 0 && type == std::filesystem::file_type::directory) {
      return walk(name + "/", depth - 1);
    }
    const auto key = key_from_name(name);
    if (key && type == std::filesystem::file_type::regular) return visit_(*key);
    if (stranger_) stranger_(name);
    return {};
  }

  const std::filesystem::path& objects_;
  const std::function<Status(const ObjectKey&)>& visit_;
  const std::function<void(const std::string&)>& stranger_;
};

// flock has no time limit of its own.
Status lock_out_holders(int lock, Nanoseconds patience) {
  constexpr auto kPause = std::chrono::milliseconds(5);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::nanoseconds(patience);
  while (true) {
    Status locked = lock_file(lock, LockMode::exclusive, Wait::no);
    if (locked || locked.error().code() != Errc::busy) return locked;
    if (std::chrono::steady_clock::now() >= give_up) {
      return fail(Errc::busy, "something is being ingested");
    }
    std::this_thread::sleep_for(kPause);
  }
}

// Collector: one run of Store::collect.
class Collector {
 public:
  using IsReferenced = std::function<Result<bool>(const ObjectKey&)>;

  Collector(int objects, int lock, const IsReferenced& is_referenced)
      : objects_(objects), lock_(lock), is_referenced_(is_referenced) {}

  Nanoseconds changed_before = 0;  // what changed later is within the grace time
  Nanoseconds patience = 0;
  Store::Dry dry = Store::Dry::yes;

  Status consider(const ObjectKey& key) {
    LENSFS_TRY(const bool is_needed, is_referenced_(key));
    if (is_needed) return {};
    LENSFS_TRY(const bool is_old, is_old_enough(key));
    if (!is_old) {
      ++report_.kept_young;
      return {};
    }
    if (dry == Store::Dry::yes) {
      count(key);
      return {};
    }
    LENSFS_CHECK(lock_out_holders(lock_, patience));
    Status removed = remove_unless_needed(key);
    unlock_file(lock_);
    return removed;
  }
  [[nodiscard]] const CollectReport& report() const { return report_; }

 private:
  // Also true for an object that is gone: removing it does no harm.
  [[nodiscard]] Result<bool> is_old_enough(const ObjectKey& key) const {
    struct stat status {};
    if (::fstatat(objects_, object_name(key).c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return true;
      return last_error("stat");
    }
    return from_timespec(status.st_ctim) <= changed_before;
  }

  // Under the lock: what was true a moment ago is asked again, since a holder may have committed.
  Status remove_unless_needed(const ObjectKey& key) {
    LENSFS_TRY(const bool is_needed, is_referenced_(key));
    if (is_needed) return {};
    const std::string name = object_name(key);
    if (::unlinkat(objects_, name.c_str(), 0) != 0) {
      if (errno == ENOENT) return {};
      return fail(error_from_errno(errno, "remove").with(name));
    }
    count(key);
    return {};
  }

  void count(const ObjectKey& key) {
    ++report_.objects;
    report_.bytes += key.size;
  }

  int objects_;
  int lock_;
  const IsReferenced& is_referenced_;
  CollectReport report_;
};

std::string hex_pair(const ContentId& expected, const ContentId& found) {
  return fmt::format("its bytes hash to {}, its name says {}", to_hex(found), to_hex(expected));
}

}  // namespace

Status Store::each_object(const std::function<Status(const ObjectKey&)>& visit,
                          const std::function<void(const std::string&)>& stranger) const {
  const auto objects = state_->library / kObjects;
  return ObjectWalk(objects, visit, stranger).walk("", 2);
}

Status Store::verify(const ObjectKey& key, std::stop_token stop, const BytesDone& progress) const {
  const std::string name = relative_path(key).native();
  auto file = open_object(key);
  if (!file) return fail(file.error().with(name));
  LENSFS_TRY(const struct stat status, stat_of(file->get()));
  if (static_cast<std::uint64_t>(status.st_size) != key.size) {
    return fail(Error(Errc::corrupt, "the object is damaged")
                    .with(fmt::format("has {} bytes", status.st_size))
                    .with(name));
  }
  // What counts is what the disk holds, not what memory remembers of it; and a pass over the whole
  // store must not push out what people are working with.
  ::posix_fadvise(file->get(), 0, 0, POSIX_FADV_DONTNEED);
  const Pace pace{.stop = std::move(stop), .progress = &progress};
  const auto id = hash_bytes(file->get(), key.size, pace);
  ::posix_fadvise(file->get(), 0, 0, POSIX_FADV_DONTNEED);
  if (!id) return fail(id.error().with(name));
  const ContentId found = state_->filtered(*id);
  if (found == key.id) return {};
  return fail(
      Error(Errc::corrupt, "the object is damaged").with(hex_pair(key.id, found)).with(name));
}

Result<CollectReport> Store::collect(
    const std::function<Result<bool>(const ObjectKey&)>& is_referenced, Nanoseconds grace,
    Dry dry) {
  LENSFS_TRY(const Fd lock, state_->open_collect_lock());
  Collector collector(state_->objects.get(), lock.get(), is_referenced);
  collector.changed_before = state_->now() - grace;
  collector.patience = state_->options.patience;
  collector.dry = dry;
  LENSFS_CHECK(each_object([&](const ObjectKey& key) { return collector.consider(key); }));
  return collector.report();
}

Result<Store::Hold> Store::hold_alone() const {
  LENSFS_TRY(Fd lock, state_->open_collect_lock());
  LENSFS_CHECK(lock_out_holders(lock.get(), state_->options.patience));
  return Hold(std::move(lock));
}

Result<CollectReport> Store::collect_these(
    std::span<const ObjectKey> keys,
    const std::function<Result<bool>(const ObjectKey&)>& is_referenced) {
  LENSFS_TRY(const Fd lock, state_->open_collect_lock());
  Collector collector(state_->objects.get(), lock.get(), is_referenced);
  collector.changed_before = std::numeric_limits<Nanoseconds>::max();
  collector.patience = state_->options.patience;
  collector.dry = Dry::no;
  for (const ObjectKey& key : keys) LENSFS_CHECK(collector.consider(key));
  return collector.report();
}

}  // namespace lensfs
