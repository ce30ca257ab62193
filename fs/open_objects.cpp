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
  kept_.remove_if([&](const Kept& kept) { return kept.file == file; });
}

// Readers get a descriptor that cannot write: one that could would keep the file from being saved.
Result<OpenObjects::Shared> OpenObjects::opened(NodeId file, bool for_writing) {
  std::uint64_t as_of = 0;
  {
    const std::scoped_lock lock(mutex_);
    const auto at = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) {
      return kept.file == file && kept.for_writing == for_writing;
    });
    if (at != kept_.end()) {
      kept_.splice(kept_.begin(), kept_, at);
      return at->bytes;
    }
    as_of = forgotten_;
  }
  LENSFS_TRY(WorkingFiles::Bytes bytes, files_.open_bytes(file, for_writing ? O_RDWR : O_RDONLY));
  auto shared = std::make_shared<const WorkingFiles::Bytes>(std::move(bytes));
  const std::scoped_lock lock(mutex_);
  if (forgotten_ != as_of) return shared;  // perhaps this one, while it was opened
  kept_.push_front({file, for_writing, shared});
  if (kept_.size() > kMostKept) kept_.pop_back();
  return shared;
}

Result<OpenObjects::Shared> OpenObjects::open(NodeId file) {
  return opened(file, false);
}

Result<OpenObjects::Shared> OpenObjects::open_to_write(NodeId file, const Actor& actor) {
  LENSFS_TRY(Shared bytes, opened(file, true));
  if (bytes->is_draft) return bytes;
  LENSFS_CHECK(files_.make_writable(file, actor, WorkingFiles::Content::keep));
  LENSFS_TRY(bytes, opened(file, true));
  return bytes->is_draft ? Result<Shared>(std::move(bytes)) : fail(Errc::stale);
}

}  // namespace lensfs
