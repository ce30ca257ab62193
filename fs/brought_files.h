// BroughtFiles: files that are written behind a lens, where a rendition would be or is. What is
// written goes to a file in staging; after the last close it becomes the rendition, if it may
// (transcode/client/attach.h). One thread asks the decoder and tells; no request waits on its own
// thread. All of it is gone with the worker: handles that outlive it are answered stale.
//
// A rendition that somebody reads cannot be written: its file never changes. So whoever opens one
// to write it anew is answered stale, which makes the kernel look the name up again, and finds a
// new file there, for him alone. Thread-safe.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "catalog/model/catalog.h"
#include "catalog/model/profile.h"
#include "fs/view_lens.h"
#include "transcode/client/attach.h"

namespace lensfs {

class BroughtFiles {
 public:
  struct Owner {
    uid_t uid = 0;
    gid_t gid = 0;
    mode_t mode = 0;  // permission bits
  };
  // One file. `fd` is of use while it is open.
  class File;
  using Shared = std::shared_ptr<File>;

  // `told` is called after each that was taken; all must outlive it.
  BroughtFiles(Catalog& catalog, LensView& lens, std::function<void()> told)
      : catalog_(catalog), lens_(lens), told_(std::move(told)) {}
  ~BroughtFiles() { finish(); }
  BroughtFiles(const BroughtFiles&) = delete;
  BroughtFiles& operator=(const BroughtFiles&) = delete;

  void start();
  // Takes what was closed, then ends.
  void finish();

  // --- coming to be
  // A new file, open. no_space.
  [[nodiscard]] Result<Found> create(BroughtAs as, const Owner& owner);
  // Somebody opens what a lens shows to write it anew. The first time it is noted, and he has to
  // look the name up again; the second time, when that led to the same file, there is no way:
  // false.
  [[nodiscard]] bool note_replacing(pid_t who, NodeId shown);
  [[nodiscard]] bool is_replacing(pid_t who, NodeId shown);
  // The file for him, under the name that leads to `shown` for everybody else; not open yet.
  [[nodiscard]] Found replace(pid_t who, NodeId shown, BroughtAs as, const Owner& owner);

  // --- being written
  // One handle more. stale: there is no such file any more.
  [[nodiscard]] Result<Shared> open(NodeId node);
  [[nodiscard]] Result<Shared> find(NodeId node);
  [[nodiscard]] Result<Attributes> attributes(NodeId node);
  // One handle less. After the last it is taken or dropped.
  void release(NodeId node);
  // A descriptor of it was closed, perhaps the last: runs `then` with whether what was written so
  // far can be taken, on another thread. Nothing written is fine.
  void flush(NodeId node, std::function<void(const Status&)> then);

 private:
  using SteadyClock = std::chrono::steady_clock;
  struct Replacing {
    pid_t who = 0;
    NodeId shown{};
    std::optional<NodeId> file{};  // that he was given
    SteadyClock::time_point until{};
  };
  struct Task {
    Shared file;
    std::function<void(const Status&)> then;  // of a flush; empty: it was closed for good
  };
  [[nodiscard]] Shared add(BroughtAs as, const Owner& owner);
  void forget_old(SteadyClock::time_point now);
  void enqueue(Task task);
  void run();
  [[nodiscard]] Status check(File& file);
  [[nodiscard]] Status take(File& file);
  void settle(File& file);

  Catalog& catalog_;
  LensView& lens_;
  std::function<void()> told_;
  std::stop_source stop_;
  std::unique_ptr<Engines> engines_;  // the thread's; only while there is something to do
  std::mutex mutex_;                  // guards what follows; rank: leaf
  std::condition_variable wake_;
  std::unordered_map<NodeId, Shared> files_;
  std::vector<Replacing> replacing_;
  std::deque<Task> tasks_;
  bool over_ = false;
  std::thread thread_;
};

class BroughtFiles::File {
 public:
  File(NodeId node, BroughtAs as, const Owner& owner)
      : node_(node), as_(std::move(as)), owner_(owner), modified_(Clock().now()) {}

  [[nodiscard]] NodeId node() const { return node_; }
  [[nodiscard]] int fd() const { return bytes_ ? bytes_->fd() : -1; }
  // To be called after each change of the bytes, and for times that somebody sets.
  void changed(std::optional<Nanoseconds> modified = std::nullopt) {
    modified_ = modified.value_or(Clock().now());
    ++changes_;
  }
  void set_modified(Nanoseconds modified) { modified_ = modified; }

 private:
  friend class BroughtFiles;
  [[nodiscard]] std::int64_t size() const;

  const NodeId node_;
  const BroughtAs as_;
  const Owner owner_;
  std::optional<UnfinishedFile> bytes_;
  std::atomic<Nanoseconds> modified_;
  std::atomic<std::uint64_t> changes_{0};
  int opens_ = 0;  // under the mutex of BroughtFiles
  SteadyClock::time_point made_ = SteadyClock::now();
  // What follows is of the thread.
  std::optional<std::uint64_t> checked_;  // changes_ as of the verdict
  Status verdict_;
  NewRendition rendition_;  // where the verdict is good
};

}  // namespace lensfs
