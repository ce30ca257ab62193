// UseRecorder: notes who opens what, and writes it into the catalog about once a second, in one
// transaction. Whoever opens a file leaves a note in memory and goes on: no lock that is held for
// longer than copying a pointer, nothing read or written. What was noted and not written yet is
// lost when the process is killed, and how long files stay open that were open then.
//
// The same person, program and file within a minute is one row that counts. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "catalog/model/asset.h"
#include "catalog/model/catalog.h"
#include "catalog/model/settings.h"
#include "catalog/model/usage.h"
#include "fs/node_id.h"

namespace lensfs {

// What a note of a handle is known by: part of fuse_file_info::fh, so that it comes back with every
// read and with the release. 0: none.
enum class UseHandle : std::uint64_t { none = 0 };
inline constexpr int kUseShift = 8;  // in fh; below are the bits of opening.h
[[nodiscard]] constexpr UseHandle use_of_handle(std::uint64_t fh) {
  return static_cast<UseHandle>(fh >> kUseShift);
}
[[nodiscard]] constexpr std::uint64_t handle_bits(UseHandle use) {
  return static_cast<std::uint64_t>(use) << kUseShift;
}

class UseRecorder {
 public:
  // `worker`: unlike that of other workers of this mount, whose handles are not known here.
  UseRecorder(Catalog& catalog, const UsageSettings& usage, const RenditionSettings& renditions,
              std::uint32_t worker);
  ~UseRecorder();
  UseRecorder(const UseRecorder&) = delete;
  UseRecorder& operator=(const UseRecorder&) = delete;

  void start();
  // Writes what was noted and ends. For the end of a mount.
  void finish();

  struct Opening {
    NodeId node{};
    UseAct act = UseAct::read;
    std::int64_t uid = 0;
    std::int64_t process = 0;  // that waits for the answer: it is still there
    enum class Through { kernel, worker } through = Through::worker;  // who reads the bytes
  };
  // none while nothing is recorded. Cheap.
  [[nodiscard]] UseHandle opened(const Opening& opening);
  // So many bytes went to the handle. Cheap.
  void served(UseHandle handle, std::int64_t bytes);
  // So many bytes were copied from the handle's file, by whom Opening says. Cheap.
  void copied(UseHandle from, const Opening& opening, std::int64_t bytes);
  void closed(UseHandle handle);
  [[nodiscard]] bool is_on() const { return usage_.record; }

 private:
  struct Note {
    enum class Kind { opened, copied, closed } kind = Kind::opened;
    Nanoseconds at = 0;
    UseHandle handle{};
    Opening opening{};
    std::string program{};
    std::int64_t bytes = 0;
  };
  struct Batch {
    std::vector<Note> notes;
    std::unordered_map<UseHandle, std::int64_t> served;
  };
  // Threads leave notes in different shards, so that they do not meet.
  struct alignas(64) Shard {
    std::mutex mutex;  // guards batch; only ever tried; rank: leaf
    Batch batch;
  };
  // A row of the catalog, or one to be.
  struct Line {
    Use use;
    bool is_dirty = false;
  };
  using SharedLine = std::shared_ptr<Line>;
  struct OpenHandle {
    SharedLine line;
    Nanoseconds at = 0;
    SharedLine copied;  // null: nothing was copied from it
  };
  // What a node is to people.
  struct Seen {
    AssetId asset{};
    std::int64_t version = 0;
    std::string lens;
  };
  using Key = std::tuple<AssetId, std::int64_t, std::string, std::string, UseAct, std::int64_t,
                         Opening::Through>;

  void leave(Note note);
  template <typename Put>
  void put(Put&& put_into);
  void wake();
  // --- of the thread that writes
  void run(const std::stop_token& stop);
  [[nodiscard]] Batch drain();
  void write(Batch batch);
  void take(Database& db, Batch& batch);
  [[nodiscard]] Result<SharedLine> line_for(Database& db, const Note& note);
  [[nodiscard]] Result<std::optional<Seen>> seen(Database& db, const Note& note);
  [[nodiscard]] Result<std::string> lens_of(Database& db, NodeId node, const Asset& asset) const;
  void close(const Note& note);
  void touch(const SharedLine& line);
  [[nodiscard]] Status store();
  void forget_idle(Nanoseconds now);
  void prune();

  Catalog& catalog_;
  const UsageSettings usage_;
  const ScratchNames ignored_;  // programs
  const RenditionSettings& renditions_;
  std::atomic<std::uint64_t> next_;  // handle
  std::array<Shard, 16> shards_;
  std::atomic<std::uint64_t> dropped_ = 0;  // notes for which there was no room
  std::atomic<bool> news_ = false;
  std::atomic<bool> crowded_ = false;
  std::mutex mutex_;  // guards finishing_, and waiting; rank: leaf
  std::condition_variable_any wake_;
  bool finishing_ = false;
  // --- of the thread that writes, alone
  std::map<Key, SharedLine> recent_;
  std::unordered_map<UseHandle, OpenHandle> open_;
  std::vector<Note> early_;  // closed before the opening was met
  std::vector<SharedLine> dirty_;
  std::unordered_map<AssetId, AssetUsage> used_;  // since the last transaction
  bool is_stuck_ = false;                         // the last transaction failed
  std::chrono::steady_clock::time_point prune_at_{};
  std::jthread thread_;
};

}  // namespace lensfs
