// Listing: the entries of one folder as they were at one moment, in the order of their cookies.
// Names lie in one string, entries are plain: 100,000 of them take about 10 MB while in use.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/clock.h"
#include "catalog/model/asset.h"
#include "catalog/model/feed.h"
#include "catalog/model/project.h"
#include "catalog/store/drafts.h"
#include "fs/node_id.h"

namespace lensfs {

struct Attributes {
  NodeId ino{};     // st_ino
  mode_t mode = 0;  // type and permission bits
  nlink_t links = 1;
  uid_t uid = 0;
  gid_t gid = 0;
  std::int64_t size = 0;  // bytes
  Nanoseconds mtime = 0;
  Nanoseconds ctime = 0;
  std::optional<Nanoseconds> atime{};    // nothing: as mtime
  std::optional<std::int64_t> blocks{};  // of 512 bytes; nothing: as many as the size needs
  bool moving = false;                   // it is being written: the kernel must ask each time
  // It was being written when the catalog was asked, and is saved by now: to be asked again.
  bool outdated = false;
};

// The attributes of the file that an asset's names lead to. Where it is being written, `drafts`
// tells its size and times; null: as of its last version.
// The permissions that are kept with the draft (Drafts::Kept) are read where there may be some.
enum class KeptMode { possible, none };
[[nodiscard]] Attributes attributes_of(const Asset& asset, const Drafts* drafts,
                                       KeptMode mode = KeptMode::possible);

// An asset's version as a file of its own.
[[nodiscard]] Attributes attributes_of(const Asset& asset, const Version& version);

// The same for what a listing reads of a live asset.
[[nodiscard]] Attributes attributes_of(const ListedFile& listed, const Drafts* drafts);

// How long the kernel may keep what it was told: until it is told otherwise, or not at all.
enum class Keep { until_told, no };

class Listing {
 public:
  struct Entry {
    std::uint64_t cookie = 0;  // position for readdir, stable while the entry exists; > 0
    NodeId node{};
    Attributes attributes;
    Keep keep = Keep::until_told;

   private:
    friend class Listing;
    std::uint32_t name_at = 0;
    std::uint32_t name_size = 0;
  };

  // Entries must come with rising cookies.
  void add(std::string_view name, std::uint64_t cookie, NodeId node, const Attributes& attributes,
           Keep keep = Keep::until_told);
  template <typename Change>
  void each(Change&& change) {
    for (Entry& entry : entries_) change(entry);
  }
  // For a folder that is not the same for long, or for everybody: nothing of it is to be kept.
  void keep_nothing();
  // Sorts by cookie, for sources that come in another order.
  void sort();

  [[nodiscard]] std::string_view name(const Entry& entry) const {
    return std::string_view(names_).substr(entry.name_at, entry.name_size);
  }
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  // Index of the first entry whose cookie is greater.
  [[nodiscard]] std::size_t after(std::uint64_t cookie) const;

  ChangeId as_of{};                // the last change that was in the catalog when this was read
  std::uint64_t drafts_begun = 0;  // Tree::drafts_begun then
  std::uint64_t viewer = 0;        // who sees it so; 0: who sees everything
  bool is_mixed = false;           // not everybody sees it so: the kernel must not keep it
  bool is_momentary = false;       // it changes without a change: nobody may keep it for long

 private:
  std::string names_;
  std::vector<Entry> entries_;
};

// Cookies: a class above the row's id, so that folders come first and no two entries share one.
// 1 and 2 are "." and "..".
[[nodiscard]] constexpr std::uint64_t folder_cookie(std::int64_t id) {
  return (std::uint64_t{1} << 48) | static_cast<std::uint64_t>(id);
}
[[nodiscard]] constexpr std::uint64_t file_cookie(std::int64_t id) {
  return (std::uint64_t{2} << 48) | static_cast<std::uint64_t>(id);
}

}  // namespace lensfs
