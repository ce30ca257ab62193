#include "fs/request.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <mutex>
#include <tuple>
#include <vector>

#include "fs/program_names.h"

namespace lensfs {
namespace {

// Names of users, asked for once: a lookup may go over the network. A renamed user is seen by the
// next worker.
class UserNames {
 public:
  std::string name_of(std::int64_t uid) {
    const std::scoped_lock lock(mutex_);
    const auto at = names_.find(uid);
    if (at != names_.end()) return at->second;
    return names_.emplace(uid, name_of_user(uid)).first->second;
  }

 private:
  std::mutex mutex_;  // guards names_; rank: leaf
  std::map<std::int64_t, std::string> names_;
};

}  // namespace

CurrentRequest& current_request() {
  thread_local CurrentRequest current;
  return current;
}

Actor actor_of(fuse_req_t request) {
  static UserNames names;
  const Mount& mount = mount_of(request);
  const auto uid = static_cast<std::int64_t>(fuse_req_ctx(request)->uid);
  return {.uid = uid,
          .name = names.name_of(uid),
          .origin = mount.origin,
          .program = mount.uses.is_on() ? program_of(fuse_req_ctx(request)->pid) : ""};
}

namespace {

// Groups of callers, each asked for once in a while: it is a file to be read. A process that
// changes its groups while it stays the same user and group is known by the old ones for as long.
class CallerGroups {
 public:
  Asker find(const fuse_ctx& who) {
    const std::scoped_lock lock(mutex_);
    const auto known = callers_.find(key_of(who));
    if (known == callers_.end() || SteadyClock::now() >= known->second.until) return nullptr;
    return known->second.asker;
  }
  void keep(const fuse_ctx& who, const Asker& asker) {
    const std::scoped_lock lock(mutex_);
    if (callers_.size() >= kMostCallers) callers_.clear();
    callers_[key_of(who)] = {asker, SteadyClock::now() + kKept};
  }

 private:
  using SteadyClock = std::chrono::steady_clock;
  using Key = std::tuple<pid_t, uid_t, gid_t>;
  static constexpr auto kKept = std::chrono::milliseconds(250);
  static constexpr std::size_t kMostCallers = 4096;
  struct Known {
    Asker asker;
    SteadyClock::time_point until;
  };
  static Key key_of(const fuse_ctx& who) { return {who.pid, who.uid, who.gid}; }

  std::mutex mutex_;  // guards callers_; rank: leaf
  std::map<Key, Known> callers_;
};

}  // namespace

Asker asker_of(fuse_req_t request) {
  AccessGate& access = mount_of(request).tree.access();
  if (!access.is_active()) return nullptr;
  const fuse_ctx* const who = fuse_req_ctx(request);
  if (access.is_owner(who->uid)) return nullptr;
  static CallerGroups groups;
  if (Asker known = groups.find(*who)) return known;
  std::vector<gid_t> ids(64);
  int count = fuse_req_getgroups(request, static_cast<int>(ids.size()), ids.data());
  if (count > static_cast<int>(ids.size())) {
    ids.resize(static_cast<std::size_t>(count));
    count = fuse_req_getgroups(request, count, ids.data());
  }
  // Who has ended, or cannot be looked at, has the groups that the request says.
  ids.resize(static_cast<std::size_t>(std::clamp(count, 0, static_cast<int>(ids.size()))));
  auto caller = std::make_shared<AccessCaller>();
  caller->uid = who->uid;
  caller->groups.assign(ids.begin(), ids.end());
  caller->groups.push_back(who->gid);
  std::sort(caller->groups.begin(), caller->groups.end());
  caller->groups.erase(std::unique(caller->groups.begin(), caller->groups.end()),
                       caller->groups.end());
  groups.keep(*who, caller);
  return caller;
}

std::int64_t origin_of(std::string_view mount_id) {
  // The first 8 hexadecimal digits of its uuid.
  std::int64_t origin = 0;
  std::from_chars(mount_id.data(), mount_id.data() + std::min<std::size_t>(mount_id.size(), 8),
                  origin, 16);
  return origin;
}

}  // namespace lensfs
