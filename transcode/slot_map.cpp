// The layout file begins with: "LFSLOTS2", the number of runs, that of entries, the file's size,
// each run's offset, bytes and count, and the entries; 64 bits each, in the machine's order.
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "catalog/base/fd.h"
#include "transcode/outline.h"

namespace lensfs {
namespace {

constexpr std::uint64_t kMagic = 0x3253544F4C53464CULL;
constexpr std::size_t kHeadNumbers = 4;
constexpr std::size_t kRunNumbers = 3;
constexpr std::uint64_t kMostRuns = 4'000'000;
constexpr std::uint64_t kMostEntries = 40'000'000;
constexpr std::int64_t kLargestFile = std::int64_t{1} << 50;
constexpr std::int64_t kLargestSlot = std::int64_t{1} << 30;

std::span<std::byte> bytes_of(std::vector<std::int64_t>& numbers) {
  return std::as_writable_bytes(std::span(numbers));
}

}  // namespace

Result<SlotMap> SlotMap::make(std::int64_t file_size, std::vector<SlotRun> runs) {
  const auto wrong = [] { return fail(Errc::corrupt, "slots that cannot be"); };
  if (file_size < 0 || file_size > kLargestFile) return wrong();
  SlotMap map;
  map.file_size_ = file_size;
  std::int64_t end = 0;
  for (const SlotRun& run : runs) {
    if (run.offset < end || run.offset > file_size || run.bytes <= 0 || run.bytes > kLargestSlot ||
        run.count <= 0 || run.count > (file_size - run.offset) / run.bytes) {
      return wrong();
    }
    end = run.offset + run.bytes * run.count;
    map.first_.push_back(map.count_);
    map.count_ += run.count;
  }
  map.runs_ = std::move(runs);
  return map;
}

Result<SlotMap> SlotMap::read(int layout) {
  const auto wrong = [] { return fail(Errc::corrupt, "this is no layout"); };
  std::vector<std::int64_t> head(kHeadNumbers);
  LENSFS_TRY(const std::size_t head_size, read_full(layout, bytes_of(head), 0));
  if (head_size != bytes_of(head).size() || static_cast<std::uint64_t>(head[0]) != kMagic ||
      static_cast<std::uint64_t>(head[1]) > kMostRuns ||
      static_cast<std::uint64_t>(head[2]) > kMostEntries) {
    return wrong();
  }
  const std::size_t of_runs = static_cast<std::size_t>(head[1]) * kRunNumbers;
  std::vector<std::int64_t> numbers(of_runs + static_cast<std::size_t>(head[2]));
  LENSFS_TRY(const std::size_t size,
             read_full(layout, bytes_of(numbers), static_cast<std::int64_t>(head_size)));
  if (size != bytes_of(numbers).size()) return wrong();
  std::vector<SlotRun> runs;
  for (std::size_t at = 0; at < of_runs; at += kRunNumbers) {
    runs.push_back({.offset = numbers[at], .bytes = numbers[at + 1], .count = numbers[at + 2]});
  }
  LENSFS_TRY(SlotMap map, make(head[3], std::move(runs)));
  numbers.erase(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(of_runs));
  LENSFS_CHECK(map.set_entries(std::move(numbers)));
  return map;
}

Result<std::int64_t> SlotMap::write(int layout) const {
  std::vector<std::int64_t> numbers = {static_cast<std::int64_t>(kMagic),
                                       static_cast<std::int64_t>(runs_.size()),
                                       static_cast<std::int64_t>(entries_.size()), file_size_};
  for (const SlotRun& run : runs_) {
    numbers.insert(numbers.end(), {run.offset, run.bytes, run.count});
  }
  numbers.insert(numbers.end(), entries_.begin(), entries_.end());
  LENSFS_CHECK(write_full(layout, bytes_of(numbers), 0));
  return static_cast<std::int64_t>(bytes_of(numbers).size());
}

Status SlotMap::set_entries(std::vector<std::int64_t> entries) {
  std::int64_t last = -1;
  for (const std::int64_t entry : entries) {
    if (entry <= last || entry >= count_) return fail(Errc::corrupt, "entries that cannot be");
    last = entry;
  }
  entries_ = std::move(entries);
  return {};
}

std::int64_t SlotMap::entry_before(std::int64_t slot) const {
  const auto after = std::upper_bound(entries_.begin(), entries_.end(), slot);
  return after == entries_.begin() ? 0 : *(after - 1);
}

std::int64_t SlotMap::entry_after(std::int64_t slot) const {
  const auto after = std::upper_bound(entries_.begin(), entries_.end(), slot);
  return after == entries_.end() ? count_ : *after;
}

SlotMap::Stretch SlotMap::where(std::int64_t slot) const {
  const auto after = std::upper_bound(first_.begin(), first_.end(), slot);
  const auto index = static_cast<std::size_t>(after - first_.begin()) - 1;
  const SlotRun& run = runs_[index];
  return {.offset = run.offset + (slot - first_[index]) * run.bytes, .bytes = run.bytes};
}

SlotMap::Slots SlotMap::within(std::int64_t offset, std::int64_t bytes) const {
  const std::int64_t end = offset + bytes;
  // The first slot that ends behind `offset`, and the first that begins at or behind `end`.
  const auto run_from = [&](std::int64_t byte) {
    return std::partition_point(runs_.begin(), runs_.end(), [&](const SlotRun& run) {
      return run.offset + run.bytes * run.count <= byte;
    });
  };
  const auto slot_at = [&](std::int64_t byte, std::int64_t round_up) {
    const auto run = run_from(byte);
    if (run == runs_.end()) return count_;
    const std::int64_t in_run = std::max<std::int64_t>(byte - run->offset, 0);
    return first_[static_cast<std::size_t>(run - runs_.begin())] +
           (in_run + round_up * (run->bytes - 1)) / run->bytes;
  };
  const std::int64_t first = slot_at(offset, 0);
  return {.first = first, .count = std::max<std::int64_t>(slot_at(end, 1) - first, 0)};
}

std::uint64_t slot_checksum(std::string_view bytes) {
  const std::uint64_t sum = XXH3_64bits(bytes.data(), bytes.size());
  return sum == 0 ? 1 : sum;
}

}  // namespace lensfs
