// Copier: brings the bytes of one source file into the store.
#pragma once

#include <stop_token>

#include "catalog/model/catalog.h"
#include "tools/ingest/batch.h"
#include "tools/ingest/ingest.h"

namespace lensfs {

class Copier {
 public:
  Copier(Catalog& catalog, HoldSource& holds, Adopt adopt, IngestProgress& progress,
         std::stop_token stop);

  // changed: the file is not the one that was found, or did not keep still. Otherwise what reading
  // it or the store says. Several threads may call it at once.
  [[nodiscard]] Result<StagedSource> take(SourceFile source) const;

 private:
  [[nodiscard]] Status bring_in(int file, StagedSource& staged, const BytesDone& done) const;
  [[nodiscard]] Result<bool> is_known(int file, StagedSource& staged, const ContentId& id) const;
  [[nodiscard]] Result<bool> take_over(int file, StagedSource& staged, const ContentId& id) const;

  Catalog& catalog_;
  HoldSource& holds_;
  Adopt adopt_;
  IngestProgress& progress_;
  std::stop_token stop_;
};

}  // namespace lensfs
