#include "fs/tree.h"

#include <algorithm>

#include "catalog/base/text.h"
#include "fs/view_project.h"
#include "fs/view_result.h"
#include "fs/view_root.h"
#include "fs/view_sequence.h"
#include "fs/view_trash.h"

namespace lensfs {
namespace {

// Listings of this many folders are kept: enough for the scans that go on at once.
constexpr std::size_t kKeptListings = 32;
constexpr int kMostLinks = 16;
constexpr int kMostQuestions = 4;  // of a file whose draft is gone: it may have been lost
// Beyond this many changes of one edit the follower of the log brings the rest.
constexpr std::int64_t kMostChanges = 100'000;

}  // namespace

Tree::Tree(Catalog& catalog, PathLog& log, Settings settings)
    : settings_(std::move(settings)),
      nodes_(log),
      time_nodes_(log),
      lens_nodes_(log),
      access_({nodes_, time_nodes_, lens_nodes_}),
      sets_(staleness_),
      context_{catalog, sets_, nodes_, 0, 0, settings_.scratch, nullptr, &refused_, access_} {
  if (const auto drafts = catalog.store().drafts()) context_.drafts = *drafts;
  struct stat library {};
  if (::stat(catalog.path().c_str(), &library) == 0) {
    context_.uid = library.st_uid;
    context_.gid = library.st_gid;
  }
  begin_access();
  root_ = std::make_unique<RootView>(context_);
  projects_ = std::make_unique<ProjectView>(context_);
  tags_ = std::make_unique<TagView>(context_);
  search_ = std::make_unique<SearchView>(context_);
  sidecars_ = std::make_unique<SidecarView>(context_);
  paths_ = std::make_unique<PathView>(context_);
  files_ = std::make_unique<FileView>(context_);
  trash_ = std::make_unique<TrashView>(context_);
  sequences_ = std::make_unique<SequenceView>(context_);
  const auto find = [this](Database& db, NodeId folder, std::string_view name) -> Result<Found> {
    return child_in_view(db, folder, name);
  };
  time_ = std::make_unique<TimeView>(context_, time_nodes_, find);
  lens_ = std::make_unique<LensView>(context_, lens_nodes_, settings_.renditions, plain());
}

Tree::~Tree() = default;

// The drive without profiles: what lies behind them.
LensView::Plain Tree::plain() {
  return {.find = [this](Database& db, NodeId folder,
                         std::string_view name) { return find_plain(db, folder, name); },
          .list = [this](Database& db, NodeId folder) { return list_in_view(db, folder); },
          .attributes = [this](Database& db, NodeId folder) -> Result<Attributes> {
            LENSFS_TRY(View* const view, view_of(folder));
            return view->attributes(db, folder);
          }};
}

Result<Found> Tree::find_plain(Database& db, NodeId folder, std::string_view name) {
  auto found = child_in_view(db, folder, name);
  if (found || found.error().code() != Errc::not_found || is_sequence(folder)) return found;
  found = time_->lens(db, folder, name);
  if (found || found.error().code() != Errc::not_found) return found;
  return frame_beside(db, folder, name);
}

Status Tree::root_at(std::string_view profile) {
  const Profile* const known = settings_.renditions.profiles.find(profile);
  if (profile.empty() || (known != nullptr && known->is_original())) {
    root_at_ = NodeId::root;
    return {};
  }
  LENSFS_TRY(const NodeId root, lens_->rooted_at(profile));
  root_at_ = root;
  return {};
}

Result<std::optional<NewJob>> Tree::missing(NodeId folder, std::string_view name) {
  LENSFS_TRY(const auto db, context_.catalog.snapshot());
  return lens_->missing(*db, behind_root(folder), name);
}

void Tree::accept(const Change& change) {
  access_.book().accept(change);
  staleness_.note(change);
  if (change.is_purge()) time_->forget_moments();
}

Result<View*> Tree::view_of(NodeId node) {
  switch (class_of(node)) {
    case NodeClass::file:
    case NodeClass::version:
      return files_.get();
    case NodeClass::folder:
      return projects_.get();
    case NodeClass::tag:
      return tags_.get();
    case NodeClass::path:
      return paths_.get();
    case NodeClass::time:
      return time_.get();
    case NodeClass::lens:
    case NodeClass::rendition:
    case NodeClass::outline:
      return lens_.get();
    case NodeClass::sidecar:
      return sidecars_.get();
    case NodeClass::brought:
      return fail(Errc::stale);  // the mount's own
    case NodeClass::frame:
    case NodeClass::sequence:
    case NodeClass::past_sequence:
      return sequences_.get();
    case NodeClass::fixed:
      break;
  }
  switch (node) {
    case NodeId::root:
      return root_.get();
    case NodeId::projects:
      return projects_.get();
    case NodeId::tags:
      return tags_.get();
    case NodeId::search:
      return search_.get();
    case NodeId::trash:
      return trash_.get();
    case NodeId::versions:
      return time_.get();
    case NodeId::resolutions:
      return lens_.get();
    case NodeId::control:
    case NodeId::control_jobs:
    case NodeId::control_searches:
    case NodeId::control_status:
    case NodeId::control_requests:
      break;  // the mount's own
  }
  return fail(Errc::stale);
}

// A save that comes between the question to the catalog and the look at the draft is over then.
Result<Found> Tree::lookup(NodeId folder, std::string_view name) {
  Result<Found> found = look_up_once(folder, name);
  for (int more = kMostQuestions; found && found->attributes.outdated && more > 0; --more) {
    found = look_up_once(folder, name);
  }
  return found;
}

Result<Attributes> Tree::attributes(NodeId node) {
  Result<Attributes> attributes = attributes_once(node);
  for (int more = kMostQuestions; attributes && attributes->outdated && more > 0; --more) {
    attributes = attributes_once(node);
  }
  return attributes;
}

Result<Found> Tree::look_up_once(NodeId folder, std::string_view name) {
  if (name.size() > kNameLimit) return fail(Errc::name_too_long);
  folder = behind_root(folder);
  LENSFS_TRY(const auto db, context_.catalog.snapshot());
  LENSFS_CHECK(access_.allow(*db, folder, Right::list));
  auto found = find_plain(*db, folder, name);
  if (is_missing(found) && !is_sequence(folder)) found = lens_->lens(*db, folder, name);
  if (is_missing(found) && !is_legal_name(name)) {
    // The bytes that a file came with find it too, though its spelling is what is listed.
    found = child_in_view(*db, folder, legal_name(name));
    if (found) found->keep = Keep::no;
  }
  if (is_missing(found)) {
    found = sidecars_->find(*db, folder, name, [&](std::string_view beside) {
      return find_plain(*db, folder, beside);
    });
  }
  if (!found) return found;
  LENSFS_CHECK(access_.show(*db, folder, *found));
  show_sequence(folder, found->node, found->attributes);
  return found;
}

Result<std::string> Tree::sidecar_text(NodeId node) {
  LENSFS_TRY(const auto db, context_.catalog.read());
  return sidecars_->text_of(*db, node);
}

Status Tree::take_sidecar(const Asking& asking, NodeId node, std::string_view text) {
  return edit(asking, [&](Editing& editing) { return sidecars_->take(editing, node, text); });
}

Result<Attributes> Tree::attributes_once(NodeId node) {
  LENSFS_TRY(View* const view, view_of(node));
  LENSFS_TRY(const auto db, context_.catalog.snapshot());
  LENSFS_CHECK(access_.allow(*db, node, node == NodeId::root ? Right::none : Right::list));
  LENSFS_TRY(Attributes attributes, view->attributes(*db, node));
  LENSFS_CHECK(access_.show(*db, node, attributes));
  return attributes;
}

Result<std::string> Tree::link_target(NodeId node) {
  LENSFS_CHECK(allow(node, Right::list));
  LENSFS_TRY(View* const view, view_of(node));
  return view->link_target(node);
}

Result<NodeId> Tree::resolve(std::string_view path) {
  std::vector<NodeId> above = {NodeId::root};
  std::string rest(path);
  int links = 0;
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    const std::string name = rest.substr(0, slash);
    rest = slash == std::string::npos ? "" : rest.substr(slash + 1);
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      if (above.size() > 1) above.pop_back();
      continue;
    }
    LENSFS_TRY(const Found found, lookup(above.back(), name));
    if (!S_ISLNK(found.attributes.mode)) {
      above.push_back(found.node);
      continue;
    }
    if (++links > kMostLinks) return fail(Errc::invalid, "too many links");
    LENSFS_TRY(const std::string target, link_target(found.node));
    rest = target + "/" + rest;
  }
  return above.back();
}

