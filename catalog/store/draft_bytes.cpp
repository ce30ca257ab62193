// How a draft begins that goes on from an object.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "catalog/store/copy.h"
#include "catalog/store/object_name.h"
#include "catalog/store/store_state.h"

namespace lensfs {
namespace {

constexpr mode_t kDraftMode = 0600;

bool can_clone(const std::filesystem::path& from, const std::filesystem::path& to) {
  const auto source = open_path(from, O_RDWR | O_CREAT | O_EXCL);
  const auto target = open_path(to, O_RDWR | O_CREAT | O_EXCL);
  const bool cloned = source && target && ::ftruncate(source->get(), 4096) == 0 &&
                      ::ioctl(target->get(), FICLONE, source->get()) == 0;
  ::unlink(from.c_str());
  ::unlink(to.c_str());
  return cloned;
}

}  // namespace

bool Store::shares_extents() const {
  std::call_once(state_->probed, [&] {
    const auto from = state_->new_staging_path();
    const auto to = state_->new_staging_path();
    state_->shares_extents = from && to && can_clone(*from, *to);
  });
  return state_->shares_extents;
}

Result<Fd> Store::State::fill_draft(int source, std::int64_t number) const {
  if (!drafts) return fail(drafts.error());
  LENSFS_TRY(Fd draft, drafts->create(number));
  const auto room = [this](std::uint64_t bytes) { return room_for(bytes); };
  const Status filled = fill_file(source, draft.get(), room);
  if (filled) return draft;
  static_cast<void>(drafts->remove(number));
  return fail(filled.error());
}

Result<Fd> Store::copy_to_draft(const ObjectKey& key, std::int64_t number) const {
  LENSFS_TRY(const Fd object, open_object(key));
  return state_->fill_draft(object.get(), number);
}

Result<Fd> Store::copy_draft_to_draft(std::int64_t from, std::int64_t number) const {
  LENSFS_TRY(const Drafts* const all, drafts());
  LENSFS_TRY(const Fd source, all->open(from, O_RDONLY));
  return state_->fill_draft(source.get(), number);
}

Status Store::prepare_exchange(std::int64_t number) const {
  LENSFS_TRY(const Drafts* const all, drafts());
  LENSFS_TRY(const Fd copy, all->open(number, O_RDWR));
  LENSFS_CHECK(set_mode(copy.get(), kObjectMode));
  return sync_file(copy.get());
}

Status Store::exchange_with_draft(const ObjectKey& key, std::int64_t number,
                                  std::uint64_t inode) const {
  LENSFS_TRY(const Drafts* const all, drafts());
  LENSFS_TRY(const Fd object, open_object(key));
  LENSFS_TRY(const struct stat status, stat_of(object.get()));
  if (status.st_ino != inode) return fail(Errc::changed, "the object has another file now");
  if (status.st_nlink != 1) return fail(Errc::not_supported, "the object has further names");
  if (::renameat2(state_->objects.get(), object_name(key).c_str(), AT_FDCWD,
                  all->path_of(number).c_str(), RENAME_EXCHANGE) != 0) {
    if (errno == EINVAL || errno == ENOSYS) return fail(Errc::not_supported);
    return last_error("exchange an object and its copy");
  }
  return set_mode(object.get(), kDraftMode);
}

}  // namespace lensfs
