#include "tools/cli/stop_signal.h"

#include <unistd.h>

#include <csignal>

#include "tools/cli/exit_code.h"

namespace lensfs {
namespace {

// SIGUSR2 wakes the waiting thread when the command is over.
sigset_t waited_for() {
  sigset_t set{};
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGINT);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGUSR2);
  return set;
}

}  // namespace

StopOnSignal::StopOnSignal() {
  const sigset_t set = waited_for();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::jthread([this](const std::stop_token& over) {
    const sigset_t awaited = waited_for();
    int signal = 0;
    while (::sigwait(&awaited, &signal) == 0 && !over.stop_requested()) {
      if (signal == SIGUSR2) continue;
      int none = 0;
      signal_.compare_exchange_strong(none, signal);
      if (!source_.request_stop()) ::_exit(static_cast<int>(ExitCode::interrupted));
    }
  });
}

StopOnSignal::~StopOnSignal() {
  thread_.request_stop();
  ::pthread_kill(thread_.native_handle(), SIGUSR2);
}

}  // namespace lensfs
