#include "transcode/engine_service.h"

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string_view>

#include "transcode/engine_child.h"

namespace lensfs {
namespace {

constexpr int kExitUsage = 2;
constexpr int kPageOfWords = 4096;

// Running: the decoder of now.
struct Running {
  pid_t process = 0;
  Fd end;         // a pidfd: readable once it ended
  Fd last_words;  // what it writes to standard error
  std::string words;

  // Keeps the end of it.
  void listen() {
    std::array<char, kPageOfWords> some{};
    const ssize_t size = ::read(last_words.get(), some.data(), some.size());
    if (size <= 0) {
      if (size == 0) last_words.reset();
      return;
    }
    words.append(some.data(), static_cast<std::size_t>(size));
    if (words.size() > kLongestText) words.erase(0, words.size() - kLongestText);
  }
};

Ended ending(const Running& running, int status, const rusage& used) {
  const auto milliseconds = [](const timeval& time) {
    return time.tv_sec * 1000 + time.tv_usec / 1000;
  };
  const std::size_t line = running.words.find_last_not_of('\n');
  const std::string_view words =
      std::string_view(running.words).substr(0, line == std::string::npos ? 0 : line + 1);
  return {.status = status,
          .peak_memory = static_cast<std::uint64_t>(used.ru_maxrss) * 1024,
          .cpu_milliseconds =
              static_cast<std::uint64_t>(milliseconds(used.ru_utime) + milliseconds(used.ru_stime)),
          .last_words = std::string(words.substr(words.rfind('\n') + 1))};
}

// Service: hears requests, has one decoder at a time.
class Service {
 public:
  Service(const Engines& engines, const Sandbox& sandbox) : engines_(engines), sandbox_(sandbox) {}

  // Until the client is gone.
  Status run() {
    for (;;) {
      std::array<pollfd, 3> sources = {
          {{.fd = kControlDescriptor, .events = POLLIN, .revents = 0},
           {.fd = running_.end.get(), .events = POLLIN, .revents = 0},
           {.fd = running_.last_words.get(), .events = POLLIN, .revents = 0}}};
      if (::poll(sources.data(), sources.size(), -1) < 0 && errno != EINTR) {
        return last_error("wait for requests");
      }
      if (sources[2].revents != 0) running_.listen();
      if (sources[1].revents != 0) LENSFS_CHECK(finish());
      if (sources[0].revents == 0) continue;
      LENSFS_TRY(Received received, receive_message(kControlDescriptor, Descriptors::accept));
      if (received.bytes.empty()) return {};
      LENSFS_TRY(ToService message, decode_to_service(received.bytes));
      if (auto* request = std::get_if<Request>(&message)) {
        LENSFS_CHECK(start(std::move(*request), std::move(received.fds)));
      } else if (running_.process > 0) {
        ::kill(running_.process, SIGKILL);
      }
    }
  }

 private:
  Status start(Request request, std::vector<Fd> fds) {
    if (running_.process > 0 || fds.size() != outputs_of(request) + 2) {
      return fail(Errc::invalid, "a request that does not fit");
    }
    Assignment assignment{.request = std::move(request),
                          .answers = std::move(fds[0]),
                          .source = std::move(fds[1]),
                          .outputs = {}};
    for (std::size_t i = 2; i < fds.size(); ++i) assignment.outputs.push_back(std::move(fds[i]));

    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) return last_error("start a decoder");
    Running running;
    running.last_words.reset(pipe[0]);
    const Fd theirs(pipe[1]);
    const ChildPlace place{
        .engines = engines_, .sandbox = sandbox_, .parent = ::getpid(), .last_words = theirs.get()};
    running.process = ::fork();
    if (running.process < 0) return last_error("start a decoder");
    if (running.process == 0) decode_and_end(place, assignment);
    running.end.reset(static_cast<int>(::syscall(SYS_pidfd_open, running.process, 0)));
    if (!running.end) return last_error("watch a decoder");
    running_ = std::move(running);
    return {};
  }

  // The decoder has ended: tells the client how.
  Status finish() {
    int status = 0;
    rusage used{};
    while (::wait4(running_.process, &status, 0, &used) < 0) {
      if (errno != EINTR) return last_error("wait for a decoder");
    }
    while (running_.last_words && has_words()) running_.listen();
    const std::string bytes = encode(FromService(ending(running_, status, used)));
    running_ = Running();
    return send_message(kControlDescriptor, bytes, {});
  }

  [[nodiscard]] bool has_words() const {
    pollfd source{.fd = running_.last_words.get(), .events = POLLIN, .revents = 0};
    return ::poll(&source, 1, 0) > 0;
  }

  const Engines& engines_;
  const Sandbox& sandbox_;
  Running running_;
};

Status become_expendable() {
  LENSFS_TRY(const Fd adjustment, open_path("/proc/self/oom_score_adj", O_WRONLY));
  constexpr std::string_view kFirst = "1000";
  return write_full(adjustment.get(), std::as_bytes(std::span(kFirst)), 0);
}

void settle_process() {
  ::prctl(PR_SET_NAME, "lensfs-transcode");
  // The client ends us by closing its socket, when it is done: a signal to a whole terminal or
  // service would come before that.
  for (const int signal : {SIGINT, SIGHUP, SIGTERM, SIGPIPE}) ::signal(signal, SIG_IGN);
  // Each arena of malloc takes 64 MiB of address space, which is what the decoder's memory is
  // limited by.
  ::mallopt(M_ARENA_MAX, 2);
  // Where memory runs out, the kernel takes decoders first. Where it does not let us, so be it.
  static_cast<void>(become_expendable());
}

Status report(const Ready& ready) {
  return send_message(kControlDescriptor, encode(FromService(ready)), {});
}

int serve(MissingParts missing, const Engines& engines) {
  settle_process();
  const auto sandbox = Sandbox::make(missing);
  if (!sandbox) {
    static_cast<void>(report({.refusal = sandbox.error().message(), .build = {}}));
    return EXIT_FAILURE;
  }
  engines.prepare();
  Status served = report({.refusal = {}, .build = engines.build ? engines.build() : ""});
  if (served) served = Service(engines, *sandbox).run();
  if (served) return EXIT_SUCCESS;
  std::fprintf(stderr, "lensfs-transcode: %s\n", served.error().message().c_str());
  return EXIT_FAILURE;
}

int check() {
  const Status can = check_sandbox();
  std::puts(can ? "the sandbox is complete" : can.error().message().c_str());
  return can ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int run_engine_program(std::span<const char* const> words, const Engines& engines) {
  auto missing = MissingParts::refuse;
  for (const std::string_view word : words) {
    if (word == "--check") return check();
    if (word != "--allow-unsandboxed") {
      std::fputs(
          "usage: lensfs-transcode [--allow-unsandboxed | --check]\n"
          "lensfs starts it; it is of no use by itself.\n",
          stderr);
      return kExitUsage;
    }
    missing = MissingParts::go_without;
  }
  int kind = 0;
  socklen_t size = sizeof kind;
  if (::getsockopt(kControlDescriptor, SOL_SOCKET, SO_TYPE, &kind, &size) != 0 ||
      kind != SOCK_SEQPACKET) {
    std::fputs("lensfs-transcode: lensfs starts it; it is of no use by itself\n", stderr);
    return kExitUsage;
  }
  return serve(missing, engines);
}

}  // namespace lensfs
