// NewFiles: files that were made a moment ago and are not in the catalog yet.
//
// Copying or unpacking a folder makes thousands of files, and a transaction each costs several
// times what the disk needs. A file made in a project folder is noted here and in the mount's
// CreationLog, which outlives the worker, and answered for; with all others it goes into the
// catalog in one transaction: when something needs it there (before any request but the few that
// are answered from here, before anything else is written, before the saver saves it), or some
// milliseconds later. Until then the mount keeps the turn to write (Pool::defer), so nobody else
// can take the name, and other processes wait before they read.
//
// Only what is plain is done here: no rules of access, no scratch files, no name that an asset has
// a claim on, nothing that the kernel sent twice. All else goes the ordinary way. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "catalog/model/new_file.h"
#include "fs/creation_log.h"
#include "fs/open_files.h"
#include "fs/tree.h"

namespace lensfs {

// Set-id bits and the sticky one: what sets or drops them goes the ordinary way.
inline constexpr std::int64_t kSpecialBits = 07000;

class NewFiles final : public Deferred {
 public:
  NewFiles(Tree& tree, const OpenFiles& open_files, std::string mount)
      : tree_(tree), open_files_(open_files), mount_(std::move(mount)) {}
  ~NewFiles() override;

  // Puts into the catalog what mounts and workers that died had not: before anything is recovered.
  [[nodiscard]] static Status take_up(Catalog& catalog, const std::string& mount);

  // From now on files are made here. To be called after take_up and before requests are served.
  [[nodiscard]] Status start();
  // Called after some went into the catalog; from any thread.
  void on_written(std::function<void()> tell) { tell_ = std::move(tell); }
  // All is in the catalog, and no more are made here. For the end of a mount.
  void finish();

  struct Made {
    Attributes attributes;
    Fd draft;
  };
  // Nothing: it has to be made the ordinary way, which also finds the error if there is one.
  [[nodiscard]] Result<std::optional<Made>> make(NodeId folder, const NewFile& file,
                                                 const Asking& asking);
  // A file while it is new. Nothing: the catalog knows.
  [[nodiscard]] std::optional<Found> look_up(NodeId folder, std::string_view name) const;
  [[nodiscard]] std::optional<Attributes> attributes(NodeId file) const;
  [[nodiscard]] std::optional<DraftId> draft_of(NodeId file) const;
  // chmod, chown, utimensat of a file that is new. False: it is not, or is just going into the
  // catalog.
  [[nodiscard]] Result<bool> set(NodeId file, const NewAttributes& to);
  // A folder in which files are new, with the times of the last of them. `read` gives it as the
  // catalog has it; asked once for all files that go into the catalog together.
  [[nodiscard]] Result<Attributes> folder(NodeId folder,
                                          const std::function<Result<Attributes>()>& read);
  // What was made before the call is in the catalog. Cheap if there is nothing new.
  void settle();

  // --- Deferred
  [[nodiscard]] bool any() const override { return count_ > 0; }
  [[nodiscard]] Status write(Transaction& txn, Which which) override;
  void written() override;

 private:
  using Spot = std::pair<FolderId, std::string>;
  [[nodiscard]] bool is_for_here(NodeId folder, const NewFile& file, const Asking& asking) const;
  [[nodiscard]] Result<std::optional<Made>> make_now(DeferredFile made);
  [[nodiscard]] bool is_taken(NodeId folder, const std::string& name) const;
  struct Known {
    DeferredFile made;
    bool is_leaving = false;  // in batch_, or was
  };
  [[nodiscard]] std::optional<Known> find(NodeId file) const;
  // Nothing: it was saved just now.
  [[nodiscard]] std::optional<Attributes> shown(const Known& known) const;
  [[nodiscard]] bool is_finished(const DeferredFile& made, Nanoseconds now) const;
  void choose_batch(Which which);
  [[nodiscard]] Status note(const DeferredFile& made);
  [[nodiscard]] bool take_ids(DeferredFile& made);
  void run(const std::stop_token& stop);

  Tree& tree_;
  const OpenFiles& open_files_;
  std::string mount_;
  std::function<void()> tell_;
  std::atomic<bool> is_on_ = false;
  std::atomic<std::size_t> count_ = 0;  // of files_
  mutable std::mutex mutex_;            // guards all below; rank: leaf
  std::condition_variable_any wake_;
  std::optional<CreationLog> log_;
  std::map<AssetId, Known> files_;  // later ones have higher numbers
  std::map<Spot, AssetId> names_;
  struct InFolder {
    Nanoseconds newest = 0;
    std::optional<Attributes> folder;  // nobody changes it while files are new in it
  };
  std::unordered_map<FolderId, InFolder> folders_;
  std::uint64_t batches_ = 0;  // that went into the catalog
  std::optional<ReservedIds> ids_;
  bool wants_ids_ = false;
  // What is being written; by the thread that has the writer.
  std::vector<DeferredFile> batch_;
  std::vector<Change> changes_;
  std::jthread thread_;
};

}  // namespace lensfs
