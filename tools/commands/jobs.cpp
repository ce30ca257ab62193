// jobs: what is being made, what waits, and what failed.
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <condition_variable>
#include <mutex>

#include "catalog/model/settings.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/cli/stop_signal.h"
#include "tools/commands/commands.h"
#include "tools/commands/shown_jobs.h"

namespace lensfs {
namespace {

constexpr std::size_t kShown = 50;  // rows, unless somebody says how many
constexpr std::size_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::chrono::milliseconds kRedraw{500};

Result<ExitCode> watch(Catalog& catalog, const Profiles& profiles, const WantedJobs& wanted,
                       const StopOnSignal& stop) {
  if (::isatty(STDOUT_FILENO) == 0) return fail(Errc::usage, "--watch needs a terminal");
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  while (!stop.token().stop_requested()) {
    LENSFS_TRY(const ShownJobs shown, shown_jobs(catalog, profiles, wanted));
    print("\033[H\033[J" + table_of(shown));
    std::fflush(stdout);
    wake.wait_for(lock, stop.token(), kRedraw, [] { return false; });
  }
  return ExitCode::done;
}

Result<ExitCode> retry(Catalog& catalog, const Invocation& invocation, const WantedJobs& wanted) {
  LENSFS_TRY(const std::int64_t count, catalog.write([&](Transaction& txn) -> Result<std::int64_t> {
    if (!wanted.sources) return retry_failed(txn);
    std::int64_t again = 0;
    LENSFS_TRY(const std::vector<Job> failed,
               jobs_of_all(txn.db(), *wanted.sources, JobState::failed));
    for (const Job& job : failed) {
      LENSFS_TRY(const bool any, retry_failed(txn, job.id));
      again += any ? 1 : 0;
    }
    return again;
  }));
  if (invocation.has("json")) {
    print_line(JsonObject().set("waiting_again", count).text());
  } else {
    print_line(fmt::format("{} wait again", count));
  }
  return count == 0 ? ExitCode::nothing_found : ExitCode::done;
}

Status drop(Catalog& catalog, const std::string& text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) {
    return fail(Error(Errc::usage, "not the number of a job").with("--drop " + text));
  }
  return catalog.write([&](Transaction& txn) -> Status {
    LENSFS_TRY(const std::optional<Job> job, find_job(txn.db(), JobId{id}));
    if (!job) return fail(Error(Errc::not_found, "no such job").with(text));
    if (job->state == JobState::running) {
      return fail(Error(Errc::busy, "it is being made").with(text));
    }
    return drop_job(txn, job->id);
  });
}

Result<WantedJobs> wanted_by(Catalog& catalog, const Invocation& invocation) {
  WantedJobs wanted{.most = kShown};
  LENSFS_TRY(wanted.sources, meant_sources(catalog, invocation.operands()));
  // Programs get all, unless they say how many.
  if (invocation.has("json")) wanted.most = kMost;
  LENSFS_TRY(const auto limit, invocation.number("limit"));
  if (limit) wanted.most = static_cast<std::size_t>(std::min<std::uint64_t>(*limit, kMost));
  const auto named = invocation.value("state");
  if (!named) return wanted;
  for (const JobState state : kJobStates) {
    if (name_of(state) == *named) wanted.state = state;
  }
  if (wanted.state) return wanted;
  return fail(Error(Errc::usage, "say running, waiting or failed").with("--state " + *named));
}

Result<ExitCode> run_jobs(const Invocation& invocation) {
  const StopOnSignal stop;
  LENSFS_TRY(const auto catalog, open_library(invocation, invocation.operands()));
  if (const auto id = invocation.value("drop")) {
    LENSFS_CHECK(drop(*catalog, *id));
    return ExitCode::done;
  }
  LENSFS_TRY(const Settings settings, read_settings(catalog->path()));
  const Profiles& profiles = settings.renditions.profiles;
  LENSFS_TRY(const WantedJobs wanted, wanted_by(*catalog, invocation));
  if (invocation.has("watch")) return watch(*catalog, profiles, wanted, stop);
  if (invocation.has("retry")) return retry(*catalog, invocation, wanted);
  LENSFS_TRY(const ShownJobs shown, shown_jobs(*catalog, profiles, wanted));
  if (!invocation.has("json")) {
    print(table_of(shown));
    return ExitCode::done;
  }
  print_json(shown);
  return ExitCode::done;
}

}  // namespace

Command jobs_verb() {
  return {
      .name = "jobs",
      .summary = "show what is being made, what waits and what failed",
      .description =
          "Shows the renditions that \"lensfs work\" is making, how far it is and how fast, by "
          "the size of the source; those that wait, in the order in which they are taken, "
          "and why: due (made at ingest), asked (somebody asked for it) or waited (somebody waits "
          "for it); and those that failed, with what the decoder said. At most 50 are "
          "shown, and how many more there are. With paths, only what is made of these files. With "
          "--json one object for each job, all of them unless --limit says how many.\n\n"
          "A job that failed is not begun again by itself: --retry lets all of them, or those of "
          "the paths, wait again; \"lensfs rendition make\" does that for one.",
      .operands = {.usage = "[PATH…]", .completes = Completes::files},
      .options = {{.name = "limit", .help = "show at most so many, in all", .value = "N"},
                  {.name = "state",
                   .help = "only those that are running, waiting or failed",
                   .value = "STATE"},
                  {.name = "watch", .help = "go on showing it until Ctrl-C", .excludes = "json"},
                  {.name = "retry", .help = "let what failed wait again", .excludes = "watch"},
                  {.name = "drop",
                   .help = "forget the job of that number, unless it is being made",
                   .value = "ID",
                   .excludes = "retry"}},
      .examples = {{{"lensfs -L /srv/media jobs --watch", "shows how far everything is"},
                    {"lensfs -L /srv/media jobs --retry", "begins again what failed"}}},
      .run = run_jobs};
}

}  // namespace lensfs
