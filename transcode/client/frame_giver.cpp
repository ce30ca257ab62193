#include "transcode/client/frame_giver.h"

#include <unistd.h>

#include <algorithm>
#include <vector>

namespace lensfs {
namespace {

constexpr std::size_t kPart = std::size_t{4} << 20U;  // read and written at once

}  // namespace

Result<FrameGiven> FrameGiver::give(const FrameWanted& wanted) const {
  if (wanted.index >= source_.frames) return fail(Errc::corrupt, "there is no such frame");
  const auto frame = source_.frame(wanted.index);
  if (!frame) return FrameGiven{.error = frame.error().message()};
  const Status copied = copy(*frame);
  if (!copied) return FrameGiven{.error = copied.error().message()};
  return FrameGiven{.size = frame->size, .slot = frame->slot, .error = {}};
}

Status FrameGiver::copy(const SourceFrame& frame) const {
  if (::ftruncate(scratch_.get(), 0) != 0) return last_error("make room for a frame");
  std::vector<std::byte> part(std::min(kPart, static_cast<std::size_t>(frame.size)));
  for (std::int64_t at = 0; at < frame.size;) {
    LENSFS_TRY(const std::size_t size, read_full(frame.file.get(), part, at));
    if (size == 0) return fail(Errc::corrupt, "a frame is shorter than it should be");
    LENSFS_CHECK(write_full(scratch_.get(), std::span(part).first(size), at));
    at += static_cast<std::int64_t>(size);
  }
  return {};
}

}  // namespace lensfs
