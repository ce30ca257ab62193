#include "transcode/client/conversation.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "transcode/client/verdict.h"

namespace lensfs {
namespace {

// How long the kernel may take to end a killed process before we end the service as well.
constexpr auto kKillTakes = std::chrono::seconds(5);
// How long a decoder may take to end after it said that it is done.
constexpr auto kEndTakes = std::chrono::seconds(2);

}  // namespace

Conversation::Conversation(int control, Fd answers, std::size_t orders, const EngineLimits& limits,
                           const FrameGiver* frames)
    : control_(control),
      answers_(std::move(answers)),
      limits_(limits),
      frames_(frames),
      answered_(orders),
      total_ends_(Clock::now() + limits.total),
      quiet_ends_(Clock::now() + limits.quiet) {}

bool Conversation::hold(const Progress& progress, const std::stop_token& stop) {
  const Fd stopped(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const std::stop_callback wake(stop, [&] { ::eventfd_write(stopped.get(), 1); });
  while (!ended_ && !lost_) {
    if (stop.stop_requested()) kill_for(Error(Errc::interrupted));
    wait(told_to_kill_ ? -1 : stopped.get());
    hear_decoder(progress);
    hear_service();
    check_time();
  }
  // What it said before it ended; it says no more, so there is an end to it.
  while (ended_ && answers_ && hear_one(progress)) {
  }
  return !lost_;
}

Answers Conversation::answers() const {
  Error why = reason_  ? *reason_
              : ended_ ? verdict(*ended_, limits_)
                       : Error(Errc::io, "the service of the decoder died");
  Answers answers;
  for (const auto& answer : answered_) {
    answers.push_back(answer && !lost_ ? *answer : fail(why));
  }
  return answers;
}

Result<MediaFacts> Conversation::facts() const {
  if (facts_ && !lost_) return *facts_;
  const Answers all = answers();
  if (!all.front()) return fail(all.front().error());
  return fail(Errc::corrupt, "the decoder answered what was not asked");
}

void Conversation::wait(int stopped) {
  std::array<pollfd, 3> sources = {{{.fd = answers_.get(), .events = POLLIN, .revents = 0},
                                    {.fd = control_, .events = POLLIN, .revents = 0},
                                    {.fd = stopped, .events = POLLIN, .revents = 0}}};
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(next_deadline() - Clock::now()).count();
  ::poll(sources.data(), sources.size(), static_cast<int>(std::clamp<long>(left, 0, INT_MAX)));
}

Conversation::Clock::time_point Conversation::next_deadline() const {
  return told_to_kill_ ? kill_ends_ : std::min(total_ends_, quiet_ends_);
}

void Conversation::check_time() {
  const auto now = Clock::now();
  if (ended_ || now < next_deadline()) return;
  if (told_to_kill_) {
    lost_ = true;
  } else if (now >= total_ends_) {
    kill_for(over_limit("took longer than " + time_in_words(limits_.total)));
  } else {
    kill_for(over_limit("made no progress for " + time_in_words(limits_.quiet)));
  }
}

void Conversation::kill_for(Error reason) {
  if (told_to_kill_ || ended_) return;
  reason_ = std::move(reason);
  told_to_kill_ = true;
  kill_ends_ = Clock::now() + kKillTakes;
  if (!send_message(control_, encode(ToService(Kill{})), {})) lost_ = true;
}

// One message at a time, so that one who never stops talking does not keep us from the clock.
void Conversation::hear_decoder(const Progress& progress) {
  if (answers_ && !hear_one(progress)) errno = 0;
}

bool Conversation::hear_one(const Progress& progress) {
  const auto received = receive_message(answers_.get(), Descriptors::refuse);
  if (!received && received.error().code() == Errc::busy) return false;
  if (received && received->bytes.empty()) {
    answers_.reset();
    return false;
  }
  const auto message = received ? decode_from_decoder(received->bytes) : fail(received.error());
  Status taken = message ? take(*message, progress) : fail(message.error());
  if (taken) return true;
  // It is not what it was when it started. Whatever else it says is of no interest.
  answers_.reset();
  kill_for(Error(Errc::corrupt, "the source cannot be decoded")
               .with("the decoder answered what is no answer"));
  return false;
}

Status Conversation::take(const FromDecoder& message, const Progress& progress) {
  quiet_ends_ = Clock::now() + limits_.quiet;
  if (const auto* made = std::get_if<ProgressMade>(&message)) {
    if (progress) progress(made->fraction);
  } else if (const auto* answer = std::get_if<Answer>(&message)) {
    if (answer->order >= answered_.size() || answered_[answer->order]) {
      return fail(Errc::corrupt, "an answer for no order");
    }
    answered_[answer->order] = answer->result;
  } else if (const auto* probed = std::get_if<Probed>(&message)) {
    facts_ = probed->facts;
  } else if (const auto* wanted = std::get_if<FrameWanted>(&message)) {
    if (frames_ == nullptr) return fail(Errc::corrupt, "a frame of what has none");
    LENSFS_TRY(const FrameGiven given, frames_->give(*wanted));
    LENSFS_CHECK(send_message(answers_.get(), encode(given), {}));
  } else {
    quiet_ends_ = Clock::now() + kEndTakes;
  }
  return {};
}

void Conversation::hear_service() {
  const auto received = receive_message(control_, Descriptors::refuse);
  if (!received && received.error().code() == Errc::busy) return;
  const auto message = received ? decode_from_service(received->bytes) : fail(received.error());
  if (message && std::holds_alternative<Ended>(*message)) {
    ended_ = std::get<Ended>(*message);
  } else {
    lost_ = true;
  }
}

}  // namespace lensfs
