// Store: where the bytes lie. One plain read-only file per distinct content under objects/, named
// by hash and size (FORMAT.md), and staging/ for files on their way in. The store knows no SQL.
//
// Order of a commit: staging file written -> hashed -> linked into objects/ -> made durable
// (Store::sync, one barrier for as many files as the caller likes) -> catalog commit by the caller.
// A crash at any point leaves either nothing that is named, or whole objects that nothing names yet
// (found by collect() after the grace time).
//
// Thread-safe: all methods may be called at once from several threads, except where said.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "catalog/base/clock.h"
#include "catalog/base/content_id.h"
#include "catalog/base/fd.h"
#include "catalog/base/hasher.h"
#include "catalog/base/result.h"
#include "catalog/store/drafts.h"

namespace lensfs {

// How the bytes of a file came into the store.
enum class CopyMethod { reflink, copy_range, read_write, hard_link, rename, known };
[[nodiscard]] const char* name_of(CopyMethod method);

// Called while bytes are copied or hashed, with the bytes done since the last call.
using BytesDone = std::function<void(std::uint64_t)>;

// StagedFile: a file in staging/ whose bytes are complete and hashed. Removed when dropped,
// unless Store::keep took it. Movable.
class StagedFile {
 public:
  StagedFile() = default;
  StagedFile(StagedFile&& other) noexcept;
  StagedFile& operator=(StagedFile&& other) noexcept;
  ~StagedFile();

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] const ContentId& id() const { return id_; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] CopyMethod method() const { return method_; }

 private:
  friend class Store;
  void remove() noexcept;

  Fd fd_;
  std::filesystem::path path_;  // empty: nothing is staged
  ContentId id_;
  std::uint64_t size_ = 0;
  CopyMethod method_ = CopyMethod::read_write;
};

// UnfinishedFile: an empty file in staging/ that somebody else fills, by its descriptor. Removed
// when dropped, unless Store::stage took it. Movable.
class UnfinishedFile {
 public:
  [[nodiscard]] int fd() const { return file_.fd(); }  // for reading and writing

 private:
  friend class Store;
  StagedFile file_;
};

struct Stored {
  ObjectKey key;
  bool fresh = false;  // false: the same bytes were there already, nothing was added
};

enum class Adopt { copy, move, link };  // what happens to the source of an ingest

struct CollectReport {
  std::uint64_t objects = 0;  // removed (or removable, when dry)
  std::uint64_t bytes = 0;
  std::uint64_t kept_young = 0;  // unreferenced, within the grace time
};

class Store {
 public:
  struct Options {
    IdFilter id_filter = {};       // tests weaken the hash through this; empty: identity
    const Clock* clock = nullptr;  // null: the system's
    // Bytes kept free on the store's file system: no_space before it is full.
    std::uint64_t reserve = std::uint64_t{64} << 20U;
    // How long collect() waits for the callers that hold().
    Nanoseconds patience = 30 * kNanosecondsPerSecond;
  };

