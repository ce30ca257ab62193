#include "transcode/av/edit/frame_source.h"

namespace lensfs::av {

Frame FrameSource::same(const AVFrame& frame) {
  Frame copy = new_frame();
  if (av_frame_ref(copy.get(), &frame) < 0) copy.reset();
  return copy;
}

Result<Shown> show(FrameSource& source, PictureMaker& maker, std::size_t frame,
                   std::size_t frames) {
  LENSFS_TRY(Picked picked, source.pick(frame));
  if (picked.frame) {
    Frame before;
    Frame after;
    if (picked.frame->interlaced_frame != 0 && !picked.is_replaced) {
      if (frame > 0) {
        LENSFS_TRY(before, source.exactly(frame - 1));
      }
      if (frame + 1 < frames) {
        LENSFS_TRY(after, source.exactly(frame + 1));
      }
    }
    auto scaled = maker.scale({before.get(), picked.frame.get(), after.get()});
    if (scaled) return Shown{std::move(*scaled), picked.is_replaced};
    if (scaled.error().code() == Errc::too_big) return fail(scaled.error());
  }
  LENSFS_TRY(Frame black, maker.black());
  return Shown{std::move(black), true};
}

}  // namespace lensfs::av
