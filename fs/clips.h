// Clips: outlines that are being read. A read of what is not there yet is answered when it was
// rendered; no request thread waits for that. What is whole becomes a rendition like any other,
// whose file is a new one for the kernel: who has the outline's file open goes on with it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "catalog/model/catalog.h"
#include "catalog/model/outline.h"
#include "catalog/model/profile.h"
#include "fs/node_id.h"
#include "transcode/client/slot_pool.h"

namespace lensfs {

// Thread-safe.
class Clips {
 public:
  Clips(Catalog& catalog, const RenditionSettings& settings)
      : catalog_(catalog), settings_(settings) {}
  ~Clips() { finish(); }
  Clips(const Clips&) = delete;
  Clips& operator=(const Clips&) = delete;
  void finish();

  // Somebody looked at a clip and may read it soon: decoders start, unless they run.
  void expect() { static_cast<void>(pool()); }
  // Whether the program that this process runs may open clips: it is none of those that would read
  // every one from beginning to end (RenditionSettings::refused).
  [[nodiscard]] bool may_open(std::int64_t process);
  // What a read is answered from: a descriptor whose bytes are there, and what keeps it open.
  struct Bytes {
    int fd = -1;
    std::shared_ptr<const void> owner;
  };
  using Then = std::function<void(const Result<Bytes>&)>;
  // Calls `then` once these bytes can be read; at once if they can now. stale: the outline is no
  // more, or another version of the decoder began it: then it is made anew, and is found under the
  // same name as another file. io: they cannot be rendered.
  void read(NodeId at, std::int64_t offset, std::int64_t size, Then then);

 private:
  using SharedClip = std::shared_ptr<SlotClip>;
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Kept {
    SharedClip clip;
    SteadyTime used;
  };
  [[nodiscard]] SharedClip kept(OutlineId outline);  // null if it is not; under mutex_
  [[nodiscard]] Result<SharedClip> clip_of(NodeId at);
  [[nodiscard]] Result<SharedClip> open_clip(Database& db, const Outline& outline,
                                             const std::string& name);
  [[nodiscard]] Result<Bytes> whole(NodeId at);
  [[nodiscard]] SlotPool& pool();
  void make_anew(OutlineId id);
  [[nodiscard]] Result<const OutlineStore*> outlines();
  void note_waited();
  // --- of the thread that makes renditions of what is whole
  void completed(const SharedClip& clip);
  void run(const std::stop_token& stop);
  void let_go_of_idle();
  [[nodiscard]] Status settle(const SharedClip& clip, const std::stop_token& stop);

  Catalog& catalog_;
  const RenditionSettings& settings_;
  std::mutex mutex_;  // guards all below; rank: leaf
  std::condition_variable_any news_;
  std::list<Kept> kept_;                  // newest use first
  std::optional<OutlineStore> outlines_;  // opened when it is needed first; stays
  SteadyTime waited_{};                   // when it was last noted that somebody waits
  std::set<std::string> refused_;         // programs that were told of
  std::list<SharedClip> whole_;           // to be settled
  std::set<std::int64_t> settled_;        // outlines
  std::unique_ptr<SlotPool> pool_;
  std::jthread thread_;
};

}  // namespace lensfs
