// What becomes of notes of uses: which rows they are.
#include "catalog/base/log.h"
#include "catalog/model/file.h"
#include "catalog/model/outline.h"
#include "fs/use_recorder.h"

namespace lensfs {
namespace {

// Somebody who comes again after less than this is still at it …
constexpr Nanoseconds kPause = 60 * kNanosecondsPerSecond;
// … but not for ever.
constexpr Nanoseconds kLongest = 3600 * kNanosecondsPerSecond;

Result<std::optional<Asset>> asset_of(Database& db, FileId file) {
  auto asset = find_asset(db, file);
  if (asset) return std::optional(*std::move(asset));
  if (!is_missing(asset)) return fail(asset.error());
  const auto lost = find_lost_file(db, file);
  if (is_missing(lost)) return std::optional<Asset>();
  if (!lost) return fail(lost.error());
  LENSFS_TRY(Asset of, find_asset(db, lost->asset));
  return std::optional(std::move(of));
}

Result<std::int64_t> number_of(Database& db, VersionId version) {
  if (version == VersionId{}) return 0;
  LENSFS_TRY(const Version found, find_version(db, version));
  return found.number;
}

}  // namespace

// The profile that a rendition is of; where it is of none, what it was made by.
Result<std::string> UseRecorder::lens_of(Database& db, NodeId node, const Asset& asset) const {
  RecipeId recipe{};
  if (class_of(node) == NodeClass::outline) {
    LENSFS_TRY(const Outline outline, find_outline(db, outline_of(node)));
    recipe = outline.recipe;
  } else {
    LENSFS_TRY(const Rendition rendition, find_rendition(db, rendition_of(node)));
    recipe = rendition.recipe;
  }
  LENSFS_TRY(const std::string text, recipe_text(db, recipe));
  auto made = Recipe::from_text(text);
  if (!made) return text;
  made->rate = 0;
  for (const Profile& profile : renditions_.profiles.all()) {
    const auto wanted = recipe_for(profile, asset.kind, asset.name);
    if (wanted && *wanted == *made) return profile.name;
  }
  return text;
}

// Nothing: what is aside, and what is no more.
Result<std::optional<UseRecorder::Seen>> UseRecorder::seen(Database& db, const Note& note) {
  const NodeId node = note.opening.node;
  if (is_of_asset(node)) {
    LENSFS_TRY(const auto asset, asset_of(db, file_of(node)));
    if (!asset || asset->state == AssetState::aside) return std::optional<Seen>();
    // A writer makes the version that comes.
    const bool reads = note.opening.act == UseAct::read || note.opening.act == UseAct::copy;
    std::int64_t version = 0;
    if (reads) {
      LENSFS_TRY(version, number_of(db, asset->version));
    }
    return std::optional(Seen{asset->id, version, std::string(kLensNone)});
  }
  if (!is_version(node)) return std::optional<Seen>();
  LENSFS_TRY(const Version version, find_version(db, version_of(node)));
  LENSFS_TRY(const Asset asset, find_asset(db, version.asset));
  Seen seen{asset.id, version.number, std::string(kLensVersion)};
  if (class_of(node) == NodeClass::frame && asset.version == version.id) seen.lens = kLensNone;
  if (is_rendition(node)) {
    LENSFS_TRY(seen.lens, lens_of(db, node, asset));
  }
  return std::optional(std::move(seen));
}

void UseRecorder::touch(const SharedLine& line) {
  if (std::exchange(line->is_dirty, true)) return;
  dirty_.push_back(line);
}

// Null: it is no use of anything that counts.
Result<UseRecorder::SharedLine> UseRecorder::line_for(Database& db, const Note& note) {
  const Opening& opening = note.opening;
  auto known = seen(db, note);
  if (is_missing(known)) return SharedLine();
  if (!known) return fail(known.error());
  if (!*known) return SharedLine();
  const Seen& of = **known;
  const auto through = opening.act == UseAct::copy ? Opening::Through::worker : opening.through;
  SharedLine& line =
      recent_[{of.asset, of.version, of.lens, note.program, opening.act, opening.uid, through}];
  const bool goes_on =
      line && note.at - line->use.last <= kPause && note.at - line->use.at <= kLongest;
  if (!goes_on) {
    line = std::make_shared<Line>();
    line->use = {.asset = of.asset,
                 .at = note.at,
                 .last = note.at,
                 .times = 0,
                 .act = opening.act,
                 .door = door_of(note.program),
                 .uid = opening.uid,
                 .program = note.program,
                 .lens = of.lens,
                 .version = of.version};
    if (through == Opening::Through::worker) line->use.bytes = 0;
  }
  ++line->use.times;
  line->use.last = std::max(line->use.last, note.at);
  touch(line);
  // A copy is one of an opening that counted already; what a program made it did not use.
  const bool counts = opening.act == UseAct::read || opening.act == UseAct::write;
  if (counts && !ignored_.matches(note.program)) {
    AssetUsage& usage = used_[of.asset];
    usage.last = std::max(usage.last, note.at);
    ++usage.times;
  }
  return line;
}

void UseRecorder::close(const Note& note) {
  const auto at = open_.find(note.handle);
  if (at == open_.end()) return;
  const OpenHandle& handle = at->second;
  Use& use = handle.line->use;
  use.open_for = use.open_for.value_or(0) + std::max<Nanoseconds>(0, note.at - handle.at);
  touch(handle.line);
  open_.erase(at);
}

void UseRecorder::take(Database& db, Batch& batch) {
  // A release may be met before its open, where they lay in different shards.
  std::vector<Note> early;
  early.swap(early_);
  std::vector<Note> closings;
  for (const Note& note : batch.notes) {
    if (note.kind == Note::Kind::closed) {
      closings.push_back(note);
      continue;
    }
    const auto open = open_.find(note.handle);
    const bool is_copy = note.kind == Note::Kind::copied;
    if (is_copy && open != open_.end() && open->second.copied) {
      // A long copy comes in several requests.
      Use& use = open->second.copied->use;
      use.bytes = use.bytes.value_or(0) + note.bytes;
      use.last = note.at;
      touch(open->second.copied);
      continue;
    }
    const auto line = line_for(db, note);
    if (!line) {
      log::warn("a use is not noted: {}", line.error().message());
      continue;
    }
    if (*line == nullptr) continue;
    if (is_copy) {
      (*line)->use.bytes = (*line)->use.bytes.value_or(0) + note.bytes;
      if (open != open_.end()) open->second.copied = *line;
    } else {
      open_[note.handle] = {.line = *line, .at = note.at, .copied = nullptr};
    }
  }
  for (const auto& [handle, bytes] : batch.served) {
    const auto open = open_.find(handle);
    if (open == open_.end()) continue;
    Use& use = open->second.line->use;
    use.bytes = use.bytes.value_or(0) + bytes;
    touch(open->second.line);
  }
  for (const Note& note : early) close(note);
  for (const Note& note : closings) {
    if (open_.contains(note.handle)) {
      close(note);
    } else {
      early_.push_back(note);
    }
  }
}

void UseRecorder::forget_idle(Nanoseconds now) {
  std::erase_if(recent_, [&](const auto& one) { return now - one.second->use.last > kPause; });
}

}  // namespace lensfs
