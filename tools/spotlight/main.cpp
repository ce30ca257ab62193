// lensfs-spotlight LIBRARY ADDRESS:PORT, which `lensfs spotlight` becomes: answers until it is
// stopped.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <mutex>

#include "catalog/base/log.h"
#include "fs/service_manager.h"
#include "tools/cli/exit_code.h"
#include "tools/cli/print.h"
#include "tools/cli/stop_signal.h"
#include "tools/spotlight/peer.h"
#include "tools/spotlight/server.h"

namespace lensfs {
namespace {

void wait_for(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait(lock, stop, [] { return false; });
}

Status serve(const std::string& library, const std::string& where) {
  LENSFS_TRY(const sockaddr_in address, loopback_address(where));
  const StopOnSignal stop;
  LENSFS_TRY(const auto catalog, Catalog::open(library));
  SpotlightSearch search(*catalog);
  LENSFS_TRY(const auto server, SpotlightServer::start(search, address));
  if (::geteuid() != 0) {
    log::warn("spotlight: only root may look for other users; they are answered nothing");
  }
  print_line(fmt::format("listening port={}", server->port()));
  std::fflush(stdout);  // it is a log
  tell_service_manager("READY=1");
  wait_for(stop.token());
  tell_service_manager("STOPPING=1");
  return {};
}

}  // namespace
}  // namespace lensfs

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  lensfs::log::start("lensfs-spotlight", lensfs::log::Target::standard_error, spdlog::level::info);
  if (argc != 3) {
    lensfs::complain("spotlight", "is started by \"lensfs spotlight\"");
    return static_cast<int>(lensfs::ExitCode::usage);
  }
  const lensfs::Status served = lensfs::serve(argv[1], argv[2]);
  if (served) return 0;
  lensfs::complain("spotlight", served.error());
  return static_cast<int>(lensfs::exit_code_of(served.error().code()));
}
