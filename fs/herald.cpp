#include "fs/herald.h"

#include <sys/socket.h>

#include <algorithm>

#include "catalog/base/log.h"
#include "catalog/base/text.h"
#include "catalog/model/project.h"
#include "catalog/model/saved_search.h"
#include "fs/notifier.h"

namespace lensfs {
namespace {

// More names than this in one folder at a time are told as one event of the folder.
constexpr std::size_t kMostNames = 64;
// What waits beyond this is not told at all: something changes faster than anybody can watch.
constexpr std::size_t kMostFolders = 20'000;
constexpr std::size_t kMostFiles = 50'000;
// Files whose places are found at a time.
constexpr std::size_t kFilesAtOnce = 500;
// Between two messages, so that the notifier has time for the kernel.
constexpr auto kPause = std::chrono::milliseconds(50);
// A process that died with a message does not answer it.
constexpr auto kAnswerLimit = std::chrono::seconds(10);

// Whether names of several folders meet there, so that some have a suffix.
bool is_flattened(NodeId folder) {
  return class_of(folder) != NodeClass::folder && folder != NodeId::projects;
}

// Of two things to be heard of one name, the one that says more.
StaleName::Is more_telling(StaleName::Is one, StaleName::Is other) {
  using Is = StaleName::Is;
  if (one == Is::changed || other == Is::changed) return one == Is::changed ? other : one;
  return std::min(one, other);
}

bool leads_elsewhere(Tree& tree, NodeId folder, const std::string& bare, NodeId node) {
  const auto found = tree.lookup(folder, bare);
  return !found || found->node != node;
}

// The name without its suffix: "clip~000a.mov" → "clip.mov". As cut as the suffix made it.
std::string without_suffix(const std::string& name) {
  const std::size_t from = name.rfind('~');
  const std::size_t to = std::min(name.find('.', from), name.size());
  return name.substr(0, from) + name.substr(to);
}

}  // namespace

void Herald::add_folder(NodeId folder) {
  if (folders_.size() < kMostFolders || folders_.contains(folder)) folders_[folder].whole = true;
}

void Herald::add_name(const StaleName& name) {
  if (folders_.size() >= kMostFolders && !folders_.contains(name.folder)) return;
  Folder& folder = folders_[name.folder];
  if (folder.whole) return;
  const auto [at, is_new] = folder.names.try_emplace(name.name, name.is);
  if (!is_new) at->second = more_telling(at->second, name.is);
  if (folder.names.size() <= 2 * kMostNames) return;
  folder.whole = true;
  folder.names.clear();
}

void Herald::add(const Stale& stale) {
  if (process_ < 0) return;
  for (const StaleName& name : stale.names) add_name(name);
  for (const StaleName& name : stale.heard) add_name(name);
  for (const FileId file : stale.changed) {
    if (files_.size() < kMostFiles) files_.insert(file);
  }
  if (!stale.all_results) return;
  for (const NodeId folder : stale.typed->results) add_folder(folder);
}

int Herald::patience() const {
  if (process_ < 0 || (token_ == 0 && is_idle())) return -1;
  const SteadyClock::duration pause = token_ == 0 ? SteadyClock::duration(kPause) : kAnswerLimit;
  const auto left = sent_at_ + pause - SteadyClock::now();
  return std::max(0, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count()));
}

// A file is told of by the names that it has in projects.
Status Herald::place_files() {
  LENSFS_TRY(const auto db, tree_.catalog().read());
  for (std::size_t count = 0; count < kFilesAtOnce && !files_.empty(); ++count) {
    const FileId file = *files_.begin();
    files_.erase(files_.begin());
    const auto asset = find_asset(*db, file);
    if (is_missing(asset)) continue;
    if (!asset) return fail(asset.error());
    LENSFS_TRY(const std::vector<Place> places, places_of(*db, asset->id));
    for (const Place& place : places) {
      add_name({node_of(place.folder), place.name, StaleName::Is::changed});
    }
  }
  return {};
}

void Herald::go_on(KernelCaches& kernel) {
  if (process_ < 0) return;
  take_answers(kernel);
  const auto waited = SteadyClock::now() - sent_at_;
  if (token_ != 0 && waited < kAnswerLimit) return;
  if (process_ < 0 || waited < kPause || is_idle()) return;
  if (const Status placed = place_files(); !placed) {
    log::warn("watchers are not told of all: {}", placed.error().message());
  }
  look_for_folders();
}

