#include "tools/ingest/copier.h"

#include <fcntl.h>

#include <algorithm>
#include <array>

#include "catalog/model/kind.h"

namespace lensfs {
namespace {

Error not_still() {
  return Error(Errc::changed, "changed while it was read");
}

Status check_still(int file, const Fingerprint& before) {
  LENSFS_TRY(const struct stat now, stat_of(file));
  if (fingerprint_of(now) != before) return fail(not_still());
  return {};
}

// Up to this size a file is read once and hashed and written from memory.
constexpr std::int64_t kSmallFile = 256 << 10;
constexpr std::int64_t kBlock = 512;  // the unit of st_blocks

Result<std::string> kind_of_file(int file, const std::string& name) {
  std::array<std::byte, kKindProbeBytes> head{};
  LENSFS_TRY(const std::size_t length, read_full(file, head, 0));
  return std::string(kind_of(std::span(head).first(length), name));
}

}  // namespace

Copier::Copier(Catalog& catalog, HoldSource& holds, Adopt adopt, IngestProgress& progress,
               std::stop_token stop)
    : catalog_(catalog),
      holds_(holds),
      adopt_(adopt),
      progress_(progress),
      stop_(std::move(stop)) {}

Result<StagedSource> Copier::take(SourceFile source) {
  LENSFS_TRY(const Fd file, open_source(source.directory->fd.get(), source.name, source.follow));
  StagedSource staged;
  LENSFS_TRY(staged.status, stat_of(file.get()));
  staged.print = fingerprint_of(staged.status);
  if (!S_ISREG(staged.status.st_mode) || staged.status.st_dev != source.seen.st_dev ||
      staged.status.st_ino != source.seen.st_ino) {
    return fail(Errc::changed, "replaced while the tree was read");
  }
  staged.source = std::move(source);

  // Hashing and copying both report bytes; the file counts once.
  const auto size = static_cast<std::uint64_t>(staged.status.st_size);
  std::uint64_t credited = 0;
  const BytesDone done = [&](std::uint64_t bytes) {
    const std::uint64_t credit = std::min(bytes, size - credited);
    credited += credit;
    progress_.bytes.fetch_add(credit, std::memory_order_relaxed);
  };
  if (fits_in_memory(staged.status)) {
    LENSFS_CHECK(bring_in_small(file.get(), staged));
  } else {
    LENSFS_TRY(staged.kind, kind_of_file(file.get(), staged.source.name));
    LENSFS_CHECK(bring_in(file.get(), staged, done));
  }
  done(size);
  return staged;
}

// A sparse file is left to the store, which keeps its holes.
bool Copier::fits_in_memory(const struct stat& status) const {
  return adopt_ == Adopt::copy && sharing_ == Sharing::no && status.st_size <= kSmallFile &&
         status.st_blocks * kBlock >= status.st_size;
}

Status Copier::bring_in_small(int file, StagedSource& staged) {
  Store& store = catalog_.store();
  buffer_.resize(static_cast<std::size_t>(kSmallFile));
  const auto bytes = std::span(buffer_).first(static_cast<std::size_t>(staged.print.size));
  LENSFS_TRY(const std::size_t length, read_full(file, bytes, 0));
  if (length != bytes.size()) return fail(not_still());
  const auto head = bytes.first(std::min(bytes.size(), kKindProbeBytes));
  staged.kind = std::string(kind_of(head, staged.source.name));

  const ContentId id = store.hash(bytes);
  LENSFS_TRY(const bool known, is_known(file, staged, id));
  LENSFS_CHECK(check_still(file, staged.print));
  if (known) return {};
  LENSFS_TRY(StagedFile copy, store.stage_bytes(bytes, id));
  return keep(std::move(copy), staged);
}

Status Copier::bring_in(int file, StagedSource& staged, const BytesDone& done) {
  Store& store = catalog_.store();
  bool size_known = false;
  {
    LENSFS_TRY(const Pool::Reader reader, catalog_.read());
    LENSFS_TRY(size_known,
               any_object_of_size(*reader, static_cast<std::uint64_t>(staged.print.size)));
  }
  if (size_known || adopt_ != Adopt::copy) {
    LENSFS_TRY(const ContentId id, store.hash(file, stop_, done));
    LENSFS_TRY(const bool known, is_known(file, staged, id));
    LENSFS_CHECK(check_still(file, staged.print));
    if (known) return {};
    LENSFS_TRY(const bool taken, take_over(file, staged, id));
    if (taken) return {};
  }
  LENSFS_TRY(StagedFile copy, store.stage_copy(file, stop_, done));
  LENSFS_CHECK(check_still(file, staged.print));
  if (copy.size() != static_cast<std::uint64_t>(staged.print.size)) return fail(not_still());
  // An empty file is never cloned and tells nothing.
  if (copy.size() != 0) {
    sharing_ = copy.method() == CopyMethod::reflink ? Sharing::yes : Sharing::no;
  }
  return keep(std::move(copy), staged);
}

Status Copier::keep(StagedFile copy, StagedSource& staged) const {
  staged.method = copy.method();
  LENSFS_TRY(staged.hold, holds_.current());
  LENSFS_TRY(const Stored stored, catalog_.store().keep(std::move(copy), stop_));
  staged.object = stored.key;
  staged.known = !stored.fresh;
  return {};
}

Result<bool> Copier::is_known(int file, StagedSource& staged, const ContentId& id) const {
  LENSFS_TRY(staged.hold, holds_.current());
  LENSFS_TRY(const auto same, catalog_.store().find_same(
                                  file, id, static_cast<std::uint64_t>(staged.print.size), stop_));
  if (!same) return false;
  staged.object = *same;
  staged.method = CopyMethod::known;
  staged.known = true;
  return true;
}

// Whether the file itself became the object. Where it cannot, or somebody has it open for
// writing, it is copied instead.
Result<bool> Copier::take_over(int file, StagedSource& staged, const ContentId& id) const {
  if (adopt_ == Adopt::copy || staged.source.follow == Follow::yes) return false;
  const Status alone = keep_writers_away(file);
  if (!alone && alone.error().code() == Errc::busy) return false;
  // A writer may have come and gone between the hash and the lease.
  LENSFS_CHECK(check_still(file, staged.print));
  auto stored = catalog_.store().adopt(staged.source.absolute(), file, id, stop_);
  if (!stored && stored.error().code() == Errc::cross_device) return false;
  if (!stored) return fail(std::move(stored).error());
  staged.object = stored->key;
  staged.known = !stored->fresh;
  staged.method = adopt_ == Adopt::move ? CopyMethod::rename : CopyMethod::hard_link;
  // Linking it changed its ctime; the next run should know it all the same.
  LENSFS_TRY(const struct stat now, stat_of(file));
  staged.print.ctime = fingerprint_of(now).ctime;
  if (staged.print != fingerprint_of(now)) return fail(not_still());
  return true;
}

}  // namespace lensfs
