// EngineProcess: how the rest of LensFS has media decoded. It starts lensfs-transcode, hands it
// descriptors, and holds it to limits; nothing of FFmpeg or libvips comes into this process, and
// nothing that a decoder does can harm it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "catalog/base/fd.h"
#include "transcode/engine.h"
#include "transcode/protocol.h"

namespace lensfs {

// What one request may take. Over any of these the decoder is killed.
struct EngineLimits {
  std::uint64_t memory_bytes = 2ULL << 30;   // of address space, beyond the program itself
  std::chrono::seconds cpu{600};             // of all its threads together
  unsigned threads = 1;                      // 1 … kMostEngineThreads
  std::uint64_t output_bytes = 64ULL << 30;  // of each output
  std::chrono::milliseconds total{std::chrono::hours(1)};
  std::chrono::milliseconds quiet{std::chrono::minutes(1)};  // without saying how far it got
};

enum class WithoutSandbox { refuse, allow };

struct EngineProgram {
  // lensfs-transcode. Empty: $LENSFS_TRANSCODE, else beside this program, else in
  // ../libexec/lensfs of it.
  std::filesystem::path path;
  // Whether to work where the kernel cannot do all of the sandbox. The limits hold all the same.
  WithoutSandbox without_sandbox = WithoutSandbox::refuse;
};

// EngineProcess: one process, started when it is first needed and again whenever it died; one
// request at a time. Not thread-safe; have one for each thread. Ended when dropped.
class EngineProcess {
 public:
  explicit EngineProcess(EngineProgram program = {}) : program_(std::move(program)) {}
  EngineProcess(EngineProcess&& other) noexcept;
  EngineProcess& operator=(EngineProcess&& other) noexcept;
  EngineProcess(const EngineProcess&) = delete;
  EngineProcess& operator=(const EngineProcess&) = delete;
  ~EngineProcess() { end(); }

  // Starts it unless it runs; a request does that by itself. not_found: there is no such program;
  // not_supported: this kernel lacks a part of the sandbox, which the error names.
  [[nodiscard]] Status start();

  // The answers for the orders, at most kMostOrders, in their order. What was answered before a
  // limit was passed or the decoder died is kept. Beside what engines answer themselves (engine.h):
  //   too_big      a limit was passed; the error says which
  //   corrupt      the decoder crashed or made no sense
  //   denied       it did what its sandbox forbids
  //   interrupted  `stop` was asked for
  //   io           the process could not be started, or was killed by somebody else
  // Nobody writes to what was made any more when this returns. `source` need
  // not be open for reading only: the decoder gets a descriptor that is. `progress` is called by
  // this thread; it may be empty.
  [[nodiscard]] Answers run(const MediaSource& source, std::span<const Order> orders, Engine engine,
                            const EngineLimits& limits, const Progress& progress,
                            std::stop_token stop);
  // The outline of an edit recipe (outline.h); errors as above.
  [[nodiscard]] Result<Made> outline(const MediaSource& source, const Recipe& recipe,
                                     const OutlineFiles& files, const EngineLimits& limits,
                                     std::stop_token stop);
  // Whose renditions they are: engine_build() of the program. Empty before start().
  [[nodiscard]] const std::string& build() const { return build_; }

  // What the source is (probe_timed). Errors as of run().
  [[nodiscard]] Result<MediaFacts> probe(const MediaSource& source, const EngineLimits& limits,
                                         std::stop_token stop);

 private:
  friend class SlotSession;

  // What is asked of it, beside the limits.
  struct Question {
    Request::Errand errand = Request::Errand::make;
    Engine engine = Engine::timed;
    const MediaSource& source;
    std::vector<std::string> recipes{};
    std::vector<int> outputs{};
    int scratch = -1;  // of a sequence: where its frames are put
  };
  [[nodiscard]] Status await_ready();
  // Asks, once more where the process has died since the last request; the client's end of the
  // answers. io where the program is missing, which says nothing of the source.
  [[nodiscard]] Result<Fd> ask(const Question& question, const EngineLimits& limits);
  [[nodiscard]] Result<Fd> hand_over(const Question& question, const EngineLimits& limits);
  void end() noexcept;

  EngineProgram program_;
  Fd control_;
  pid_t process_ = 0;
  std::string build_;
};

}  // namespace lensfs
