#include "fs/listing.h"

#include <algorithm>

namespace lensfs {

Attributes attributes_of(const Asset& asset) {
  return {.ino = node_of(asset.version),
          .mode = S_IFREG | static_cast<mode_t>(asset.mode & 0777),
          .links = static_cast<nlink_t>(std::max<std::int64_t>(asset.places, 1)),
          .uid = static_cast<uid_t>(asset.uid),
          .gid = static_cast<gid_t>(asset.gid),
          .size = asset.size,
          .mtime = asset.mtime,
          .ctime = asset.changed};
}

Attributes attributes_of(const ListedPlace& listed) {
  Asset asset;
  asset.version = listed.version;
  asset.mode = listed.mode;
  asset.uid = listed.uid;
  asset.gid = listed.gid;
  asset.places = listed.places;
  asset.size = listed.size;
  asset.mtime = listed.mtime;
  asset.changed = listed.changed;
  return attributes_of(asset);
}

void Listing::add(std::string_view name, std::uint64_t cookie, NodeId node,
                  const Attributes& attributes, Keep keep) {
  Entry entry;
  entry.cookie = cookie;
  entry.node = node;
  entry.attributes = attributes;
  entry.keep = keep;
  entry.name_at = static_cast<std::uint32_t>(names_.size());
  entry.name_size = static_cast<std::uint32_t>(name.size());
  names_.append(name);
  entries_.push_back(entry);
}

void Listing::sort() {
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.cookie < b.cookie; });
}

std::size_t Listing::after(std::uint64_t cookie) const {
  const auto at = std::upper_bound(
      entries_.begin(), entries_.end(), cookie,
      [](std::uint64_t value, const Entry& entry) { return value < entry.cookie; });
  return static_cast<std::size_t>(at - entries_.begin());
}

}  // namespace lensfs
