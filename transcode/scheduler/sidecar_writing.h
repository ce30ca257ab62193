// SidecarWriting: keeps the XMP files beside assets up to date with what people say in the catalog
// (catalog/model/sidecar.h).
#pragma once

#include <optional>

#include "catalog/model/catalog.h"
#include "catalog/model/sidecar.h"

namespace lensfs {

// Several may be at it, in any number of processes. Not thread-safe.
class SidecarWriting {
 public:
  // `catalog` must outlive it.
  explicit SidecarWriting(Catalog& catalog) : catalog_(catalog) {}

  // Writes those that have been stale for a while, at most so many. The answer: when the next will
  // be due, a time that may be over; nothing if there is none.
  [[nodiscard]] Result<std::optional<Nanoseconds>> write_some(Nanoseconds now, std::int64_t most);

 private:
  [[nodiscard]] Status bring_up_to_date(const StaleSidecar& stale);

  Catalog& catalog_;
};

}  // namespace lensfs
