#include "fs/set_cache.h"

#include <algorithm>

#include "catalog/model/search.h"

namespace lensfs {
namespace {

// Beyond this many sets all are dropped and read again as they are asked for: simpler than a list
// by age, and a library has far fewer terms in use.
constexpr std::size_t kMostSets = 8192;
// More changes than this at once are not looked at one by one: nothing that is older holds.
constexpr std::int64_t kMostChanges = 4096;

bool moves_members(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::xattr_changed:
    case ChangeKind::attributes_changed:
    case ChangeKind::version_added:
    case ChangeKind::folder_added:
    case ChangeKind::folder_removed:
    case ChangeKind::saved:
    case ChangeKind::search_changed:
    case ChangeKind::version_purged:
    case ChangeKind::rendition_ready:
    case ChangeKind::rendition_failed:
    case ChangeKind::rendition_replaced:
    case ChangeKind::access_changed:
    case ChangeKind::role_changed:
      return false;
    case ChangeKind::asset_added:
    case ChangeKind::place_added:
    case ChangeKind::place_removed:
    case ChangeKind::project_added:
    case ChangeKind::tag_added:
    case ChangeKind::tag_removed:
    case ChangeKind::tagged:
    case ChangeKind::untagged:
    case ChangeKind::field_changed:
    case ChangeKind::trashed:
    case ChangeKind::restored:
    case ChangeKind::removed:
    case ChangeKind::renamed:
    case ChangeKind::project_removed:
    case ChangeKind::label_changed:
    case ChangeKind::term_renamed:
    case ChangeKind::term_links_changed:
    case ChangeKind::fields_declared:
    case ChangeKind::marker_changed:
      return true;
  }
  return true;
}

}  // namespace

void Staleness::note(const Change& change) {
  const std::scoped_lock lock(mutex_);
  note_locked(change);
  // Changes of this process are noted at once, those of others when they are read.
  if (followed_ && number(change.id) == number(*followed_) + 1) followed_ = change.id;
}

Status Staleness::follow(Database& db, ChangeId last) {
  ChangeId since{};
  {
    const std::scoped_lock lock(mutex_);
    if (!followed_) begin_at(last);
    if (last <= *followed_) return {};
    since = *followed_;
  }
  LENSFS_TRY(const std::vector<Change> changes, changes_after(db, since, kMostChanges));
  const std::scoped_lock lock(mutex_);
  for (const Change& change : changes) note_locked(change);
  if (static_cast<std::int64_t>(changes.size()) == kMostChanges) begin_at(last);
  followed_ = std::max(*followed_, last);
  return {};
}

void Staleness::begin_at(ChangeId last) {
  tags_.clear();
  any_ = std::max(any_, last);
  hidden_ = sets_ = any_;
  followed_ = std::max(followed_.value_or(last), last);
}

void Staleness::note_locked(const Change& change) {
  any_ = std::max(any_, change.id);
  if (!moves_members(change.kind)) return;
  sets_ = std::max(sets_, change.id);
  if (change.kind == ChangeKind::trashed || change.kind == ChangeKind::restored) {
    hidden_ = std::max(hidden_, change.id);
  }
  if (change.tag) {
    ChangeId& last = tags_[*change.tag];
    last = std::max(last, change.id);
  }
}

bool Staleness::tag_holds(TagId tag, ChangeId as_of) const {
  const std::scoped_lock lock(mutex_);
  if (as_of < hidden_) return false;
  const auto at = tags_.find(tag);
  return at == tags_.end() || as_of >= at->second;
}

bool Staleness::sets_hold(ChangeId as_of) const {
  const std::scoped_lock lock(mutex_);
  return as_of >= sets_;
}

bool Staleness::everything_holds(ChangeId as_of) const {
  const std::scoped_lock lock(mutex_);
  return as_of >= any_;
}

// A transaction sees changes that may never be, and whose numbers others get then.
Result<ChangeId> CachedSets::moment(Database& db) {
  LENSFS_TRY(const ChangeId last, last_change(db));
  if (!db.is_writing()) LENSFS_CHECK(staleness_.follow(db, last));
  return last;
}

Result<SharedSet> CachedSets::kept(Database& db, const std::string& key, const Holds& holds,
                                   const Make& make) {
  {
    const std::scoped_lock lock(mutex_);
    const auto at = kept_.find(key);
    if (at != kept_.end() && holds(at->second.as_of)) return at->second.set;
  }
  // The change number is read first: what the set then holds is at least as new.
  LENSFS_TRY(const ChangeId as_of, moment(db));
  LENSFS_TRY(SharedSet set, make());
  if (db.is_writing()) return set;
  const std::scoped_lock lock(mutex_);
  if (kept_.size() >= kMostSets) kept_.clear();
  kept_[key] = {set, as_of};
  return set;
}

Result<SharedSet> CachedSets::tagged(Database& db, TagId tag) {
  return kept(
      db, "tag " + std::to_string(number(tag)),
      [&](ChangeId as_of) { return staleness_.tag_holds(tag, as_of); },
      [&] { return sql_.tagged(db, tag); });
}

Result<SharedSet> CachedSets::composed(Database& db, const std::string& key, const Make& make) {
  return kept(
      db, key, [&](ChangeId as_of) { return staleness_.sets_hold(as_of); }, make);
}

Result<SharedSet> CachedSets::all(Database& db) {
  return composed(db, "all", [&] { return sql_.all(db); });
}

Result<SharedSet> CachedSets::in_project(Database& db, ProjectId project) {
  return composed(db, "project " + std::to_string(number(project)),
                  [&] { return sql_.in_project(db, project); });
}

Result<SharedSet> CachedSets::of_kind(Database& db, std::string_view kind) {
  return composed(db, "kind " + std::string(kind), [&] { return sql_.of_kind(db, kind); });
}

Result<SharedSet> CachedSets::with_field(Database& db, std::string_view key,
                                         std::string_view value) {
  std::string name = "field " + std::string(key);
  name.append("=").append(value);
  return composed(db, name, [&] { return sql_.with_field(db, key, value); });
}

Result<SharedSet> CachedSets::matching(Database& db, const Query& term) {
  if (looks_at_uses(term)) return matching_set(db, *this, term);  // no change tells of a use
  const bool files = looks_at_files(term);
  std::string key = "matching " + term_text(term);
  if (looks_at_content(term)) {
    LENSFS_TRY(const Veil veil, this->veil(db));
    key += veil.suffix();
  }
  return kept(
      db, key,
      [&](ChangeId as_of) {
        return files ? staleness_.everything_holds(as_of) : staleness_.sets_hold(as_of);
      },
      [&] { return matching_set(db, *this, term); });
}

Result<SharedSet> CachedSets::named(Database& db, std::string_view glob) {
  return composed(db, "named " + std::string(glob), [&] { return sql_.named(db, glob); });
}

}  // namespace lensfs
