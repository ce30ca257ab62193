#include "catalog/model/outline_collecting.h"

#include <optional>
#include <set>

#include "catalog/model/job.h"
#include "catalog/store/outline_files.h"

namespace lensfs {
namespace {

enum class Need { needed, made, lost };

Result<Need> need_of(Database& db, std::int64_t number) {
  const auto outline = find_outline(db, static_cast<OutlineId>(number));
  if (is_missing(outline)) return Need::lost;
  if (!outline) return fail(outline.error());
  LENSFS_TRY(const auto ready, find_rendition(db, outline->source, outline->recipe));
  if (ready) return Need::made;
  LENSFS_TRY(const auto job, job_for(db, *outline));
  return job ? Need::needed : Need::lost;
}

}  // namespace

Status remove_stray_outlines(Catalog& catalog) {
  LENSFS_TRY(const OutlineStore outlines, OutlineStore::open(catalog.path()));
  LENSFS_TRY(const std::vector<std::int64_t> numbers, outlines.numbers());
  if (numbers.empty()) return {};
  std::set<std::int64_t> known;
  // Files get their names in the transaction that makes them known, so while this one lasts there
  // are none in between.
  return catalog.write_soon([&](Transaction& txn) -> Status {
    LENSFS_TRY(const std::vector<Outline> all, all_outlines(txn.db()));
    for (const Outline& outline : all) known.insert(number(outline.id));
    for (const std::int64_t stray : numbers) {
      if (!known.contains(stray)) LENSFS_CHECK(outlines.remove(stray));
    }
    return {};
  });
}

Result<OutlineReport> collect_outlines(Catalog& catalog, Nanoseconds grace, Store::Dry dry) {
  OutlineReport report;
  const auto store = OutlineStore::open(catalog.path());
  if (!store && store.error().code() == Errc::read_only) return report;
  if (!store) return fail(store.error());
  LENSFS_TRY(const std::vector<std::int64_t> numbers, store->numbers());
  const Nanoseconds changed_before = Clock().now() - grace;
  std::vector<std::int64_t> removable;
  {
    LENSFS_TRY(const Pool::Reader reader, catalog.read());
    for (const std::int64_t number : numbers) {
      LENSFS_TRY(const Need need, need_of(*reader, number));
      if (need == Need::needed) continue;
      LENSFS_TRY(const OutlineStore::Use use, store->use_of(number));
      if (use.changed > changed_before) {
        ++report.kept_young;
        continue;
      }
      removable.push_back(number);
      ++report.outlines;
      report.bytes += use.on_disk;
    }
  }
  if (dry == Store::Dry::yes || removable.empty()) return report;
  // Files get their names in the transaction that makes them known, so while this one lasts none
  // begins to be needed.
  LENSFS_CHECK(catalog.write([&](Transaction& txn) -> Status {
    for (const std::int64_t number : removable) {
      LENSFS_TRY(const Need need, need_of(txn.db(), number));
      if (need == Need::needed) continue;
      // The row of one that was made stays, for who has its file open.
      if (need == Need::lost) LENSFS_CHECK(forget_outline(txn, static_cast<OutlineId>(number)));
      LENSFS_CHECK(store->remove(number));
    }
    return {};
  }));
  return report;
}

}  // namespace lensfs
