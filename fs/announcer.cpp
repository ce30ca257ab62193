#include "fs/announcer.h"

#include <linux/fuse.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "catalog/base/clock.h"
#include "catalog/base/log.h"
#include "fs/kernel_message.h"

namespace lensfs {
namespace {

// A message is what the kernel takes, or a token that goes back when all before it was said. Tokens
// are shorter than any notification.
using Token = std::uint64_t;
static_assert(sizeof(Token) < sizeof(fuse_out_header));
constexpr std::size_t kLargest =
    sizeof(fuse_out_header) + sizeof(fuse_notify_inval_entry_out) + 4096;
// An announcer that was killed may have taken a token with it.
constexpr int kAskAgainMilliseconds = 1000;

struct InvalidEntry {
  fuse_out_header header;
  fuse_notify_inval_entry_out body;
};

// Ends with the keeper.
[[noreturn]] void announce(int connection, int messages) {
  std::array<char, kLargest> message{};
  for (;;) {
    const ssize_t size = ::recv(messages, message.data(), message.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) ::_exit(0);
    if (static_cast<std::size_t>(size) == sizeof(Token)) {
      static_cast<void>(::send(messages, message.data(), sizeof(Token), MSG_NOSIGNAL));
      continue;
    }
    // Failures are of no interest: what the kernel does not know of is not stale.
    if (::write(connection, message.data(), static_cast<std::size_t>(size)) < 0) errno = 0;
  }
}

}  // namespace

Result<Helper> start_announcer(int connection) {
  return Helper::start({.name = "lensfs-announce",
                        .work = [connection](int messages) { announce(connection, messages); },
                        .keeps = connection,
                        .gone = {}});
}

void Announcements::send(const void* message, std::size_t size) const {
  while (::send(announcer_, message, size, MSG_NOSIGNAL) < 0 && errno == EINTR) {
  }
}

void Announcements::forget_name(NodeId folder, std::string_view name) {
  InvalidEntry fixed{};
  fixed.header.len = static_cast<std::uint32_t>(sizeof fixed + name.size() + 1);
  fixed.header.error = FUSE_NOTIFY_INVAL_ENTRY;
  fixed.body.parent = static_cast<std::uint64_t>(folder);
  fixed.body.namelen = static_cast<std::uint32_t>(name.size());
  std::array<char, kLargest> message{};
  if (fixed.header.len > message.size()) return;  // no such name can be typed
  std::memcpy(message.data(), &fixed, sizeof fixed);
  name.copy(message.data() + sizeof fixed, name.size());
  send(message.data(), fixed.header.len);
}

void Announcements::forget_folder(NodeId folder) {
  const InvalidInode message = invalid_inode(folder, 0);
  send(&message, sizeof message);
}

void Announcements::forget_attributes(NodeId file) {
  const InvalidInode message = invalid_inode(file, -1);
  send(&message, sizeof message);
}

void Announcements::forget_all_names() {
  const fuse_out_header message = all_names_message();
  send(&message, sizeof message);
}

void Announcements::settle() {
  // Not one that a worker before this one waited for.
  const Token token = std::max(settled_ + 1, static_cast<Token>(Clock().now()));
  settled_ = token;
  for (Token back = 0; back != token;) {
    send(&token, sizeof token);
    pollfd answer{.fd = announcer_, .events = POLLIN, .revents = 0};
    while (back != token && ::poll(&answer, 1, kAskAgainMilliseconds) > 0) {
      if (::recv(announcer_, &back, sizeof back, MSG_DONTWAIT) < 0 && errno != EINTR) break;
    }
  }
}

}  // namespace lensfs
