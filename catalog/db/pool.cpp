#include "catalog/db/pool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "catalog/db/transaction.h"

namespace lensfs {
namespace {
constexpr std::size_t kIdleReaders = 16;  // connections kept open for the next who asks
// A moment is looked at no longer than this, should anything have changed the database otherwise.
constexpr std::chrono::milliseconds kLongestMoment{100};
}  // namespace

Result<std::unique_ptr<Pool>> Pool::open(const std::filesystem::path& file) {
  std::unique_ptr<Pool> pool(new Pool(file));
  LENSFS_TRY(Database writer,
             Database::open(file, Database::Mode::read_write, Database::Create::no));
  pool->writer_ = std::make_unique<Database>(std::move(writer));
  return pool;
}

Result<Pool::Reader> Pool::reader() {
  turn_.await_deferred();  // of other processes
  std::unique_ptr<Database> looking;
  {
    const std::scoped_lock lock(readers_mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Database> db = std::move(idle_.back());
      idle_.pop_back();
      return Reader(this, std::move(db));
    }
    if (!looking_.empty()) {
      looking = std::move(looking_.back().db);
      looking_.pop_back();
    }
  }
  if (looking) {
    looking->rollback();
    return Reader(this, std::move(looking));
  }
  LENSFS_TRY(Database db, Database::open(file_, Database::Mode::read_only, Database::Create::no));
  return Reader(this, std::make_unique<Database>(std::move(db)));
}

Result<Pool::Reader> Pool::snapshot() {
  turn_.await_deferred();  // of other processes
  const View now{.state = turn_.state(), .began = std::chrono::steady_clock::now()};
  {
    const std::scoped_lock lock(readers_mutex_);
    const View last = looking_.empty() ? View() : looking_.back().view;
    if (now.state != 0 && last.state == now.state && now.began - last.began < kLongestMoment) {
      Reader same(this, std::move(looking_.back().db));
      same.view_ = last;
      looking_.pop_back();
      return same;
    }
  }
  LENSFS_TRY(Reader fresh, reader());
  LENSFS_CHECK(fresh->begin_read());
  fresh.view_ = now;
  return fresh;
}

// Connections must be the caller's alone while they end what they looked at.
void Pool::forget_moments(Which which) noexcept {
  std::vector<Kept> old;
  {
    const std::scoped_lock lock(readers_mutex_);
    const std::uint64_t state = turn_.state();
    const auto is_now = [state, which](const Kept& kept) {
      return which == Which::old && kept.view.state == state;
    };
    const auto first = std::stable_partition(looking_.begin(), looking_.end(), is_now);
    old.assign(std::make_move_iterator(first), std::make_move_iterator(looking_.end()));
    looking_.erase(first, looking_.end());
  }
  for (Kept& kept : old) give_back(std::move(kept.db), {});
}

// Whoever waits for the turn gets it: nobody defers anything between.
Status Pool::settle(Deferred::Which which) {
  if (deferred_ == nullptr || !deferred_->any()) return {};
  std::unique_lock names(names_mutex_, std::defer_lock);
  if (turn_.is_wanted()) {
    names.lock();
    which = Deferred::Which::all;
  }
  const std::scoped_lock lock(writer_mutex_);
  return write_deferred(which);
}

Status Pool::write_deferred(Deferred::Which which) {
  if (deferred_ == nullptr || !deferred_->any()) return {};
  LENSFS_CHECK(
      transact(Durable::no, [&](Transaction& txn) { return deferred_->write(txn, which); }));
  // The turn is kept until it is known to be written.
  deferred_->written();
  turn_.note_written();
  const std::scoped_lock lock(deferral_mutex_);
  end_turn_if_idle();
  return {};
}

Status Pool::commit() {
  turn_.begin_commit();
  Status done = writer_->commit();
  turn_.end_commit();
  return done;
}

bool Pool::begin_deferring() {
  {
    const std::scoped_lock lock(deferral_mutex_);
    ++deferring_;
    if (keeps_turn_) return has_turn_;
  }
  const bool has_come = turn_.take();
  const std::scoped_lock lock(deferral_mutex_);
  keeps_turn_ = true;
  has_turn_ = has_come;
  turn_.begin_deferring();
  return has_come;
}

void Pool::end_deferring() {
  const std::scoped_lock lock(deferral_mutex_);
  --deferring_;
  end_turn_if_idle();
}

void Pool::end_turn_if_idle() {
  if (!keeps_turn_ || deferring_ > 0 || deferred_->any()) return;
  keeps_turn_ = false;
  turn_.end_deferring();
  turn_.give();
}

Status Pool::set_durability(Durable durable) {
  if (durable == durability_) return {};
  LENSFS_CHECK(writer_->script(durable == Durable::yes ? "PRAGMA synchronous = FULL"
                                                       : "PRAGMA synchronous = NORMAL"));
  durability_ = durable;
  return {};
}

Status Pool::open_log() {
  if (log_) return {};
  LENSFS_TRY(log_, open_path(file_.native() + "-wal", O_RDWR));
  return {};
}

// Blocks beyond the end of the log: it grows into them, and keeps them when it begins anew. The
// database itself must not be opened here, for closing it would drop SQLite's locks.
void Pool::keep_room() {
  constexpr off_t kRoom = off_t{16} << 20U;
  constexpr off_t kBlock = 512;
  const std::scoped_lock lock(sync_mutex_);
  if (!open_log()) return;
  const auto status = stat_of(log_.get());
  if (!status || status->st_blocks * kBlock >= kRoom) return;
  static_cast<void>(::fallocate(log_.get(), FALLOC_FL_KEEP_SIZE, 0, kRoom));
}

// Commits write the log with plain writes; syncing its file makes all of them durable.
Status Pool::sync() {
  const std::uint64_t committed = committed_.load();
  const std::scoped_lock lock(sync_mutex_);
  if (synced_ >= committed) return {};
  LENSFS_CHECK(open_log());
  if (::fdatasync(log_.get()) != 0) return last_error("sync the catalog");
  synced_ = committed;
  return {};
}

void Pool::give_back(std::unique_ptr<Database> db, const View& view) noexcept {
  if (view.state != 0 && db->in_transaction()) {
    const std::scoped_lock lock(readers_mutex_);
    const bool is_now = view.state == turn_.state() && !is_writing_;
    const bool is_room = idle_.size() + looking_.size() < kIdleReaders;
    if (is_now && is_room) return looking_.push_back({std::move(db), view});
  }
  db->rollback();  // a moment that is still looked at would keep the log from shrinking
  const std::scoped_lock lock(readers_mutex_);
  if (idle_.size() + looking_.size() < kIdleReaders) idle_.push_back(std::move(db));
}

}  // namespace lensfs
