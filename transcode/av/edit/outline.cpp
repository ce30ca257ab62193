#include "transcode/outline.h"

extern "C" {
#include <libavutil/cpu.h>
#include <libswscale/swscale.h>
}

#include <fmt/format.h>

#include "transcode/av/edit/layout_file.h"
#include "transcode/av/edit/make_edit.h"
#include "transcode/av/edit/skeleton.h"

namespace lensfs {
namespace {

constexpr std::int64_t kLeastApart = 24;  // slots between two entries

// The first slot of each picture group, but for those that are too short to be worth a decoder.
std::vector<std::int64_t> entries_of(const av::EditIndex& index) {
  std::vector<std::int64_t> entries;
  const av::FrameIndex& frames = index.frames;
  for (std::size_t key = 0; key < frames.keys.size(); ++key) {
    const std::int64_t frame = frames.first_of(key);
    if (frame == frames.first_of(frames.keys.size())) break;
    const std::int64_t slot = frames.slots[static_cast<std::size_t>(frame)] - index.first;
    const std::int64_t last = entries.empty() ? 0 : entries.back();
    if (slot >= last + kLeastApart && slot < index.count) entries.push_back(slot);
  }
  return entries;
}

}  // namespace

Result<Made> outline_timed(const MediaSource& source, const Recipe& recipe,
                           const OutlineFiles& into) {
  prepare_timed();
  LENSFS_TRY(const auto input, av::Input::open(source));
  LENSFS_TRY(av::EditPlan plan, av::plan_tracks(*input, recipe));
  av::EditScan scan(source, *input, plan);
  LENSFS_CHECK(av::plan_look(*input, plan, recipe));
  av::Layout layout;
  std::optional<av::PictureMaker> maker;
  if (plan.picture) {
    LENSFS_TRY(maker, av::PictureMaker::make(*plan.picture));  // while the scan goes on
  }
  LENSFS_TRY(layout.index, scan.finish(plan, recipe));
  LENSFS_TRY(av::Skeleton skeleton,
             av::make_skeleton(plan, layout.index, *input, maker ? &*maker : nullptr, into.bytes));
  layout.slots = std::move(skeleton.slots);
  if (plan.picture) LENSFS_CHECK(layout.slots.set_entries(entries_of(layout.index)));
  layout.units = std::move(skeleton.units);
  if (plan.picture) layout.look = plan.picture->look;
  LENSFS_CHECK(av::write_layout(into.layout, layout, source, recipe));
  return av::describe_edit(plan, layout.index);
}

std::string engine_build() {
  return fmt::format("edit2,codec-{:x},format-{:x},filter-{:x},scale-{:x},resample-{:x},cpu-{:x}",
                     avcodec_version(), avformat_version(), avfilter_version(), swscale_version(),
                     swresample_version(), static_cast<unsigned>(av_get_cpu_flags()));
}

}  // namespace lensfs
