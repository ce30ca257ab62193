// WorkingFiles: what a file holds now, and how it becomes one that can be written.
//
// A file's bytes are an object, which never changes, or a draft. The first writer begins a draft:
// empty where it truncates, else a copy of the object (shared extents where the file system has
// them). From then on every handle reads and writes the draft, by passthrough where there is one,
// until the Saver makes an object of it. Thread-safe.
#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <set>

#include "catalog/model/draft.h"
#include "fs/open_files.h"
#include "fs/tree.h"

namespace lensfs {

class Saver;

class WorkingFiles {
 public:
  WorkingFiles(Tree& tree, OpenFiles& open_files, Saver& saver, std::string mount)
      : tree_(tree), open_files_(open_files), saver_(saver), mount_(std::move(mount)) {}

  // The bytes of a file or version: the draft, opened with `access`, where there is one, else the
  // object for reading. The kernel writes to what it was given for reading, too; for that reading
  // is enough, and the saver can see whether anybody else may write.
  struct Bytes {
    Fd file;
    bool is_draft = false;
  };
  [[nodiscard]] Result<Bytes> open_bytes(NodeId file, int access) const;

  enum class Content { keep, empty };
  // Sees to it that the file has a draft. The caller holds an OpenFiles::Intent or has it open for
  // writing. Who reads it already sees what is written. Where that cannot be arranged (the object
  // is shared with another open file): stale, and the names lead to another file now; ask again.
  [[nodiscard]] Status make_writable(NodeId file, const Actor& actor, Content content);
  // Whether the copy is better made when somebody does write: it would cost time and room, and
  // many programs open for writing what they only read.
  [[nodiscard]] Result<bool> is_copied_late(NodeId file) const;
  // Two files of the same bytes share an object, and the kernel lets whoever reads one go on with
  // the object's file, whatever becomes of it. So that he sees what is written to his file and
  // nothing else, the second of two that are open gets a copy, which is dropped when it is closed;
  // where that costs little.
  [[nodiscard]] bool is_set_apart(NodeId file, std::int64_t size) const;
  [[nodiscard]] Status set_apart(NodeId file, const Actor& actor);
  // A draft for a file that was just made, in the transaction that makes it.
  struct Begun {
    DraftId draft{};
    Fd file;
  };
  [[nodiscard]] Result<Begun> begin_empty(Transaction& txn, const Actor& actor,
                                          const Asset& asset) const;

  [[nodiscard]] Status truncate(NodeId file, const Actor& actor, std::int64_t size);
  // utimensat on a file that is being written, in the transaction that notes it: the saver looks at
  // the draft's time in its own.
  [[nodiscard]] Status set_times(std::optional<DraftId> draft,
                                 std::optional<Nanoseconds> mtime) const;
  // What was written so far is on the disk, under the names that lead to it.
  [[nodiscard]] Status sync(NodeId file);
  // A handle is gone. The last writer's goes to the saver; what has no name any more goes with its
  // last handle.
  [[nodiscard]] Status released(NodeId file, Access access, const OpenFiles::Left& left);
  // A file whose last name went while it is open; also tells whether one is.
  void note_nameless(NodeId file);
  [[nodiscard]] bool is_nameless(NodeId file) const;
  // The draft that a file's bytes lie in, if they do.
  [[nodiscard]] Result<std::optional<DraftId>> draft_of(Database& db, NodeId file) const;
  // What went with an asset that no name leads to.
  struct Dropped {
    std::vector<NodeId> open;  // files of it that somebody has open: then nothing went
    std::vector<NodeId> files;
    std::vector<DraftId> drafts;
  };
  // Drops the asset's rows, unless a file of it, one that lost the name before included, is open.
  [[nodiscard]] Result<Dropped> drop_rows(Editing& editing, const Asset& asset) const;
  // After the commit: the drafts go, or their last close is waited for.
  [[nodiscard]] Status finish_drop(const Dropped& dropped);

 private:
  // Where the bytes of a file lie, one that lost its name included; stale if there is none.
  struct Held {
    std::optional<DraftId> draft;
    VersionId version{};
  };
  [[nodiscard]] Result<Held> held_by(Database& db, NodeId file) const;
  [[nodiscard]] Status drop_if_unused(AssetId asset);
  // What a draft is begun for: an asset's file, or one that lost its name.
  struct Subject {
    Asset asset;
    bool is_lost = false;
  };
  [[nodiscard]] Result<Subject> subject_of(NodeId file) const;
  // These keep in `move` what must last until the turn of the file is over.
  using Move = std::optional<OpenFiles::Move>;
  [[nodiscard]] Status settle_kept(const Asset& asset, const Actor& actor);
  [[nodiscard]] Status begin(const Subject& subject, const Actor& actor, Content content,
                             Move& move);
  [[nodiscard]] Status begin_again(const Subject& subject, const Actor& actor, Content content,
                                   Move& move);
  [[nodiscard]] Status begin_behind_readers(const Asset& asset, const Actor& actor, Content content,
                                            Move& move);
  [[nodiscard]] Status begin_anew(const Asset& asset, const Actor& actor);
  // `fill` puts bytes into the draft.
  using Fill = std::function<Status(DraftId draft)>;
  [[nodiscard]] Status begin_copied(const Asset& asset, const Actor& actor, const Fill& fill);
  [[nodiscard]] Status begin_copy(const Asset& asset, const Actor& actor);
  [[nodiscard]] Result<ObjectKey> object_behind(const Asset& asset) const;
  [[nodiscard]] Result<OpenFiles::Move> take_object_file(const ObjectKey& object, FileId file,
                                                         DraftId draft);
  [[nodiscard]] Status lead_elsewhere(const Asset& asset, const Actor& actor);
  [[nodiscard]] Result<const Drafts*> drafts() const { return tree_.catalog().store().drafts(); }
  std::mutex& turn_of(NodeId file) {
    return turns_[static_cast<std::size_t>(file) % turns_.size()];
  }

  Tree& tree_;
  OpenFiles& open_files_;
  Saver& saver_;
  std::string mount_;
  // One beginning at a time per file; held over transactions; before OpenFiles' and the writer's.
  std::array<std::mutex, 64> turns_;
  mutable std::mutex nameless_mutex_;  // guards nameless_; rank: leaf
  std::set<NodeId> nameless_;
};

}  // namespace lensfs
