// Conversation: from a request that was sent to the end of its decoder. It listens to the decoder
// and to the service, and has the decoder killed when that passes a limit, says what makes no
// sense, or is no longer wanted.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <vector>

#include "transcode/client/engine_process.h"
#include "transcode/client/frame_giver.h"

namespace lensfs {

class Conversation {
 public:
  using Clock = std::chrono::steady_clock;

  // `frames` must outlive it.
  Conversation(int control, Fd answers, std::size_t orders, const EngineLimits& limits,
               const FrameGiver* frames = nullptr);

  // Until the decoder ended. False if the service is of no use any more: it died, or did not end
  // the decoder though it was told to. Then it has to be ended, which ends the decoder.
  [[nodiscard]] bool hold(const Progress& progress, const std::stop_token& stop);
  // For each order what was answered, else why it was not. With the service all answers are lost:
  // nobody can tell whether its decoder still writes.
  [[nodiscard]] Answers answers() const;
  // What was answered to a probe, which is one order; else why it was not.
  [[nodiscard]] Result<MediaFacts> facts() const;

 private:
  void wait(int stopped);
  void check_time();
  void hear_decoder(const Progress& progress);
  // False once there is nothing more to hear.
  [[nodiscard]] bool hear_one(const Progress& progress);
  void hear_service();
  [[nodiscard]] Status take(const FromDecoder& message, const Progress& progress);
  void kill_for(Error reason);
  [[nodiscard]] Clock::time_point next_deadline() const;

  int control_;
  Fd answers_;
  const EngineLimits& limits_;
  const FrameGiver* frames_;  // null: the source has none
  std::vector<std::optional<Result<Made>>> answered_;
  std::optional<MediaFacts> facts_;
  Clock::time_point total_ends_;
  Clock::time_point quiet_ends_;
  Clock::time_point kill_ends_{};  // when it should have ended, once it was told to be
  std::optional<Error> reason_;    // why it was killed
  bool told_to_kill_ = false;
  std::optional<Ended> ended_;
  bool lost_ = false;  // the service
};

}  // namespace lensfs
