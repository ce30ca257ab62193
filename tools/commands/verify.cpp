#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "catalog/model/asset.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/cli/progress.h"
#include "tools/cli/stop_signal.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

struct Damage {
  ObjectKey object;
  std::string what;                   // "damaged", "missing" or why it cannot be read
  std::vector<std::string> suffered;  // paths of the assets that name it
};

struct Findings {
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
  std::vector<Damage> damages;
  std::uint64_t unnamed = 0;           // whole objects that no version names yet: gc removes them
  std::vector<std::string> strangers;  // files in objects/ that are no objects
  std::vector<std::string> database;   // what the catalog's own check says
};

std::string word_for(const Error& error) {
  if (error.code() == Errc::corrupt) return "damaged";
  if (error.code() == Errc::not_found) return "missing";
  return error.message();
}

// Checker: re-reads objects, several at a time.
class Checker {
 public:
  Checker(Catalog& catalog, std::vector<ObjectKey> objects, std::stop_token stop)
      : catalog_(catalog), objects_(std::move(objects)), stop_(std::move(stop)) {
    for (const ObjectKey& key : objects_) total_bytes_ += key.size;
  }

  void run() {
    std::vector<std::jthread> threads;
    const unsigned count = std::max(1U, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < count; ++i) threads.emplace_back([this] { work(); });
  }
  [[nodiscard]] Amount amount() const {
    return {.files = done_,
            .bytes = bytes_,
            .total_files = objects_.size(),
            .total_bytes = total_bytes_,
            .counted = true};
  }
  [[nodiscard]] std::vector<Damage>& damages() { return damages_; }

 private:
  void work() {
    while (!stop_.stop_requested()) {
      const std::size_t index = next_.fetch_add(1);
      if (index >= objects_.size()) return;
      const ObjectKey& key = objects_[index];
      const Status status = catalog_.store().verify(
          key, stop_, [this](std::uint64_t bytes) { bytes_.fetch_add(bytes); });
      done_.fetch_add(1);
      if (status || status.error().code() == Errc::interrupted) continue;
      const std::scoped_lock lock(mutex_);
      damages_.push_back({.object = key, .what = word_for(status.error()), .suffered = {}});
    }
  }

  Catalog& catalog_;
  const std::vector<ObjectKey> objects_;
  const std::stop_token stop_;
  std::uint64_t total_bytes_ = 0;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::mutex mutex_;  // guards damages_; rank: leaf
  std::vector<Damage> damages_;
};

Result<std::vector<ObjectKey>> named_objects(Catalog& catalog) {
  LENSFS_TRY(const Pool::Reader reader, catalog.read());
  std::vector<ObjectKey> objects;
  LENSFS_CHECK(each_object_row(*reader, [&](ObjectKey key) -> Status {
    objects.push_back(key);
    return {};
  }));
  std::sort(objects.begin(), objects.end());
  return objects;
}

Status name_the_hurt(Catalog& catalog, std::vector<Damage>& damages) {
  LENSFS_TRY(const Pool::Reader reader, catalog.read());
  for (Damage& damage : damages) {
    LENSFS_TRY(const auto uses, uses_of_object(*reader, damage.object));
    for (const ObjectUse& use : uses) {
      damage.suffered.push_back(fmt::format("{} (version {})", use.path, use.version));
    }
  }
  return {};
}

Status look_for_strangers(Catalog& catalog, const std::vector<ObjectKey>& named,
                          Findings& findings) {
  return catalog.store().each_object(
      [&](const ObjectKey& key) -> Status {
        if (!std::binary_search(named.begin(), named.end(), key)) ++findings.unnamed;
        return {};
      },
      [&](const std::string& path) { findings.strangers.push_back(path); });
}

void print_json(const Findings& findings, bool whole) {
  std::vector<JsonObject> damages;
  for (const Damage& damage : findings.damages) {
    damages.push_back(JsonObject()
                          .set("object", Store::relative_path(damage.object).string())
                          .set("what", damage.what)
                          .set("assets", damage.suffered));
  }
  print_line(JsonObject()
                 .set("objects", findings.objects)
                 .set("bytes", findings.bytes)
                 .set("damaged", damages)
                 .set("database", findings.database)
                 .set("unnamed", findings.unnamed)
                 .set("strangers", findings.strangers)
                 .set("whole", whole)
                 .text());
}

void print_text(const Findings& findings) {
  for (const std::string& problem : findings.database) print_line("catalog: " + problem);
  for (const Damage& damage : findings.damages) {
    print_line(fmt::format("{}: {}", Store::relative_path(damage.object).string(), damage.what));
    for (const std::string& hurt : damage.suffered) print_line("  hurts " + shown_text(hurt));
  }
  for (const std::string& stranger : findings.strangers) {
    print_line(fmt::format("objects/{}: not an object of the library", shown_text(stranger)));
  }
  print_line(fmt::format("{} objects, {}: {} damaged or missing, {} not in use", findings.objects,
                         size_text(findings.bytes), findings.damages.size(), findings.unnamed));
}

Result<ExitCode> run_verify(const Invocation& invocation) {
  const StopOnSignal stop;
  LENSFS_TRY(const auto catalog, open_library(invocation, {}));
  Findings findings;
  LENSFS_TRY(findings.database, catalog->check_database());
  LENSFS_TRY(const auto objects, named_objects(*catalog));
  const bool quiet = invocation.has("json") || invocation.has("quiet");
  Checker checker(*catalog, objects, stop.token());
  {
    const ShownProgress progress(
        quiet ? ShownProgress::Style::none : ShownProgress::style_of_terminal(), "verify",
        [&] { return checker.amount(); });
    checker.run();
  }
  if (stop.token().stop_requested()) return ExitCode::interrupted;
  findings.objects = objects.size();
  findings.bytes = checker.amount().bytes;
  findings.damages = std::move(checker.damages());
  LENSFS_CHECK(name_the_hurt(*catalog, findings.damages));
  LENSFS_CHECK(look_for_strangers(*catalog, objects, findings));
  const bool whole = findings.damages.empty() && findings.database.empty();
  if (invocation.has("json")) {
    print_json(findings, whole);
  } else if (!whole || !invocation.has("quiet")) {
    print_text(findings);
  }
  return whole ? ExitCode::done : ExitCode::damaged;
}

}  // namespace

Command verify_verb() {
  return {.name = "verify",
          .summary = "read every object again and say what is damaged",
          .description =
              "Reads every object of the library again and compares it with its name, which is "
              "its hash; checks the catalog; and names the assets that any damage hurts. Nothing "
              "is changed. Files that are being written are not looked at before they are saved. "
              "The exit status is 5 if something is damaged or missing.",
          .operands = {.most = 0},
          .options = {{.name = "quiet", .help = "print only what is wrong", .letter = 'q'}},
          .examples = {{{"lensfs -L /srv/media verify", "checks a library"},
                        {"lensfs -L /srv/media verify --json", "reports what it found as JSON"}}},
          .run = run_verify};
}

}  // namespace lensfs
