#include "fs/keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <fstream>
#include <optional>
#include <span>
#include <thread>

#include "catalog/base/log.h"
#include "catalog/store/mount_marks.h"
#include "fs/announcer.h"
#include "fs/dead_mount.h"
#include "fs/herald_process.h"
#include "fs/kernel_mount.h"
#include "fs/service_manager.h"

namespace lensfs {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A worker that dies this often before it serves will not serve the next time either.
constexpr int kMostFailedStarts = 20;
// Longer before each next one: the program may just be being replaced, or the disk be busy.
constexpr std::chrono::milliseconds kFailedStartPause{25};
// After a detach, how long open files keep the old mount going.
constexpr auto kGrace = std::chrono::seconds(10);
// Between two starts of what makes renditions.
constexpr auto kRendererPause = std::chrono::seconds(10);

std::string new_mount_id() {
  std::ifstream source("/proc/sys/kernel/random/uuid");
  std::string id;
  std::getline(source, id);
  return id;
}

// The processes that may wait for an answer of the worker's.
struct Helpers {
  Helper announcer;
  Helper herald;

  void reap() {
    announcer.reap();
    herald.reap();
  }
  [[nodiscard]] bool end() {
    const bool herald_ended = herald.end();
    return announcer.end() && herald_ended;
  }
};

// Keeper's life: one worker at a time until the mount is gone.
class Keeper {
 public:
  Keeper(const KeeperOptions& options, MountState& state, Fd connection, Helpers helpers)
      : options_(options),
        state_(state),
        connection_(std::move(connection)),
        helpers_(std::move(helpers)) {}

  Status run(const std::function<void()>& ready) {
    LENSFS_CHECK(take_signals());
    LENSFS_CHECK(start_worker());
    while (worker_ > 0) {
      wait_for_event();
      if (served_ && !announced_) {
        announced_ = true;
        tell_service_manager("READY=1\nSTATUS=serving");
        ready();
      }
      LENSFS_CHECK(reap());
      start_renderer();
      kill_after_grace();
    }
    end_renderer();
    return {};
  }

