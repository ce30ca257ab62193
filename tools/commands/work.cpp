// work: makes what is to be made, until it is stopped.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>

#include "catalog/base/log.h"
#include "catalog/model/settings.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/cli/progress.h"
#include "tools/cli/rendition_words.h"
#include "tools/cli/stop_signal.h"
#include "tools/commands/commands.h"
#include "transcode/scheduler/crew.h"

namespace lensfs {
namespace {

constexpr int kNice = 10;  // behind what people do on this machine

struct WorkSum {
  std::uint64_t made = 0;
  std::uint64_t failed = 0;
  std::uint64_t bytes = 0;  // of what was made
};

// Telling: what is said of each job, and the sum. add() is called by one thread at a time.
class Telling {
 public:
  enum class Form { nothing, problems, bar, lines, json };
  Telling(Catalog& catalog, const Profiles& profiles, Form form)
      : catalog_(catalog), profiles_(profiles), form_(form) {}

  void add(const WorkReport& report, ShownProgress& progress) {
    if (report.outcome.kind == Outcome::Kind::made) {
      ++sum_.made;
      sum_.bytes += report.outcome.made.object.size;
      done_.fetch_add(1);
    } else if (report.outcome.kind == Outcome::Kind::outlined ||
               report.outcome.kind == Outcome::Kind::read ||
               report.outcome.kind == Outcome::Kind::damaged) {
      done_.fetch_add(1);
    } else if (report.outcome.kind == Outcome::Kind::failed) {
      ++sum_.failed;
      done_.fetch_add(1);
    }
    const std::string what =
        name_of_recipe(profiles_, report.job.kind, report.job.name, report.recipe.text());
    if (form_ == Form::json) return print_json(report, what);
    const std::string name = shown_text(fmt::format("{} of {}", what, report.job.name));
    if (report.outcome.kind == Outcome::Kind::made) {
      const NewRendition& made = report.outcome.made;
      if (form_ == Form::lines) print_made("made", name, made, made.object.size, report.seconds);
    } else if (report.outcome.kind == Outcome::Kind::outlined) {
      const NewOutline& made = report.outcome.outline->made;
      const auto size = static_cast<std::uint64_t>(made.size);
      if (form_ == Form::lines) print_made("outlined", name, made, size, report.seconds);
    } else if (report.outcome.kind == Outcome::Kind::read) {
      return;  // of every file, and nobody waits for it
    } else if (report.outcome.kind == Outcome::Kind::damaged) {
      progress.complain(fmt::format("{}: parts of the original cannot be read", name));
    } else if (form_ != Form::nothing) {
      const bool again = report.outcome.kind == Outcome::Kind::postponed;
      progress.complain(fmt::format("{}: {}{}", name, shown_text(report.outcome.why),
                                    again ? "; it is tried again later" : ""));
    }
  }

  // How much is done, and how much there is. Called by one thread.
  [[nodiscard]] Amount amount(std::int64_t source_bytes) {
    constexpr std::chrono::seconds kPause{2};  // with many jobs counting takes a while
    Amount amount{.files = done_.load(), .counted = true};
    amount.bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(source_bytes, 0));
    const auto now = std::chrono::steady_clock::now();
    if (now - counted_ >= kPause) {
      counted_ = now;
      count_all(amount);
    }
    amount.total_files = std::max(amount.files, all_.total_files);
    amount.total_bytes = std::max(amount.bytes, all_.total_bytes);
    return amount;
  }
  [[nodiscard]] const WorkSum& sum() const { return sum_; }

 private:
  void count_all(const Amount& done) {
    const auto reader = catalog_.read();
    if (!reader) return;
    const auto pending = pending_jobs(**reader);
    if (!pending) return;
    all_.total_files = done.files + static_cast<std::uint64_t>(pending->count);
    all_.total_bytes = done.bytes + static_cast<std::uint64_t>(pending->source_bytes);
  }
  // `made`: a rendition or an outline, of so many bytes.
  template <typename Made>
  static void print_made(std::string_view what, const std::string& name, const Made& made,
                         std::uint64_t size, double seconds) {
    print_line(fmt::format("{} {}  {}  {}  {:.1f} s", what, name,
                           extent_text(made.width, made.height, made.duration), size_text(size),
                           seconds));
    std::fflush(stdout);  // it is a log
  }
  static void print_json(const WorkReport& report, const std::string& what) {
    JsonObject json;
    json.set("job", number(report.job.id)).set("name", report.job.name).set("profile", what);
    json.set("recipe", report.recipe.text());
    switch (report.outcome.kind) {
      case Outcome::Kind::made:
        json.set("status", "made").set("size", report.outcome.made.object.size);
        json.set("extension", report.outcome.made.extension);
        break;
      case Outcome::Kind::outlined:
        json.set("status", "outlined").set("size", report.outcome.outline->made.size);
        json.set("extension", report.outcome.outline->made.extension);
        break;
      case Outcome::Kind::read:
        json.set("status", "read");
        break;
      case Outcome::Kind::failed:
        json.set("status", "failed").set("error", report.outcome.why);
        break;
      case Outcome::Kind::postponed:
        json.set("status", "postponed").set("error", report.outcome.why);
        break;
      case Outcome::Kind::damaged:
        json.set("status", "damaged");
        break;
      case Outcome::Kind::yielded:
      case Outcome::Kind::stopped:
        break;
    }
    print_line(json.set("seconds", report.seconds).text());
    std::fflush(stdout);
  }

