#include "tools/ingest/ingest.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "catalog/base/text.h"
#include "catalog/model/settings.h"
#include "catalog/model/tag.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/cli/progress.h"
#include "tools/cli/stop_signal.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

constexpr std::string_view kDescription =
    "Takes files and whole trees into the library, below a project. A directory d becomes the "
    "folder d; d/ stands for what it contains. Names keep their spelling as far as every system "
    "can show it; other bytes become %XX. Permissions, times and, for root, owners are kept."
    "\n\n"
    "A file that has its place already is left alone when its bytes are the same and becomes a new "
    "version of the asset when they are not; programs that have the file open on a drive go on "
    "with the bytes that they opened. Content that the library knows already is compared and not "
    "stored again. Files with several hard links become one asset with several places.\n\n"
    "Symbolic links, sockets, pipes, devices and the library itself are reported and skipped. "
    "A file that cannot be read, or that changes while it is read, is reported; the others are "
    "taken in, and the exit status is 6. What is reported as done is on disk. After Ctrl-C, a "
    "crash or a power cut the same command finishes the work.";

std::string short_object(const ObjectKey& key) {
  return Store::relative_path(key).filename().string();
}

std::string json_status(FileStatus status) {
  return status == FileStatus::new_version ? "version" : name_of(status);
}

JsonObject json_of(const FileEvent& event) {
  JsonObject json;
  json.set("path", event.path).set("status", json_status(event.status));
  if (!event.place.empty()) json.set("place", "Projects/" + event.place);
  if (event.asset) json.set("asset", base32_id(number(*event.asset)));
  if (event.object) json.set("object", short_object(*event.object));
  if (event.method) json.set("method", name_of(*event.method));
  if (event.frames != 0) json.set("frames", event.frames);
  if (!event.missing.empty()) json.set("missing", event.missing);
  if (!event.reason.empty()) json.set("reason", event.reason);
  return json;
}

JsonObject json_of(const IngestSummary& summary, double seconds) {
  JsonObject counts;
  counts.set("added", summary.added)
      .set("versions", summary.new_versions)
      .set("linked", summary.linked)
      .set("unchanged", summary.unchanged)
      .set("skipped", summary.skipped)
      .set("failed", summary.failed)
      .set("sequences", summary.sequences)
      .set("known_content", summary.known_content)
      .set("bytes", summary.bytes)
      .set("seconds", seconds)
      .set("interrupted", summary.interrupted);
  return JsonObject().set("summary", counts);
}

std::string text_of(const IngestSummary& summary, double seconds) {
  std::string text = fmt::format("{} added", summary.added);
  if (summary.known_content != 0) {
    text += fmt::format(" ({} of them with known content)", summary.known_content);
  }
  const auto add = [&](std::uint64_t count, const char* what) {
    if (count != 0) text += fmt::format(", {} {}", count, what);
  };
  add(summary.new_versions, "new versions");
  add(summary.linked, "linked");
  add(summary.unchanged, "unchanged");
  add(summary.skipped, "skipped");
  add(summary.failed, "failed");
  add(summary.sequences, "of all these are sequences");
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(summary.bytes) / seconds);
  return text +
         fmt::format("; {} in {:.1f} s ({}/s)", size_text(summary.bytes), seconds, size_text(rate));
}

// Prints what a person must know (or everything, as JSON).
class Printer final : public IngestObserver {
 public:
  enum class Form { text, json };
  Printer(Form form, ShownProgress& progress) : form_(form), progress_(progress) {}

  void file(const FileEvent& event) override {
    if (form_ == Form::json) {
      print_line(json_of(event).text());
      std::fflush(stdout);  // a reader may count on it: it is on disk
    } else if (event.status == FileStatus::skipped) {
      progress_.complain(shown_text(event.path + ": skipped: " + event.reason));
    } else if (event.status == FileStatus::failed) {
      progress_.complain(shown_text(event.path + ": " + event.reason));
    } else if (!event.missing.empty()) {
      progress_.complain(shown_text(event.path + ": frames are missing: " + event.missing));
    }
  }

 private:
  Form form_;
  ShownProgress& progress_;
};

