// Jobs: renditions to be made. Asked for by ingest, by somebody who looks for one, or by a command;
// one per object and recipe, whoever asks. Workers claim them; a worker that dies gives its jobs
// back, for its mark (store/marks.h) is free then.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "catalog/model/outline.h"
#include "catalog/model/rendition.h"

namespace lensfs {

// Numbers are stored: never renumber.
enum class JobState : int {
  waiting = 0,
  running = 1,
  failed = 2,
};

// Numbers are stored; the larger comes first.
enum class Priority : int {
  idle = -10,  // an outline that is completed while nothing else is to be done
  due = 0,     // made at ingest
  asked = 10,  // somebody said that he wants it
  waited = 20  // somebody waits for it
};

[[nodiscard]] std::string_view name_of(JobState state);

struct Job {
  JobId id{};
  ObjectId source{};
  RecipeId recipe{};
  std::string kind;  // of the asset that it was asked for
  std::string name;  // of that asset
  JobState state = JobState::waiting;
  Priority priority = Priority::due;
  std::int64_t attempts = 0;  // that began
  std::int64_t uid = 0;       // who asked
  Nanoseconds asked = 0;
  Nanoseconds due = 0;  // not before
  std::optional<std::string> worker{};
  std::optional<Nanoseconds> started{};
  std::int64_t progress = 0;           // per mille
  std::optional<std::string> error{};  // of the last attempt

  static constexpr std::string_view kTable = "jobs";
  static constexpr std::string_view kColumns =
      "id, source_id, recipe_id, kind, name, state, priority, attempts, uid, asked_ns, due_ns, "
      "worker, started_ns, progress, error";
  static Job from(const Row& row);
};

struct NewJob {
  ObjectId source{};
  Recipe recipe;
  std::string kind;
  std::string name;
  Priority priority = Priority::due;
  std::int64_t uid = 0;
};
// Asks for a rendition. Nothing happens if it is there; a job that waits gets the higher priority
// of both; one that failed is begun anew only for Again::yes.
enum class Again { no, yes };
[[nodiscard]] Status ask_for(Transaction& txn, const NewJob& job, Again again = Again::no);
[[nodiscard]] Result<std::optional<Job>> find_job(Database& db, ObjectId source, RecipeId recipe);
// By which an outline is made anew; nothing if no asset has its source any more, or its recipe is
// of another release.
[[nodiscard]] Result<std::optional<NewJob>> job_for(Database& db, const Outline& outline);
// How far a rendition is: there, or to be made, or neither.
struct Standing {
  std::optional<Rendition> ready{};
  std::optional<Outline> outline{};  // it is rendered when it is read; not looked for where ready
  std::optional<Job> job{};          // not looked for where it is ready
  [[nodiscard]] bool has_failed() const { return job && job->state == JobState::failed; }
};
[[nodiscard]] Result<Standing> standing_of(Database& db, ObjectId source, const Recipe& recipe);
// The same for who knows the recipe's number; nothing: it has none.
[[nodiscard]] Result<Standing> standing_of(Database& db, ObjectId source,
                                           const std::optional<RecipeId>& recipe);
// In the order in which they are taken; those that run first, those that failed last.
[[nodiscard]] Result<std::vector<Job>> all_jobs(Database& db);
// The first of those in that state, in the order in which they are taken.
[[nodiscard]] Result<std::vector<Job>> jobs_in(Database& db, JobState state, std::int64_t most);
// How many of somebody's jobs wait or run that were not made at ingest.
[[nodiscard]] Result<std::int64_t> jobs_of_user(Database& db, std::int64_t uid);
// The jobs by which something is made of that object.
[[nodiscard]] Result<std::vector<Job>> jobs_of(Database& db, ObjectId source);
[[nodiscard]] Result<std::optional<Job>> find_job(Database& db, JobId id);
// When the next of those that wait is due, at `now` or later; nothing: none waits. `least`: of
// those that have this priority or a higher one.
[[nodiscard]] Result<std::optional<Nanoseconds>> next_due(Database& db, Nanoseconds now,
                                                          Priority least = Priority::idle);
// Whether one waits or runs that has this priority or a higher one.
[[nodiscard]] Result<bool> any_pending(Database& db, Priority least = Priority::idle);
// What is still to be made.
struct PendingJobs {
  std::int64_t count = 0;
  std::int64_t source_bytes = 0;  // less what is done of those that run
  static PendingJobs from(const Row& row);
};
[[nodiscard]] Result<PendingJobs> pending_jobs(Database& db);
struct JobCounts {
  std::int64_t waiting = 0;
  std::int64_t running = 0;
  std::int64_t failed = 0;
};
// Of how many sources something waits or runs; no more than `most` are counted.
[[nodiscard]] Result<std::int64_t> sources_of_jobs(Database& db, std::int64_t most);
[[nodiscard]] Result<JobCounts> count_jobs(Database& db);

// Takes the job whose turn it is, and with it the others of its source that one engine can make
// of one decoding (`together`); none if nothing is due that has the priority `least` or a higher
// one.
[[nodiscard]] Result<std::vector<Job>> claim_jobs(
    Transaction& txn, const std::string& worker,
    const std::function<bool(const Job& first, const Job& other)>& together,
    Priority least = Priority::idle);
[[nodiscard]] Status note_progress(Transaction& txn, JobId job, std::int64_t per_mille);
// It did not succeed. For good (the source is at fault) it stays as failed and is logged
// (rendition_failed); else it waits for another attempt, later each time, until kMostAttempts.
inline constexpr std::int64_t kMostAttempts = 3;
enum class ForGood { no, yes };
[[nodiscard]] Status fail_job(Transaction& txn, const Job& job, std::string_view why,
                              ForGood for_good);
// Gives back what a worker had claimed and did not finish; the attempt counts, so that a job that
// kills its worker ends.
[[nodiscard]] Status give_back_jobs(Transaction& txn, const std::string& worker);
// The same without counting: the worker was asked to stop.
[[nodiscard]] Status return_jobs(Transaction& txn, const std::string& worker);
// The workers that have claimed something.
[[nodiscard]] Result<std::vector<std::string>> workers_with_jobs(Database& db);
// Jobs that failed wait again. The answer counts them.
[[nodiscard]] Result<std::int64_t> retry_failed(Transaction& txn);
// The same for one; no if it had not failed.
[[nodiscard]] Result<bool> retry_failed(Transaction& txn, JobId job);
[[nodiscard]] Status drop_job(Transaction& txn, JobId job);
// Its rendition is there: the job goes, in whatever state. Whether it had failed, so that the
// original was shown. not_found if the source is no more.
[[nodiscard]] Result<bool> end_job(Transaction& txn, ObjectId source, RecipeId recipe);

// How far the change log was read for what is to be made; 0: not at all.
[[nodiscard]] Result<ChangeId> planned_until(Database& db);
[[nodiscard]] Status note_planned(Transaction& txn, ChangeId until);

}  // namespace lensfs
