// SlotSession: a decoder that stays with one outline, and renders what is asked for.
#pragma once

#include "transcode/client/engine_process.h"
#include "transcode/outline.h"

namespace lensfs {

struct SlotLimits {
  std::uint64_t memory_bytes = 1ULL << 30;  // of address space, beyond the program itself
  std::chrono::seconds cpu{6 * 3600};       // of one decoder, as long as it stays with an outline
  std::chrono::milliseconds quiet{30'000};  // without a slot, while some are asked for
};

// Not thread-safe. The decoder ends with it.
class SlotSession {
 public:
  SlotSession(EngineProgram program, const SlotLimits& limits)
      : engine_(std::move(program)), limits_(limits) {}

  // Starts the program unless it runs. As EngineProcess::start().
  [[nodiscard]] Status start() { return engine_.start(); }
  [[nodiscard]] const std::string& build() const { return engine_.build(); }
  // From now on it renders slots of this outline, of `file_size` bytes. The descriptors are needed
  // during the call only.
  [[nodiscard]] Status open(const MediaSource& source, const Recipe& recipe,
                            const OutlineFiles& files, std::int64_t file_size);
  [[nodiscard]] bool is_open() const { return static_cast<bool>(talk_); }
  void close();
  // As SlotRenderer::render(), whose errors it passes on; and corrupt, denied, too_big or io if the
  // decoder ended or makes no sense: the session is closed then, and can be opened again.
  [[nodiscard]] Status render(std::int64_t first, std::int64_t count, const SlotTold& tell);

 private:
  [[nodiscard]] Result<FromDecoder> hear();
  // Has the decoder ended, and says why it did, or `reason`.
  [[nodiscard]] Error ended(std::optional<Error> reason);

  EngineProcess engine_;
  SlotLimits limits_;
  Fd talk_;
};

}  // namespace lensfs
