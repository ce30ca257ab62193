// Copier: brings the bytes of one source file into the store.
#pragma once

#include <cstddef>
#include <stop_token>
#include <vector>

#include "catalog/model/catalog.h"
#include "tools/ingest/batch.h"
#include "tools/ingest/ingest.h"

namespace lensfs {

// One per thread: it keeps a buffer and what it learned about the store.
class Copier {
 public:
  Copier(Catalog& catalog, HoldSource& holds, Adopt adopt, IngestProgress& progress,
         std::stop_token stop);

  // changed: the file is not the one that was found, or did not keep still. Otherwise what reading
  // it or the store says.
  [[nodiscard]] Result<StagedSource> take(SourceFile source);

 private:
  // Whether files can share their extents with objects: then even small ones are cloned.
  enum class Sharing { unknown, no, yes };

  [[nodiscard]] bool fits_in_memory(const struct stat& status) const;
  [[nodiscard]] Status bring_in_small(int file, StagedSource& staged);
  [[nodiscard]] Status bring_in(int file, StagedSource& staged, const BytesDone& done);
  [[nodiscard]] Result<bool> is_known(int file, StagedSource& staged, const ContentId& id) const;
  [[nodiscard]] Result<bool> take_over(int file, StagedSource& staged, const ContentId& id) const;
  [[nodiscard]] Status keep(StagedFile copy, StagedSource& staged) const;

  Catalog& catalog_;
  HoldSource& holds_;
  Adopt adopt_;
  IngestProgress& progress_;
  std::stop_token stop_;
  Sharing sharing_ = Sharing::unknown;
  std::vector<std::byte> buffer_;
};

}  // namespace lensfs
