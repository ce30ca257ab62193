// usage: what was used and changed, summed up.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "catalog/base/text.h"
#include "catalog/model/project.h"
#include "tools/cli/asset_path.h"
#include "tools/cli/deeds.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

enum class By { asset, project, person, program, day };
constexpr std::array<std::string_view, 5> kBy = {"asset", "project", "person", "program", "day"};

// One line of what is printed.
struct Sum {
  std::string name;
  std::int64_t read = 0;     // opened for reading alone
  std::int64_t written = 0;  // opened for writing, or made
  std::int64_t copied = 0;
  std::int64_t changes = 0;
  std::int64_t bytes = 0;    // that the mount handed out
  std::int64_t unknown = 0;  // openings of which the kernel read the bytes
  Nanoseconds open_for = 0;
  std::set<std::int64_t> people;
  Nanoseconds first = INT64_MAX;
  Nanoseconds last = 0;
  std::int64_t size = -1;  // of an asset, now

  void add(const Deed& deed) {
    people.insert(deed.uid);
    first = std::min(first, deed.at);
    last = std::max(last, deed.use ? deed.use->last : deed.at);
    if (!deed.use) {
      ++changes;
      return;
    }
    const Use& use = *deed.use;
    (use.act == UseAct::read ? read : use.act == UseAct::copy ? copied : written) += use.times;
    bytes += use.bytes.value_or(0);
    if (!use.bytes && use.act == UseAct::read) unknown += use.times;
    open_for += use.open_for.value_or(0);
  }
};

class Summary {
 public:
  Summary(Database& db, By by) : db_(db), by_(by), words_(db) {}

  Status add(const Deed& deed) {
    LENSFS_TRY(const std::vector<std::string> keys, keys_of(deed));
    for (const std::string& key : keys) sums_[key].add(deed);
    return {};
  }

  // What was summed, under the names that people know.
  Result<std::vector<Sum>> all() {
    std::vector<Sum> all;
    for (auto& [key, sum] : sums_) {
      sum.name = key;
      if (by_ == By::asset && !key.empty()) {
        const auto id = static_cast<AssetId>(*number_from<std::int64_t>(key));
        LENSFS_TRY(sum.name, words_.path_of(id));
        if (const auto asset = find_asset(db_, id)) sum.size = asset->size;
      }
      if (sum.name.empty()) sum.name = std::string(1, '-');
      all.push_back(std::move(sum));
    }
    return all;
  }

 private:
  Result<std::vector<std::string>> keys_of(const Deed& deed) {
    switch (by_) {
      case By::asset:
        return std::vector<std::string>{deed.asset ? fmt::format("{}", number(*deed.asset)) : ""};
      case By::person:
        return std::vector<std::string>{words_.person(deed.uid)};
      case By::program:
        return std::vector<std::string>{deed.program};
      case By::day:
        return std::vector<std::string>{utc_text(deed.at).substr(0, 10)};
      case By::project:
        break;
    }
    if (!deed.asset) return std::vector<std::string>{""};
    const auto known = projects_.find(*deed.asset);
    if (known != projects_.end()) return known->second;
    LENSFS_TRY(std::vector<std::string> projects, projects_of(db_, *deed.asset));
    if (projects.empty()) projects.emplace_back();
    return projects_.emplace(*deed.asset, std::move(projects)).first->second;
  }

  Database& db_;
  By by_;
  DeedWords words_;
  std::map<std::string, Sum> sums_;
  std::map<AssetId, std::vector<std::string>> projects_;
};

// --- order

using Less = bool (*)(const Sum& a, const Sum& b);
struct Order {
  std::string_view name;
  Less before;
};
constexpr std::array<Order, 9> kOrders = {
    {{"name", [](const Sum& a, const Sum& b) { return a.name < b.name; }},
     {"last", [](const Sum& a, const Sum& b) { return a.last > b.last; }},
     {"read", [](const Sum& a, const Sum& b) { return a.read > b.read; }},
     {"written", [](const Sum& a, const Sum& b) { return a.written > b.written; }},
     {"copied", [](const Sum& a, const Sum& b) { return a.copied > b.copied; }},
     {"changes", [](const Sum& a, const Sum& b) { return a.changes > b.changes; }},
     {"bytes", [](const Sum& a, const Sum& b) { return a.bytes > b.bytes; }},
     {"open", [](const Sum& a, const Sum& b) { return a.open_for > b.open_for; }},
     {"people", [](const Sum& a, const Sum& b) { return a.people.size() > b.people.size(); }}}};

template <typename List>
Result<std::size_t> chosen(const Invocation& invocation, std::string_view option, const List& list,
                           std::string_view otherwise) {
  const std::string word = invocation.value(option).value_or(std::string(otherwise));
  std::string names;
  for (std::size_t at = 0; at < list.size(); ++at) {
    std::string_view name;
    if constexpr (requires { list[at].name; }) {
      name = list[at].name;
    } else {
      name = list[at];
    }
    if (name == word) return at;
    names.append(names.empty() ? "" : ", ").append(name);
  }
  return fail(Error(Errc::usage, "no such choice")
                  .with(fmt::format("--{} {}; there are {}", option, word, names)));
}

// --- forms

std::string csv_of(const Sum& sum) {
  return fmt::format("{},{},{},{},{},{},{},{:.3f},{},{},{},{}", csv_cell(sum.name), sum.read,
                     sum.written, sum.copied, sum.changes, sum.bytes, sum.unknown,
                     seconds_of(sum.open_for), sum.people.size(), utc_text(sum.first),
                     utc_text(sum.last), sum.size < 0 ? "" : fmt::format("{}", sum.size));
}

