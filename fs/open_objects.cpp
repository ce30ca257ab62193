#include "fs/open_objects.h"

#include <fcntl.h>

#include <algorithm>

#include "catalog/model/asset.h"

namespace lensfs {
namespace {

constexpr std::size_t kMostKept = 64;

}  // namespace

void OpenObjects::forget(NodeId file) {
  const std::scoped_lock lock(mutex_);
  ++forgotten_;
  kept_.remove_if([&](const auto& kept) { return kept.first == file; });
}

Result<OpenObjects::Shared> OpenObjects::open(NodeId file) {
  std::uint64_t as_of = 0;
  {
    const std::scoped_lock lock(mutex_);
    const auto at = std::find_if(kept_.begin(), kept_.end(),
                                 [&](const auto& kept) { return kept.first == file; });
    if (at != kept_.end()) {
      kept_.splice(kept_.begin(), kept_, at);
      return at->second;
    }
    as_of = forgotten_;
  }
  LENSFS_TRY(WorkingFiles::Bytes bytes, files_.open_bytes(file, O_RDWR));
  auto shared = std::make_shared<const WorkingFiles::Bytes>(std::move(bytes));
  const std::scoped_lock lock(mutex_);
  if (forgotten_ != as_of) return shared;  // perhaps this one, while it was opened
  kept_.emplace_front(file, shared);
  if (kept_.size() > kMostKept) kept_.pop_back();
  return shared;
}

Result<OpenObjects::Shared> OpenObjects::open_to_write(NodeId file, const Actor& actor) {
  LENSFS_TRY(Shared bytes, open(file));
  if (bytes->is_draft) return bytes;
  LENSFS_CHECK(files_.make_writable(file, actor, WorkingFiles::Content::keep));
  LENSFS_TRY(bytes, open(file));
  return bytes->is_draft ? Result<Shared>(std::move(bytes)) : fail(Errc::stale);
}

}  // namespace lensfs