Result<std::vector<Change>> Tree::logged_by(Transaction& txn) {
  const std::int64_t first = txn.logged().first;
  if (first == 0) return std::vector<Change>();
  return changes_after(txn.db(), static_cast<ChangeId>(first - 1), kMostChanges);
}

Status Tree::edit(const Asking& asking, const std::function<Status(Editing&)>& work) {
  std::vector<Change> changes;
  const Status done = context_.catalog.write_soon([&](Transaction& txn) -> Status {
    const AccessGate::Within transaction;
    if (asking.request.resent) {
      LENSFS_TRY(const bool before, is_done(txn.db(), asking.request));
      if (before) return {};
    }
    Editing editing{txn, asking.actor};
    LENSFS_CHECK(work(editing));
    LENSFS_CHECK(access_.allow_term_changes(txn));
    LENSFS_TRY(changes, logged_by(txn));
    if (asking.request.mount.empty()) return {};
    return note_done(txn, asking.request);
  });
  if (!done) return done;
  // Whoever asks after the answer must be told of what was done.
  for (const Change& change : changes) accept(change);
  return {};
}

Status Tree::explained(Status failed, NodeId folder, std::string_view name) {
  if (failed || failed.error().code() != Errc::not_found) return failed;
  if (may_be_typed(name) && lookup(folder, name)) return fail(Errc::read_only);
  return failed;
}

