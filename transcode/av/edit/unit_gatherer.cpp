#include "transcode/av/edit/unit_gatherer.h"

#include <algorithm>

namespace lensfs::av {
namespace {

using std::string_view_literals::operator""sv;
constexpr std::string_view kSystemItem =
    "\x06\x0E\x2B\x34\x02\x05\x01\x01\x0D\x01\x03\x01\x04\x01\x01"sv;
constexpr std::string_view kPartition = "\x06\x0E\x2B\x34\x02\x05\x01\x01\x0D\x01\x02\x01\x01"sv;

}  // namespace

Status UnitGatherer::packet(std::size_t which, std::int64_t offset, std::int64_t bytes) {
  const std::int64_t base = std::max<std::int64_t>(unit_, 0);
  if (offset != base + static_cast<std::int64_t>(gathered_.size())) {
    return fail(Errc::io, "the muxer laid out the file otherwise than it should");
  }
  if (which == 0) {
    const std::size_t from =
        places_.empty() ? 0 : std::size_t{places_.back().offset} + places_.back().bytes;
    const std::size_t key = std::string_view(gathered_).substr(from).rfind(kSystemItem);
    if (key == std::string_view::npos) {
      return fail(Errc::io, "an edit unit without a system item");
    }
    const std::int64_t begin = base + static_cast<std::int64_t>(from + key);
    std::string rest = gathered_.substr(from + key);
    if (unit_ < 0) {
      begin_ = begin;
      gathered_.resize(from + key);
      LENSFS_CHECK(rest_(0, gathered_));
    } else {
      close_unit(begin);
    }
    unit_ = begin;
    gathered_ = std::move(rest);
  }
  places_.push_back({.track = static_cast<std::uint32_t>(which),
                     .offset = static_cast<std::uint32_t>(offset - unit_),
                     .bytes = static_cast<std::uint32_t>(bytes)});
  gathered_.resize(gathered_.size() + static_cast<std::size_t>(bytes));
  return {};
}

Status UnitGatherer::literal(std::int64_t offset, std::string_view bytes) {
  const std::int64_t end =
      std::max<std::int64_t>(unit_, 0) + static_cast<std::int64_t>(gathered_.size());
  if (offset == end) {
    gathered_ += bytes;
    return {};
  }
  if (unit_ >= 0 && offset < begin_) return rest_(offset, bytes);
  // The head before the first packet, written again, or what follows the last unit.
  const std::int64_t base = std::max<std::int64_t>(unit_, 0);
  if (offset < base || offset > end) {
    return fail(Errc::io, "the muxer laid out the file otherwise than it should");
  }
  const auto at = static_cast<std::size_t>(offset - base);
  gathered_.resize(std::max(gathered_.size(), at + bytes.size()));
  std::copy(bytes.begin(), bytes.end(), gathered_.begin() + static_cast<std::ptrdiff_t>(at));
  return {};
}

void UnitGatherer::close_unit(std::int64_t end) {
  gathered_.resize(static_cast<std::size_t>(end - unit_));
  if (size_ < 0) size_ = end - unit_;
  is_even_ = is_even_ && size_ == end - unit_;
  store_.add(gathered_, places_);
  places_.clear();
}

Status UnitGatherer::finish() {
  if (places_.empty()) return fail(Errc::io, "there is no edit unit");
  const std::size_t from = std::size_t{places_.back().offset} + places_.back().bytes;
  const std::size_t key = std::string_view(gathered_).substr(from).find(kPartition);
  if (key == std::string_view::npos) return fail(Errc::io, "a file without an end");
  const std::int64_t end = unit_ + static_cast<std::int64_t>(from + key);
  const std::string rest = gathered_.substr(from + key);
  close_unit(end);
  if (!is_even_) return fail(Errc::not_supported, "edit units of this clip differ in size");
  return rest_(end, rest);
}

std::vector<SlotRun> UnitGatherer::runs() const {
  return {{.offset = begin_, .bytes = size_, .count = store_.count()}};
}

}  // namespace lensfs::av
