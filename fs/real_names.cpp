#include "fs/real_names.h"

#include <algorithm>
#include <array>

#include "catalog/base/text.h"

namespace lensfs {
namespace {

constexpr std::array<std::string_view, 2> kPrefixes = {"glusterfs.get_real_filename:",
                                                       "user.glusterfs.get_real_filename:"};
// Clients work in few folders at a time; a folder of 10,000 names takes about 1 MB.
constexpr std::size_t kMostFolders = 32;
// With more changes than this since, the folder is read again.
constexpr std::int64_t kMostChanges = 4096;

bool adds_name(const Change& change, NodeId folder) {
  return (change.kind == ChangeKind::place_added || change.kind == ChangeKind::folder_added) &&
         change.folder && node_of(*change.folder) == folder;
}

}  // namespace

std::optional<std::string_view> asked_real_name(std::string_view attribute) {
  for (const std::string_view prefix : kPrefixes) {
    if (attribute.starts_with(prefix)) return attribute.substr(prefix.size());
  }
  return std::nullopt;
}

Result<std::string> RealNames::find(NodeId folder, std::string_view name) {
  if (name.empty() || name.find('/') != std::string_view::npos) return fail(Errc::invalid);
  LENSFS_TRY(const Key key, key_of(folder));
  LENSFS_CHECK(bring_up_to_date(key));
  for (std::string& spelled : kept_names(key, fold_name(name))) {
    const auto found = tree_.lookup(folder, spelled);
    if (found) return std::move(spelled);
    if (!is_missing(found)) return fail(found.error());
  }
  return fail(Errc::not_found);
}

Result<RealNames::Key> RealNames::key_of(NodeId folder) {
  if (!tree_.access().is_active()) return Key{folder, 0};
  LENSFS_TRY(const auto db, tree_.catalog().read());
  LENSFS_TRY(const std::uint64_t viewer, tree_.access().viewer(*db));
  return Key{folder, viewer};
}

std::vector<std::string> RealNames::kept_names(const Key& key, const std::string& folded) {
  const std::scoped_lock lock(mutex_);
  for (const Folded& kept : kept_) {
    if (kept.key != key) continue;
    const auto names = kept.names.find(folded);
    return names == kept.names.end() ? std::vector<std::string>() : names->second;
  }
  return {};
}

std::optional<ChangeId> RealNames::kept_as_of(const Key& key) {
  const std::scoped_lock lock(mutex_);
  for (auto kept = kept_.begin(); kept != kept_.end(); ++kept) {
    if (kept->key != key) continue;
    kept_.splice(kept_.begin(), kept_, kept);
    return kept->as_of;
  }
  return std::nullopt;
}

Status RealNames::bring_up_to_date(const Key& key) {
  const std::optional<ChangeId> as_of = kept_as_of(key);
  // What the root shows changes without a word in the log; such folders are small.
  if (!as_of || class_of(key.folder) == NodeClass::fixed) return read_all(key);
  std::vector<Change> changes;
  {
    LENSFS_TRY(const auto db, tree_.catalog().read());
    LENSFS_TRY(changes, changes_after(*db, *as_of, kMostChanges));
  }
  if (changes.empty()) return {};
  // Only of folders in projects does the log name what comes; elsewhere anything may have.
  const bool is_told = class_of(key.folder) == NodeClass::folder;
  if (!is_told || changes.size() == static_cast<std::size_t>(kMostChanges)) return read_all(key);
  add(key, changes);
  return {};
}

void RealNames::add(const Key& key, const std::vector<Change>& changes) {
  const std::scoped_lock lock(mutex_);
  for (Folded& kept : kept_) {
    if (kept.key != key) continue;
    for (const Change& change : changes) {
      if (!adds_name(change, key.folder)) continue;
      std::vector<std::string>& names = kept.names[fold_name(change.name)];
      if (std::find(names.begin(), names.end(), change.name) == names.end()) {
        names.push_back(change.name);
      }
    }
    kept.as_of = std::max(kept.as_of, changes.back().id);
    return;
  }
}

Status RealNames::read_all(const Key& key) {
  LENSFS_TRY(const Tree::Shared listing, tree_.list(key.folder, Tree::Read::fresh));
  Folded folded{.key = key, .as_of = listing->as_of, .names = {}};
  for (const Listing::Entry& entry : listing->entries()) {
    const std::string_view name = listing->name(entry);
    folded.names[fold_name(name)].emplace_back(name);
  }
  const std::scoped_lock lock(mutex_);
  kept_.remove_if([&](const Folded& kept) { return kept.key == key; });
  kept_.push_front(std::move(folded));
  if (kept_.size() > kMostFolders) kept_.pop_back();
  return {};
}

}  // namespace lensfs
