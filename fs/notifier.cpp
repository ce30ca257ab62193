#include "fs/notifier.h"

#include <linux/fuse.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <set>

#include "catalog/base/log.h"
#include "catalog/base/text.h"
#include "catalog/db/transaction.h"
#include "fs/herald.h"

namespace lensfs {
namespace {

constexpr std::int64_t kChangesAtOnce = 4096;
// A write to the log is seen before its commit is: for this long after one, the log is read often.
constexpr int kHotMilliseconds = 2;
constexpr int kGatherMilliseconds = 5;
constexpr int kHotRounds = 500;
constexpr int kIdleMilliseconds = 1000;

// Of the protocol that the kernel speaks, from its first request; 0: not known.
std::uint32_t kernel_minor(const MountState& state) {
  fuse_init_in init{};
  constexpr std::size_t kLeast = sizeof(fuse_in_header) + offsetof(fuse_init_in, max_readahead);
  if (state->init_bytes.load() < kLeast) return 0;
  std::memcpy(&init, state->init + sizeof(fuse_in_header), offsetof(fuse_init_in, max_readahead));
  return init.minor;
}

}  // namespace

Notifier::Notifier(Tree& tree, MountState& state, KernelCaches& kernel, Herald& herald)
    : tree_(tree), state_(state), kernel_(kernel), herald_(herald) {}

Notifier::~Notifier() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  wake();
  thread_.join();
}

Status Notifier::start() {
  wake_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  soon_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_ || !soon_) return last_error("watch the catalog");
  tree_.access().book().keep_moves();
  LENSFS_TRY(watch_, CommitWatch::open(tree_.catalog().path() / "catalog.db"));
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  return {};
}

void Notifier::wake(When when) {
  const std::uint64_t one = 1;
  // A full counter means that a wake-up is due already.
  if (::write((when == When::now ? wake_ : soon_).get(), &one, sizeof one) < 0) return;
}

void Notifier::forget_root() {
  root_is_old_ = true;
  wake();
}

void Notifier::tell_root() {
  const auto names = tree_.list(NodeId::root, Tree::Read::fresh);
  if (names) {
    for (const Listing::Entry& entry : (*names)->entries()) {
      kernel_.forget_name(NodeId::root, (*names)->name(entry));
    }
  }
  for (const std::string_view name : {"Trash", "Resolutions"}) {
    kernel_.forget_name(NodeId::root, name);
  }
  kernel_.forget_folder(NodeId::root);
  kernel_.settle();
}

// Before Linux 6.16 all that lies below the root is dropped instead, and who is in a folder has to
// find it again to learn its name.
void Notifier::tell_all_names() {
  constexpr std::uint32_t kMinorWithEpoch = 44;
  kernel_.forget_all_names();
  if (kernel_minor(state_) < kMinorWithEpoch) tell_root();
}

// Names first, then whatever may be listed.
void Notifier::tell_everything() {
  tell_all_names();
  std::vector<NodeId> folders = {NodeId::root,       NodeId::projects, NodeId::tags,
                                 NodeId::search,     NodeId::trash,    NodeId::versions,
                                 NodeId::resolutions};
  if (const auto db = tree_.catalog().read()) {
    const Status listed = [&]() -> Status {
      LENSFS_CHECK((*db)->each<FolderId>("SELECT id FROM folders /* SCAN: each is told of */",
                                         [&](FolderId id) { folders.push_back(node_of(id)); }));
      return (*db)->each<TagId>("SELECT id FROM tags /* SCAN: each is told of */",
                                [&](TagId id) { folders.push_back(node_of(id)); });
    }();
    if (!listed) log::error("listings may be old: {}", listed.error().message());
  }
  for (const auto& [node, known] : tree_.nodes().all()) folders.push_back(node);
  for (const auto& [node, known] : tree_.time().nodes().all()) folders.push_back(node);
  for (const auto& [node, known] : tree_.lens().nodes().all()) folders.push_back(node);
  for (const NodeId folder : folders) kernel_.forget_folder(folder);
}

void Notifier::after_telling(std::function<void()> then) {
  {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back(std::move(then));
  }
  wake();
}

std::vector<std::function<void()>> Notifier::take_waiting() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(waiting_, {});
}

bool Notifier::wait(int milliseconds) {
  std::array<pollfd, 4> sources = {{{.fd = wake_.get(), .events = POLLIN, .revents = 0},
                                    {.fd = soon_.get(), .events = POLLIN, .revents = 0},
                                    {.fd = watch_.fd(), .events = POLLIN, .revents = 0},
                                    {.fd = herald_.fd(), .events = POLLIN, .revents = 0}}};
  const int patience = herald_.patience();
  if (patience >= 0) milliseconds = std::min(milliseconds, patience);
  ::poll(sources.data(), sources.size(), milliseconds);
  const bool any = (sources[0].revents | sources[1].revents | sources[2].revents) != 0;
  // One commit is many writes to the log: looking at each would cost the writer more than the
  // write.
  if (any && sources[0].revents == 0) ::poll(sources.data(), 1, kGatherMilliseconds);
  std::uint64_t drained = 0;
  for (const Fd* const counter : {&wake_, &soon_}) {
    while (::read(counter->get(), &drained, sizeof drained) > 0) {
    }
  }
  watch_.drain();
  return any;
}

