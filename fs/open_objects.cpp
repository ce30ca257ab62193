#include "fs/open_objects.h"

#include <algorithm>

#include "catalog/model/asset.h"

namespace lensfs {
namespace {

constexpr std::size_t kMostKept = 64;

}  // namespace

Result<Fd> OpenObjects::open_own(NodeId file) {
  if (class_of(file) != NodeClass::file) return fail(Errc::is_directory);
  LENSFS_TRY(const auto db, catalog_.read());
  LENSFS_TRY(const ObjectKey key, object_of(*db, version_of(file)));
  return catalog_.store().open_object(key);
}

Result<OpenObjects::Shared> OpenObjects::open(NodeId file) {
  {
    const std::scoped_lock lock(mutex_);
    const auto at = std::find_if(kept_.begin(), kept_.end(),
                                 [&](const auto& kept) { return kept.first == file; });
    if (at != kept_.end()) {
      kept_.splice(kept_.begin(), kept_, at);
      return at->second;
    }
  }
  LENSFS_TRY(Fd fd, open_own(file));
  auto shared = std::make_shared<const Fd>(std::move(fd));
  const std::scoped_lock lock(mutex_);
  kept_.emplace_front(file, shared);
  if (kept_.size() > kMostKept) kept_.pop_back();
  return shared;
}

}  // namespace lensfs
