// An edit rendition made in one go: the source decoded from beginning to end, and the file written
// by libavformat. It is to the byte what an outline becomes once all its slots are rendered.
#pragma once

#include "transcode/av/edit/edit_index.h"
#include "transcode/engine.h"

namespace lensfs::av {

[[nodiscard]] Result<Made> make_edit(const MediaSource& source, const Order& order,
                                     const Progress& progress);

// What is said of such a rendition, however it is made.
[[nodiscard]] Made describe_edit(const EditPlan& plan, const EditIndex& index);

}  // namespace lensfs::av