void Notifier::run(const std::stop_token& stop) {
  int hot_rounds = kHotRounds;
  while (!stop.stop_requested()) {
    // Taken first: whoever waits committed before, so its change is among those read next.
    const auto waiting = take_waiting();
    const Result<bool> any = tell_all();
    if (!any) log::error("changes cannot be followed: {}", any.error().message());
    for (const auto& then : waiting) then();
    herald_.go_on(kernel_);
    hot_rounds = any && *any ? kHotRounds : std::max(hot_rounds - 1, 0);
    const bool woken = wait(hot_rounds > 0 ? kHotMilliseconds : kIdleMilliseconds);
    if (hot_rounds == 0 && woken) hot_rounds = kHotRounds;
  }
  for (const auto& then : take_waiting()) then();
}

Result<bool> Notifier::tell_all() {
  tree_.catalog().pool().forget_moments();  // also after what other processes committed
  bool any = root_is_old_.exchange(false);
  if (any) tell_root();
  for (;;) {
    Stale stale;
    std::vector<Change> changes;
    {
      LENSFS_TRY(const auto db, tree_.catalog().read());
      const Snapshot moment(*db);
      const auto since = static_cast<ChangeId>(state_->followed.load());
      LENSFS_TRY(changes, changes_after(*db, since, kChangesAtOnce));
      if (changes.empty()) return any;
      // First what this process keeps, then what the kernel does: who asks again gets the new.
      for (const Change& change : changes) tree_.accept(change);
      stale.typed = typed();
      for (const Change& change : changes) add_stale(tree_, *db, change, stale);
      if (!add_moves_stale(tree_, *db, stale)) stale.everything = true;
      add_typed_listings(stale);
    }
    tree_.lens().expand(stale);
    if (stale.all_names && !stale.everything) tell_all_names();
    tell(stale);
    if (stale.everything) tell_everything();
    kernel_.settle();
    herald_.add(stale);
    state_->followed.store(number(changes.back().id));
    any = true;
  }
}

std::shared_ptr<const TypedFolders> Notifier::typed() {
  const std::size_t count = tree_.nodes().count();
  if (typed_ == nullptr || count != typed_count_) {
    typed_ = std::make_shared<const TypedFolders>(typed_folders(tree_.nodes()));
    typed_count_ = count;
  }
  return typed_;
}

// Names before listings: telling of a name waits until a scan of the folder that is on its way has
// ended, so nothing old can be put into the cache after it was emptied.
void Notifier::tell(const Stale& stale) {
  std::set<std::pair<NodeId, std::string_view>> told;
  for (const StaleName& name : stale.names) {
    if (stale.all_results && class_of(name.folder) == NodeClass::path) continue;
    if (told.emplace(name.folder, name.name).second) kernel_.forget_name(name.folder, name.name);
  }
  std::set<NodeId> folders(stale.folders.begin(), stale.folders.end());
  if (stale.all_moments) {
    for (const auto& [node, known] : tree_.time().nodes().all()) folders.insert(node);
  }
  for (const NodeId folder : folders) kernel_.forget_folder(folder);
  for (const NodeId file : std::set<NodeId>(stale.files.begin(), stale.files.end())) {
    kernel_.forget_attributes(file);
  }
  for (const NodeId file : std::set<NodeId>(stale.contents.begin(), stale.contents.end())) {
    kernel_.forget_folder(file);
  }
  // A name that led there is asked for again, since its file is stale.
  for (const NodeId file : std::set<NodeId>(stale.gone.begin(), stale.gone.end())) {
    kernel_.forget_folder(file);
    if (gone_) gone_(file);
  }
  if (stale.all_results) tell_results();
}

// Drops every typed folder with all below it, by the name under which it was typed.
void Notifier::tell_results() {
  for (const auto& [node, known] : tree_.nodes().all()) {
    if (known->tail != PathNode::Tail::folder) continue;
    if (known->folder.filters.empty()) {
      kernel_.forget_name(NodeId::search, known->folder.text);
      kernel_.forget_name(NodeId::search, segment_from_text(known->folder.text));
    } else {
      PathNode parent = *known;
      const ResultFolder::Filter filter = parent.folder.filters.back();
      parent.folder.filters.pop_back();
      const auto above = tree_.resolve(parent.folder.path());
      if (!above) continue;
      const std::string typed = filter.facet + "=" + filter.value;
      kernel_.forget_name(*above, typed);
      kernel_.forget_name(*above, segment_from_text(typed));
    }
    kernel_.forget_folder(node);
  }
}

}  // namespace lensfs
