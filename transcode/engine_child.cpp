#include "transcode/engine_child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <new>
#include <optional>
#include <utility>

#include "transcode/threads.h"

namespace lensfs {
namespace {

// Where things are in the decoder, after the standard streams. Outputs follow.
constexpr int kAnswers = 3;
constexpr int kSource = 4;
constexpr int kFirstOutput = 5;
constexpr OutlineFiles kOutline{.bytes = kFirstOutput, .layout = kFirstOutput + 1};
constexpr int kOutOfTheWay = 256;  // above all of these
// Fonts and colour profiles that a decoder has open at once, threads' event descriptors.
constexpr std::uint64_t kOwnDescriptors = 64;

// An end that says which step of the child failed; by the last words.
[[noreturn]] void give_up(const Error& error) {
  const std::string words = "\n" + error.message() + "\n";
  if (::write(STDERR_FILENO, words.data(), words.size()) < 0) errno = 0;
  ::_exit(EXIT_FAILURE);
}

// Where each descriptor of the request is, and where it belongs.
using Places = std::vector<std::pair<int, int>>;

// First all go out of the way, so that none is overwritten before it was copied.
Result<Places> lift(const Assignment& assignment) {
  Places places = {{assignment.answers.get(), kAnswers}, {assignment.source.get(), kSource}};
  int output = kFirstOutput;
  for (const Fd& fd : assignment.outputs) places.emplace_back(fd.get(), output++);
  for (auto& [from, to] : places) {
    from = ::fcntl(from, F_DUPFD_CLOEXEC, kOutOfTheWay);
    if (from < 0) return last_error("arrange descriptors");
  }
  return places;
}

// Then they come to their places, and whatever else is open is closed.
Status put_down(const Places& places) {
  for (const auto& [from, to] : places) {
    if (::dup2(from, to) < 0) return last_error("arrange descriptors");
  }
  const auto after = static_cast<unsigned>(places.back().second) + 1;
  if (::close_range(after, ~0U, 0) != 0) return last_error("close descriptors");
  return {};
}

void set_signals() {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  // Writing too much, or to a client that is gone, is an error and not the end. Signals of a
  // terminal or of a service manager are for the client, which ends us when it wants to.
  for (const int signal : {SIGXFSZ, SIGPIPE, SIGINT, SIGHUP, SIGTERM}) ::signal(signal, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void send(const FromDecoder& message) {
  const std::string bytes = encode(message);
  // Without a reader there is nothing left to do.
  if (::write(kAnswers, bytes.data(), bytes.size()) < 0) ::_exit(EXIT_FAILURE);
}

void tell_progress(double fraction) {
  send(ProgressMade{.fraction = fraction});
}

// Asks the client for a frame of the sequence and waits for it.
Result<SourceFrame> ask_for_frame(std::size_t index) {
  send(FrameWanted{.index = static_cast<std::uint32_t>(index)});
  std::array<char, kLongestText + 64> bytes{};
  ssize_t size = 0;
  do {
    size = ::read(kAnswers, bytes.data(), bytes.size());
  } while (size < 0 && errno == EINTR);
  if (size <= 0) ::_exit(EXIT_FAILURE);  // nobody is there any more
  LENSFS_TRY(const FrameGiven given,
             decode_frame_given({bytes.data(), static_cast<std::size_t>(size)}));
  if (!given.error.empty()) return fail(Error::quoted(Errc::corrupt, given.error));
  Fd file(::fcntl(kSource, F_DUPFD_CLOEXEC, kSource));
  if (!file) return last_error("read a frame");
  return SourceFrame{.file = std::move(file), .size = given.size, .slot = given.slot};
}

// Libraries throw, and memory ends.
template <typename Answered, typename Work, typename Failed>
Answered guarded(const Work& work, const Failed& failed) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    give_up(Error(Errc::too_big, "out of memory"));
  } catch (const std::exception& thrown) {
    return failed(Error(Errc::corrupt).with(thrown.what()));
  }
}

void make(const Engines& engines, const MediaSource& source, std::span<const Order> orders,
          Engine which) {
  const auto make = which == Engine::stills  ? engines.make_stills
                    : which == Engine::timed ? engines.make_timed
                                             : engines.make_facts;
  const auto answers =
      guarded<Answers>([&] { return make(source, orders, tell_progress); },
                       [&](const Error& error) {
                         return Answers(orders.size(), Result<Made>(tl::unexpect, error));
                       });
  for (std::size_t i = 0; i < answers.size(); ++i) {
    send(Answer{.order = static_cast<std::uint32_t>(i), .result = answers[i]});
  }
}

void probe(const Engines& engines, const MediaSource& source) {
  using Facts = Result<MediaFacts>;
  auto facts = guarded<Facts>([&] { return engines.probe_timed(source, tell_progress); },
                              [](const Error& error) { return Facts(tl::unexpect, error); });
  if (facts) return send(Probed{.facts = *std::move(facts)});
  send(Answer{.order = 0, .result = fail(facts.error())});
}

Result<std::vector<Order>> orders_of(const Request& request) {
  std::vector<Order> orders;
  for (const std::string& text : request.recipes) {
    LENSFS_TRY(const Recipe recipe, Recipe::from_text(text));
    orders.push_back({.recipe = recipe, .output = kFirstOutput + static_cast<int>(orders.size())});
  }
  return orders;
}

Status lock_in(const ChildPlace& place, const Assignment& assignment) {
  if (::dup2(place.last_words, STDERR_FILENO) < 0) return last_error("arrange descriptors");
  LENSFS_TRY(const Places places, lift(assignment));
  const Request& request = assignment.request;
  LENSFS_CHECK(place.sandbox.enter({.memory_bytes = request.memory_bytes,
                                    .cpu_seconds = request.cpu_seconds,
                                    .output_bytes = request.output_bytes,
                                    .descriptors = outputs_of(request) + kOwnDescriptors},
                                   place.parent));
  return put_down(places);  // the sandbox needed some that were in the way
}

void outline(const Engines& engines, const MediaSource& source, const Recipe& recipe) {
  auto made =
      guarded<Result<Made>>([&] { return engines.outline_timed(source, recipe, kOutline); },
                            [](const Error& error) { return Result<Made>(tl::unexpect, error); });
  send(Answer{.order = 0, .result = std::move(made)});
}

// The next thing that the client says; nothing, if it says nothing now and that is enough.
enum class Patience { none, waits };
std::optional<ToDecoder> heard(Patience patience) {
  pollfd source{.fd = kAnswers, .events = POLLIN, .revents = 0};
  while (::poll(&source, 1, patience == Patience::waits ? -1 : 0) < 0) {
    if (errno != EINTR) ::_exit(EXIT_FAILURE);
  }
  if (source.revents == 0) return std::nullopt;
  std::array<char, 64> bytes{};  // more than the longest; recvmsg is not allowed here
  const ssize_t size = ::read(kAnswers, bytes.data(), bytes.size());
  if (size <= 0) ::_exit(EXIT_SUCCESS);  // nobody asks any more
  const auto message =
      decode_to_decoder(std::string_view(bytes.data(), static_cast<std::size_t>(size)));
  if (!message) give_up(message.error());
  return *message;
}

// Until the client is gone.
[[noreturn]] void render_slots(SlotRenderer& renderer) {
  for (;;) {
    const std::optional<ToDecoder> message = heard(Patience::waits);
    const auto* const wanted = message ? std::get_if<RenderSlots>(&*message) : nullptr;
    if (wanted == nullptr) continue;  // what was to end has ended
    const Status rendered =
        renderer.render(wanted->first, wanted->count, [](const RenderedSlot& slot) {
          send(slot);
          return !heard(Patience::none);
        });
    send(SlotsDone{.error = rendered ? std::nullopt : std::optional(rendered.error())});
  }
}

void open_and_render(const Engines& engines, const MediaSource& source, const Recipe& recipe) {
  const auto failed = [](const Error& error) { return Status(fail(error)); };
  const Status rendered = guarded<Status>(
      [&]() -> Status {
        LENSFS_TRY(const auto renderer, engines.open_slots(source, recipe, kOutline));
        render_slots(*renderer);
      },
      failed);
  send(SlotsDone{.error = rendered.error()});
  ::_exit(EXIT_SUCCESS);
}

}  // namespace

void decode_and_end(const ChildPlace& place, const Assignment& assignment) {
  set_signals();
  if (const Status locked = lock_in(place, assignment); !locked) give_up(locked.error());
  const Request& request = assignment.request;
  use_threads(request.threads);
  const auto orders = orders_of(request);
  if (!orders) give_up(orders.error());
  const MediaSource source{.fd = kSource,
                           .size = request.size,
                           .extension = request.extension,
                           .frames = request.frames,
                           .frame = ask_for_frame};
  const auto first_recipe = [&]() -> const Recipe& { return orders->front().recipe; };
  switch (request.errand) {
    case Request::Errand::make:
      make(place.engines, source, *orders, request.engine);
      break;
    case Request::Errand::probe:
      probe(place.engines, source);
      break;
    case Request::Errand::outline:
      outline(place.engines, source, first_recipe());
      break;
    case Request::Errand::slots:
      open_and_render(place.engines, source, first_recipe());
  }
  send(Done{});
  // Without the destructors of libraries: the kernel is quicker.
  ::_exit(EXIT_SUCCESS);
}

}  // namespace lensfs
