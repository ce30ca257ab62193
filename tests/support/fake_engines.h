// Engines without codecs: what they write is known, and sources say by their first bytes how they
// behave. "broken": the decoder finds them damaged. "vast": they pass a limit. "flaky": the disk is
// at fault. "short": they have no such frame. "liar": another format is written than is said.
// "empty": nothing is written. "rotten": no slot of their outline can be rendered. Facts of a
// source are its words: "title=Goal tag=place/oslo words".
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "transcode/client/engines.h"

namespace lensfs::test {

// What the fake makes of that source by that recipe, and the extension that it has.
[[nodiscard]] std::string fake_rendition(const std::string& source, const Recipe& recipe);
[[nodiscard]] std::string fake_extension(const Recipe& recipe);

inline constexpr std::int64_t kFakeSlot = 4096;

struct FakeCall {
  std::string source;
  std::size_t orders = 0;
  Engine engine{};
};

class FakeEngines final : public Engines {
 public:
  struct Options {
    std::chrono::microseconds takes{0};  // for each order, in ten steps
    std::function<void(const FakeCall&)> on_call{};
    // Called at each step of an order; what it does may last.
    std::function<void(const std::stop_token&)> on_step{};
    std::function<void(std::int64_t)> on_slot{};  // before it is rendered
    std::function<void(unsigned)> on_threads{};   // each time it is told
    std::string build = "fake-1";
  };
  FakeEngines() = default;
  explicit FakeEngines(Options options) : options_(std::move(options)) {}

  Status start() override { return {}; }
  void use_threads(unsigned count) override {
    if (options_.on_threads) options_.on_threads(count);
  }
  Answers run(const MediaSource& source, std::span<const Order> orders, Engine engine,
              const Progress& progress, std::stop_token stop) override;
  // A frame of it is kFakeSlot bytes, and it has as many as the source has bytes.
  Result<Made> outline(const MediaSource& source, const Recipe& recipe, const OutlineFiles& files,
                       std::stop_token stop) override;
  // A slot is full of one letter, which goes round the alphabet.
  Status open_slots(const MediaSource& source, const Recipe& recipe, const OutlineFiles& files,
                    std::int64_t file_size) override;
  Status render_slots(const SlotMap::Slots& slots, const SlotTold& tell) override;
  void close_slots() override { slots_.reset(); }
  const std::string& build() const override { return options_.build; }
  // Every source is a second of 25 frames, without sound.
  Result<MediaFacts> probe(const MediaSource& source, std::stop_token stop) override;

 private:
  [[nodiscard]] Result<Made> make(const std::string& source, const Order& order,
                                  const std::function<void(int)>& step,
                                  const std::stop_token& stop) const;
  Options options_;
  Fd slots_;  // of the outline that is open
};

}  // namespace lensfs::test
