#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "catalog/base/text.h"
#include "catalog/model/field.h"
#include "catalog/model/marker.h"
#include "catalog/model/search.h"
#include "catalog/model/tag.h"
#include "catalog/model/usage.h"
#include "tools/cli/library_path.h"
#include "tools/cli/place_paths.h"
#include "tools/cli/print.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

using FieldMap = std::map<std::string, std::string, std::less<>>;

// What one asset is shown as, read once.
struct Shown {
  Asset asset;
  std::vector<std::string> terms;
  FieldMap fields;
  std::vector<std::string> paths;
};

class Finder {
 public:
  Finder(const Invocation& invocation, Database& db) : invocation_(invocation), db_(db) {}

  // The assets in the order in which they are shown, and no more than are wanted.
  Result<std::vector<AssetId>> sorted(const AssetSet& set) {
    LENSFS_TRY(const auto limit, invocation_.number("limit"));
    const auto key = invocation_.value("sort");
    std::vector<std::pair<SortKey, AssetId>> rows;
    Status status;
    set.each([&](AssetId id) {
      if (!key && limit && rows.size() == *limit && !invocation_.has("reverse")) return false;
      auto sort_key = key ? key_of(id, *key) : Result<SortKey>(SortKey());
      if (!sort_key) {
        status = fail(sort_key.error());
        return false;
      }
      rows.emplace_back(*std::move(sort_key), id);
      return true;
    });
    if (!status) return fail(status.error());
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    if (invocation_.has("reverse")) std::reverse(rows.begin(), rows.end());
    std::vector<AssetId> ids;
    for (const auto& [sort_key, id] : rows) {
      if (!limit || ids.size() < *limit) ids.push_back(id);
    }
    return ids;
  }

  // The ranges that say what the query's marker: terms ask for, as paths of sub-clips.
  Result<bool> show_subclips(const Query& query, const AssetSet& found) {
    if (marker_phrases_of(query).empty()) {
      return fail(Error(Errc::usage, "--subclips is for queries with a marker: term"));
    }
    LENSFS_TRY(const std::vector<Marker> markers, markers_found(db_, query, found));
    for (const Marker& marker : markers) {
      LENSFS_TRY(const FrameClock clock, clock_of(db_, marker.asset));
      LENSFS_TRY(const auto paths, places_.of(db_, marker.asset));
      for (const std::string& path : paths) {
        const std::size_t name = path.rfind('/') + 1;
        const std::string clip =
            path.substr(0, name) + subclip_name(clock, path.substr(name), marker);
        if (!print(clip + (invocation_.has("null") ? '\0' : '\n'))) return false;
      }
    }
    return true;
  }

  // False once nobody reads the output any more.
  Result<bool> show(AssetId id) {
    if (invocation_.has("json") || invocation_.has("table")) {
      LENSFS_TRY(const Shown shown, read(id));
      return print_line(invocation_.has("json") ? json_of(shown) : row_of(shown));
    }
    LENSFS_TRY(const auto paths, places_.of(db_, id));
    const std::string end(1, invocation_.has("null") ? '\0' : '\n');
    for (const std::string& path : paths) {
      if (!print(path + end)) return false;
    }
    return true;
  }

  void show_head() const {
    std::string head;
    for (const std::string& column : columns())
      head += fmt::format("{:<{}}  ", column, width_of(column));
    print_line(head);
  }

 private:
  // Missing values come last; quantities before texts.
  using SortKey = std::tuple<int, double, std::string>;

  Result<SortKey> key_of(AssetId id, const std::string& key) {
    LENSFS_TRY(const Asset asset, find_asset(db_, id));
    if (key == "name") return SortKey(1, 0, asset.name_key);
    if (key == "kind") return SortKey(1, 0, asset.kind);
    if (key == "size") return SortKey(0, static_cast<double>(asset.size), "");
    if (key == "added") return SortKey(0, static_cast<double>(asset.created), "");
    if (key == "modified") return SortKey(0, static_cast<double>(asset.mtime), "");
    if (key == "lastused") {
      LENSFS_TRY(const auto usage, usage_of(db_, id));
      return usage ? SortKey(0, static_cast<double>(usage->last), "") : SortKey(2, 0, "");
    }
    const auto field = find_field(db_, id, key);
    if (!field && !is_missing(field)) return fail(field.error());
    if (!field) return SortKey(2, 0, "");
    LENSFS_TRY(const FieldType type, type_of_field(db_, key));
    const auto extent = extent_of(type.form, field->value);
    return extent ? SortKey(0, extent->from, "") : SortKey(1, 0, fold_name(field->value));
  }

  Result<Shown> read(AssetId id) {
    Shown shown;
    LENSFS_TRY(shown.asset, find_asset(db_, id));
    LENSFS_TRY(const auto tags, tags_of(db_, id));
    for (const Tag& tag : tags) shown.terms.push_back(tag.path);
    LENSFS_TRY(const auto fields, fields_of(db_, id));
    for (const Field& field : fields) shown.fields[field.key] = field.value;
    LENSFS_TRY(shown.paths, places_.of(db_, id));
    return shown;
  }

  static std::string json_of(const Shown& shown) {
    JsonObject fields;
    for (const auto& [key, value] : shown.fields) fields.set(key, value);
    return JsonObject()
        .set("id", base32_id(number(shown.asset.id)))
        .set("name", shown.asset.name)
        .set("kind", shown.asset.kind)
        .set("size", shown.asset.size)
        .set("modified", utc_text(shown.asset.mtime))
        .set("tags", shown.terms)
        .set("fields", fields)
        .set("paths", shown.paths)
        .text();
  }

