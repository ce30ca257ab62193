// Engines that do what their source says: "write 1000", "crash", "open /etc/passwd" … One line for
// each order; a single line is for all. What they find goes to the output.
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "catalog/base/fd.h"
#include "tests/unit/transcode/test_slots.h"
#include "transcode/engine_service.h"

namespace lensfs {
namespace {

constexpr int kAnswers = 3;

// What one line is carried out with.
struct Work {
  std::string argument;
  int output = -1;
  const Progress& progress;
};

Result<Made> wrote(const Work& work, std::string_view text) {
  LENSFS_CHECK(write_full(work.output, std::as_bytes(std::span(text)), 0));
  return Made{.extension = "txt",
              .width = 4,
              .height = 3,
              .frames = static_cast<std::int64_t>(text.size()),
              .duration_ns = 7};
}

// "ok", or what the system said.
Result<Made> outcome(const Work& work, long result) {
  return wrote(work, result < 0 ? strerrorname_np(errno) : "ok");
}

Result<Made> write_bytes(const Work& work) {
  return wrote(work, std::string(std::stoul(work.argument), 'x'));
}

Result<Made> refuse(const Work& work) {
  return fail(Error(Errc::not_supported, "no picture in it").with(work.argument));
}

Result<Made> fill_without_asking(const Work& work) {
  const std::string block(4096, 'x');
  while (::write(work.output, block.data(), block.size()) > 0) {
  }
  return fail(Errc::io, "the muxer failed");
}

Result<Made> crash(const Work& work) {
  static_cast<void>(::raise(std::stoi(work.argument)));
  return fail(Errc::io);
}

Result<Made> touch_nothing(const Work&) {
  auto* const nowhere = static_cast<volatile int*>(
      ::mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  *nowhere = 1;
  return fail(Errc::io);
}

Result<Made> loop(const Work&) {
  for (std::atomic<unsigned> turns = 0;; ++turns) {
  }
}

Result<Made> hang(const Work&) {
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

Result<Made> progress_for_ever(const Work& work) {
  for (;;) {
    work.progress(0.5);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

Result<Made> allocate(const Work& work) {
  std::vector<std::string> blocks;
  for (;;) blocks.emplace_back(1 << 20, work.argument[0]);
}

Result<Made> allocate_in_thread(const Work& work) {
  std::thread([&] { static_cast<void>(allocate(work)); }).join();
  return fail(Errc::io);
}

Result<Made> throw_something(const Work& work) {
  throw std::runtime_error(work.argument);
}

Result<Made> open_to_read(const Work& work) {
  return outcome(work, ::open(work.argument.c_str(), O_RDONLY | O_CLOEXEC));
}

Result<Made> open_to_write(const Work& work) {
  return outcome(work, ::open(work.argument.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

Result<Made> write_to_source(const Work& work) {
  return outcome(work, ::write(4, "x", 1));
}

Result<Made> make_socket(const Work& work) {
  return outcome(work, ::socket(AF_INET, SOCK_STREAM, 0));
}

Result<Made> fork_off(const Work& work) {
  // As fork does it.
  return outcome(work, ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

Result<Made> start_program(const Work& work) {
  return outcome(work, ::execl("/bin/true", "true", nullptr));
}

Result<Made> trace_parent(const Work& work) {
  return outcome(work, ::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr));
}

Result<Made> kill_parent(const Work& work) {
  return outcome(work, ::syscall(SYS_tgkill, ::getppid(), ::getppid(), SIGKILL));
}

Result<Made> call_by_number(const Work& work) {
  return outcome(work, ::syscall(std::stol(work.argument), 0, 0, 0, 0, 0, 0));
}

Result<Made> use_threads(const Work& work) {
  std::atomic<int> sum = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&sum] { ++sum; });
  for (std::thread& thread : threads) thread.join();
  return wrote(work, std::to_string(sum));
}

Result<Made> list_descriptors(const Work& work) {
  std::string open;
  for (int fd = 0; fd < 4096; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) open += std::to_string(fd) + " ";
  }
  return wrote(work, open);
}

Result<Made> list_environment(const Work& work) {
  std::string all;
  for (char** entry = environ; *entry != nullptr; ++entry) all += std::string(*entry) + "\n";
  return wrote(work, all);
}

Result<Made> exit_now(const Work& work) {
  ::_exit(std::stoi(work.argument));
}

Result<Made> say_and_abort(const Work& work) {
  const std::string words = work.argument + "\n";
  if (::write(STDERR_FILENO, words.data(), words.size()) < 0) return fail(Errc::io);
  std::abort();
}

Result<Made> chatter(const Work& work) {
  const std::string words(1 << 16, 'c');
  for (int i = 0; i < 100; ++i) {
    if (::write(STDERR_FILENO, words.data(), words.size()) < 0 && errno != EAGAIN) break;
  }
  return wrote(work, "ok");
}

void say_to_client(std::string_view bytes) {
  if (::write(kAnswers, bytes.data(), bytes.size()) < 0) ::_exit(1);
}

Result<Made> garbage(const Work& work) {
  std::uint32_t state = static_cast<std::uint32_t>(std::stoul(work.argument));
  std::string bytes;
  for (std::size_t i = 0; i < 10 + state % 90; ++i) {
    state = state * 1664525 + 1013904223;
    bytes += static_cast<char>(state >> 24U);
  }
  say_to_client(bytes);
  return loop(work);
}

Result<Made> send_empty(const Work& work) {
  say_to_client("");
  return loop(work);
}

Result<Made> send_too_large(const Work& work) {
  say_to_client(std::string(100'000, '\x04'));
  return loop(work);
}

Result<Made> flood(const Work& work) {
  for (;;) work.progress(0.1);
}

Result<Made> close_answers(const Work& work) {
  ::close(kAnswers);
  return loop(work);
}

using Deed = Result<Made> (*)(const Work&);
const std::map<std::string, Deed>& deeds() {
  static const std::map<std::string, Deed> all = {
      {"write", write_bytes},
      {"refuse", refuse},
      {"fill", fill_without_asking},
      {"raise", crash},
      {"touch-nothing", touch_nothing},
      {"loop", loop},
      {"hang", hang},
      {"progress", progress_for_ever},
      {"allocate", allocate},
      {"allocate-in-thread", allocate_in_thread},
      {"throw", throw_something},
      {"read-file", open_to_read},
      {"write-file", open_to_write},
      {"write-source", write_to_source},
      {"socket", make_socket},
      {"fork", fork_off},
      {"exec", start_program},
      {"ptrace", trace_parent},
      {"kill-parent", kill_parent},
      {"call", call_by_number},
      {"threads", use_threads},
      {"descriptors", list_descriptors},
      {"environment", list_environment},
      {"exit", exit_now},
      {"say-and-abort", say_and_abort},
      {"chatter", chatter},
      {"garbage", garbage},
      {"send-empty", send_empty},
      {"send-too-large", send_too_large},
      {"flood", flood},
      {"close-answers", close_answers},
  };
  return all;
}

Result<Made> carry_out(const std::string& line, int output, const Progress& progress) {
  const std::size_t space = line.find(' ');
  const auto deed = deeds().find(line.substr(0, space));
  if (deed == deeds().end()) return fail(Error(Errc::usage).with(line));
  const std::string argument = space == std::string::npos ? "" : line.substr(space + 1);
  return deed->second({.argument = argument, .output = output, .progress = progress});
}

Answers do_as_told(const MediaSource& source, std::span<const Order> orders,
                   const Progress& progress) {
  std::string text(static_cast<std::size_t>(source.size), '\0');
  if (!read_full(source.fd, std::as_writable_bytes(std::span(text)), 0)) ::_exit(1);
  std::istringstream lines(text);
  std::string line;
  Answers answers;
  for (const Order& order : orders) {
    if (std::string next; std::getline(lines, next)) line = next;
    answers.push_back(carry_out(line, order.output, progress));
    progress(static_cast<double>(answers.size()) / static_cast<double>(orders.size()));
  }
  return answers;
}

// What the frames hold, and one that there is not where the source is called so.
std::string say_frames(const MediaSource& source) {
  std::string text;
  const std::size_t count = source.frames + (source.extension == "beyond" ? 1 : 0);
  for (std::size_t index = 0; index < count; ++index) {
    const auto frame = source.frame(index);
    if (!frame) {
      text += frame.error().message() + "\n";
      continue;
    }
    std::string bytes(static_cast<std::size_t>(frame->size), '\0');
    if (!read_full(frame->file.get(), std::as_writable_bytes(std::span(bytes)), 0)) ::_exit(1);
    text += std::to_string(frame->slot) + " " + bytes + "\n";
  }
  return text;
}

Answers say_timed(const MediaSource& source, std::span<const Order> orders, const Progress&) {
  Answers answers;
  if (source.frames != 0) {
    const Progress none;
    const Work work{.argument = "", .output = orders.front().output, .progress = none};
    return {wrote(work, say_frames(source))};
  }
  for (const Order& order : orders) {
    const std::string text = "timed " + source.extension + " " + order.recipe.text();
    const Progress none;
    answers.push_back(wrote({.argument = "", .output = order.output, .progress = none}, text));
  }
  return answers;
}

// "<frames> <channels> <channels> …" of 25 pictures a second, or "refuse".
Result<MediaFacts> say_facts(const MediaSource& source, const Progress& progress) {
  std::string text(static_cast<std::size_t>(source.size), '\0');
  if (!read_full(source.fd, std::as_writable_bytes(std::span(text)), 0)) ::_exit(1);
  if (text == "refuse") return fail(Errc::not_supported, "nothing that takes time");
  if (text == "crash") std::abort();
  progress(0.5);
  MediaFacts facts{
      .width = 4, .height = 3, .rate_numerator = 25, .rate_denominator = 1, .frames = 0};
  std::istringstream words(text);
  words >> facts.frames;
  for (int channels = 0; words >> channels;) facts.channels.push_back(channels);
  return facts;
}

void prepare() {}

}  // namespace
}  // namespace lensfs

int main(int count, char** words) {
  return lensfs::run_engine_program(
      std::span<const char* const>(words, static_cast<std::size_t>(count)).subspan(1),
      {.prepare = lensfs::prepare,
       .make_stills = lensfs::do_as_told,
       .make_timed = lensfs::say_timed,
       .probe_timed = lensfs::say_facts,
       .outline_timed = lensfs::test::outline_test,
       .open_slots = lensfs::test::open_test_slots,
       .build = [] { return std::string("test-1"); }});
}
