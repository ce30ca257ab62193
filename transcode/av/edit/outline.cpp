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

Result<Made> outline_timed(const MediaSource& source, const Recipe& recipe,
                           const OutlineFiles& into) {
  prepare_timed();
  LENSFS_TRY(const auto input, av::Input::open(source));
  LENSFS_TRY(av::EditPlan plan, av::plan_edit(*input, recipe, nullptr));
  av::Layout layout;
  LENSFS_TRY(layout.index, av::index_edit(source, *input, plan, recipe));
  std::optional<av::PictureMaker> maker;
  if (plan.picture) {
    LENSFS_TRY(maker, av::PictureMaker::make(*plan.picture));
  }
  LENSFS_TRY(av::Skeleton skeleton,
             av::make_skeleton(plan, layout.index, *input, maker ? &*maker : nullptr, into.bytes));
  layout.slots = std::move(skeleton.slots);
  layout.units = std::move(skeleton.units);
  if (plan.picture) layout.look = plan.picture->look;
  LENSFS_CHECK(av::write_layout(into.layout, layout, source, recipe));
  return av::describe_edit(plan, layout.index);
}

std::string engine_build() {
  return fmt::format("edit1,codec-{:x},format-{:x},filter-{:x},scale-{:x},resample-{:x},cpu-{:x}",
                     avcodec_version(), avformat_version(), avfilter_version(), swscale_version(),
                     swresample_version(), static_cast<unsigned>(av_get_cpu_flags()));
}

}  // namespace lensfs
