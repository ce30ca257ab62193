// Where the service listens, and who is at the other end of a connection.
#pragma once

#include <netinet/in.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "catalog/base/result.h"

namespace lensfs {

// Where it listens unless it is told otherwise.
inline constexpr const char* kSpotlightAddress = "127.0.0.1:9207";

// "127.0.0.1:9207"; port 0: one that is free. usage for what is not an address of 127.0.0.0/8 with
// a port.
[[nodiscard]] Result<sockaddr_in> loopback_address(const std::string& text);

// The user whose socket, bound to `peer`, is connected to `own`: nothing unless the connection
// stands and both ends are of this machine.
[[nodiscard]] std::optional<uid_t> user_of_peer(const sockaddr_in& peer, const sockaddr_in& own);
// The same, in what /proc/net/tcp gave.
[[nodiscard]] std::optional<uid_t> user_of_peer_in(std::string_view table, const sockaddr_in& peer,
                                                   const sockaddr_in& own);

}  // namespace lensfs
