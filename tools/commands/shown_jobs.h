// What "lensfs jobs" shows, and how.
#pragma once

#include <array>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "catalog/model/catalog.h"
#include "catalog/model/job.h"
#include "catalog/model/profile.h"

namespace lensfs {

// In the order in which they are shown.
inline constexpr std::array kJobStates = {JobState::running, JobState::waiting, JobState::failed};

struct ShownJob {
  Job job;
  std::string recipe;
  std::string what;  // the profile
  std::uint64_t source_size = 0;

  [[nodiscard]] double part() const { return static_cast<double>(job.progress) / 1000; }
  [[nodiscard]] double seconds() const {
    return static_cast<double>(Clock().now() - job.started.value_or(Clock().now())) /
           kNanosecondsPerSecond;
  }
};

// The objects of all versions of the assets at the paths; nothing: no path was given.
[[nodiscard]] Result<std::optional<std::set<ObjectId>>> meant_sources(
    Catalog& catalog, const std::vector<std::string>& paths);

// Which jobs are meant, and how many of them are shown.
struct WantedJobs {
  std::optional<std::set<ObjectId>> sources{};  // nothing: all
  std::optional<JobState> state{};              // nothing: any
  std::size_t most = 0;                         // in all
};

// What is shown: for each state some jobs, and how many there are.
struct ShownJobs {
  std::map<JobState, std::vector<ShownJob>> jobs{};
  std::map<JobState, std::size_t> counts{};
};

[[nodiscard]] Result<std::vector<Job>> jobs_of_all(Database& db, const std::set<ObjectId>& sources,
                                                   JobState state);
// What runs comes first; what waits leaves half of the rest to what failed, if there is so much.
[[nodiscard]] Result<ShownJobs> shown_jobs(Catalog& catalog, const Profiles& profiles,
                                           const WantedJobs& wanted);

[[nodiscard]] std::string table_of(const ShownJobs& shown);
void print_json(const ShownJobs& shown);  // one object for each job

}  // namespace lensfs
