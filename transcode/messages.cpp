// The sockets of the protocol.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "transcode/protocol.h"

namespace lensfs {
namespace {

// The answers, the source and the outputs.
constexpr std::size_t kMostDescriptors = kMostOrders + 2;
using ControlBuffer = std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))>;

std::vector<Fd> descriptors_in(msghdr& header) {
  std::vector<Fd> fds;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    std::vector<int> numbers((part->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(numbers.data(), CMSG_DATA(part), numbers.size() * sizeof(int));
    for (const int fd : numbers) fds.emplace_back(fd);
  }
  return fds;
}

}  // namespace

Status send_message(int socket, std::string_view bytes, std::span<const int> fds) {
  if (fds.size() > kMostDescriptors || bytes.size() > kLargestMessage) {
    return fail(Errc::too_big, "send a message");
  }
  iovec part{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
  alignas(cmsghdr) ControlBuffer control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (!fds.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(rights), fds.data(), fds.size_bytes());
  }
  while (::sendmsg(socket, &header, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return last_error("send a message");
  }
  return {};
}

Result<Received> receive_message(int socket, Descriptors descriptors) {
  Received received{.bytes = std::string(kLargestMessage, '\0'), .fds = {}};
  iovec part{.iov_base = received.bytes.data(), .iov_len = received.bytes.size()};
  alignas(cmsghdr) ControlBuffer control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (descriptors == Descriptors::accept) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
  }
  ssize_t size = 0;
  do {
    size = ::recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  // The other end was closed while it had something to read.
  if (size < 0 && errno == ECONNRESET) size = 0;
  if (size < 0) return last_error("receive a message");
  received.fds = descriptors_in(header);
  if ((header.msg_flags & MSG_TRUNC) != 0) return fail(Errc::corrupt, "too large a message");
  received.bytes.resize(static_cast<std::size_t>(size));
  return received;
}

}  // namespace lensfs
