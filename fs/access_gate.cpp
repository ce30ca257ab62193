#include "fs/access_gate.h"

#include <algorithm>

#include "catalog/model/file.h"
#include "catalog/model/label.h"
#include "catalog/model/tag.h"
#include "fs/view.h"
#include "fs/view_sidecar.h"

namespace lensfs {
namespace {

using Indices = AccessState::Indices;

// The asset of a file, that of a file that lost its name included; nothing if there is none.
Result<std::optional<AssetId>> asset_of_file(Database& db, FileId file) {
  LENSFS_TRY(auto asset, db.maybe<AssetId>("SELECT id FROM assets WHERE file_id = ?1", file));
  if (asset) return asset;
  const auto same = static_cast<AssetId>(number(file));
  LENSFS_TRY(asset,
             db.maybe<AssetId>("SELECT id FROM assets WHERE id = ?1 AND file_id IS NULL", same));
  if (asset) return asset;
  return db.maybe<AssetId>("SELECT asset_id FROM lost_files WHERE file_id = ?1", file);
}

Result<std::optional<AssetId>> asset_of_version(Database& db, VersionId version) {
  return db.maybe<AssetId>("SELECT asset_id FROM versions WHERE id = ?1", version);
}

// What a right allows, for one of the three classes of a mode.
mode_t bits_of(Right right, const Attributes& attributes) {
  const NodeClass of = class_of(attributes.ino);
  const bool was_writable = (attributes.mode & 0222U) != 0;
  const bool is_made = is_rendition(attributes.ino);
  // Of a rendition the mode says whether another may be brought.
  const bool may_change =
      is_through_lens(attributes.ino) ? is_made && was_writable : of != NodeClass::frame;
  const mode_t write = right >= Right::write && may_change ? 2 : 0;
  if (S_ISDIR(attributes.mode)) return right == Right::none ? 0 : 5U | write;
  if (right < (is_made ? Right::proxy : Right::read)) return 0;
  return ((attributes.mode & 0111U) != 0 ? 5U : 4U) | write;
}

}  // namespace

Result<AccessBook::State> AccessGate::state(Database& db) {
  const bool within = Within::transaction();
  return book_.state(db, within ? AccessBook::Follow::no : AccessBook::Follow::yes);
}

Result<AccessBook::View> AccessGate::view(Database& db) {
  if (!is_active() || asker() == nullptr) return AccessBook::View();
  const bool within = Within::transaction();
  return book_.view(db, *asker(), Clock().now(),
                    within ? AccessBook::Follow::no : AccessBook::Follow::yes);
}

Result<std::uint64_t> AccessGate::viewer(Database& db) {
  LENSFS_TRY(const AccessBook::View view, this->view(db));
  return view == nullptr ? 0 : view->id();
}

Result<SharedSet> AccessGate::seen(Database& db, SharedSet set) {
  LENSFS_TRY(const AccessBook::View view, this->view(db));
  if (view == nullptr) return set;
  if (view->hides_all()) return std::make_shared<const AssetSet>();
  if (set->count_common(view->hidden()) == 0) return set;
  auto seen = std::make_shared<AssetSet>(*set);
  *seen -= view->hidden();
  return SharedSet(std::move(seen));
}

Result<Veil> AccessGate::veil(Database& db) {
  LENSFS_TRY(const AccessBook::View view, this->view(db));
  return view == nullptr ? Veil() : veil_of(view);
}

Result<AccessGate::Subject> AccessGate::subject_of(Database& db, NodeId node) const {
  switch (class_of(node)) {
    case NodeClass::file:
    case NodeClass::sequence: {
      LENSFS_TRY(const auto asset, asset_of_file(db, file_of(node)));
      return Subject{.asset = asset, .folder = {}, .tag = {}, .label = {}};
    }
    case NodeClass::sidecar: {
      LENSFS_TRY(const auto asset, asset_of_file(db, file_of_sidecar(node)));
      return Subject{.asset = asset, .folder = {}, .tag = {}, .label = {}};
    }
    case NodeClass::version:
    case NodeClass::rendition:
    case NodeClass::outline:
    case NodeClass::frame:
    case NodeClass::past_sequence: {
      LENSFS_TRY(const auto asset, asset_of_version(db, version_of(node)));
      return Subject{.asset = asset, .folder = {}, .tag = {}, .label = {}};
    }
    case NodeClass::folder:
      return Subject{.asset = {}, .folder = folder_of(node), .tag = {}, .label = {}};
    case NodeClass::tag:
      return Subject{.asset = {}, .folder = {}, .tag = tag_of(node), .label = {}};
    case NodeClass::path: {
      LENSFS_TRY(const PathNodes::Known at, nodes_.paths.find(node));
      if (at->folder.base != ResultFolder::Base::tag) return Subject{};
      const auto tag = find_tag(db, at->folder.text);
      return tag ? Subject{.asset = {}, .folder = {}, .tag = tag->id, .label = {}} : Subject{};
    }
    case NodeClass::lens: {
      LENSFS_TRY(const LensNodes::Known at, nodes_.lenses.find(node));
      return subject_of(db, at->folder);
    }
    case NodeClass::time: {
      LENSFS_TRY(const TimeNodes::Known at, nodes_.times.find(node));
      Subject subject{.asset = {}, .folder = {}, .tag = {}, .label = at->when.label};
      if (at->kind == TimeNode::Kind::folder) subject.folder = static_cast<FolderId>(at->row);
      if (at->kind == TimeNode::Kind::term) subject.tag = static_cast<TagId>(at->row);
      if (at->kind == TimeNode::Kind::history) subject.asset = static_cast<AssetId>(at->row);
      if (at->kind == TimeNode::Kind::versions) return subject_of(db, static_cast<NodeId>(at->row));
      return subject;
    }
    case NodeClass::fixed:
    case NodeClass::brought:
      break;
  }
  return Subject{};
}

Indices AccessGate::indices(const AccessState& state, const Subject& subject) {
  if (subject.asset) return state.of_asset(*subject.asset);
  if (subject.folder) return state.of_folder(*subject.folder);
  if (subject.tag) return state.of_tag(*subject.tag);
  return {};
}

Result<Indices> AccessGate::rules_of(Database& db, const AccessState& state, NodeId node) const {
  LENSFS_TRY(const Subject subject, subject_of(db, node));
  return indices(state, subject);
}

Result<AccessScope> AccessGate::scope_of(Database& db, NodeId node) const {
  using Kind = AccessScope::Kind;
  if (node == NodeId::root) return AccessScope{};
  const NodeClass of = class_of(node);
  const bool has_own = of == NodeClass::folder || of == NodeClass::tag || is_of_asset(node);
  if (!has_own) return fail(Errc::not_supported);
  LENSFS_TRY(const Subject subject, subject_of(db, node));
  if (subject.asset) return AccessScope{Kind::asset, number(*subject.asset)};
  if (subject.folder) return AccessScope{Kind::folder, number(*subject.folder)};
  if (subject.tag) return AccessScope{Kind::tag, number(*subject.tag)};
  return fail(Errc::stale);
}

Result<Right> AccessGate::right_of(Database& db, const AccessView& view, NodeId node) {
  LENSFS_TRY(const Subject subject, subject_of(db, node));
  if (!subject.label.empty() && !Within::transaction()) {
    LENSFS_TRY(AssetSet labelled, labelled_assets(db, subject.label));
    const bool any = !labelled.empty();
    labelled -= view.hidden();
    if (any && labelled.empty()) return Right::none;
  }
  if (subject.asset) return view.of_asset(*subject.asset);
  return view.of(indices(view.state(), subject));
}

Result<Right> AccessGate::right_of(Database& db, NodeId node) {
  LENSFS_TRY(const AccessBook::View view, this->view(db));
  return view == nullptr ? Result<Right>(Right::manage) : right_of(db, *view, node);
}

Status AccessGate::allow(Database& db, NodeId node, Right wanted) {
  if (!is_active() || wanted == Right::none) return {};
  LENSFS_TRY(const Right right, right_of(db, node));
  if (right == Right::none) return fail(Errc::not_found);
  return right >= wanted ? Status() : fail(Errc::denied);
}

MayChange AccessGate::may_change() {
  return [this](Database& db, AssetId asset) -> Result<bool> {
    LENSFS_TRY(const AccessBook::View view, this->view(db));
    return view == nullptr || view->of_asset(asset) >= Right::write;
  };
}

bool AccessGate::has_dates(Database& db) {
  const auto state = this->state(db);
  if (!state || *state == nullptr) return !state;
  return std::any_of((*state)->rules().begin(), (*state)->rules().end(),
                     [](const ScopeRule& rule) { return rule.is_dated; });
}

bool AccessGate::differs(const AccessState& state, const Indices& rules) const {
  const auto is_one = [&](const ScopeRule& rule) {
    return has_audience() ? rule.is_dated : rule.hides;
  };
  if (state.library() && is_one(state.rules()[*state.library()])) return true;
  return std::any_of(rules.begin(), rules.end(),
                     [&](std::uint32_t index) { return is_one(state.rules()[index]); });
}

Result<bool> AccessGate::is_mixed(Database& db, NodeId folder) {
  LENSFS_TRY(const AccessBook::State state, this->state(db));
  return state != nullptr && is_flat(*state, folder);
}

bool AccessGate::is_flat(const AccessState& state, NodeId folder) const {
  const AssetSet& some = has_audience() ? state.dated : state.hiding;
  if (some.empty()) return differs(state, {});
  switch (class_of(folder)) {
    case NodeClass::tag:
    case NodeClass::path:
    case NodeClass::time:
    case NodeClass::lens:
      return true;
    case NodeClass::fixed:
      return folder == NodeId::trash || folder == NodeId::versions;
    case NodeClass::file:
    case NodeClass::folder:
    case NodeClass::version:
    case NodeClass::rendition:
    case NodeClass::brought:
    case NodeClass::outline:
    case NodeClass::frame:
    case NodeClass::sequence:
    case NodeClass::past_sequence:
    case NodeClass::sidecar:
      break;
  }
  return false;
}

void AccessGate::show(const AccessState& state, const Indices& rules,
                      Attributes& attributes) const {
  // How many folders are in it tells of those that somebody may not see.
  if (S_ISDIR(attributes.mode)) attributes.links = 1;
  if (S_ISLNK(attributes.mode)) return;
  // Who may take what out of it is asked of each file.
  if (attributes.ino == NodeId::trash) attributes.mode |= 0222U;
  std::optional<Right> most;
  const auto limit = [&](const ScopeRule& rule) {
    if (rule.most) most = std::min(most.value_or(Right::manage), *rule.most);
  };
  if (state.library()) limit(state.rules()[*state.library()]);
  for (const std::uint32_t index : rules) limit(state.rules()[index]);
  if (!most) return;  // as it is stored
  // The owner of the library is one of those who may; the kernel knows them by these bits only.
  const bool owner_needs_bits = owner_ != 0 && attributes.uid != static_cast<uid_t>(owner_);
  const Right right = owner_needs_bits ? Right::manage : *most;
  const mode_t bits = bits_of(right, attributes);
  attributes.mode = (attributes.mode & (S_IFMT | 07000U)) | bits * 0111U;
}

Status AccessGate::show(Database& db, NodeId node, Attributes& attributes) {
  LENSFS_TRY(const AccessBook::State state, this->state(db));
  if (state == nullptr) return {};
  LENSFS_TRY(const Indices rules, rules_of(db, *state, node));
  show(*state, rules, attributes);
  return {};
}

Status AccessGate::show(Database& db, NodeId folder, Found& found) {
  LENSFS_TRY(const AccessBook::State state, this->state(db));
  if (state == nullptr) return {};
  LENSFS_TRY(const AccessBook::View view, this->view(db));
  if (view != nullptr) {
    LENSFS_TRY(const Right right, right_of(db, *view, found.node));
    if (right == Right::none) return fail(Errc::not_found);
  }
  LENSFS_TRY(const Indices rules, rules_of(db, *state, found.node));
  show(*state, rules, found.attributes);
  if (differs(*state, rules) || is_flat(*state, folder)) found.keep = Keep::no;
  return {};
}

Result<Listing> AccessGate::shown(Database& db, NodeId folder, Listing listing) {
  LENSFS_TRY(const AccessBook::State state, this->state(db));
  if (state == nullptr) return listing;
  LENSFS_TRY(const AccessBook::View view, this->view(db));
  const bool flat = is_flat(*state, folder);
  Listing shown;
  shown.is_mixed = flat;
  shown.is_momentary = listing.is_momentary;
  for (const Listing::Entry& entry : listing.entries()) {
    LENSFS_TRY(const Indices rules, rules_of(db, *state, entry.node));
    const bool differs = flat || this->differs(*state, rules);
    shown.is_mixed = shown.is_mixed || differs;
    if (view != nullptr) {
      LENSFS_TRY(const Right right, right_of(db, *view, entry.node));
      if (right == Right::none) continue;
    }
    Attributes attributes = entry.attributes;
    show(*state, rules, attributes);
    shown.add(listing.name(entry), entry.cookie, entry.node, attributes,
              differs ? Keep::no : entry.keep);
  }
  return shown;
}

}  // namespace lensfs
