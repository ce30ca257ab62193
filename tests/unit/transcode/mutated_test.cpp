// Files that somebody bent: each is made into something or refused with a reason, in time and
// within its limits, and the next one works. LENSFS_MUTATIONS says how many (150 without).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "catalog/base/text.h"
#include "catalog/model/kind.h"
#include "tests/support/drive.h"
#include "transcode/client/engine_process.h"
#include "transcode/sandbox.h"

namespace lensfs::test {
namespace {

constexpr std::uintmax_t kLargestSeed = 4 << 20;

struct Seed {
  std::string name;
  std::string bytes;
};

// Real files where they are at hand, else some that are made here.
std::vector<Seed> seeds(const TempDir& folder) {
  std::vector<Seed> all;
  const auto take = [&](const std::filesystem::path& directory) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
      if (!entry.is_regular_file() || entry.file_size() > kLargestSeed) continue;
      all.push_back({entry.path().filename().string(), read_at_once(entry.path()).value_or("")});
    }
  };
  if (!real_media().empty()) take(real_media());
  const std::vector<std::string> clip = {
      "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=1"};
  for (const char* name : {"a.mov", "a.mkv", "a.ts", "a.jpg", "a.png", "a.tiff", "a.webp"}) {
    std::vector<std::string> words = clip;
    if (std::string(name).find(".m") == std::string::npos && std::string(name) != "a.ts") {
      words.insert(words.end(), {"-frames:v", "1"});
    }
    words.push_back((folder / name).string());
    EXPECT_EQ(run(words).exit, 0) << name;
  }
  take(folder.path());
  std::erase_if(all, [](const Seed& seed) { return seed.bytes.empty(); });
  return all;
}

std::string bent(const std::string& bytes, std::mt19937& random) {
  std::string other = bytes;
  const auto place = [&] { return random() % other.size(); };
  switch (random() % 5) {
    case 0:  // some bytes
      for (unsigned i = 0; i < 1 + random() % 200; ++i)
        other[place()] = static_cast<char>(random());
      break;
    case 1:  // the beginning, where the structure is
      for (unsigned i = 0; i < 1 + random() % 20; ++i) {
        other[place() % std::min<std::size_t>(other.size(), 512)] = static_cast<char>(random());
      }
      break;
    case 2:
      other.resize(1 + place());
      break;
    case 3: {  // a part once more
      const std::size_t from = place();
      other.insert(place(), other.substr(from, random() % 100'000));
      break;
    }
    default: {  // numbers that are too large
      const std::size_t at = place();
      const std::size_t size = std::min<std::size_t>(other.size() - at, 1 + random() % 8);
      other.replace(at, size, size, '\xff');
      break;
    }
  }
  return other;
}

class Mutated : public testing::Test {
 protected:
  struct Outcome {
    bool made = false;
    Errc code{};
    std::string message;
  };
  static Outcome carry_out(EngineProcess& engine, const std::string& name,
                           const std::string& bytes) {
    const Fd source(::memfd_create("source", MFD_CLOEXEC));
    EXPECT_TRUE(write_full(source.get(), std::as_bytes(std::span(bytes)), 0));
    const auto head =
        std::as_bytes(std::span(bytes)).first(std::min<std::size_t>(bytes.size(), 4096));
    const std::string_view kind = kind_of(head, name);
    const bool is_timed = kind == "video" || kind == "audio";
    const char* const text =
        kind == "video" ? "video.1 box=160x160 format=mov" : "still.1 box=160x160";
    const Fd output(::memfd_create("output", MFD_CLOEXEC));
    const Order order{.recipe = *Recipe::from_text(text), .output = output.get()};
    const Answers answers = engine.run({.fd = source.get(),
                                        .size = static_cast<std::int64_t>(bytes.size()),
                                        .extension = lower_extension(name)},
                                       {&order, 1}, is_timed ? Engine::timed : Engine::stills,
                                       {.memory_bytes = 1ULL << 30,
                                        .cpu = std::chrono::seconds(60),
                                        .output_bytes = 1ULL << 30,
                                        .total = std::chrono::minutes(10),
                                        .quiet = std::chrono::minutes(2)},
                                       {}, {});
    if (answers[0]) return {.made = true, .code = {}, .message = {}};
    return {
        .made = false, .code = answers[0].error().code(), .message = answers[0].error().message()};
  }
};

TEST_F(Mutated, IsMadeOrRefusedWithAReason) {
  if (const Status can = check_sandbox(); !can) GTEST_SKIP() << can.error().message();
  LENSFS_NEEDS("ffmpeg");
  const char* const said = std::getenv("LENSFS_MUTATIONS");
  const unsigned count = said != nullptr ? static_cast<unsigned>(std::stoul(said)) : 150;
  const TempDir folder;
  const std::vector<Seed> all = seeds(folder);
  std::atomic<unsigned> next = 0;
  std::mutex mutex;  // guards the map
  std::map<std::string, int> outcomes;

  std::vector<std::jthread> threads;
  for (unsigned thread = 0; thread < std::max(1U, std::thread::hardware_concurrency()); ++thread) {
    threads.emplace_back([&] {
      EngineProcess engine({.path = LENSFS_TRANSCODE_PROGRAM});
      for (unsigned number = next++; number < count; number = next++) {
        std::mt19937 random(number);
        const Seed& seed = all[number % all.size()];
        const Outcome outcome = carry_out(engine, seed.name, bent(seed.bytes, random));
        const std::scoped_lock lock(mutex);
        EXPECT_TRUE(outcome.made || !outcome.message.empty()) << seed.name << " " << number;
        EXPECT_NE(outcome.code, Errc::denied)
            << seed.name << " " << number << ": " << outcome.message;
        EXPECT_TRUE(outcome.made || outcome.code != Errc::io)
            << seed.name << " " << number << ": " << outcome.message;
        const bool crashed = outcome.message.find("signal") != std::string::npos;
        ++outcomes[outcome.made ? "made" : crashed ? "the decoder crashed" : "refused"];
        if (crashed) std::cout << seed.name << " " << number << ": " << outcome.message << "\n";
      }
    });
  }
  threads.clear();

  for (const auto& [what, times] : outcomes) std::cout << times << " " << what << "\n";
}

}  // namespace
}  // namespace lensfs::test
