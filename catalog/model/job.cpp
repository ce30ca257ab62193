#include "catalog/model/job.h"

#include <fmt/format.h>

#include <algorithm>

namespace lensfs {
namespace {

std::string jobs_where(std::string_view rest) {
  return fmt::format("SELECT {} FROM jobs {}", Job::kColumns, rest);
}
const std::string kJobOf = jobs_where("WHERE source_id = ?1 AND recipe_id = ?2");
const std::string kAllJobs = jobs_where(
    "ORDER BY CASE state WHEN 1 THEN 0 WHEN 0 THEN 1 ELSE 2 END, priority DESC, id"
    " /* SCAN: all that is to be made */");
const std::string kJobsIn = jobs_where("WHERE state = ?1 ORDER BY priority DESC, id LIMIT ?2");
const std::string kJobsOfSource = jobs_where("WHERE source_id = ?1");
const std::string kJobById = jobs_where("WHERE id = ?1");
const std::string kFirstDue = jobs_where(
    "WHERE state = 0 AND priority >= ?2 AND due_ns <= ?1 ORDER BY priority DESC, id LIMIT 1");
// "+": not by the index of what waits, which may be everything.
const std::string kDueOfSource =
    jobs_where("WHERE source_id = ?1 AND +state = 0 AND id <> ?2 AND due_ns <= ?3 ORDER BY id");
const std::string kHeldBy = jobs_where("WHERE state = 1 AND worker = ?1");

constexpr Nanoseconds kFirstPause = 10 * kNanosecondsPerSecond;  // then three times as long, …

Nanoseconds pause_after(std::int64_t attempts) {
  Nanoseconds pause = kFirstPause;
  for (std::int64_t attempt = 1; attempt < attempts; ++attempt) pause *= 3;
  return pause;
}

Status mark_failed(Transaction& txn, const Job& job, std::string_view why) {
  LENSFS_CHECK(txn.db().run(
      "UPDATE jobs SET state = ?2, worker = NULL, error = ?3, progress = 0 WHERE id = ?1", job.id,
      JobState::failed, why));
  LENSFS_TRY(const std::string text, recipe_text(txn.db(), job.recipe));
  return record_change(txn, {.uid = job.uid},
                       {.kind = ChangeKind::rendition_failed, .name = text, .object = job.source});
}

}  // namespace

std::string_view name_of(JobState state) {
  switch (state) {
    case JobState::waiting:
      return "waiting";
    case JobState::running:
      return "running";
    case JobState::failed:
      break;
  }
  return "failed";
}

Job Job::from(const Row& row) {
  return {.id = row.get<JobId>(0),
          .source = row.get<ObjectId>(1),
          .recipe = row.get<RecipeId>(2),
          .kind = row.get<std::string>(3),
          .name = row.get<std::string>(4),
          .state = row.get<JobState>(5),
          .priority = row.get<Priority>(6),
          .attempts = row.integer(7),
          .uid = row.integer(8),
          .asked = row.integer(9),
          .due = row.integer(10),
          .worker = row.get<std::optional<std::string>>(11),
          .started = row.get<std::optional<Nanoseconds>>(12),
          .progress = row.integer(13),
          .error = row.get<std::optional<std::string>>(14)};
}

Status ask_for(Transaction& txn, const NewJob& job, Again again) {
  LENSFS_TRY(const RecipeId recipe, recipe_row(txn, job.recipe));
  LENSFS_TRY(const std::optional<Rendition> ready, find_rendition(txn.db(), job.source, recipe));
  if (ready) return {};
  LENSFS_CHECK(txn.db().run(
      "INSERT INTO jobs (source_id, recipe_id, kind, name, state, priority, uid, asked_ns, due_ns)"
      " VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?7) ON CONFLICT (source_id, recipe_id) DO UPDATE"
      " SET priority = max(priority, excluded.priority),"
      " due_ns = CASE WHEN excluded.priority > priority THEN excluded.due_ns ELSE due_ns END",
      job.source, recipe, job.kind, job.name, job.priority, job.uid, txn.now()));
  if (again == Again::no) return {};
  LENSFS_TRY(const std::optional<Job> asked, find_job(txn.db(), job.source, recipe));
  if (!asked) return {};
  LENSFS_TRY([[maybe_unused]] const bool any, retry_failed(txn, asked->id));
  return {};
}

Result<std::optional<Job>> find_job(Database& db, ObjectId source, RecipeId recipe) {
  return db.maybe<Job>(kJobOf, source, recipe);
}

Result<std::optional<NewJob>> job_for(Database& db, const Outline& outline) {
  const auto recipe = recipe_of(db, outline.recipe);
  if (!recipe) return std::optional<NewJob>();
  std::optional<AssetId> id;
  LENSFS_CHECK(each_asset_of_object(db, outline.source, [&](AssetId asset) { id = asset; }));
  if (!id) return std::optional<NewJob>();
  LENSFS_TRY(const Asset asset, find_asset(db, *id));
  return std::optional(
      NewJob{.source = outline.source, .recipe = *recipe, .kind = asset.kind, .name = asset.name});
}

Result<Standing> standing_of(Database& db, ObjectId source, const Recipe& recipe) {
  LENSFS_TRY(const std::optional<RecipeId> known, find_recipe(db, recipe));
  return standing_of(db, source, known);
}

Result<Standing> standing_of(Database& db, ObjectId source, const std::optional<RecipeId>& recipe) {
  Standing standing;
  if (!recipe) return standing;
  LENSFS_TRY(standing.ready, find_rendition(db, source, *recipe));
  if (standing.ready) return standing;
  LENSFS_TRY(standing.outline, find_outline(db, source, *recipe));
  LENSFS_TRY(standing.job, find_job(db, source, *recipe));
  return standing;
}

Result<std::vector<Job>> all_jobs(Database& db) {
  std::vector<Job> jobs;
  LENSFS_CHECK(db.each<Job>(kAllJobs, [&](Job job) { jobs.push_back(std::move(job)); }));
  return jobs;
}

Result<std::vector<Job>> jobs_in(Database& db, JobState state, std::int64_t most) {
  std::vector<Job> jobs;
  LENSFS_CHECK(db.each<Job>(
      kJobsIn, [&](Job job) { jobs.push_back(std::move(job)); }, state, most));
  return jobs;
}

Result<std::vector<Job>> jobs_of(Database& db, ObjectId source) {
  std::vector<Job> jobs;
  LENSFS_CHECK(db.each<Job>(
      kJobsOfSource, [&](Job job) { jobs.push_back(std::move(job)); }, source));
  return jobs;
}

Result<std::optional<Job>> find_job(Database& db, JobId id) {
  return db.maybe<Job>(kJobById, id);
}

Result<std::optional<Nanoseconds>> next_due(Database& db, Nanoseconds now, Priority least) {
  // With many that wait the first is due, mostly.
  LENSFS_TRY(const bool is_due,
             db.one<bool>("SELECT EXISTS (SELECT 1 FROM jobs WHERE state = 0 AND priority >= ?2"
                          " AND due_ns <= ?1)",
                          now, least));
  if (is_due) return std::optional(now);
  return db.one<std::optional<Nanoseconds>>(
      "SELECT min(due_ns) FROM jobs WHERE state = 0 AND priority >= ?1", least);
}

Result<bool> any_pending(Database& db, Priority least) {
  return db.one<bool>("SELECT EXISTS (SELECT 1 FROM jobs WHERE state IN (0, 1) AND priority >= ?1)",
                      least);
}

PendingJobs PendingJobs::from(const Row& row) {
  return {.count = row.integer(0), .source_bytes = row.integer(1)};
}

Result<PendingJobs> pending_jobs(Database& db) {
  return db.one<PendingJobs>(
      "SELECT count(*), ifnull(sum(o.size * (1000 - j.progress) / 1000), 0)"
      " FROM jobs j JOIN objects o ON o.id = j.source_id"
      " WHERE j.state < 2");
}

Result<std::int64_t> jobs_of_user(Database& db, std::int64_t uid) {
  return db.one<std::int64_t>(
      "SELECT count(*) FROM jobs WHERE uid = ?1 AND state < 2 AND priority > 0", uid);
}

Result<std::int64_t> sources_of_jobs(Database& db, std::int64_t most) {
  return db.one<std::int64_t>(
      "SELECT count(*) FROM (SELECT DISTINCT source_id FROM jobs WHERE state IN (0, 1) LIMIT ?1)"
      " /* SCAN: those just counted */",
      most);
}

Result<JobCounts> count_jobs(Database& db) {
  JobCounts counts;
  const auto count = [&](JobState state) {
    return db.one<std::int64_t>("SELECT count(*) FROM jobs WHERE state = ?1", state);
  };
  LENSFS_TRY(counts.waiting, count(JobState::waiting));
  LENSFS_TRY(counts.running, count(JobState::running));
  LENSFS_TRY(counts.failed, count(JobState::failed));
  return counts;
}

Result<std::vector<Job>> claim_jobs(
    Transaction& txn, const std::string& worker,
    const std::function<bool(const Job& first, const Job& other)>& together, Priority least) {
  Database& db = txn.db();
  std::vector<Job> claimed;
  LENSFS_TRY(std::optional<Job> first, db.maybe<Job>(kFirstDue, txn.now(), least));
  if (!first) return claimed;
  claimed.push_back(*std::move(first));
  LENSFS_CHECK(db.each<Job>(
      kDueOfSource,
      [&](Job job) {
        if (together(claimed.front(), job)) claimed.push_back(std::move(job));
      },
      claimed.front().source, claimed.front().id, txn.now()));
  for (Job& job : claimed) {
    job.state = JobState::running;
    job.worker = worker;
    job.started = txn.now();
    ++job.attempts;
    LENSFS_CHECK(
        db.run("UPDATE jobs SET state = 1, worker = ?2, started_ns = ?3, progress = 0,"
               " attempts = attempts + 1 WHERE id = ?1",
               job.id, worker, txn.now()));
  }
  return claimed;
}

Status note_progress(Transaction& txn, JobId job, std::int64_t per_mille) {
  LENSFS_CHECK(txn.db().run("UPDATE jobs SET progress = ?2 WHERE id = ?1", job,
                            std::clamp<std::int64_t>(per_mille, 0, 1000)));
  return {};
}

Status fail_job(Transaction& txn, const Job& job, std::string_view why, ForGood for_good) {
  if (for_good == ForGood::yes || job.attempts >= kMostAttempts) return mark_failed(txn, job, why);
  LENSFS_CHECK(
      txn.db().run("UPDATE jobs SET state = 0, worker = NULL, progress = 0, error = ?2,"
                   " due_ns = ?3 WHERE id = ?1",
                   job.id, why, txn.now() + pause_after(job.attempts)));
  return {};
}

Status give_back_jobs(Transaction& txn, const std::string& worker) {
  std::vector<Job> held;
  LENSFS_CHECK(txn.db().each<Job>(
      kHeldBy, [&](Job job) { held.push_back(std::move(job)); }, worker));
  for (const Job& job : held) {
    if (job.attempts >= kMostAttempts) {
      LENSFS_CHECK(mark_failed(txn, job, "its worker died each time"));
      continue;
    }
    LENSFS_CHECK(txn.db().run(
        "UPDATE jobs SET state = 0, worker = NULL, progress = 0 WHERE id = ?1", job.id));
  }
  return {};
}

Status return_jobs(Transaction& txn, const std::string& worker) {
  LENSFS_CHECK(
      txn.db().run("UPDATE jobs SET state = 0, worker = NULL, progress = 0,"
                   " attempts = attempts - 1 WHERE state = 1 AND worker = ?1",
                   worker));
  return {};
}

Result<std::vector<std::string>> workers_with_jobs(Database& db) {
  std::vector<std::string> workers;
  LENSFS_CHECK(
      db.each<std::string>("SELECT DISTINCT worker FROM jobs WHERE state = 1",
                           [&](std::string worker) { workers.push_back(std::move(worker)); }));
  return workers;
}

Result<std::int64_t> retry_failed(Transaction& txn) {
  std::vector<JobId> failed;
  LENSFS_CHECK(txn.db().each<JobId>("SELECT id FROM jobs WHERE state = 2",
                                    [&](JobId job) { failed.push_back(job); }));
  for (const JobId job : failed) {
    LENSFS_TRY([[maybe_unused]] const bool any, retry_failed(txn, job));
  }
  return static_cast<std::int64_t>(failed.size());
}

Result<bool> retry_failed(Transaction& txn, JobId job) {
  LENSFS_TRY(const std::optional<Job> failed, find_job(txn.db(), job));
  if (!failed || failed->state != JobState::failed) return false;
  LENSFS_CHECK(
      txn.db().run("UPDATE jobs SET state = 0, attempts = 0, error = NULL, due_ns = ?2"
                   " WHERE id = ?1",
                   job, txn.now()));
  LENSFS_CHECK(record_replaced(txn, failed->source, failed->recipe));
  return true;
}

Status drop_job(Transaction& txn, JobId job) {
  LENSFS_TRY(const std::optional<Job> dropped, find_job(txn.db(), job));
  if (!dropped) return {};
  LENSFS_CHECK(txn.db().run("DELETE FROM jobs WHERE id = ?1", job));
  if (dropped->state != JobState::failed) return {};
  return record_replaced(txn, dropped->source, dropped->recipe);
}

Result<bool> end_job(Transaction& txn, ObjectId source, RecipeId recipe) {
  Database& db = txn.db();
  LENSFS_TRY(const bool is_there,
             db.one<bool>("SELECT EXISTS (SELECT 1 FROM objects WHERE id = ?1)", source));
  if (!is_there) return fail(Errc::not_found);
  LENSFS_TRY(const std::optional<Job> job, find_job(db, source, recipe));
  LENSFS_CHECK(db.run("DELETE FROM jobs WHERE source_id = ?1 AND recipe_id = ?2", source, recipe));
  return job && job->state == JobState::failed;
}

Result<ChangeId> planned_until(Database& db) {
  LENSFS_TRY(const auto until, db.maybe<ChangeId>("SELECT change_id FROM planned WHERE id = 1"));
  return until.value_or(ChangeId{0});
}

Status note_planned(Transaction& txn, ChangeId until) {
  LENSFS_CHECK(
      txn.db().run("INSERT OR REPLACE INTO planned (id, change_id) VALUES (1, ?1)", until));
  return {};
}

}  // namespace lensfs
