// Saver: makes versions of what was written. One thread takes the drafts whose last writer closed
// them, hashes them, makes objects of them, and records versions, many at a time where many wait.
// Nobody waits for it: a draft is read and written as it is until it is an object, which is the
// same file on the disk. Where the store has the bytes already it is another file; whoever reads
// the draft just then keeps it a draft until he closes it, so that he sees what is written later.
#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "catalog/model/draft.h"
#include "fs/open_files.h"
#include "fs/save_queue.h"
#include "fs/tree.h"

namespace lensfs {

class Notifier;

class Saver {
 public:
  Saver(Tree& tree, OpenFiles& open_files) : tree_(tree), open_files_(open_files) {}
  ~Saver();
  Saver(const Saver&) = delete;
  Saver& operator=(const Saver&) = delete;

  void start();
  // The draft is closed: it will be saved soon. Cheap.
  void add(DraftId draft) { queue_.add(draft); }
  // The same once the last handle of the file is gone.
  void add_when_closed(NodeId file, DraftId draft) { queue_.add_when_closed(file, draft); }
  // The last handle of a file is gone. Cheap.
  void closed(NodeId file) { queue_.closed(file); }
  // Called after each batch; from the thread that saves.
  void on_saved(std::function<void()> tell) { tell_ = std::move(tell); }
  // Saves what is closed and ends. For the end of a mount.
  void finish();

 private:
  using Due = SaveQueue::Due;
  struct Ready;  // hashed, not yet an object

  void run(const std::stop_token& stop);
  void save(std::vector<Due> batch);
  [[nodiscard]] Result<std::optional<Ready>> prepare(const Due& due);
  [[nodiscard]] Status place(std::vector<Ready>& batch);
  [[nodiscard]] Status record(std::vector<Ready>& batch);
  void let_go(std::vector<Ready>& batch);
  [[nodiscard]] bool keep_from_readers(Ready& ready);

  Tree& tree_;
  OpenFiles& open_files_;
  std::function<void()> tell_;
  SaveQueue queue_;
  std::jthread thread_;
};

}  // namespace lensfs
