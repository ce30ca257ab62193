// Deeds: what people did, be it a change or a use, in one form; for `log` and `usage`.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalog/model/asset_set.h"
#include "catalog/model/feed.h"
#include "catalog/model/usage.h"
#include "tools/cli/place_paths.h"
#include "tools/command.h"

namespace lensfs {

class AssetPaths;
class Catalog;

struct Deed {
  Nanoseconds at = 0;
  std::int64_t uid = 0;
  Door door = Door::mount;
  std::string program;             // empty: not known
  std::string_view what;           // "read", "tagged"
  std::optional<AssetId> asset{};  // to which it was done
  std::optional<Use> use{};        // nothing: a change
  std::optional<Change> change{};
};

[[nodiscard]] constexpr double seconds_of(Nanoseconds time) {
  return static_cast<double>(time) / static_cast<double>(kNanosecondsPerSecond);
}

// Which deeds are wanted.
struct DeedFilter {
  std::optional<std::int64_t> uid{};
  Nanoseconds since = INT64_MIN;
  Nanoseconds until = INT64_MAX;  // exclusive
  std::optional<AssetSet> assets{};

  [[nodiscard]] bool covers(Nanoseconds at) const { return at >= since && at < until; }
  [[nodiscard]] bool wants(const Deed& deed) const;
};
// What --project, --person, --since and --until say, and the first operand: a path, or a query.
// Who may not manage the library is only asked about themselves: denied for others.
[[nodiscard]] Result<DeedFilter> deed_filter(const Invocation& invocation, Catalog& catalog,
                                             AssetPaths& paths);
// The options that it reads.
[[nodiscard]] std::vector<Option> deed_options();

// Uses, and changes that somebody made: not what was rendered or read from files meanwhile. Each
// kind newest first; `visit` returns false when it wants no more of that kind.
using VisitDeed = std::function<bool(Deed)>;
[[nodiscard]] Status each_use_deed(Database& db, const DeedFilter& filter, const VisitDeed& visit);
[[nodiscard]] Status each_change_deed(Database& db, const DeedFilter& filter,
                                      const VisitDeed& visit);

// DeedWords: what deeds are called. Keeps names of people and folders.
class DeedWords {
 public:
  explicit DeedWords(Database& db) : db_(db) {}
  [[nodiscard]] const std::string& person(std::int64_t uid);
  // "Projects/demo/clip.mov"; of what has no place, its name.
  [[nodiscard]] Result<std::string> path_of(AssetId asset);
  // What it was done to, and what more is to be said: "place/oslo" of a tag.
  [[nodiscard]] Result<std::string> object_of(const Deed& deed);
  [[nodiscard]] Result<std::string> detail_of(const Deed& deed);

 private:
  [[nodiscard]] Result<std::string> folder_path(FolderId folder);
  Database& db_;
  PlacePaths places_;
  std::map<std::int64_t, std::string> people_;
};

}  // namespace lensfs
