#include "fs/open_objects.h"

#include <algorithm>

#include "catalog/model/asset.h"

namespace lensfs {
namespace {

constexpr std::size_t kMostKept = 64;

}  // namespace

void OpenObjects::forget(NodeId file) {
  const std::scoped_lock lock(mutex_);
  kept_.remove_if([&](const auto& kept) { return kept.first == file; });
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
  LENSFS_TRY(Fd fd, files_.open_bytes(file));
  auto shared = std::make_shared<const Fd>(std::move(fd));
  const std::scoped_lock lock(mutex_);
  kept_.emplace_front(file, shared);
  if (kept_.size() > kMostKept) kept_.pop_back();
  return shared;
}

}  // namespace lensfs
