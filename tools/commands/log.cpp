// log: what people did, in the order of time.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "catalog/base/text.h"
#include "tools/cli/asset_path.h"
#include "tools/cli/deeds.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

constexpr std::uint64_t kUsualLimit = 100;

// The newest so many of both kinds, oldest first.
Result<std::vector<Deed>> newest_deeds(Database& db, const DeedFilter& filter,
                                       std::uint64_t limit) {
  std::vector<Deed> deeds;
  // Of several assets each is asked for in turn, so only what comes in order can end early.
  const bool in_order = !filter.assets || filter.assets->count() == 1;
  for (const auto each : {each_use_deed, each_change_deed}) {
    std::uint64_t taken = 0;
    LENSFS_CHECK(each(db, filter, [&](Deed deed) {
      deeds.push_back(std::move(deed));
      return ++taken < limit || !in_order;
    }));
  }
  std::reverse(deeds.begin(), deeds.end());
  std::stable_sort(deeds.begin(), deeds.end(),
                   [](const Deed& a, const Deed& b) { return a.at < b.at; });
  if (deeds.size() > limit) {
    deeds.erase(deeds.begin(), deeds.end() - static_cast<std::ptrdiff_t>(limit));
  }
  return deeds;
}

std::string text_of_use(const Use& use) {
  std::string text;
  const auto add = [&](std::string_view part) {
    text.append(text.empty() ? "" : ", ").append(part);
  };
  if (!use.lens.empty()) add(fmt::format("as {}", use.lens));
  if (use.version != 0) add(fmt::format("v{}", use.version));
  if (use.times > 1) {
    add(fmt::format("{} times until {}", use.times, time_text(use.last)));
  }
  if (use.open_for && use.act != UseAct::copy) {
    add(fmt::format("open {:.1f} s", seconds_of(*use.open_for)));
  }
  if (use.bytes) {
    const auto bytes = static_cast<std::uint64_t>(*use.bytes);
    if (use.act == UseAct::copy || bytes != 0) add(size_text(bytes));
  } else if (use.act == UseAct::read) {
    add("by the kernel");
  }
  return text;
}

Result<std::string> line_of(DeedWords& words, const Deed& deed) {
  LENSFS_TRY(const std::string object, words.object_of(deed));
  LENSFS_TRY(std::string detail, words.detail_of(deed));
  if (deed.use) detail = text_of_use(*deed.use);
  std::string line = fmt::format("{}  {:<12} {:<8} {:<16} {:<11} {}", time_text(deed.at),
                                 shown_text(words.person(deed.uid)), name_of(deed.door),
                                 deed.program.empty() ? "-" : shown_text(deed.program), deed.what,
                                 shown_text(object));
  if (!detail.empty()) line += "  (" + shown_text(detail) + ")";
  return line;
}

Result<std::string> json_of(DeedWords& words, const Deed& deed) {
  LENSFS_TRY(const std::string object, words.object_of(deed));
  LENSFS_TRY(const std::string detail, words.detail_of(deed));
  JsonObject json;
  json.set("at", utc_text(deed.at))
      .set("at_ns", deed.at)
      .set("person", words.person(deed.uid))
      .set("uid", deed.uid)
      .set("door", name_of(deed.door))
      .set("program", deed.program)
      .set("what", deed.what)
      .set("path", object);
  if (deed.asset) json.set("asset", base32_id(number(*deed.asset)));
  if (!detail.empty()) json.set("detail", detail);
  if (!deed.use) return json.text();
  const Use& use = *deed.use;
  json.set("lens", use.lens)
      .set("version", use.version)
      .set("times", use.times)
      .set("last", utc_text(use.last))
      .set("read_by", use.bytes ? "mount" : "kernel");
  if (use.bytes) json.set("bytes", *use.bytes);
  if (use.open_for) json.set("open_seconds", seconds_of(*use.open_for));
  return json.text();
}

Result<bool> print_deed(const Invocation& invocation, DeedWords& words, const Deed& deed) {
  LENSFS_TRY(const std::string line,
             invocation.has("json") ? json_of(words, deed) : line_of(words, deed));
  return print_line(line);
}

// Follower: prints what comes, until nobody reads it any more or the command is stopped.
class Follower {
 public:
  Follower(const Invocation& invocation, Database& db, const DeedFilter& filter)
      : invocation_(invocation), db_(db), filter_(filter), words_(db) {}