 private:
  Status take_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&set, signal);
    if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return last_error("block signals");
    signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals_) return last_error("take signals");
    return {};
  }

  Status start_worker() {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return last_error("start a worker");
    ready_.reset(pipe[0]);
    const Fd theirs(pipe[1]);
    served_ = false;
    const pid_t child = ::fork();
    if (child < 0) return last_error("start a worker");
    if (child == 0) become_worker(theirs.get());
    worker_ = child;
    return {};
  }

  // In a child: another program, which gets `signal` when the keeper ends.
  [[noreturn]] void become(std::vector<std::string> words, int signal) {
    ::prctl(PR_SET_PDEATHSIG, signal);
    if (::getppid() != state_->keeper_pid) ::_exit(1);
    keep_service_manager_from_children();
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(arguments.front(), arguments.data());
    ::_exit(127);
  }

  [[noreturn]] void become_worker(int ready) {
    std::vector<std::string> words = options_.worker;
    for (const auto& [flag, fd] :
         {std::pair{"--fuse-fd", connection_.get()}, std::pair{"--state-fd", state_.fd()},
          std::pair{"--ready-fd", ready},
          std::pair{"--announce-fd", helpers_.announcer.for_workers()},
          std::pair{"--herald-fd", helpers_.herald.for_workers()}}) {
      ::fcntl(fd, F_SETFD, 0);
      words.emplace_back(flag);
      words.push_back(std::to_string(fd));
    }
    // Without a keeper nobody would start the next worker or unmount: the mount ends as a whole.
    become(std::move(words), SIGKILL);
  }

  // What makes renditions ends with the keeper, and is started again when it ends before.
  void start_renderer() {
    if (options_.renderer.empty() || stopping_ || !announced_) return;
    if (renderer_ > 0 || SteadyClock::now() < renderer_at_) return;
    renderer_at_ = SteadyClock::now() + kRendererPause;
    const pid_t child = ::fork();
    if (child < 0) return;
    if (child > 0) {
      renderer_ = child;
      return;
    }
    become(options_.renderer, SIGTERM);
  }

  void end_renderer() {
    if (renderer_ <= 0) return;
    ::kill(renderer_, SIGTERM);
    while (::waitpid(renderer_, nullptr, 0) < 0 && errno == EINTR) {
    }
    renderer_ = 0;
  }

  // Milliseconds until there is something to do that nothing wakes for; -1: never.
  [[nodiscard]] int patience() const {
    if (stopping_) return 100;
    const bool waits = !options_.renderer.empty() && renderer_ <= 0;
    const int pause = waits ? 1000 : -1;
    if (!watchdog_) return pause;
    const int until_told = static_cast<int>(watchdog_->count());
    return waits ? std::min(pause, until_told) : until_told;
  }

  void wait_for_event() {
    std::array<pollfd, 2> sources = {
        {{.fd = signals_.get(), .events = POLLIN, .revents = 0},
         {.fd = served_ ? -1 : ready_.get(), .events = POLLIN, .revents = 0}}};
    ::poll(sources.data(), sources.size(), patience());
    // A worker that does not come to serve is what the watchdog is for.
    if (watchdog_ && served_) tell_service_manager("WATCHDOG=1");
    if ((sources[1].revents & POLLIN) != 0) {
      char byte = 0;
      served_ = ::read(ready_.get(), &byte, 1) == 1;
      if (served_) failed_starts_ = 0;
    } else if ((sources[1].revents & POLLHUP) != 0) {
      ready_.reset();
    }
    signalfd_siginfo signal{};
    while (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
      handle(static_cast<int>(signal.ssi_signo));
    }
  }

  void handle(int signal) {
    if (signal == SIGHUP) {
      log::info("replacing the worker");
      ::kill(worker_, SIGTERM);
    } else if ((signal == SIGTERM || signal == SIGINT) && !stopping_) {
      stopping_ = true;
      tell_service_manager("STOPPING=1");
      kill_at_ = SteadyClock::now() + kGrace;
      if (const Status detached = detach(options_.mountpoint); !detached) {
        log::warn("unmount: {}", detached.error().message());
        ::kill(worker_, SIGTERM);
      }
    }
  }

  // Takes in the end of the worker, and starts another unless the mount is gone.
  Status reap() {
    if (!stopping_) helpers_.reap();
    if (renderer_ > 0 && ::waitpid(renderer_, nullptr, WNOHANG) == renderer_) renderer_ = 0;
    int status = 0;
    if (::waitpid(worker_, &status, WNOHANG) != worker_) return {};
    worker_ = 0;
    const bool unmounted = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (unmounted || (stopping_ && helpers_.end())) return {};
    // SIGKILL and SIGTERM come from people; everything else is the worker's own failure.
    const bool killed =
        WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM);
    if (!served_ && !killed && ++failed_starts_ >= kMostFailedStarts) {
      static_cast<void>(detach(options_.mountpoint));
      return fail(Errc::io, "the worker does not start; see the log");
    }
    if (!announced_ && !served_ && !killed) {
      static_cast<void>(detach(options_.mountpoint));
      return fail(Errc::io, "the mount cannot be served; see the message above");
    }
    state_->restarts.fetch_add(1);
    log::warn("the worker died status={} restarts={}", status, state_->restarts.load());
    if (!served_ && !killed) std::this_thread::sleep_for(kFailedStartPause * failed_starts_);
    return start_worker();
  }

  void kill_after_grace() {
    if (!stopping_ || worker_ <= 0 || SteadyClock::now() < kill_at_) return;
    if (helpers_.end()) ::kill(worker_, SIGKILL);
  }

  const KeeperOptions& options_;
  MountState& state_;
  Fd connection_;
  Helpers helpers_;
  Fd signals_;
  Fd ready_;
  pid_t worker_ = 0;
  bool served_ = false;     // the worker of now answers requests
  bool announced_ = false;  // ready() was called
  bool stopping_ = false;
  int failed_starts_ = 0;
  SteadyClock::time_point kill_at_{};
  pid_t renderer_ = 0;
  SteadyClock::time_point renderer_at_{};  // not before
  std::optional<std::chrono::milliseconds> watchdog_ = watchdog_interval();
};

}  // namespace

Status keep_mount(const KeeperOptions& options, const std::function<void()>& ready) {
  LENSFS_CHECK(recover_mountpoint(options.mountpoint));
  LENSFS_TRY(const std::unique_ptr<MountState> state, MountState::make());
  put_text((*state)->mount_id, new_mount_id());
  put_text((*state)->mountpoint, options.mountpoint.string());
  put_text((*state)->library, options.library.string());
  put_text((*state)->lens, options.lens);
  const auto alive = mark_alive(options.library, (*state)->mount_id);
  if (!alive) log::warn("other mounts cannot see this one: {}", alive.error().message());
  LENSFS_TRY(Fd connection, mount_fuse({.mountpoint = options.mountpoint,
                                        .source = options.library.string(),
                                        .read_only = options.read_only,
                                        .allow_other = options.allow_other}));
  if (alive) {
    const std::string device = device_at(options.mountpoint);
    LENSFS_CHECK(write_full(alive->get(), std::as_bytes(std::span(device)), 0));
  }
  LENSFS_TRY(Helper announcer, start_announcer(connection.get()));
  LENSFS_TRY(Helper herald, start_herald(*state));
  Keeper keeper(options, *state, std::move(connection),
                Helpers{std::move(announcer), std::move(herald)});
  return keeper.run(ready);
}

}  // namespace lensfs