void Herald::send(std::vector<HeraldEvent> events) {
  sent_at_ = SteadyClock::now();
  token_ = events.empty()
               ? 0
               : std::max<HeraldToken>(token_ + 1, static_cast<HeraldToken>(Clock().now()));
  sent_ = std::move(events);
  if (sent_.empty()) return;
  const std::string message = packed(token_, sent_);
  // A process that is kept waiting takes nothing: what could not be sent counts as not answered.
  if (::send(process_, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) errno = 0;
}

void Herald::look_for_folders() {
  std::vector<HeraldEvent> looks;
  for (auto at = folders_.begin(); at != folders_.end() && looks.size() < kMostHeraldEvents; ++at) {
    looks.push_back({.folder = at->first, .act = HeraldAct::look});
  }
  send(std::move(looks));
}

void Herald::take_answers(KernelCaches& kernel) {
  std::string answer(sizeof(HeraldToken) + kMostHeraldEvents, '\0');
  for (;;) {
    const ssize_t size = ::recv(process_, answer.data(), answer.size(), MSG_DONTWAIT);
    if (size < static_cast<ssize_t>(sizeof(HeraldToken))) return;
    HeraldToken back = 0;
    std::memcpy(&back, answer.data(), sizeof back);
    if (token_ == 0 || back != token_) continue;
    const std::string known =
        answer.substr(sizeof back, static_cast<std::size_t>(size) - sizeof back);
    token_ = 0;
    if (known.find(kHeraldUnable) != std::string::npos) {
      log::info("who watches a folder does not hear of changes made elsewhere: that needs root");
      process_ = -1;
      return;
    }
    const bool looked = !sent_.empty() && sent_.front().act == HeraldAct::look;
    if (looked) tell(kernel, known);
  }
}

// The folders that were asked for are told of, if the kernel knows them, and forgotten.
void Herald::tell(KernelCaches& kernel, const std::string& known) {
  std::vector<HeraldEvent> events;
  for (std::size_t i = 0; i < sent_.size(); ++i) {
    const auto at = folders_.find(sent_[i].folder);
    if (at == folders_.end()) continue;
    if (i < known.size() && known[i] == kHeraldKnown) {
      std::vector<HeraldEvent> more = events_of(at->first, at->second);
      if (events.size() + more.size() > kMostHeraldEvents) continue;  // next time
      std::move(more.begin(), more.end(), std::back_inserter(events));
    }
    folders_.erase(at);
  }
  bool any = false;
  for (const HeraldEvent& event : events) {
    // Not a folder's name: whoever is in it would have to find it again.
    if (event.act != HeraldAct::came || S_ISDIR(event.type)) continue;
    kernel.forget_name(event.folder, event.name);
    any = true;
  }
  if (any) kernel.settle();
  if (!events.empty()) send(std::move(events));
}

std::vector<HeraldEvent> Herald::events_of(NodeId node, const Folder& folder) {
  const HeraldEvent whole{.folder = node, .act = HeraldAct::touched};
  if (folder.whole) return {whole};
  std::vector<HeraldEvent> events;
  bool has_more = false;
  for (const auto& [name, is] : folder.names) {
    std::optional<HeraldEvent> event = event_of(node, name, is);
    if (!event) continue;
    if (event->act == HeraldAct::touched) {
      has_more = true;
      continue;
    }
    if (events.size() == kMostNames) return {whole};
    events.push_back(*std::move(event));
  }
  if (has_more) events.push_back(whole);
  return events;
}

// Nothing: whoever watches need not hear of it.
std::optional<HeraldEvent> Herald::event_of(NodeId node, const std::string& name,
                                            StaleName::Is is) {
  HeraldEvent event{.folder = node, .act = HeraldAct::touched, .type = 0, .name = name};
  // Watchers are told names whoever they are.
  if (tree_.is_hidden(node, name)) return event;
  auto found = tree_.lookup(node, name);
  if (found && node == NodeId::search) {
    const auto db = tree_.catalog().read();
    const auto saved = db ? is_saved_search(**db, text_from_segment(name)) : Result<bool>(false);
    if (saved && !*saved) found = fail(Errc::not_found);
  }
  const bool is_suffixed = id_in_suffixed_name(name).has_value() && is_flattened(node);
  const bool has_rules = tree_.access().is_active();
  if (found && has_rules && found->keep == Keep::no) return event;
  if (!found) {
    // Which of a rendition's possible names was there nobody knows.
    if (class_of(node) == NodeClass::lens) return std::nullopt;
    if (is_suffixed && !tree_.lookup(node, without_suffix(name))) return std::nullopt;
    // Not by name: unlink(2) of a name that came back meanwhile waits for its file while it holds
    // the folder, and who holds the file may wait for the kernel to be told of that folder.
    return event;
  }
  // A suffix always leads to its file, and is listed only where another one has the bare name.
  if (is_suffixed && !leads_elsewhere(tree_, node, without_suffix(name), found->node)) {
    return std::nullopt;
  }
  event.act = is == StaleName::Is::changed   ? HeraldAct::changed
              : is == StaleName::Is::written ? HeraldAct::written
                                             : HeraldAct::came;
  event.type = found->attributes.mode & S_IFMT;
  return event;
}

}  // namespace lensfs
