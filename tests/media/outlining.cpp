#include "tests/media/outlining.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>
#include <thread>

#include "tests/media/making.h"
#include "tests/support/process.h"

namespace lensfs::test {

Outlined::Outlined(const std::filesystem::path& source, const std::string& recipe,
                   const std::filesystem::path& folder, const std::string& name)
    : bytes_path_(folder / (name + ".bytes")) {
  const auto parsed = Recipe::from_text(recipe);
  EXPECT_TRUE(parsed) << recipe;
  if (!parsed) return;
  recipe_ = *parsed;
  extension_ = source.extension().string();
  if (!extension_.empty()) extension_.erase(0, 1);
  source_ = *open_path(source, O_RDONLY);
  source_size_ = stat_of(source_.get())->st_size;
  bytes_ = *open_path(bytes_path_, O_RDWR | O_CREAT | O_TRUNC);
  layout_ = *open_path(folder / (name + ".layout"), O_RDWR | O_CREAT | O_TRUNC);
  made_ = outline_timed({source_.get(), source_size_, extension_}, recipe_, files());
  if (!made_) return;
  auto slots = SlotMap::read(layout_.get());
  EXPECT_TRUE(slots) << slots.error().message();
  if (slots) slots_ = std::move(*slots);
}

std::unique_ptr<SlotRenderer> Outlined::renderer() const {
  auto opened = open_slots({source_.get(), source_size_, extension_}, recipe_, files());
  EXPECT_TRUE(opened) << opened.error().message();
  return opened ? std::move(*opened) : nullptr;
}

void Outlined::render(const std::vector<std::int64_t>& slots) {
  const auto renderer = this->renderer();
  ASSERT_TRUE(renderer);
  std::set<std::int64_t> told;
  for (const std::int64_t slot : slots) {
    if (told.count(slot) != 0) continue;
    const Status rendered = renderer->render(slot, 1, [&](const RenderedSlot& one) {
      const bool is_new = told.insert(one.slot).second;
      if (one.is_replaced && is_new) replaced_.push_back(one.slot);
      return true;
    });
    ASSERT_TRUE(rendered) << slot << ": " << rendered.error().message();
    ASSERT_EQ(told.count(slot), 1U) << slot;
  }
  std::sort(replaced_.begin(), replaced_.end());
}

std::vector<std::int64_t> Outlined::all() const {
  std::vector<std::int64_t> all(static_cast<std::size_t>(slots_.count()));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

std::string test_picture(const std::string& size, const std::string& rate, double seconds) {
  return "testsrc2=s=" + size + ":r=" + rate + ":d=" + std::to_string(seconds);
}

double seconds_of(const nlohmann::json& stream) {
  return std::stod(stream.value("duration", "-1"));
}

void expect_decodes(const std::filesystem::path& file) {
  const Ran ran = run({"ffmpeg", "-v", "error", "-nostdin", "-i", file, "-f", "null", "-"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.err.substr(0, 200), "");
}

std::string compared(const std::filesystem::path& one, const std::filesystem::path& other) {
  constexpr std::size_t kPiece = 1 << 20;
  const auto first = open_path(one, O_RDONLY);
  const auto second = open_path(other, O_RDONLY);
  if (!first || !second) return "not there";
  std::vector<std::byte> here(kPiece);
  std::vector<std::byte> there(kPiece);
  for (off_t offset = 0;; offset += static_cast<off_t>(kPiece)) {
    const std::size_t read = *read_full(first->get(), here, offset);
    const std::size_t read_there = *read_full(second->get(), there, offset);
    const std::size_t both = std::min(read, read_there);
    const auto at = std::mismatch(here.begin(), here.begin() + static_cast<std::ptrdiff_t>(both),
                                  there.begin());
    const auto same = static_cast<std::size_t>(at.first - here.begin());
    if (same < both) return "differs at " + std::to_string(offset + static_cast<off_t>(same));
    if (read != read_there) return "ends at " + std::to_string(offset + static_cast<off_t>(both));
    if (read < kPiece) return "same";
  }
}

std::filesystem::path expect_all_ways_same(const std::filesystem::path& source,
                                           const std::string& recipe,
                                           const std::filesystem::path& folder) {
  const auto whole = make_one(source, recipe, folder);
  if (!whole.made) return whole.path;
  const auto expect_same = [&](Outlined& outlined, const char* way) {
    const std::string found = compared(outlined.bytes_path(), whole.path);
    EXPECT_EQ(found, "same") << source << ", " << recipe << ", " << way;
    if (found.rfind("differs at ", 0) != 0) return;
    const auto at = outlined.slots().within(std::stoll(found.substr(11)), 1);
    ADD_FAILURE() << "that is in " << at.count << " slot, " << at.first << " of "
                  << outlined.slots().count();
  };

  Outlined forwards(source, recipe, folder, "forwards");
  EXPECT_TRUE(forwards.made()) << forwards.made().error().message();
  if (!forwards.made()) return whole.path;
  EXPECT_EQ(forwards.made()->frames, whole.made->frames);
  EXPECT_EQ(forwards.made()->duration_ns, whole.made->duration_ns);
  EXPECT_EQ(forwards.made()->width, whole.made->width);
  EXPECT_EQ(forwards.made()->height, whole.made->height);
  forwards.render(forwards.all());
  expect_same(forwards, "in order");

  Outlined backwards(source, recipe, folder, "backwards");
  auto order = backwards.all();
  std::reverse(order.begin(), order.end());
  backwards.render(order);
  expect_same(backwards, "backwards");

  Outlined random(source, recipe, folder, "random");
  std::shuffle(order.begin(), order.end(), std::mt19937(7));
  random.render(order);
  expect_same(random, "in random order");

  Outlined together(source, recipe, folder, "together");
  std::vector<std::thread> threads;
  for (std::size_t part = 0; part < 4; ++part) {
    threads.emplace_back([&, part] {
      const auto renderer = together.renderer();
      for (std::size_t at = part; renderer && at < order.size(); at += 4) {
        EXPECT_TRUE(renderer->render(order[at], 1, [](const RenderedSlot&) { return true; }));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  expect_same(together, "by four at once");
  return whole.path;
}

}  // namespace lensfs::test