  void note(const Deed& deed) {
    if (deed.use) use_ = std::max(use_, deed.use->id);
    if (deed.change) change_ = std::max(change_, deed.change->id);
    since_ = std::max(since_, deed.at - kLate);
  }

  Status run() {
    since_ = std::max(since_, Clock().now() - kLate);
    LENSFS_TRY(std::int64_t seen, db_.data_version());
    for (bool first = true;; first = false) {
      LENSFS_TRY(const std::int64_t version, db_.data_version());
      if (!first && std::exchange(seen, version) == version) {
        std::this_thread::sleep_for(kPause);
        continue;
      }
      filter_.since = std::max(filter_.since, since_);
      LENSFS_TRY(const std::vector<Deed> deeds, newest_deeds(db_, filter_, UINT64_MAX));
      for (const Deed& deed : deeds) {
        const bool is_new = deed.use ? deed.use->id > use_ : deed.change->id > change_;
        if (!is_new) continue;
        LENSFS_TRY(const bool read, print_deed(invocation_, words_, deed));
        if (!read) return {};
      }
      for (const Deed& deed : deeds) note(deed);
      if (!finish_output()) return {};
    }
  }

 private:
  // A use is written a little after it began; more is not waited for.
  static constexpr Nanoseconds kLate = 60 * kNanosecondsPerSecond;
  static constexpr auto kPause = std::chrono::milliseconds(500);

  const Invocation& invocation_;
  Database& db_;
  DeedFilter filter_;
  DeedWords words_;
  UseId use_{};
  ChangeId change_{};
  Nanoseconds since_ = INT64_MIN;
};

Result<ExitCode> run_log(const Invocation& invocation) {
  LENSFS_TRY(const auto given, invocation.number("limit"));
  const std::uint64_t limit =
      given.value_or(kUsualLimit) == 0 ? UINT64_MAX : given.value_or(kUsualLimit);
  LENSFS_TRY(const auto catalog, open_library(invocation, invocation.operands()));
  AssetPaths paths(*catalog);
  LENSFS_TRY(const DeedFilter filter, deed_filter(invocation, *catalog, paths));
  LENSFS_TRY(const Pool::Reader reader, catalog->read());
  LENSFS_TRY(const std::vector<Deed> deeds, newest_deeds(*reader, filter, limit));
  DeedWords words(*reader);
  Follower follower(invocation, *reader, filter);
  for (const Deed& deed : deeds) {
    LENSFS_TRY(const bool read, print_deed(invocation, words, deed));
    if (!read) return ExitCode::done;
    follower.note(deed);
  }
  if (invocation.has("follow")) LENSFS_CHECK(follower.run());
  return deeds.empty() ? ExitCode::nothing_found : ExitCode::done;
}

std::vector<Option> options() {
  std::vector<Option> all = deed_options();
  all.push_back({.name = "limit",
                 .help = "the newest so many; default 100, 0: all",
                 .letter = 'n',
                 .value = "N"});
  all.push_back({.name = "follow", .help = "goes on with what comes", .letter = 'f'});
  return all;
}

}  // namespace

Command log_verb() {
  return {
      .name = "log",
      .summary = "print who did what, and when",
      .description =
          "Prints what people did, oldest first: what they changed, and what they opened through a "
          "mount. Each line has the time, the person, the door (mount, samba, nfs, or command of "
          "LensFS), the program, what was done and to what.\n\n"
          "read, write, make and copy are uses: a file was opened for reading or writing, made, or "
          "copied inside the drive. The same file, person and program within a minute is one line "
          "that counts. Behind it stands by which lens it was opened (a profile, or version), "
          "which "
          "version it was, how long it was open and how many bytes the mount handed out; \"by the "
          "kernel\" says that the kernel read it by itself, and how much of it nobody knows. Uses "
          "show about a second late, and for as long as [usage] in lensfs.toml says.\n\n"
          "PATH is a file or folder of the drive; a query does as well. Who may not manage the "
          "library sees what they did themselves. \"lensfs usage\" sums it up.",
      .operands = {.usage = "[PATH|QUERY]", .most = 1, .completes = Completes::files},
      .options = options(),
      .examples = {{{"lensfs log Projects/demo/cut.mov", "all that happened to a file"},
                    {"lensfs log --person ada --since yesterday --json", "what ada did since"}}},
      .run = run_log};
}

}  // namespace lensfs
