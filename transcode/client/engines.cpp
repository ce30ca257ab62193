#include "transcode/client/engines.h"

#include <algorithm>

#include "transcode/client/engine_process.h"
#include "transcode/client/slot_session.h"
#include "transcode/threads.h"

namespace lensfs {
namespace {

static_assert(kMostTogether <= kMostOrders);

// What a decoder may last, by the clock, for each second that it may compute: with many at work
// each gets a part of a processor.
constexpr int kClockPerProcessorTime = 8;

EngineLimits limits_from(const RenditionSettings& settings) {
  const std::chrono::nanoseconds processor_time(settings.processor_time);
  const auto rounded = std::chrono::ceil<std::chrono::seconds>(processor_time);
  return {.memory_bytes = static_cast<std::uint64_t>(settings.memory),
          .cpu = rounded,
          .output_bytes = static_cast<std::uint64_t>(settings.output),
          .total = kClockPerProcessorTime * rounded,
          .quiet = std::chrono::ceil<std::chrono::milliseconds>(
              std::chrono::nanoseconds(settings.quiet))};
}

class ProcessEngines final : public Engines {
 public:
  explicit ProcessEngines(const EngineLimits& limits)
      : limits_(limits),
        slots_({},
               {.memory_bytes = limits.memory_bytes, .cpu = limits.cpu, .quiet = limits.quiet}) {}
  Status start() override { return process_.start(); }
  void use_threads(unsigned count) override {
    limits_.threads = std::clamp(count, 1U, kMostEngineThreads);
  }
  Answers run(const MediaSource& source, std::span<const Order> orders, Engine engine,
              const Progress& progress, std::stop_token stop) override {
    return process_.run(source, orders, engine, limits_, progress, std::move(stop));
  }
  Result<Made> outline(const MediaSource& source, const Recipe& recipe, const OutlineFiles& files,
                       std::stop_token stop) override {
    return process_.outline(source, recipe, files, limits_, std::move(stop));
  }
  Status open_slots(const MediaSource& source, const Recipe& recipe, const OutlineFiles& files,
                    std::int64_t file_size) override {
    LENSFS_CHECK(slots_.start());
    return slots_.open(source, recipe, files, file_size);
  }
  Status render_slots(const SlotMap::Slots& slots, const SlotTold& tell) override {
    return slots_.render(slots.first, slots.count, tell);
  }
  void close_slots() override { slots_.close(); }
  const std::string& build() const override { return process_.build(); }

  Result<MediaFacts> probe(const MediaSource& source, std::stop_token stop) override {
    return process_.probe(source, limits_, std::move(stop));
  }

 private:
  EngineProcess process_;
  EngineLimits limits_;
  SlotSession slots_;  // its process starts when it is needed first
};

}  // namespace

std::unique_ptr<Engines> make_engines(const RenditionSettings& settings) {
  return std::make_unique<ProcessEngines>(limits_from(settings));
}

}  // namespace lensfs