Result<IngestRequest> request_from(const Invocation& invocation) {
  IngestRequest request{
      .paths = invocation.operands(), .project = *invocation.value("project"), .tags = {}};
  for (const std::string& typed : invocation.values("tag")) {
    LENSFS_TRY(std::string term, checked_term(typed));
    request.tags.push_back(std::move(term));
  }
  if (invocation.has("move")) request.adopt = Adopt::move;
  if (invocation.has("link")) request.adopt = Adopt::link;
  if (invocation.has("follow")) request.follow = Follow::yes;
  LENSFS_TRY(const auto jobs, invocation.number("jobs"));
  if (jobs && (*jobs == 0 || *jobs > 256)) {
    return fail(Error(Errc::usage, "must be between 1 and 256").with("--jobs"));
  }
  request.jobs = static_cast<unsigned>(jobs.value_or(0));
  return request;
}

ExitCode exit_code_of(const IngestSummary& summary) {
  if (summary.interrupted) return ExitCode::interrupted;
  return summary.failed != 0 ? ExitCode::system : ExitCode::done;
}

Result<ExitCode> run_ingest(const Invocation& invocation) {
  const StopOnSignal stop;
  LENSFS_TRY(IngestRequest request, request_from(invocation));
  LENSFS_TRY(const auto catalog, open_library(invocation, {}));
  LENSFS_TRY(const Settings settings, read_settings(catalog->path()));
  if (invocation.has("sequences") || settings.sequences) request.runs = Runs::sequences;
  const bool json = invocation.has("json");
  const ShownProgress::Style style = json || invocation.has("quiet")
                                         ? ShownProgress::Style::none
                                         : ShownProgress::style_of_terminal();
  if (style != ShownProgress::Style::none) request.count = IngestRequest::Count::yes;

  const auto start = std::chrono::steady_clock::now();
  IngestProgress amounts;
  Result<IngestSummary> summary;
  {
    ShownProgress progress(style, "ingest", [&] {
      return Amount{.files = amounts.files,
                    .bytes = amounts.bytes,
                    .total_files = amounts.total_files,
                    .total_bytes = amounts.total_bytes,
                    .counted = amounts.counted};
    });
    Printer printer(json ? Printer::Form::json : Printer::Form::text, progress);
    summary = ingest(*catalog, request, printer, amounts, stop.token());
  }
  if (!summary) return fail(std::move(summary).error());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const double seconds = std::max(took.count(), 0.001);
  if (json) {
    print_line(json_of(*summary, seconds).text());
  } else if (!invocation.has("quiet")) {
    print_line(text_of(*summary, seconds));
  }
  if (summary->interrupted) complain("ingest", "interrupted; run the same command again to go on");
  return exit_code_of(*summary);
}

}  // namespace

Command ingest_verb() {
  return {
      .name = "ingest",
      .summary = "take files and trees into a project",
      .description = kDescription,
      .operands = {.usage = "PATH…", .least = 1, .completes = Completes::files},
      .options =
          {{.name = "project",
            .help = "the project; made if there is none",
            .letter = 'p',
            .value = "NAME",
            .need = Option::Need::required},
           {.name = "tag",
            .help = "tag everything with TERM; may be given several times",
            .letter = 't',
            .value = "TERM",
            .repeat = Option::Repeat::many},
           {.name = "move",
            .help = "remove each source file once it is safe; on the same file system its bytes "
                    "are not copied",
            .excludes = "link"},
           {.name = "link",
            .help = "share the bytes with the source by a hard link, where that is possible; the "
                    "source becomes read-only and must not be changed any more"},
           {.name = "follow",
            .help = "follow symbolic links to files and directories",
            .excludes = "move"},
           {.name = "sequences",
            .help = "make one asset of each run of at least three numbered pictures in a folder "
                    "(plate.1001.exr …): see \"lensfs sequence --help\"; [ingest] in lensfs.toml "
                    "can make it the rule"},
           {.name = "jobs",
            .help = "how many files are copied at once; default: one per processor",
            .letter = 'j',
            .value = "N"},
           {.name = "quiet", .help = "no progress and no summary, only problems", .letter = 'q'}},
      .examples = {{{"lensfs -L /srv/media ingest ~/shoot --project demo --tag place/oslo",
                     "takes the tree shoot into the project demo and tags every file"},
                    {"lensfs -L /srv/media ingest --move card/ --project demo",
                     "moves what the directory card contains into the project itself"}}},
      .run = run_ingest};
}

}  // namespace lensfs
