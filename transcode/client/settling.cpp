#include "transcode/client/settling.h"

namespace lensfs {
namespace {

Result<SettledOutline> settle_locked(Store& store, const OutlineStore& outlines,
                                     const RenderedFile& file, std::int64_t number,
                                     const std::stop_token& stop) {
  const int bytes = file.bytes();
  LENSFS_CHECK(lock_file(bytes, LockMode::exclusive, Wait::no));
  if (!file.check_all()) return fail(Errc::corrupt, "some of it is not what was rendered");
  LENSFS_CHECK(sync_file(bytes));
  LENSFS_TRY(const ContentId id, store.hash(bytes, stop, {}));
  LENSFS_TRY(Store::Hold hold, store.hold());
  LENSFS_TRY(const Stored stored, store.adopt(outlines.bytes_path(number), bytes, id));
  LENSFS_CHECK(store.sync());
  return SettledOutline{.object = stored.key, .hold = std::move(hold)};
}

}  // namespace

Result<SettledOutline> settle_outline(Store& store, const OutlineStore& outlines,
                                      const RenderedFile& file, std::int64_t number,
                                      const std::stop_token& stop) {
  auto object = settle_locked(store, outlines, file, number, stop);
  // A lock that cannot be changed is lost, and one that was is in the way of others.
  if (!object) LENSFS_CHECK(lock_file(file.bytes(), LockMode::shared, Wait::yes));
  return object;
}

}  // namespace lensfs
