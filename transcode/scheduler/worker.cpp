#include "transcode/scheduler/worker.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>
#include <thread>

#include "catalog/base/log.h"
#include "catalog/model/asset.h"
#include "catalog/model/extraction.h"
#include "catalog/store/marks.h"
#include "transcode/scheduler/completing.h"
#include "transcode/scheduler/engine_choice.h"
#include "transcode/scheduler/outlining.h"
#include "transcode/scheduler/reading.h"

namespace lensfs {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds kNotePause{1};  // between notes of how far a job is

std::string new_worker_id() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

// Some of these jobs make an outline only: they are done by themselves.
bool is_edit(const Recipe& recipe) {
  return recipe.form == Recipe::Form::edit;
}

struct Choice {
  Recipe recipe;
  Engine engine{};
};
// What a job is, for an engine.
Result<Choice> choice_of(Database& db, const Job& job) {
  LENSFS_TRY(const Recipe recipe, recipe_of(db, job.recipe));
  LENSFS_TRY(const Engine engine, engine_of(job.kind, recipe));
  return Choice{.recipe = recipe, .engine = engine};
}

// ProgressNotes: writes into the catalog how far the jobs of a batch are, now and then.
class ProgressNotes {
 public:
  ProgressNotes(Catalog& catalog, const Batch& batch, const SourceBytesDone& told)
      : catalog_(catalog),
        batch_(batch),
        told_(told),
        total_(static_cast<double>(batch.source.size) * static_cast<double>(batch.jobs.size())) {}

  void at(double part) {
    if (!(part >= 0 && part <= 1)) return;
    tell(part);
    const auto per_mille = static_cast<std::int64_t>(part * 1000);
    const auto now = SteadyClock::now();
    if (per_mille <= noted_ || now - last_ < kNotePause) return;
    last_ = now;
    noted_ = per_mille;
    const Status written = catalog_.write_soon([&](Transaction& txn) -> Status {
      for (const Job& job : batch_.jobs) LENSFS_CHECK(note_progress(txn, job.id, per_mille));
      return {};
    });
    if (!written) log::debug("progress is not noted: {}", written.error().message());
  }
  // The whole of the sources counts as done, or none of it any more.
  void end(double part) { tell(part); }

 private:
  void tell(double part) {
    const auto bytes = static_cast<std::int64_t>(total_ * part);
    if (told_) told_(bytes - said_);
    said_ = bytes;
  }

  Catalog& catalog_;
  const Batch& batch_;
  const SourceBytesDone& told_;
  const double total_;  // bytes
  std::int64_t said_ = 0;
  std::int64_t noted_ = 0;
  SteadyClock::time_point last_ = SteadyClock::now();
};

// Whether the job is still the worker's: its source may have been purged, its rendition brought.
Result<bool> is_still_of(Database& db, const Job& job, const std::string& worker) {
  LENSFS_TRY(const std::optional<Job> now, find_job(db, job.id));
  return now && now->state == JobState::running && now->worker == worker;
}

Status record_failure(Transaction& txn, const Job& job, const std::string& why) {
  LENSFS_TRY(const std::string recipe, recipe_text(txn.db(), job.recipe));
  if (recipe == reading_recipe().text()) {
    LENSFS_CHECK(keep_failed_extraction(txn, job.source, recipe, why));
  }
  return fail_job(txn, job, why, ForGood::yes);
}

Status record_one(Transaction& txn, const Job& job, const Outcome& outcome) {
  switch (outcome.kind) {
    case Outcome::Kind::outlined:
      return keep_outline(txn, job, *outcome.outline);
    case Outcome::Kind::made:
      return add_rendition(txn, job.source, job.recipe, outcome.made);
    case Outcome::Kind::read:
      return keep_reading(txn, job, outcome.facts);
    case Outcome::Kind::damaged:
    case Outcome::Kind::yielded:
      return drop_job(txn, job.id);
    case Outcome::Kind::failed:
      return record_failure(txn, job, outcome.why);
    case Outcome::Kind::postponed:
      return fail_job(txn, job, outcome.why, ForGood::no);
    case Outcome::Kind::stopped:
      break;
  }
  return {};
}

// Of others nothing is to be told.
bool is_to_be_told(Outcome::Kind kind) {
  return kind != Outcome::Kind::stopped && kind != Outcome::Kind::yielded;
}

bool any_of_kind(const std::vector<Outcome>& outcomes, Outcome::Kind kind) {
  for (const Outcome& outcome : outcomes) {
    if (outcome.kind == kind) return true;
  }
  return false;
}

}  // namespace

