#include "transcode/client/engine_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "transcode/client/conversation.h"
#include "transcode/client/frame_giver.h"
#include "transcode/client/program.h"
#include "transcode/client/verdict.h"

namespace lensfs {
namespace {

// To load libraries from a slow disk.
constexpr int kStartTakesMilliseconds = 60'000;

Answers all_failed(std::size_t count, const Error& error) {
  return Answers(count, Result<Made>(tl::unexpect, error));
}

// That the program is missing says nothing of a source.
Error of_start(const Error& error) {
  if (error.code() != Errc::not_found) return error;
  return Error::quoted(Errc::io, error.message());
}

Error no_scratch() {
  return error_from_errno(errno, "make room for frames");
}

// A descriptor of the same file that cannot write to it, with an offset of its own.
Result<Fd> for_reading(int fd) {
  auto opened = open_path("/proc/self/fd/" + std::to_string(fd), O_RDONLY);
  if (opened) return opened;
  if ((::fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY) return fail(opened.error());
  Fd copy(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!copy) return last_error("hand over a source");
  return copy;
}

// Engines say in many ways that they could not write; the file says it in one.
void name_full_outputs(Answers& answers, std::span<const Order> orders,
                       const EngineLimits& limits) {
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i]) continue;
    const auto output = stat_of(orders[i].output);
    const bool full = output && static_cast<std::uint64_t>(output->st_size) >= limits.output_bytes;
    if (!full) continue;
    answers[i] =
        fail(over_limit("reached the size limit of " + size_in_words(limits.output_bytes)));
  }
}

}  // namespace

EngineProcess::EngineProcess(EngineProcess&& other) noexcept
    : program_(std::move(other.program_)),
      control_(std::move(other.control_)),
      process_(std::exchange(other.process_, 0)),
      build_(std::move(other.build_)) {}

EngineProcess& EngineProcess::operator=(EngineProcess&& other) noexcept {
  if (this == &other) return *this;
  end();
  program_ = std::move(other.program_);
  control_ = std::move(other.control_);
  process_ = std::exchange(other.process_, 0);
  build_ = std::move(other.build_);
  return *this;
}

Status EngineProcess::start() {
  if (process_ > 0) return {};
  LENSFS_TRY(StartedProgram started, start_program(program_));
  process_ = started.process;
  control_ = std::move(started.control);
  const Status ready = await_ready();
  if (!ready) end();
  return ready;
}

Status EngineProcess::await_ready() {
  pollfd source{.fd = control_.get(), .events = POLLIN, .revents = 0};
  int came = 0;
  do {
    came = ::poll(&source, 1, kStartTakesMilliseconds);
  } while (came < 0 && errno == EINTR);
  if (came == 0) return fail(Errc::io, "the decoder did not start in time");
  LENSFS_TRY(const Received received, receive_message(control_.get(), Descriptors::refuse));
  if (received.bytes.empty()) return fail(Errc::io, "the decoder ended while it started");
  LENSFS_TRY(const FromService message, decode_from_service(received.bytes));
  const auto* ready = std::get_if<Ready>(&message);
  if (ready == nullptr) return fail(Errc::corrupt, "the decoder's service says nonsense");
  if (ready->refusal.empty()) {
    build_ = ready->build;
    return {};
  }
  return fail(Error(Errc::not_supported, "the decoder refuses to work").with(ready->refusal));
}

Answers EngineProcess::run(const MediaSource& source, std::span<const Order> orders, Engine engine,
                           const EngineLimits& limits, const Progress& progress,
                           std::stop_token stop) {
  if (orders.empty()) return {};
  Question question{.engine = engine, .source = source};
  for (const Order& order : orders) {
    question.recipes.push_back(order.recipe.text());
    question.outputs.push_back(order.output);
  }
  Fd scratch;
  if (source.frames != 0) {
    scratch.reset(::memfd_create("frame", MFD_CLOEXEC));
    if (!scratch) return all_failed(orders.size(), no_scratch());
    question.scratch = scratch.get();
  }
  auto answers_end = ask(question, limits);
  if (!answers_end) return all_failed(orders.size(), answers_end.error());
  const FrameGiver frames(source, std::move(scratch));
  Conversation conversation(control_.get(), *std::move(answers_end), orders.size(), limits,
                            &frames);
  if (!conversation.hold(progress, stop)) end();
  Answers answers = conversation.answers();
  name_full_outputs(answers, orders, limits);
  return answers;
}

Result<Made> EngineProcess::outline(const MediaSource& source, const Recipe& recipe,
                                    const OutlineFiles& files, const EngineLimits& limits,
                                    std::stop_token stop) {
  LENSFS_TRY(Fd answers_end, ask({.errand = Request::Errand::outline,
                                  .source = source,
                                  .recipes = {recipe.text()},
                                  .outputs = {files.bytes, files.layout}},
                                 limits));
  Conversation conversation(control_.get(), std::move(answers_end), 1, limits);
  if (!conversation.hold({}, stop)) end();
  return conversation.answers().front();
}

Result<MediaFacts> EngineProcess::probe(const MediaSource& source, const EngineLimits& limits,
                                        std::stop_token stop) {
  LENSFS_TRY(Fd answers_end, ask({.errand = Request::Errand::probe, .source = source}, limits));
  Conversation conversation(control_.get(), std::move(answers_end), 1, limits);
  if (!conversation.hold({}, stop)) end();
  return conversation.facts();
}

Result<Fd> EngineProcess::ask(const Question& question, const EngineLimits& limits) {
  auto answers_end = hand_over(question, limits);
  if (!answers_end && process_ > 0) {
    end();
    answers_end = hand_over(question, limits);
  }
  if (is_missing(answers_end)) return fail(of_start(answers_end.error()));
  return answers_end;
}

Result<Fd> EngineProcess::hand_over(const Question& question, const EngineLimits& limits) {
  if (question.outputs.size() > kMostOrders) return fail(Errc::too_big, "too many orders at once");
  LENSFS_CHECK(start());
  const MediaSource& source = question.source;
  LENSFS_TRY(const Fd readable, for_reading(source.frames != 0 ? question.scratch : source.fd));
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return last_error("ask a decoder");
  }
  Fd ours(ends[0]);
  // A decoder that asks for frames and does not listen must not keep us.
  if (source.frames != 0 && ::fcntl(ours.get(), F_SETFL, O_NONBLOCK) != 0) {
    return last_error("ask a decoder");
  }
  const Fd theirs(ends[1]);
  Request request{.errand = question.errand,
                  .engine = question.engine,
                  .extension = source.extension,
                  .size = source.size,
                  .frames = static_cast<std::uint32_t>(source.frames),
                  .threads = limits.threads,
                  .memory_bytes = limits.memory_bytes,
                  .cpu_seconds = static_cast<std::uint64_t>(limits.cpu.count()),
                  .output_bytes = limits.output_bytes,
                  .recipes = question.recipes};
  std::vector<int> fds = {theirs.get(), readable.get()};
  fds.insert(fds.end(), question.outputs.begin(), question.outputs.end());
  LENSFS_CHECK(send_message(control_.get(), encode(ToService(std::move(request))), fds));
  return ours;
}

void EngineProcess::end() noexcept {
  control_.reset();
  if (process_ <= 0) return;
  // Its decoder goes with it, by PR_SET_PDEATHSIG.
  ::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
  process_ = 0;
}

}  // namespace lensfs