Tree::Shared Tree::kept_listing(NodeId folder, Read read, std::uint64_t viewer) {
  const std::scoped_lock lock(mutex_);
  const auto at = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& kept) {
    return kept.folder == folder && kept.listing->viewer == viewer;
  });
  if (at == kept_.end()) return nullptr;
  if (read == Read::fresh && (at->listing->is_momentary || !holds(*at->listing))) {
    kept_.erase(at);
    return nullptr;
  }
  kept_.splice(kept_.begin(), kept_, at);
  return at->listing;
}

void Tree::keep_listing(NodeId folder, const Shared& listing) {
  const std::scoped_lock lock(mutex_);
  kept_.remove_if([&](const Kept& kept) {
    return kept.folder == folder && kept.listing->viewer == listing->viewer;
  });
  kept_.push_front({folder, listing});
  if (kept_.size() > kKeptListings) kept_.pop_back();
}

Result<Tree::Shared> Tree::list(NodeId folder, Read read) {
  folder = behind_root(folder);
  std::uint64_t viewer = 0;
  if (access_.is_active()) {
    LENSFS_TRY(const auto db, context_.catalog.read());
    LENSFS_TRY(viewer, access_.viewer(*db));
  }
  if (Shared kept = kept_listing(folder, read, viewer)) return kept;
  const std::uint64_t drafts_begun = drafts_begun_;
  LENSFS_TRY(const auto db, context_.catalog.snapshot());
  LENSFS_TRY(const ChangeId as_of, sets_.moment(*db));
  LENSFS_CHECK(access_.allow(*db, folder, Right::list));
  LENSFS_TRY(Listing listing, list_in_view(*db, folder));
  listing.each([&](Listing::Entry& entry) { show_sequence(folder, entry.node, entry.attributes); });
  listing.as_of = as_of;
  listing.drafts_begun = drafts_begun;
  listing.viewer = viewer;
  auto shared = std::make_shared<const Listing>(std::move(listing));
  keep_listing(folder, shared);
  return shared;
}

}  // namespace lensfs
