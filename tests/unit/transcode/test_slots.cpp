#include "tests/unit/transcode/test_slots.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <sstream>
#include <thread>

#include "catalog/base/fd.h"

namespace lensfs::test {
namespace {

// Behind the slots, where a first crash leaves its mark.
constexpr std::int64_t kMarks = 4096;

std::map<std::string, std::int64_t> deeds_of(const MediaSource& source) {
  std::string text(static_cast<std::size_t>(source.size), '\0');
  static_cast<void>(read_full(source.fd, std::as_writable_bytes(std::span(text)), 0));
  std::istringstream words(text);
  std::map<std::string, std::int64_t> deeds;
  std::string word;
  std::int64_t number = 0;
  while (words >> word >> number) deeds[word] = number;
  return deeds;
}

class TestSlots final : public SlotRenderer {
 public:
  TestSlots(std::map<std::string, std::int64_t> deeds, const OutlineFiles& files)
      : deeds_(std::move(deeds)), files_(files) {}

  Status render(std::int64_t first, std::int64_t count, const SlotTold& tell) override {
    for (std::int64_t slot = first; slot < first + count; ++slot) {
      if (is("crash", slot) && !was_marked()) std::abort();
      if (is("always-crash", slot)) std::abort();
      if (is("hang", slot)) std::this_thread::sleep_for(std::chrono::hours(1));
      if (is("refuse", slot)) return fail(Errc::io, "the disk is full");
      const std::string bytes = test_slot(slot);
      LENSFS_CHECK(write_full(files_.bytes, std::as_bytes(std::span(bytes)), slot * kTestSlot));
      if (!tell({.slot = slot,
                 .checksum = slot_checksum(bytes),
                 .is_replaced = is("damaged", slot)})) {
        break;
      }
    }
    return {};
  }

 private:
  [[nodiscard]] bool is(const char* deed, std::int64_t slot) const {
    const auto known = deeds_.find(deed);
    return known != deeds_.end() && known->second == slot;
  }
  // Also marks it.
  [[nodiscard]] bool was_marked() const {
    const std::int64_t at = deeds_.at("slots") * kTestSlot;
    char mark = 0;
    static_cast<void>(read_full(files_.bytes, std::as_writable_bytes(std::span(&mark, 1)), at));
    const bool was = mark == 'x';
    mark = 'x';
    static_cast<void>(write_full(files_.bytes, std::as_bytes(std::span(&mark, 1)), at));
    return was;
  }

  std::map<std::string, std::int64_t> deeds_;
  OutlineFiles files_;
};

}  // namespace

std::string test_slot(std::int64_t slot) {
  std::string bytes;
  while (bytes.size() < kTestSlot) bytes += "slot " + std::to_string(slot) + "\n";
  bytes.resize(kTestSlot);
  return bytes;
}

Result<Made> outline_test(const MediaSource& source, const Recipe& /*recipe*/,
                          const OutlineFiles& files) {
  const auto deeds = deeds_of(source);
  const auto slots = deeds.find("slots");
  if (slots == deeds.end()) return fail(Errc::not_supported, "no slots in it");
  const std::int64_t size = slots->second * kTestSlot + kMarks;
  LENSFS_TRY(SlotMap map,
             SlotMap::make(size, {{.offset = 0, .bytes = kTestSlot, .count = slots->second}}));
  if (const auto group = deeds.find("group"); group != deeds.end()) {
    std::vector<std::int64_t> entries;
    for (std::int64_t slot = group->second; slot < slots->second; slot += group->second) {
      entries.push_back(slot);
    }
    LENSFS_CHECK(map.set_entries(std::move(entries)));
  }
  LENSFS_TRY([[maybe_unused]] const std::int64_t rest, map.write(files.layout));
  if (::ftruncate(files.bytes, size) != 0) return last_error("truncate");
  return Made{.extension = "mov", .width = 16, .height = 9, .frames = slots->second};
}

Result<std::unique_ptr<SlotRenderer>> open_test_slots(const MediaSource& source,
                                                      const Recipe& /*recipe*/,
                                                      const OutlineFiles& files) {
  LENSFS_TRY([[maybe_unused]] const SlotMap map, SlotMap::read(files.layout));
  return std::make_unique<TestSlots>(deeds_of(source), files);
}

}  // namespace lensfs::test
