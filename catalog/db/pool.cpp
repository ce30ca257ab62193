#include "catalog/db/pool.h"

namespace lensfs {
namespace {
constexpr std::size_t kIdleReaders = 16;  // connections kept open for the next who asks
}  // namespace

Result<std::unique_ptr<Pool>> Pool::open(const std::filesystem::path& file) {
  std::unique_ptr<Pool> pool(new Pool(file));
  LENSFS_TRY(Database writer,
             Database::open(file, Database::Mode::read_write, Database::Create::no));
  pool->writer_ = std::make_unique<Database>(std::move(writer));
  return pool;
}

Result<Pool::Reader> Pool::reader() {
  {
    const std::scoped_lock lock(readers_mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Database> db = std::move(idle_.back());
      idle_.pop_back();
      return Reader(this, std::move(db));
    }
  }
  LENSFS_TRY(Database db, Database::open(file_, Database::Mode::read_only, Database::Create::no));
  return Reader(this, std::make_unique<Database>(std::move(db)));
}

void Pool::give_back(std::unique_ptr<Database> db) noexcept {
  db->rollback();  // a snapshot that was left open would keep the WAL from shrinking
  const std::scoped_lock lock(readers_mutex_);
  if (idle_.size() < kIdleReaders) idle_.push_back(std::move(db));
}

}  // namespace lensfs
