#include "tools/spotlight/peer.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "catalog/base/fd.h"
#include "catalog/base/text.h"

namespace lensfs {
namespace {

constexpr std::size_t kLongestTable = 64 << 20;
constexpr int kMostReadings = 3;

// As the kernel writes it: the address as it lies in memory, the port as a number.
std::string spelled(const sockaddr_in& address) {
  return fmt::format("{:08X}:{:04X}", address.sin_addr.s_addr, ntohs(address.sin_port));
}

}  // namespace

std::optional<uid_t> user_of_peer_in(std::string_view table, const sockaddr_in& peer,
                                     const sockaddr_in& own) {
  // A socket that its process has closed shows no user any more but 0, so only one that stands
  // tells whose it is.
  constexpr std::string_view kEstablished = "01";
  const std::string wanted_peer = spelled(peer);
  const std::string wanted_own = spelled(own);
  while (!table.empty()) {
    const std::size_t end = std::min(table.find('\n'), table.size());
    std::istringstream line{std::string(table.substr(0, end))};
    table.remove_prefix(std::min(end + 1, table.size()));
    std::string number, local, remote, state, queues, timer, retransmits, uid;
    line >> number >> local >> remote >> state >> queues >> timer >> retransmits >> uid;
    if (local != wanted_peer || remote != wanted_own || state != kEstablished) continue;
    return number_from<uid_t>(uid);
  }
  return std::nullopt;
}

std::optional<uid_t> user_of_peer(const sockaddr_in& peer, const sockaddr_in& own) {
  // The kernel writes the table in parts, and may pass over a socket where others come and go.
  for (int more = kMostReadings; more > 0; --more) {
    const auto table = read_text("/proc/net/tcp", kLongestTable);
    if (!table) return std::nullopt;
    if (const auto user = user_of_peer_in(*table, peer, own)) return user;
  }
  return std::nullopt;
}

Result<sockaddr_in> loopback_address(const std::string& text) {
  constexpr std::uint32_t kLoopbackNet = 127;
  const std::size_t colon = text.rfind(':');
  const auto port = colon == std::string::npos
                        ? std::nullopt
                        : number_from<std::uint16_t>(std::string_view(text).substr(colon + 1));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  const bool is_address =
      port && ::inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) == 1;
  if (!is_address || ntohl(address.sin_addr.s_addr) >> 24U != kLoopbackNet) {
    return fail(Error(Errc::usage,
                      "only this machine is answered: give 127.0.0.1 and a port, as "
                      "127.0.0.1:9207")
                    .with(text));
  }
  address.sin_port = htons(*port);
  return address;
}

}  // namespace lensfs
