// What the service manager is told of a mount that it started (sd_notify(3)): a datagram to the
// socket that $NOTIFY_SOCKET names. Written out here, because it is all that would be used of
// libsystemd. Without the variable nothing is told.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace lensfs {

// "READY=1", "WATCHDOG=1", "STOPPING=1", "STATUS=…", one a line. Nobody hearing it is no failure.
void tell_service_manager(std::string_view text);
// How often "WATCHDOG=1" is to be told at the least; nothing if nobody waits for it.
[[nodiscard]] std::optional<std::chrono::milliseconds> watchdog_interval();
// The two variables are for this process and not for those that it starts.
void keep_service_manager_from_children();

}  // namespace lensfs