std::string json_of(const Sum& sum, std::string_view by) {
  JsonObject json;
  json.set(by, sum.name)
      .set("read", sum.read)
      .set("written", sum.written)
      .set("copied", sum.copied)
      .set("changes", sum.changes)
      .set("bytes", sum.bytes)
      .set("read_by_kernel", sum.unknown)
      .set("open_seconds", seconds_of(sum.open_for))
      .set("people", sum.people.size())
      .set("first", utc_text(sum.first))
      .set("last", utc_text(sum.last));
  if (sum.size >= 0) json.set("size", sum.size);
  return json.text();
}

std::string row_of(const Sum& sum) {
  std::string bytes = size_text(static_cast<std::uint64_t>(sum.bytes));
  if (sum.unknown != 0) bytes = sum.bytes == 0 ? "?" : bytes + " + ?";
  return fmt::format("{:>6} {:>7} {:>6} {:>7} {:>6}  {:>12} {:>9}  {:<19}  {}", sum.read,
                     sum.written, sum.copied, sum.changes, sum.people.size(), bytes,
                     duration_text(seconds_of(sum.open_for)), time_text(sum.last),
                     shown_text(sum.name));
}

void print_sums(const Invocation& invocation, const std::vector<Sum>& sums, std::string_view by) {
  if (invocation.has("csv")) {
    print_line(
        fmt::format("{},read,written,copied,changes,bytes,read_by_kernel,open_seconds,"
                    "people,first,last,size",
                    by));
  } else if (!invocation.has("json")) {
    print_line(fmt::format("{:>6} {:>7} {:>6} {:>7} {:>6}  {:>12} {:>9}  {:<19}  {}", "read",
                           "written", "copied", "changes", "people", "bytes", "open", "last", by));
  }
  for (const Sum& sum : sums) {
    const std::string line = invocation.has("csv")    ? csv_of(sum)
                             : invocation.has("json") ? json_of(sum, by)
                                                      : row_of(sum);
    if (!print_line(line)) return;
  }
}

Result<std::vector<Sum>> sums_of(Database& db, const DeedFilter& filter, By by) {
  const Snapshot snapshot(db);
  Summary summary(db, by);
  for (const auto each : {each_use_deed, each_change_deed}) {
    Status status;
    LENSFS_CHECK(each(db, filter, [&](const Deed& deed) {
      status = summary.add(deed);
      return status.has_value();
    }));
    LENSFS_CHECK(std::move(status));
  }
  return summary.all();
}

Result<ExitCode> run_usage(const Invocation& invocation) {
  LENSFS_TRY(const std::size_t by, chosen(invocation, "by", kBy, "asset"));
  const bool is_by_day = static_cast<By>(by) == By::day;
  LENSFS_TRY(const std::size_t order,
             chosen(invocation, "sort", kOrders, is_by_day ? "name" : "last"));
  LENSFS_TRY(const auto limit, invocation.number("limit"));
  LENSFS_TRY(const auto catalog, open_library(invocation, invocation.operands()));
  AssetPaths paths(*catalog);
  LENSFS_TRY(const DeedFilter filter, deed_filter(invocation, *catalog, paths));
  LENSFS_TRY(const Pool::Reader reader, catalog->read());
  LENSFS_TRY(std::vector<Sum> sums, sums_of(*reader, filter, static_cast<By>(by)));
  std::stable_sort(sums.begin(), sums.end(), kOrders[order].before);
  if (limit && sums.size() > *limit) sums.resize(*limit);
  if (sums.empty() && !invocation.has("csv")) return ExitCode::nothing_found;
  print_sums(invocation, sums, kBy[by]);
  return sums.empty() ? ExitCode::nothing_found : ExitCode::done;
}

std::vector<Option> options() {
  std::vector<Option> all = deed_options();
  all.push_back({.name = "by",
                 .help = "a line for each asset (the default), project, person, program or day",
                 .value = "WHAT"});
  all.push_back({.name = "sort",
                 .help = "by name, last (the default), read, written, copied, changes, bytes, open "
                         "or people",
                 .value = "KEY"});
  all.push_back({.name = "limit", .help = "no more than so many", .letter = 'n', .value = "N"});
  all.push_back({.name = "csv", .help = "print CSV, for tables", .excludes = "json"});
  return all;
}

}  // namespace

Command usage_verb() {
  return {
      .name = "usage",
      .summary = "sum up who used and changed what",
      .description =
          "Prints for each asset, project, person, program or day how often files were opened for "
          "reading and for writing through a mount, copied inside the drive, and changed; by how "
          "many people, how many bytes went out, for how long files were open, and when it was the "
          "last time.\n\n"
          "Bytes are those that the mount handed out. Where the kernel reads by itself "
          "(passthrough, as root) it tells nobody how much: such openings are counted in "
          "read_by_kernel, and a ? stands in the table. What the kernel had in its cache is not "
          "counted either.\n\n"
          "PATH is a file or folder of the drive; a query does as well. --since and --until go by "
          "when something began. An asset that is in several projects counts in each. Who may not "
          "manage the library sees what they did themselves. [usage] in lensfs.toml says whether "
          "uses are recorded and how long they are kept; changes are kept always.",
      .operands = {.usage = "[PATH|QUERY]", .most = 1, .completes = Completes::files},
      .options = options(),
      .examples = {{{"lensfs usage --project demo --since -30d --by person", "who works on it"},
                    {"lensfs usage --sort read --limit 20 --csv", "what is opened most"}}},
      .run = run_usage};
}

}  // namespace lensfs