  // Makes objects/ and staging/ in an existing directory. exists if they are there.
  [[nodiscard]] static Status create(const std::filesystem::path& library);
  // Opens the store of a library. Also removes what dead processes left in staging/. Where staging/
  // cannot be written, the store opens for reading and every method that writes says why it cannot.
  [[nodiscard]] static Result<std::unique_ptr<Store>> open(const std::filesystem::path& library,
                                                           Options options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // --- reading
  // A descriptor of the object, read-only. not_found if it is not there.
  [[nodiscard]] Result<Fd> open_object(const ObjectKey& key) const;
  // Relative to the library: objects/ab/cd/<hex>-<size>[.n]
  [[nodiscard]] static std::filesystem::path relative_path(const ObjectKey& key);
  [[nodiscard]] std::filesystem::path path_of(const ObjectKey& key) const;

  // --- writing
  // Copies the regular file behind `source` into staging and hashes what was stored: FICLONE, else
  // copy_file_range where a file server does the work, else read and write; holes stay holes. The
  // file offset of `source` is moved. no_space, io, interrupted; changed if the file got shorter.
  [[nodiscard]] Result<StagedFile> stage_copy(int source, std::stop_token stop,
                                              const BytesDone& progress);
  // The same for bytes that the caller has read already, whose hash is `id`: a small file is read
  // once, hashed in memory and written from there.
  [[nodiscard]] Result<StagedFile> stage_bytes(std::span<const std::byte> bytes,
                                               const ContentId& id);
  [[nodiscard]] ContentId hash(std::span<const std::byte> bytes) const;
  // For bytes that come to be in the store: a file to write them to, and, once they are complete
  // and nobody writes to it any more, what was written. no_space.
  [[nodiscard]] Result<UnfinishedFile> new_file();
  [[nodiscard]] Result<StagedFile> stage(UnfinishedFile written, std::stop_token stop,
                                         const BytesDone& progress);
  // Hashes the file where it lies; nothing is written. For content that is probably known. The
  // size that was hashed is the one that fstat said at the start; changed if the file got shorter.
  [[nodiscard]] Result<ContentId> hash(int file, std::stop_token stop,
                                       const BytesDone& progress) const;
  // An object whose id and size are these and whose bytes equal those of `file`, if there is one
  // (byte comparison, holes skipped).
  [[nodiscard]] Result<std::optional<ObjectKey>> find_same(int file, const ContentId& id,
                                                           std::uint64_t size,
                                                           const std::stop_token& stop = {}) const;
  // Makes an object of a staged file, or drops it when the same bytes are there. Not durable until
  // sync(), which is also needed when nothing was fresh: whoever added the bytes may not have
  // called it yet.
  [[nodiscard]] Result<Stored> keep(StagedFile staged, const std::stop_token& stop = {});
  // Makes an object of the file at `path` itself by a hard link: no bytes are copied.
  // cross_device when that cannot be done (other file system, no hard links there, somebody else's
  // file): the caller then copies. `file` is open on it; `id` is its hash. changed if `path` names
  // another file by now; that it was not written to since it was hashed is the caller's to check,
  // after this returned.
  //
  // The name at `path` stays. Adopt::move removes it after the commit. With Adopt::link it goes on
  // as a second name of the object, so its file becomes read-only (mode 0444) too; owner and times
  // stay. Whoever makes it writable again and writes into it damages the object: verify() finds
  // that. Nothing about the file changes when the same bytes were in the store already.
  [[nodiscard]] Result<Stored> adopt(const std::filesystem::path& path, int file,
                                     const ContentId& id, const std::stop_token& stop = {});
  // An object of a text that is made here: stage_bytes() and keep().
  [[nodiscard]] Result<Stored> keep_text(std::string_view text, const std::stop_token& stop = {});
  // Makes durable all that keep() and adopt() made so far (files and directories). After a failure
  // every later call fails too: the kernel reports a lost write only once, so nothing that this
  // Store kept can be trusted until the library is opened again and verified.
  [[nodiscard]] Status sync();

  // --- files being written
  // Where drafts lie. read_only for a library that may only be read.
  [[nodiscard]] Result<const Drafts*> drafts() const;
  // A new draft with the bytes of an object: shared where the file system can, else copied.
  [[nodiscard]] Result<Fd> copy_to_draft(const ObjectKey& key, std::int64_t number) const;
  // The same with the bytes of another draft.
  [[nodiscard]] Result<Fd> copy_draft_to_draft(std::int64_t from, std::int64_t number) const;
  // Whether the file system can share extents between files, so that a copy costs nothing.
  [[nodiscard]] bool shares_extents() const;
  // Whoever reads an object through the kernel goes on reading the file that it opened. So that he
  // sees what is written from now on, that file becomes the draft, and the copy that the draft was
  // becomes the object's file. First the copy is made durable, then they change places at once;
  // Store::sync() makes that durable. Nobody else may have the object's file open.
  [[nodiscard]] Status prepare_exchange(std::int64_t number) const;
  // `inode`: the file that is read. changed if it is not the object's any more; not_supported if it
  // has names outside the store, or the file system cannot exchange names.
  [[nodiscard]] Status exchange_with_draft(const ObjectKey& key, std::int64_t number,
                                           std::uint64_t inode) const;

  // --- shared hold: from the moment a caller learns of an object until its catalog commit, it
  // holds this, so that collect() in another process keeps away. Cheap; held per batch.
  class Hold {
   public:
    Hold(Hold&&) noexcept = default;
    Hold& operator=(Hold&&) noexcept = default;

   private:
    friend class Store;
    explicit Hold(Fd fd) : fd_(std::move(fd)) {}
    Fd fd_;
  };
  [[nodiscard]] Result<Hold> hold() const;
  // The exclusive side: while this is held, no file is on its way from the store into the catalog.
  // busy if it cannot be had within Options::patience. Not to be waited for inside a transaction,
  // which a holder may be waiting for.
  [[nodiscard]] Result<Hold> hold_alone() const;

  // --- care
  // Calls `visit` for every object file found, in order of their names. Files with foreign names
  // are given to `stranger` (path relative to objects/). A visit that returns an error ends the
  // walk with it.
  [[nodiscard]] Status each_object(
      const std::function<Status(const ObjectKey&)>& visit,
      const std::function<void(const std::string&)>& stranger = {}) const;
  // Re-reads one object. corrupt if its bytes are not what its name says, not_found if it is
  // missing.
  [[nodiscard]] Status verify(const ObjectKey& key, std::stop_token stop,
                              const BytesDone& progress) const;
  // Removes objects for which `is_referenced` says no and whose last change (ctime) is at least
  // `grace` ago. Takes the exclusive side of hold() per object, asks again under it, and gives up
  // with busy if it cannot get it within Options::patience. `is_referenced` must see what other
  // processes have committed.
  enum class Dry { yes, no };
  [[nodiscard]] Result<CollectReport> collect(
      const std::function<Result<bool>(const ObjectKey&)>& is_referenced, Nanoseconds grace,
      Dry dry);

  // The same for these alone, however young they are: for who has just taken their names away. The
  // answer counts what was removed.
  [[nodiscard]] Result<CollectReport> collect_these(
      std::span<const ObjectKey> keys,
      const std::function<Result<bool>(const ObjectKey&)>& is_referenced);

  // objects/; owned by the store. For fstatvfs, openat and the like.
  [[nodiscard]] int directory_fd() const;
  [[nodiscard]] const std::filesystem::path& library() const;

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lensfs
