#include "tools/spotlight/acting_as.h"

#include <grp.h>
#include <pwd.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <utility>

namespace lensfs {
namespace {

constexpr gid_t kNoGroup = 65534;
constexpr int kMostGroups = 65536;  // that the kernel takes
constexpr auto kAsk = static_cast<uid_t>(-1);

struct Person {
  gid_t gid = kNoGroup;
  std::vector<gid_t> groups;
};

// Somebody whom the system does not know is in no group.
Person person_of(uid_t uid) {
  Person person;
  std::array<char, 16'384> room{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, room.data(), room.size(), &found) != 0 || found == nullptr) {
    return person;
  }
  person.gid = entry.pw_gid;
  int count = 64;
  person.groups.resize(static_cast<std::size_t>(count));
  while (::getgrouplist(entry.pw_name, entry.pw_gid, person.groups.data(), &count) < 0 &&
         count <= kMostGroups) {
    person.groups.resize(static_cast<std::size_t>(count));
  }
  person.groups.resize(static_cast<std::size_t>(count));
  return person;
}

// The C library would do it to all threads.
bool set_groups_of_thread(const std::vector<gid_t>& groups) {
  return ::syscall(SYS_setgroups, groups.size(), groups.data()) == 0;
}

std::vector<gid_t> groups_of_thread() {
  const int count = ::getgroups(0, nullptr);
  std::vector<gid_t> groups(static_cast<std::size_t>(count < 0 ? 0 : count));
  const int got = ::getgroups(static_cast<int>(groups.size()), groups.data());
  groups.resize(static_cast<std::size_t>(got < 0 ? 0 : got));
  return groups;
}

}  // namespace

Result<ActingAs> ActingAs::user(uid_t uid) {
  ActingAs acting;
  const uid_t own = ::geteuid();
  if (uid == own || uid == 0) return acting;
  if (own != 0) {
    return fail(Errc::denied, "only a service that root runs may act for other users");
  }
  const Person person = person_of(uid);
  acting.uid_ = own;
  acting.gid_ = ::getegid();
  acting.groups_ = groups_of_thread();
  acting.is_other_ = true;  // from here on it is undone
  if (!set_groups_of_thread(person.groups)) return last_error("setgroups");
  ::setfsgid(person.gid);
  ::setfsuid(uid);  // the last: it takes the rights away that the others need
  if (static_cast<gid_t>(::setfsgid(static_cast<gid_t>(kAsk))) != person.gid ||
      static_cast<uid_t>(::setfsuid(kAsk)) != uid) {
    return fail(Errc::denied, "this process may not act for other users");
  }
  return acting;
}

ActingAs::ActingAs(ActingAs&& other) noexcept
    : is_other_(std::exchange(other.is_other_, false)),
      uid_(other.uid_),
      gid_(other.gid_),
      groups_(std::move(other.groups_)) {}

ActingAs::~ActingAs() {
  if (!is_other_) return;
  ::setfsuid(uid_);
  ::setfsgid(gid_);
  // A thread that stays somebody else must do nothing more.
  if (!set_groups_of_thread(groups_) || static_cast<uid_t>(::setfsuid(kAsk)) != uid_) std::abort();
}

}  // namespace lensfs
