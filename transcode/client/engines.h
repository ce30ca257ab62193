// Engines: how the rest of LensFS has renditions made. Behind it stands a process that decodes;
// whoever uses this links no codec.
#pragma once

#include <memory>
#include <span>
#include <stop_token>

#include "catalog/model/profile.h"
#include "transcode/outline.h"

namespace lensfs {

// At most so many orders in one call of run().
inline constexpr std::size_t kMostTogether = 64;

// One per thread that makes something; not thread-safe.
class Engines {
 public:
  virtual ~Engines() = default;
  // Whether anything can be made at all. not_found: the program is not there; not_supported: this
  // system lacks what it needs. Asked once, before any job is taken, so that the jobs do not fail
  // for it.
  [[nodiscard]] virtual Status start() = 0;
  // How many threads the next requests may use each; at most kMostEngineThreads. 1 until told.
  virtual void use_threads(unsigned count) = 0;
  // The answers for the orders, in their order, as engine.h says; beside that
  //   too_big      a limit was passed; the error says which
  //   corrupt      the decoder crashed or made no sense
  //   denied       it did what it must not do
  //   interrupted  `stop` was asked for
  //   io           the process could not be started, or somebody else ended it
  // When it returns nobody writes to the outputs any more. `progress` is called by this thread.
  [[nodiscard]] virtual Answers run(const MediaSource& source, std::span<const Order> orders,
                                    Engine engine, const Progress& progress,
                                    std::stop_token stop) = 0;
  // The outline of an edit recipe (outline.h); errors as above.
  [[nodiscard]] virtual Result<Made> outline(const MediaSource& source, const Recipe& recipe,
                                             const OutlineFiles& files, std::stop_token stop) = 0;
  // From now on slots of that outline are rendered, of `file_size` bytes, until it is closed or
  // another is opened. The descriptors are needed during the call only.
  [[nodiscard]] virtual Status open_slots(const MediaSource& source, const Recipe& recipe,
                                          const OutlineFiles& files, std::int64_t file_size) = 0;
  // As SlotSession::render().
  [[nodiscard]] virtual Status render_slots(const SlotMap::Slots& slots, const SlotTold& tell) = 0;
  virtual void close_slots() = 0;
  // engine_build() of those that make it; empty before start().
  [[nodiscard]] virtual const std::string& build() const = 0;
  // What a source that takes time is. Errors as above.
  [[nodiscard]] virtual Result<MediaFacts> probe(const MediaSource& source,
                                                 std::stop_token stop) = 0;
};

// Those of this system, held to the limits that the settings say.
[[nodiscard]] std::unique_ptr<Engines> make_engines(const RenditionSettings& settings);

}  // namespace lensfs
