// SlotPool: renders slots for whoever reads them. A few decoders, each in its own sandboxed process
// and driven by its own thread, stay with the clip that they were last used for; what somebody
// waits for comes first; then, for a clip that is read in order, what he will read next: one
// decoder goes on where he is, those that have nothing else to do begin at the next picture groups.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "catalog/model/recipe.h"
#include "transcode/client/rendered_file.h"
#include "transcode/client/slot_session.h"

namespace lensfs {

// SlotClip: one outline that is open. Shared by its readers and the pool.
struct SlotClip {
  std::int64_t id = 0;  // of the outline
  std::string build;    // whose slots the file holds
  Recipe recipe;
  Fd source;  // the original's object
  std::int64_t source_size = 0;
  std::string extension;  // of the original's name
  std::unique_ptr<RenderedFile> file;

  // --- the pool's, under its mutex
  bool is_let_go = false;
  std::int64_t next = -1;     // the slot after the one that was read last
  std::int64_t in_order = 0;  // how many slots were read one after another until then
};

// Thread-safe.
class SlotPool {
 public:
  struct Options {
    unsigned sessions = 2;         // decoders at once
    std::int64_t ahead = 24;       // slots that are rendered before somebody asks for them …
    std::int64_t far_ahead = 200;  // … and the same once he read in order for a while
    SlotLimits limits{};
    EngineProgram program{};
    // All slots of a clip are there; called by a thread of the pool.
    std::function<void(const std::shared_ptr<SlotClip>&)> complete{};
  };
  explicit SlotPool(Options options);
  // Whoever waits is told: interrupted.
  ~SlotPool();
  SlotPool(const SlotPool&) = delete;
  SlotPool& operator=(const SlotPool&) = delete;

  // Calls `then` once all these slots are in the clip's file, or cannot be had: at once if they are
  // there, else on a thread of the pool, which it must not hold up. Errors: as SlotSession::render,
  // after a second decoder failed as well; stale if the clip was begun by another build.
  using Then = std::function<void(const Status&)>;
  void want(const std::shared_ptr<SlotClip>& clip, const SlotMap::Slots& slots, Then then);
  // No decoder of this pool can write to the clip's file any more. Waits for those that do.
  void let_go(const std::shared_ptr<SlotClip>& clip);
  // They can again.
  void take_back(const std::shared_ptr<SlotClip>& clip);

 private:
  struct Waiting {
    std::shared_ptr<SlotClip> clip;
    SlotMap::Slots slots;
    Then then;
  };
  struct Work {
    std::shared_ptr<SlotClip> clip;
    SlotMap::Slots slots;
    bool is_waited = false;
  };
  // One for each decoder.
  struct Seat {
    SlotSession session;
    std::shared_ptr<SlotClip> clip{};  // that the session is open for
    std::int64_t at = 0;               // the slot of it after the one that it rendered last
    Work work{};                       // what it does now; no clip: nothing
    std::thread thread{};
  };

  void run(Seat& seat);
  // --- under mutex_
  [[nodiscard]] Work next_work(const Seat& seat) const;
  [[nodiscard]] static bool has_to_let_go(const Seat& seat);
  [[nodiscard]] bool is_in_work(const SlotClip& clip, std::int64_t slot) const;
  // What it costs a decoder to come to that slot, in slots that it could render meanwhile.
  [[nodiscard]] static std::int64_t way_to(const Seat& seat, const SlotClip& clip,
                                           std::int64_t slot);
  // Whether another decoder that has the clip open is nearer: it will come there.
  [[nodiscard]] bool is_for_another(const Seat& seat, const SlotClip& clip,
                                    std::int64_t slot) const;
  [[nodiscard]] bool is_on_way_of_another(const Seat& seat, const SlotClip& clip,
                                          std::int64_t slot) const;
  [[nodiscard]] std::optional<Work> ahead_of(const std::shared_ptr<SlotClip>& clip,
                                             const Seat& seat) const;
  // What has to be rendered for him; none if all is there, or somebody is at it.
  [[nodiscard]] SlotMap::Slots unserved_of(const Waiting& one) const;
  [[nodiscard]] bool any_unserved() const;
  void note_read(SlotClip& clip, const SlotMap::Slots& slots);
  // Takes those out that `takes` says.
  template <typename Takes>
  [[nodiscard]] std::vector<Then> take(const Takes& takes);
  // --- without it
  void do_work(Seat& seat, const Work& work);
  [[nodiscard]] Status render(Seat& seat, const Work& work);
  void hold_clip(Seat& seat, std::shared_ptr<SlotClip> clip);
  void tell_served(const SlotClip& clip);

  Options options_;
  mutable std::mutex mutex_;  // guards all below, and the pool's part of clips; rank: leaf
  std::condition_variable news_;
  std::list<Waiting> waiting_;  // oldest first
  std::list<Seat> seats_;
  bool stop_ = false;
};

}  // namespace lensfs
