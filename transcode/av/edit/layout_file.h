// What an engine keeps in the layout file of an outline, behind the SlotMap.
#pragma once

#include "transcode/av/edit/edit_index.h"
#include "transcode/av/edit/unit_store.h"
#include "transcode/outline.h"

namespace lensfs::av {

struct Layout {
  SlotMap slots;
  EditIndex index;
  UnitStore units;  // empty but of MXF
  Look look;        // of the source's video, if it has any
};

[[nodiscard]] Status write_layout(int fd, const Layout& layout, const MediaSource& source,
                                  const Recipe& recipe);
// corrupt for what write_layout() did not write for this recipe and a source of this size.
[[nodiscard]] Result<Layout> read_layout(int fd, const MediaSource& source, const Recipe& recipe);

}  // namespace lensfs::av
