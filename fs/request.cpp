#include "fs/request.h"

#include <charconv>
#include <map>
#include <mutex>

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
  const auto uid = static_cast<std::int64_t>(fuse_req_ctx(request)->uid);
  return {.uid = uid, .name = names.name_of(uid), .origin = mount_of(request).origin};
}

std::int64_t origin_of(std::string_view mount_id) {
  // The first 8 hexadecimal digits of its uuid.
  std::int64_t origin = 0;
  std::from_chars(mount_id.data(), mount_id.data() + std::min<std::size_t>(mount_id.size(), 8),
                  origin, 16);
  return origin;
}

}  // namespace lensfs
