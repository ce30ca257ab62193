#include "fs/listing.h"

#include <algorithm>

namespace lensfs {

namespace {

// What of an asset its attributes are made of.
struct FileRow {
  FileId file{};
  std::optional<DraftId> draft{};
  std::int64_t type = 0;
};

// The bytes being written tell their size and times. A copy that nobody wrote to yet still has the
// times of what it was copied from.
void overlay(Attributes& attributes, DraftId draft, const Drafts* drafts, KeptMode mode) {
  if (drafts == nullptr) return;
  const auto status = drafts->status(number(draft));
  if (!status) {
    attributes.moving = attributes.outdated = true;
    return;
  }
  const Nanoseconds mtime = from_timespec(status->st_mtim);
  const bool untouched = mtime == attributes.mtime && status->st_size == attributes.size;
  attributes.size = status->st_size;
  attributes.mtime = mtime;
  if (!untouched) attributes.ctime = std::max(attributes.ctime, from_timespec(status->st_ctim));
  attributes.blocks = status->st_blocks;
  if (const auto kept = mode == KeptMode::possible ? drafts->kept(number(draft)) : std::nullopt) {
    attributes.mode = static_cast<mode_t>(kept->mode) | (attributes.mode & S_IFMT);
    attributes.atime = kept->atime;
    attributes.ctime = std::max(attributes.ctime, from_timespec(status->st_ctim));
  }
  attributes.moving = true;
}

Attributes with_file(Attributes attributes, const FileRow& row, const Drafts* drafts,
                     KeptMode mode = KeptMode::possible) {
  constexpr std::int64_t kPermissions = 07777;
  attributes.ino = node_of(row.file);
  const auto type = row.type == 0 ? mode_t{S_IFREG} : static_cast<mode_t>(row.type);
  attributes.mode = type | (attributes.mode & kPermissions);
  if (S_ISDIR(type)) attributes.links = 2;
  if (row.draft) overlay(attributes, *row.draft, drafts, mode);
  return attributes;
}

}  // namespace

Attributes attributes_of(const Asset& asset, const Drafts* drafts, KeptMode mode) {
  const bool unplaced_on_purpose = asset.places == 0 && asset.state == AssetState::live;
  return with_file({.mode = static_cast<mode_t>(asset.mode),
                    .links = static_cast<nlink_t>(unplaced_on_purpose ? 1 : asset.places),
                    .uid = static_cast<uid_t>(asset.uid),
                    .gid = static_cast<gid_t>(asset.gid),
                    .size = asset.size,
                    .mtime = asset.mtime,
                    .ctime = asset.changed,
                    .atime = asset.atime,
                    .blocks = asset.blocks},
                   {asset.file, asset.draft, asset.type}, drafts, mode);
}

Attributes attributes_of(const Asset& asset, const Version& version) {
  constexpr std::int64_t kPermissions = 0777;
  const bool is_folder = S_ISDIR(static_cast<mode_t>(asset.type));
  return {.ino = node_of(version.id),
          .mode = (is_folder ? mode_t{S_IFDIR} : mode_t{S_IFREG}) |
                  static_cast<mode_t>(asset.mode & kPermissions),
          .links = is_folder ? nlink_t{2} : nlink_t{1},
          .uid = static_cast<uid_t>(asset.uid),
          .gid = static_cast<gid_t>(asset.gid),
          .size = version.size,
          .mtime = version.mtime,
          .ctime = version.created};
}

Attributes attributes_of(const ListedFile& listed, const Drafts* drafts) {
  return with_file({.mode = static_cast<mode_t>(listed.mode),
                    .links = static_cast<nlink_t>(listed.places == 0 ? 1 : listed.places),
                    .uid = static_cast<uid_t>(listed.uid),
                    .gid = static_cast<gid_t>(listed.gid),
                    .size = listed.size,
                    .mtime = listed.mtime,
                    .ctime = listed.changed,
                    .atime = listed.atime,
                    .blocks = listed.blocks},
                   {listed.file, listed.draft, listed.type}, drafts);
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

void Listing::keep_nothing() {
  is_momentary = true;
  for (Entry& entry : entries_) entry.keep = Keep::no;
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
