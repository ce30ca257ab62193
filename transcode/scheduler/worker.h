// Worker: takes jobs, has them made, and records what became of them; one source at a time.
//
// It keeps a mark (store/marks.h) while it lives. What a worker had claimed when it died is given
// back by whoever finds that out (give_back_of_the_dead), and counts as an attempt; what one has
// claimed that is asked to stop does not.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "catalog/model/catalog.h"
#include "catalog/model/job.h"
#include "catalog/model/profile.h"
#include "transcode/client/engines.h"
#include "transcode/scheduler/batch.h"

namespace lensfs {

// What is told of each job that was worked at, once it is in the catalog.
struct WorkReport {
  const Job& job;
  const Recipe& recipe;
  const Outcome& outcome;
  double seconds = 0;  // that the whole batch took
};

// How far the sources are that are being worked at, in bytes since the last call.
using SourceBytesDone = std::function<void(std::int64_t)>;

struct WorkerOptions {
  std::unique_ptr<Engines> engines;
  std::function<void(const WorkReport&)> report;  // may be empty; called by who calls work_once()
  SourceBytesDone progress;                       // the same
  Priority least = Priority::idle;                // it leaves alone what has a lower one
  unsigned beside = 1;                            // workers that share the processors, itself too
};

// Not thread-safe: one for each thread.
class Worker {
 public:
  // Leaves the mark and starts the engines: fails as Engines::start() does. `catalog` and
  // `settings` must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<Worker>> start(Catalog& catalog,
                                                             const RenditionSettings& settings,
                                                             WorkerOptions options);
  // Gives back what it has.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Takes what is next and makes it. idle: nothing is due. no_space: the store has no room, so
  // nothing was begun. What was claimed and could not be recorded is given back before an error
  // is returned.
  enum class Turn { worked, idle };
  [[nodiscard]] Result<Turn> work_once(const std::stop_token& stop);
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] const std::string& build() const { return options_.engines->build(); }

 private:
  Worker(Catalog& catalog, const RenditionSettings& settings, WorkerOptions options);
  [[nodiscard]] Result<std::vector<Job>> claim();
  // How many threads may be used for a job, so that no processor is idle and none is fought over.
  [[nodiscard]] Result<unsigned> threads_for(Database& db, const Job& job) const;
  [[nodiscard]] Status work_at(std::vector<Job> jobs, const std::stop_token& stop);
  [[nodiscard]] Result<std::vector<Outcome>> carry_out(const Batch& batch, const Progress& progress,
                                                       const std::stop_token& stop);
  [[nodiscard]] Status record(const Batch& batch, const std::vector<Outcome>& outcomes);
  [[nodiscard]] Status refuse(const Job& job, const Error& error);
  [[nodiscard]] Status give_back();

  Catalog& catalog_;
  const RenditionSettings& settings_;
  WorkerOptions options_;
  std::string id_;
  Fd mark_;
};

// Gives back what workers of this library have claimed that live no more, and removes their marks.
[[nodiscard]] Status give_back_of_the_dead(Catalog& catalog);
// Whether any worker of the library lives.
[[nodiscard]] bool any_worker(const Catalog& catalog);

}  // namespace lensfs
