// Crew: several workers in one process, and what keeps them busy: it follows the log for what is to
// be made at ingest, gives back what dead workers left, and wakes the workers when something is
// due.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "catalog/db/commit_watch.h"
#include "transcode/scheduler/completing.h"
#include "transcode/scheduler/planner.h"
#include "transcode/scheduler/sidecar_writing.h"
#include "transcode/scheduler/worker.h"

namespace lensfs {

struct CrewOptions {
  // 0: one more than processors, as each waits for the disk now and then. There is one beside, for
  // what somebody waits for: he must not wait until a film is encoded.
  unsigned workers = 0;
  enum class Until { stopped, idle } until = Until::stopped;
  int niceness = 0;  // of all but that one, and of what they start, above that of the caller
  std::function<std::unique_ptr<Engines>(const RenditionSettings&)> engines = make_engines;
  std::function<void(const WorkReport&)> report{};  // called by one thread at a time
};

class Crew {
 public:
  // `catalog` and `settings` must outlive it.
  Crew(Catalog& catalog, const RenditionSettings& settings, CrewOptions options);
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // Works until it is asked to stop, or until nothing waits or runs anywhere. What was reported is
  // durable when it returns. Fails as Engines::start() does before anything was begun; a failure
  // of the catalog or the store ends only a crew that was to work until idle: others try again.
  [[nodiscard]] Status work(const std::stop_token& stop);

  // How many bytes of sources are done, as far as known. Thread-safe.
  [[nodiscard]] std::int64_t source_bytes_done() const { return bytes_done_.load(); }

 private:
  // What is told once the engines of a worker run, or cannot: what they are (Engines::build).
  using Started = std::function<void(const Result<std::string>&)>;
  [[nodiscard]] Result<std::unique_ptr<Worker>> hire(Priority least);
  void be_nice(Priority least) const;  // the calling thread, and what it starts
  void serve(Priority least, const Started& started, const std::stop_token& stop);
  void pause(const std::stop_token& stop);  // after a failure
  void wait_for_bell(std::uint64_t heard, const std::stop_token& stop);
  void ring();
  [[nodiscard]] Status follow(const std::stop_token& stop);
  // Does what is to be done between jobs; how long nothing else is due, at most `longest`. The
  // answer is nothing if the crew may go home.
  [[nodiscard]] Result<std::optional<Nanoseconds>> look(Nanoseconds longest);
  // When nothing else is to be done. Whether something was found.
  [[nodiscard]] Result<bool> plan_completion(Nanoseconds now);
  void give_up(const Error& error);

  Catalog& catalog_;
  const RenditionSettings& settings_;
  const CrewOptions options_;
  const unsigned count_;  // of workers, beside the one for what somebody waits for
  Planner planner_;
  Completions completions_;
  SidecarWriting sidecars_;
  Nanoseconds completions_looked_ = 0;  // when outlines to complete were last looked for
  Nanoseconds completions_due_ = 0;     // when they are again
  Nanoseconds cared_ = 0;               // when the dead were last looked for
  std::atomic<std::int64_t> bytes_done_{0};
  std::mutex report_mutex_;  // held over a report; rank: leaf
  std::mutex mutex_;         // guards what follows; rank: leaf
  std::condition_variable_any wake_;
  std::uint64_t bell_ = 0;  // rings so far
  std::string complaint_;   // the last, so that it is not repeated
  std::optional<Error> failure_;
  std::stop_source over_;  // stops the workers
  std::vector<std::jthread> threads_;
};

}  // namespace lensfs
