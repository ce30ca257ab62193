// AwaitedRenditions: whoever looks for a rendition by name that is still to be made asks for it and
// is answered when it is there, when it cannot be made, or when the time is over. No thread waits
// meanwhile. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "catalog/model/catalog.h"
#include "catalog/model/job.h"
#include "catalog/model/profile.h"

namespace lensfs {

class AwaitedRenditions {
 public:
  AwaitedRenditions(Catalog& catalog, const RenditionSettings& settings)
      : catalog_(catalog), settings_(settings) {}
  ~AwaitedRenditions() { finish(); }
  AwaitedRenditions(const AwaitedRenditions&) = delete;
  AwaitedRenditions& operator=(const AwaitedRenditions&) = delete;

  void start();
  // Answers everybody who still waits.
  void finish();

  // Asks for the rendition and runs `then` once, on another thread or on this one. busy if the user
  // has asked for as many as one may: then `then` is not called.
  [[nodiscard]] Status ask(const NewJob& job, std::function<void()> then);

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    ObjectId source{};
    std::string recipe;
    Clock::time_point until{};
    std::function<void()> then;
  };
  // Nobody waits twice in a row for the same: programs look for a name several times.
  struct Missed {
    ObjectId source{};
    std::string recipe;
    Clock::time_point at{};
  };
  [[nodiscard]] Status enter(const NewJob& job);
  [[nodiscard]] bool was_missed(ObjectId source, std::string_view recipe);
  [[nodiscard]] Result<bool> is_settled(ObjectId source, const Recipe& recipe);
  [[nodiscard]] bool anything_new();
  void look();
  void settle(ObjectId source, std::string_view recipe);
  void run(const std::stop_token& stop);
  [[nodiscard]] std::vector<Waiting> take_overdue(Clock::time_point now);

  Catalog& catalog_;
  const RenditionSettings& settings_;
  std::mutex mutex_;  // guards waiting_ and missed_; rank: leaf
  std::condition_variable_any wake_;
  std::vector<Waiting> waiting_;
  std::deque<Missed> missed_;  // oldest first
  ChangeId seen_{-1};          // the last change as of the last look; the thread's
  std::jthread thread_;
};

}  // namespace lensfs