Worker::Worker(Catalog& catalog, const RenditionSettings& settings, WorkerOptions options)
    : catalog_(catalog), settings_(settings), options_(std::move(options)), id_(new_worker_id()) {}

Result<std::unique_ptr<Worker>> Worker::start(Catalog& catalog, const RenditionSettings& settings,
                                              WorkerOptions options) {
  std::unique_ptr<Worker> worker(new Worker(catalog, settings, std::move(options)));
  LENSFS_CHECK(worker->options_.engines->start());
  LENSFS_TRY(worker->mark_, Marks(catalog.path(), Marks::Of::workers).mark_alive(worker->id_));
  return worker;
}

Worker::~Worker() {
  if (!mark_) return;
  // The mark stays where they cannot be given back: then the next worker does it.
  if (const Status given = give_back(); !given) {
    log::warn("jobs are not given back worker={} error=\"{}\"", id_, given.error().message());
    return;
  }
  ::unlink((Marks(catalog_.path(), Marks::Of::workers).directory() / id_).c_str());
}

Status Worker::give_back() {
  return catalog_.write_soon([&](Transaction& txn) { return return_jobs(txn, id_); });
}

Result<std::vector<Job>> Worker::claim() {
  return catalog_.write_soon([&](Transaction& txn) {
    std::size_t taken = 1;
    // One who waits must not wait for what is merely due.
    const auto together = [&](const Job& first, const Job& other) {
      if (taken == kMostTogether || other.priority != first.priority) return false;
      const auto mine = choice_of(txn.db(), first);
      const auto its = choice_of(txn.db(), other);
      const bool fits = mine && its && mine->engine == its->engine && !is_edit(mine->recipe) &&
                        !is_edit(its->recipe);
      if (fits) ++taken;
      return fits;
    };
    return claim_jobs(txn, id_, together, options_.least);
  });
}

Result<Worker::Turn> Worker::work_once(const std::stop_token& stop) {
  {
    LENSFS_TRY(const Pool::Reader reader, catalog_.read());
    const Nanoseconds now = Clock().now();
    LENSFS_TRY(const auto due, next_due(*reader, now, options_.least));
    if (!due || *due > now) return Turn::idle;
  }
  // Without room nothing is begun, so that no job fails for it.
  LENSFS_CHECK(catalog_.store().new_file());
  LENSFS_TRY(std::vector<Job> jobs, claim());
  if (jobs.empty()) return Turn::idle;
  const Status worked = work_at(std::move(jobs), stop);
  if (!worked) {
    static_cast<void>(give_back());
    return fail(worked.error());
  }
  return Turn::worked;
}

Result<unsigned> Worker::threads_for(Database& db, const Job& job) const {
  const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
  if (job.priority >= Priority::waited) return processors;
  LENSFS_TRY(const std::int64_t sources, sources_of_jobs(db, options_.beside));
  return std::max(1U, processors / std::max(1U, static_cast<unsigned>(sources)));
}

Status Worker::work_at(std::vector<Job> jobs, const std::stop_token& stop) {
  Batch batch{.source = {}, .jobs = std::move(jobs), .recipes = {}};
  {
    LENSFS_TRY(const Pool::Reader reader, catalog_.read());
    LENSFS_TRY(const unsigned threads, threads_for(*reader, batch.jobs.front()));
    options_.engines->use_threads(threads);
    for (const Job& job : batch.jobs) {
      const auto choice = choice_of(*reader, job);
      if (!choice) return refuse(job, choice.error());  // it is alone then
      batch.engine = choice->engine;
      batch.recipes.push_back(choice->recipe);
    }
    const auto source = find_object(*reader, batch.jobs.front().source);
    if (is_missing(source)) return {};  // purged since, and its jobs with it
    if (!source) return fail(source.error());
    batch.source = *source;
  }
  const auto start = SteadyClock::now();
  ProgressNotes notes(catalog_, batch, options_.progress);
  LENSFS_TRY(const std::vector<Outcome> outcomes,
             carry_out(
                 batch, [&](double part) { notes.at(part); }, stop));
  const std::chrono::duration<double> took = SteadyClock::now() - start;
  const bool stopped = any_of_kind(outcomes, Outcome::Kind::stopped);
  notes.end(stopped || any_of_kind(outcomes, Outcome::Kind::yielded) ? 0 : 1);
  for (std::size_t i = 0; options_.report && i < batch.jobs.size(); ++i) {
    if (!is_to_be_told(outcomes[i].kind)) continue;
    options_.report({.job = batch.jobs[i],
                     .recipe = batch.recipes[i],
                     .outcome = outcomes[i],
                     .seconds = took.count()});
  }
  return stopped ? give_back() : Status();
}

