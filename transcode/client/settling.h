// Settling: an outline of which every slot was rendered becomes an object, without a copy.
#pragma once

#include <stop_token>

#include "catalog/store/store.h"
#include "transcode/client/rendered_file.h"

namespace lensfs {

struct SettledOutline {
  ObjectKey object;  // durable
  Store::Hold hold;  // until the catalog names it
};
// Of outline `number`, whose file this is. The caller has it open with a shared lock (flock), like
// all who render into it, and has no decoder left that could write. busy: somebody else has it
// open; corrupt: some of it is not what was rendered, and is missing from now on.
[[nodiscard]] Result<SettledOutline> settle_outline(Store& store, const OutlineStore& outlines,
                                                    const RenderedFile& file, std::int64_t number,
                                                    const std::stop_token& stop);

}  // namespace lensfs