  Catalog& catalog_;
  const Profiles& profiles_;
  const Form form_;
  WorkSum sum_;
  std::atomic<std::uint64_t> done_{0};
  Amount all_;  // the totals, as of counted_
  std::chrono::steady_clock::time_point counted_{};
};

Telling::Form form_of(const Invocation& invocation) {
  if (invocation.has("for-mount")) return Telling::Form::nothing;
  if (invocation.has("json")) return Telling::Form::json;
  if (invocation.has("quiet")) return Telling::Form::problems;
  return ShownProgress::style_of_terminal() == ShownProgress::Style::bar ? Telling::Form::bar
                                                                         : Telling::Form::lines;
}

void print_sum(const WorkSum& sum, double seconds, Telling::Form form) {
  if (form == Telling::Form::json) {
    const JsonObject counts = JsonObject()
                                  .set("made", sum.made)
                                  .set("failed", sum.failed)
                                  .set("bytes", sum.bytes)
                                  .set("seconds", seconds);
    print_line(JsonObject().set("summary", counts).text());
  } else if (form == Telling::Form::bar || form == Telling::Form::lines) {
    print_line(fmt::format("{} made ({}), {} failed in {:.1f} s", sum.made, size_text(sum.bytes),
                           sum.failed, seconds));
  }
}

Result<unsigned> workers_wanted(const Invocation& invocation, const RenditionSettings& settings) {
  LENSFS_TRY(const auto jobs, invocation.number("jobs"));
  if (jobs && (*jobs == 0 || *jobs > 256)) {
    return fail(Error(Errc::usage, "must be between 1 and 256").with("--jobs"));
  }
  return static_cast<unsigned>(jobs.value_or(static_cast<std::uint64_t>(settings.workers)));
}

ExitCode exit_code_of(const StopOnSignal& stop, const WorkSum& sum, CrewOptions::Until until) {
  if (stop.signal() == SIGINT) return ExitCode::interrupted;
  const bool is_over = stop.signal() == 0 && until == CrewOptions::Until::idle;
  return is_over && sum.failed != 0 ? ExitCode::system : ExitCode::done;
}

Result<ExitCode> run_work(const Invocation& invocation) {
  if (invocation.has("for-mount")) {
    log::start("lensfs", log::Target::system_log, spdlog::level::warn);
  }
  const StopOnSignal stop;
  LENSFS_TRY(const auto catalog, open_library(invocation, {}));
  LENSFS_TRY(const Settings settings, read_settings(catalog->path()));
  LENSFS_TRY(const unsigned workers, workers_wanted(invocation, settings.renditions));

  const auto start = std::chrono::steady_clock::now();
  const Telling::Form form = form_of(invocation);
  Telling telling(*catalog, settings.renditions.profiles, form);
  ShownProgress* shown = nullptr;
  CrewOptions options{.workers = workers,
                      .until = invocation.has("until-idle") ? CrewOptions::Until::idle
                                                            : CrewOptions::Until::stopped,
                      .niceness = kNice,
                      .report = [&](const WorkReport& report) { telling.add(report, *shown); }};
  const CrewOptions::Until until = options.until;
  Crew crew(*catalog, settings.renditions, std::move(options));
  Status worked;
  {
    ShownProgress progress(
        form == Telling::Form::bar ? ShownProgress::Style::bar : ShownProgress::Style::none, "work",
        [&] { return telling.amount(crew.source_bytes_done()); });
    shown = &progress;
    worked = crew.work(stop.token());
  }
  if (!worked) return fail(std::move(worked).error());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  print_sum(telling.sum(), took.count(), form);
  return exit_code_of(stop, telling.sum(), until);
}

}  // namespace

Command work_verb() {
  return {
      .name = "work",
      .summary = "make the renditions that are to be made",
      .description =
          "Makes renditions: those that are made at ingest, as [renditions] in lensfs.toml says, "
          "and those that somebody asks for, who comes first; and reads what files say of "
          "themselves (\"facts\"). It goes on until it is stopped, and "
          "hears at once of what is to be made. Several may run; each job is done by one of them. "
          "What one that died had begun is begun "
          "again by another; a job that ends its worker each time fails after three attempts.\n\n"
          "Media is decoded in processes of their own that can do nothing else; each is ended when "
          "it passes a limit of [renditions]. They run behind other programs (nice 10), but "
          "for the one that makes only what somebody waits for.\n\n"
          "SIGTERM and Ctrl-C end it at once; what was begun waits again. With --until-idle it "
          "ends when nothing waits any more; the exit status is 6 if something failed.",
      .operands = {.most = 0},
      .options = {{.name = "jobs",
                   .help =
                       "how many sources are worked at at once; else what [renditions] says, "
                       "else one more than processors; and one beside for what somebody waits for",
                   .letter = 'j',
                   .value = "N"},
                  {.name = "until-idle", .help = "end when nothing waits any more"},
                  {.name = "for-mount",
                   .help = "as a mount does it: say only to the system's log what is wrong"},
                  {.name = "quiet", .help = "print only problems", .letter = 'q'}},
      .examples = {{{"lensfs -L /srv/media work", "works until it is stopped"},
                    {"lensfs -L /srv/media work --until-idle --jobs 2",
                     "makes all that waits, two at a time"}}},
      .run = run_work};
}

}  // namespace lensfs
