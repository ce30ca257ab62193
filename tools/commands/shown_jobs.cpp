#include "tools/commands/shown_jobs.h"

#include <fmt/format.h>
#include <unistd.h>

#include "tools/cli/asset_path.h"
#include "tools/cli/print.h"
#include "tools/cli/progress.h"
#include "tools/cli/rendition_words.h"

namespace lensfs {
namespace {

constexpr std::size_t kBarWidth = 16;

Result<std::size_t> count_in(Database& db, JobState state) {
  LENSFS_TRY(const JobCounts all, count_jobs(db));
  const std::int64_t count = state == JobState::running   ? all.running
                             : state == JobState::waiting ? all.waiting
                                                          : all.failed;
  return static_cast<std::size_t>(count);
}

Result<ShownJob> shown_job(Database& db, const Profiles& profiles, Job job) {
  LENSFS_TRY(std::string recipe, recipe_text(db, job.recipe));
  LENSFS_TRY(const ObjectKey source, find_object(db, job.source));
  std::string what = name_of_recipe(profiles, job.kind, job.name, recipe);
  return ShownJob{std::move(job), std::move(recipe), std::move(what), source.size};
}

std::string_view name_of(Priority priority) {
  switch (priority) {
    case Priority::idle:
      return "idle";
    case Priority::due:
      return "due";
    case Priority::asked:
      return "asked";
    case Priority::waited:
      break;
  }
  return "waited";
}

std::string head_of(const ShownJob& one) {
  return fmt::format("{:>7}  {:<9}  {}", number(one.job.id), one.what, shown_text(one.job.name));
}

std::string running_text(const ShownJob& one) {
  std::string text = fmt::format("{}  ", head_of(one));
  if (::isatty(STDOUT_FILENO) != 0) text += bar_of(one.part(), kBarWidth) + " ";
  text += fmt::format("{:.0f}%  {}", one.part() * 100, duration_text(one.seconds()));
  if (one.job.progress == 0 || one.seconds() < 1) return text;
  const double rate = static_cast<double>(one.source_size) * one.part() / one.seconds();
  return text + fmt::format("  {}/s", size_text(static_cast<std::uint64_t>(rate)));
}

std::string waiting_text(const ShownJob& one) {
  std::string text = fmt::format("{}  {}", head_of(one), name_of(one.job.priority));
  if (!one.job.error) return text;
  const Nanoseconds left = std::max<Nanoseconds>(0, one.job.due - Clock().now());
  return text + fmt::format(", again in {}: {}",
                            duration_text(static_cast<double>(left) / kNanosecondsPerSecond),
                            shown_text(*one.job.error));
}

std::string failed_text(const ShownJob& one) {
  return fmt::format("{}: {}", head_of(one), shown_text(one.job.error.value_or("")));
}

void print_state_json(const std::vector<ShownJob>& jobs) {
  for (const ShownJob& one : jobs) {
    const Job& job = one.job;
    JsonObject json;
    json.set("id", number(job.id))
        .set("state", name_of(job.state))
        .set("name", job.name)
        .set("kind", job.kind)
        .set("profile", one.what)
        .set("recipe", one.recipe)
        .set("priority", name_of(job.priority))
        .set("attempts", job.attempts)
        .set("uid", job.uid)
        .set("asked_ns", job.asked)
        .set("due_ns", job.due)
        .set("source_size", one.source_size);
    if (job.state == JobState::running) {
      json.set("progress", one.part()).set("seconds", one.seconds());
      json.set("worker", job.worker.value_or(""));
    }
    if (job.error) json.set("error", *job.error);
    print_line(json.text());
  }
}

}  // namespace

Result<std::optional<std::set<ObjectId>>> meant_sources(Catalog& catalog,
                                                        const std::vector<std::string>& paths) {
  if (paths.empty()) return std::optional<std::set<ObjectId>>();
  AssetPaths assets(catalog);
  std::set<ObjectId> sources;
  for (const std::string& path : paths) {
    LENSFS_TRY(const AssetId asset, assets.asset_at(path));
    LENSFS_TRY(const Pool::Reader reader, catalog.read());
    LENSFS_TRY(const std::vector<Version> versions, versions_of(*reader, asset));
    for (const Version& version : versions) sources.insert(version.object);
  }
  return std::optional(std::move(sources));
}

Result<std::vector<Job>> jobs_of_all(Database& db, const std::set<ObjectId>& sources,
                                     JobState state) {
  std::vector<Job> jobs;
  for (const ObjectId source : sources) {
    LENSFS_TRY(std::vector<Job> its, jobs_of(db, source));
    for (Job& job : its) {
      if (job.state == state) jobs.push_back(std::move(job));
    }
  }
  return jobs;
}

Result<ShownJobs> shown_jobs(Catalog& catalog, const Profiles& profiles, const WantedJobs& wanted) {
  LENSFS_TRY(const Pool::Reader reader, catalog.read());
  const Snapshot snapshot(*reader);
  ShownJobs shown;
  std::map<JobState, std::vector<Job>> of_sources;
  for (const JobState state : kJobStates) {
    if (wanted.state && *wanted.state != state) continue;
    if (wanted.sources) {
      LENSFS_TRY(of_sources[state], jobs_of_all(*reader, *wanted.sources, state));
      shown.counts[state] = of_sources[state].size();
    } else {
      LENSFS_TRY(shown.counts[state], count_in(*reader, state));
    }
  }
  std::size_t left = wanted.most;
  for (const auto state : kJobStates) {
    const auto count = shown.counts.find(state);
    if (count == shown.counts.end()) continue;
    std::size_t most = std::min(left, count->second);
    if (state == JobState::waiting && shown.counts.contains(JobState::failed)) {
      most = std::min(most, left - std::min(left / 2, shown.counts[JobState::failed]));
    }
    std::vector<Job> jobs = std::move(of_sources[state]);
    if (!wanted.sources) {
      LENSFS_TRY(jobs, jobs_in(*reader, state, static_cast<std::int64_t>(most)));
    }
    jobs.resize(std::min(jobs.size(), most));
    for (Job& job : jobs) {
      LENSFS_TRY(ShownJob one, shown_job(*reader, profiles, std::move(job)));
      shown.jobs[state].push_back(std::move(one));
    }
    left -= jobs.size();
  }
  return shown;
}

std::string table_of(const ShownJobs& shown) {
  std::string text;
  for (const JobState state : kJobStates) {
    const auto count = shown.counts.find(state);
    if (count == shown.counts.end()) continue;
    text += fmt::format("{} {}\n", name_of(state), count->second);
    std::size_t rows = 0;
    const auto jobs = shown.jobs.find(state);
    if (jobs != shown.jobs.end()) {
      rows = jobs->second.size();
      for (const ShownJob& one : jobs->second) {
        text += (state == JobState::running   ? running_text(one)
                 : state == JobState::waiting ? waiting_text(one)
                                              : failed_text(one)) +
                "\n";
      }
    }
    if (count->second > rows) {
      text += fmt::format("         … and {} more\n", count->second - rows);
    }
  }
  return text;
}

void print_json(const ShownJobs& shown) {
  for (const JobState state : kJobStates) {
    const auto jobs = shown.jobs.find(state);
    if (jobs != shown.jobs.end()) print_state_json(jobs->second);
  }
}

}  // namespace lensfs
