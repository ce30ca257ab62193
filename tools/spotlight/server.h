// SpotlightServer: answers Samba's searches over HTTP, on this machine only. In a process of its
// own, lensfs-spotlight: what a server needs would slow down the start of every command.
//
//   POST /<any>/_search    a question of Samba's; answered with 200 whatever it is, because smbd
//                          gives up the connection over anything else
//   GET /                  {"drives": ["/mnt/media"]}: that it is there, and for which drives
//
// Who asks is the user whose socket it is; they are answered what they may read. Connections stay
// open between questions, as smbd wants them; within one there are limits of time and size.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <memory>

#include "tools/spotlight/search.h"

namespace lensfs {

class SpotlightServer {
 public:
  // Answers from now on, in threads of its own, until it is destroyed. `search` outlives it.
  [[nodiscard]] static Result<std::unique_ptr<SpotlightServer>> start(SpotlightSearch& search,
                                                                      const sockaddr_in& address);
  virtual ~SpotlightServer() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
};

}  // namespace lensfs
