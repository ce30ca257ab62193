#include "tools/spotlight/client.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <string_view>

#include "catalog/base/fd.h"
#include "tools/spotlight/message.h"

namespace lensfs {
namespace {

constexpr timeval kPatience{.tv_sec = 5, .tv_usec = 0};
constexpr std::size_t kLongestAnswer = 256 * 1024;
constexpr std::string_view kQuestion = "GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n";

Result<Fd> connected(std::uint16_t port) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return last_error("socket");
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return last_error("connect");
  }
  return fd;
}

}  // namespace

Result<std::vector<std::string>> searched_drives(std::uint16_t port) {
  LENSFS_TRY(const Fd fd, connected(port));
  if (::send(fd.get(), kQuestion.data(), kQuestion.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(kQuestion.size())) {
    return last_error("send");
  }
  std::string answer;
  std::array<char, 4096> part{};
  for (ssize_t size = 1; size > 0 && answer.size() < kLongestAnswer;) {
    size = ::recv(fd.get(), part.data(), part.size(), 0);
    if (size < 0) return last_error("recv");
    answer.append(part.data(), static_cast<std::size_t>(size));
  }
  const std::size_t body = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.") || body == std::string::npos) {
    return fail(Errc::invalid, "something else listens there");
  }
  return drives_from(std::string_view(answer).substr(body + 4));
}

}  // namespace lensfs