  [[nodiscard]] std::vector<std::string> columns() const {
    const auto given = invocation_.value("columns");
    return list_items(given ? *given : "name,kind,size,duration,tags,path");
  }

  static int width_of(std::string_view column) {
    if (column == "name") return 32;
    if (column == "tags") return 24;
    return column == "path" ? 1 : 10;
  }

  static std::string cell_of(const Shown& shown, const std::string& column) {
    if (column == "name") return shown.asset.name;
    if (column == "kind") return shown.asset.kind;
    if (column == "size") return size_text(static_cast<std::uint64_t>(shown.asset.size));
    if (column == "added") return time_text(shown.asset.created);
    if (column == "modified") return time_text(shown.asset.mtime);
    if (column == "path") return shown.paths.empty() ? "" : shown.paths.front();
    if (column == "tags") {
      std::string all;
      for (const std::string& term : shown.terms) all += (all.empty() ? "" : ",") + term;
      return all;
    }
    const auto field = shown.fields.find(column);
    return field == shown.fields.end() ? "" : field->second;
  }

  [[nodiscard]] std::string row_of(const Shown& shown) const {
    std::string row;
    for (const std::string& column : columns()) {
      row += fmt::format("{:<{}}  ", shown_text(cell_of(shown, column)), width_of(column));
    }
    return row;
  }

  const Invocation& invocation_;
  Database& db_;
  PlacePaths places_;
};

Result<ExitCode> run_find(const Invocation& invocation) {
  std::string text;
  for (const std::string& word : invocation.operands()) text += (text.empty() ? "" : " ") + word;
  LENSFS_TRY(const Query query, parse_query(text));
  LENSFS_TRY(const auto catalog, open_library(invocation, {}));
  LENSFS_TRY(const Pool::Reader reader, catalog->read());
  // One moment for all: what is found is shown as it was when it was found.
  LENSFS_CHECK(reader->begin_read());
  SqlSets sets;
  LENSFS_TRY(const SharedSet found, evaluate(*reader, sets, query));
  if (invocation.has("count")) {
    print_line(invocation.has("json") ? JsonObject().set("count", found->count()).text()
                                      : fmt::format("{}", found->count()));
  } else {
    Finder finder(invocation, *reader);
    if (invocation.has("subclips")) {
      LENSFS_CHECK(finder.show_subclips(query, *found));
      return found->empty() ? ExitCode::nothing_found : ExitCode::done;
    }
    LENSFS_TRY(const std::vector<AssetId> ids, finder.sorted(*found));
    if (invocation.has("table") && !invocation.has("json")) finder.show_head();
    for (const AssetId id : ids) {
      LENSFS_TRY(const bool read, finder.show(id));
      if (!read) break;
    }
  }
  reader->rollback();
  return found->empty() ? ExitCode::nothing_found : ExitCode::done;
}

}  // namespace

Command find_verb() {
  return {
      .name = "find",
      .summary = "print the paths of the assets that a query finds",
      .description =
          "Prints every place of every asset that matches, as a path of the drive. A query is made "
          "of words and terms, joined by and, or, not and parentheses; words beside each other "
          "mean "
          "and; quotes keep spaces. A word alone means: in the name, the name of a tag, or said by "
          "a field, a marker or a document.\n\n"
          "Terms: tag:TERM (with its sub-terms), project:NAME, name:GLOB, kind:KIND, ext:EXT, "
          "label:LABEL, author:WHO of any version, text:WORDS (a * at the end: the last one goes "
          "on), stem:WORDS (any form of them), marker:WORDS, like:NAME (similar names), "
          "is:untagged, is:unused (nobody ever opened it), has:WHAT and no:WHAT with tag, proxy, "
          "marker, label, project, text or a "
          "field's key.\n\n"
          "Fields, size, added, modified, lastused and version are compared: KEY:VALUE "
          "(case-blind, * and ? "
          "stand for other characters), KEY:FROM..UNTIL, KEY=VALUE (exact), !=, <, <=, >, >=. "
          "Dates are as exact as they are written: shot:2026-05 is all of May, shot>2026-05 what "
          "came after it; today, yesterday, and -7d with added and modified. A field that an asset "
          "does not have is neither more nor less than anything.\n\n"
          "The current state is searched, without the trash and scratch files. An asset that is in "
          "no project is counted but has no place to print. The exit status is 1 when nothing is "
          "found. The same queries are folder names in /Search; catalog/QUERIES.md explains them.",
      .operands = {.usage = "QUERY…", .least = 1},
      .options = {{.name = "count", .help = "print only how many assets there are", .letter = 'c'},
                  {.name = "sort",
                   .help = "by name, kind, size, added, modified, lastused or a field",
                   .value = "KEY"},
                  {.name = "reverse", .help = "the other way round"},
                  {.name = "limit", .help = "no more than so many", .value = "N"},
                  {.name = "table", .help = "a line for each asset, in columns"},
                  {.name = "columns",
                   .help = "which: name,kind,size,added,modified,tags,path and fields",
                   .value = "LIST"},
                  {.name = "subclips",
                   .help = "the ranges that markers found mark, as names of files"},
                  {.name = "null", .help = "end paths with a NUL byte", .letter = '0'}},
      .examples = {{{"lensfs find 'tag:place/oslo and not kind:audio'",
                     "everything from Oslo that is not sound"},
                    {"lensfs find -0 'name:*.mov' | lensfs tag --from0 - +film",
                     "tags every file whose name ends in .mov"}}},
      .run = run_find};
}

}  // namespace lensfs
