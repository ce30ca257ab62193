// The skeleton of an edit rendition: its file without what is rendered. The muxer writes it, fed
// with packets of the right sizes that hold nothing.
#pragma once

#include "transcode/av/edit/edit_index.h"
#include "transcode/av/edit/picture_maker.h"
#include "transcode/av/edit/unit_store.h"
#include "transcode/outline.h"

namespace lensfs::av {

struct Skeleton {
  SlotMap slots;
  UnitStore units;  // of MXF, where a slot holds more than packets
};

// How much room a MOV leaves for its index, so that its frames begin at a multiple of 4096.
[[nodiscard]] Result<std::int64_t> moov_room(const EditPlan& plan, const EditIndex& index,
                                             Input& source, PictureMaker* maker);
// Writes what is no slot to `bytes` and gives that its size. `maker`: null without video.
[[nodiscard]] Result<Skeleton> make_skeleton(const EditPlan& plan, const EditIndex& index,
                                             Input& source, PictureMaker* maker, int bytes);

}  // namespace lensfs::av