Result<std::vector<Outcome>> Worker::carry_out(const Batch& batch, const Progress& progress,
                                               const std::stop_token& stop) {
  LENSFS_TRY(const Aim aim, aim_of(catalog_, *options_.engines, batch));
  if (aim == Aim::completion) {
    Completion completion(catalog_, *options_.engines, batch);
    std::vector<Outcome> outcomes = {completion.carry_out(progress, stop)};
    LENSFS_CHECK(record(batch, outcomes));
    LENSFS_CHECK(completion.remove_files());
    return outcomes;
  }
  if (aim == Aim::outline) {
    std::vector<Outcome> outcomes = {outline_batch(catalog_, *options_.engines, batch, stop)};
    LENSFS_CHECK(record(batch, outcomes));
    return outcomes;
  }
  if (is_reading(batch)) {
    std::vector<Outcome> outcomes = {
        read_batch({catalog_.store(), *options_.engines, settings_.output}, batch, progress, stop)};
    LENSFS_CHECK(record(batch, outcomes));
    return outcomes;
  }
  std::vector<Result<MadeFile>> made =
      make_batch({catalog_.store(), *options_.engines, settings_.output}, batch, progress, stop);
  LENSFS_TRY(const Store::Hold hold, catalog_.store().hold());
  std::vector<Outcome> outcomes = keep_batch(catalog_.store(), std::move(made), stop);
  LENSFS_CHECK(record(batch, outcomes));
  return outcomes;
}

Status Worker::record(const Batch& batch, const std::vector<Outcome>& outcomes) {
  if (any_of_kind(outcomes, Outcome::Kind::made)) LENSFS_CHECK(catalog_.store().sync());
  // A rendition whose row is lost with the power is made again.
  return catalog_.write_soon([&](Transaction& txn) -> Status {
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      LENSFS_TRY(const bool is_mine, is_still_of(txn.db(), batch.jobs[i], id_));
      if (is_mine) LENSFS_CHECK(record_one(txn, batch.jobs[i], outcomes[i]));
    }
    return {};
  });
}

Status Worker::refuse(const Job& job, const Error& error) {
  const Outcome outcome{.kind = Outcome::Kind::failed, .why = error.message()};
  LENSFS_CHECK(catalog_.write_soon(
      [&](Transaction& txn) { return fail_job(txn, job, outcome.why, ForGood::yes); }));
  const Recipe none;
  if (options_.report) {
    options_.report({.job = job, .recipe = none, .outcome = outcome, .seconds = 0});
  }
  return {};
}

Status give_back_of_the_dead(Catalog& catalog) {
  const Marks marks(catalog.path(), Marks::Of::workers);
  std::vector<std::string> dead;
  {
    LENSFS_TRY(const Pool::Reader reader, catalog.read());
    LENSFS_TRY(const std::vector<std::string> workers, workers_with_jobs(*reader));
    for (const std::string& worker : workers) {
      if (marks.life_of(worker) == Marks::Life::dead) dead.push_back(worker);
    }
  }
  if (!dead.empty()) {
    LENSFS_CHECK(catalog.write_soon([&](Transaction& txn) -> Status {
      for (const std::string& worker : dead) LENSFS_CHECK(give_back_jobs(txn, worker));
      return {};
    }));
  }
  marks.remove_those_of_the_dead();
  return {};
}

bool any_worker(const Catalog& catalog) {
  bool any = false;
  const bool listed = Marks(catalog.path(), Marks::Of::workers)
                          .each([&](const std::filesystem::path& /*mark*/, Marks::Life life) {
                            any = any || life != Marks::Life::dead;
                          });
  return any || !listed;
}

}  // namespace lensfs
