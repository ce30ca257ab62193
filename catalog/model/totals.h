// Totals: how much a library holds.
#pragma once

#include "catalog/db/database.h"

namespace lensfs {

struct Totals {
  std::int64_t assets = 0;
  std::int64_t versions = 0;
  std::int64_t objects = 0;
  std::int64_t object_bytes = 0;   // each content once
  std::int64_t version_bytes = 0;  // as if nothing were shared
  std::int64_t projects = 0;
  std::int64_t folders = 0;
  std::int64_t places = 0;
  std::int64_t tags = 0;

  static Totals from(const Row& row);
};

[[nodiscard]] Result<Totals> totals_of(Database& db);

}  // namespace lensfs
