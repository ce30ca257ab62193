#include "transcode/av/edit/make_edit.h"

#include <algorithm>

#include "transcode/av/edit/edit_muxer.h"
#include "transcode/av/edit/pcm_tracks.h"
#include "transcode/av/edit/picture_maker.h"
#include "transcode/av/edit/skeleton.h"
#include "transcode/av/edit/straight_frames.h"
#include "transcode/av/edit/write_io.h"
#include "transcode/av/progress.h"

namespace lensfs::av {
namespace {

constexpr double kShareOfPictures = 0.95;  // of the work
constexpr std::int64_t kNanoseconds = 1'000'000'000;

class FullRun {
 public:
  FullRun(const MediaSource& source, const EditPlan& plan, const EditIndex& index, EditMuxer& muxer,
          PictureMaker* maker, const Progress& progress)
      : plan_(&plan),
        index_(&index),
        muxer_(&muxer),
        maker_(maker),
        pcm_(source, plan, index),
        packet_(new_packet()),
        meter_(progress) {}

  [[nodiscard]] Status run(const MediaSource& source) {
    std::optional<StraightFrames> frames;
    if (plan_->picture) {
      const std::size_t first = index_->frames.frame_of(index_->first);
      LENSFS_TRY(frames, StraightFrames::open(source, index_->frames, plan_->clip.video, first));
    }
    const bool interleaves = plan_->container == Container::mxf;
    for (std::int64_t slot = 0; frames && slot < index_->count; ++slot) {
      LENSFS_CHECK(picture(*frames, slot));
      if (interleaves) LENSFS_CHECK(sounds_of_slot(slot));
      meter_.show(kShareOfPictures * static_cast<double>(slot) /
                  static_cast<double>(index_->count));
    }
    if (!interleaves) LENSFS_CHECK(all_seconds());
    return muxer_->finish();
  }

 private:
  [[nodiscard]] Status picture(FrameSource& frames, std::int64_t slot) {
    const std::size_t frame = index_->frames.frame_of(index_->first + slot);
    if (!is_made_ || frame != last_) {
      LENSFS_TRY(const Shown shown, show(frames, *maker_, frame, index_->frames.pts.size()));
      LENSFS_TRY(made_, maker_->encode(*shown.scaled));
      last_ = frame;
      is_made_ = true;
    }
    return muxer_->write_picture(*made_, slot);
  }
  [[nodiscard]] Status sounds_of_slot(std::int64_t slot) {
    for (std::size_t track = 0; track < plan_->tracks(); ++track) {
      const std::int64_t zero = sample_at(*plan_, *index_, track, 0);
      const std::int64_t from = sample_at(*plan_, *index_, track, slot) - zero;
      LENSFS_CHECK(sound(track, from, sample_at(*plan_, *index_, track, slot + 1) - zero - from));
    }
    return {};
  }
  [[nodiscard]] Status all_seconds() {
    const std::int64_t seconds = av::seconds_of(*plan_, *index_);
    for (std::int64_t second = 0; second < seconds; ++second) {
      for (std::size_t track = 0; track < plan_->tracks(); ++track) {
        const std::int64_t count = samples_in(*plan_, *index_, track, second);
        if (count > 0) LENSFS_CHECK(sound(track, second * rate_of(*plan_, track), count));
      }
      const double share = static_cast<double>(second) / static_cast<double>(seconds);
      meter_.show(plan_->picture ? kShareOfPictures + share * (1 - kShareOfPictures) : share);
    }
    return {};
  }
  [[nodiscard]] Status sound(std::size_t track, std::int64_t from, std::int64_t count) {
    std::string pcm;
    LENSFS_TRY(const bool is_damaged, pcm_.read(track, from, count, pcm));
    static_cast<void>(is_damaged);  // silent there, as an outline's slot is
    av_packet_unref(packet_.get());
    const int got = av_new_packet(packet_.get(), static_cast<int>(pcm.size()));
    if (got < 0) return fail(av_error(got, "write"));
    std::copy(pcm.begin(), pcm.end(), packet_->data);
    return muxer_->write_sound(track, *packet_, from, count);
  }

  const EditPlan* plan_;
  const EditIndex* index_;
  EditMuxer* muxer_;
  PictureMaker* maker_;
  PcmTracks pcm_;
  Packet packet_;
  Meter meter_;
  const AVPacket* made_ = nullptr;
  std::size_t last_ = 0;
  bool is_made_ = false;
};

}  // namespace

Result<Made> make_edit(const MediaSource& source, const Order& order, const Progress& progress) {
  LENSFS_TRY(const auto input, Input::open(source));
  LENSFS_TRY(EditPlan plan, plan_edit(*input, order.recipe, nullptr));
  EditScan scan(source, *input, plan);
  LENSFS_TRY(const EditIndex index, scan.finish(plan, order.recipe));
  std::optional<PictureMaker> maker;
  if (plan.picture) {
    LENSFS_TRY(maker, PictureMaker::make(*plan.picture));
  }
  PictureMaker* const pictures = maker ? &*maker : nullptr;
  LENSFS_TRY(const std::int64_t room, moov_room(plan, index, *input, pictures));
  LENSFS_TRY(const auto file, FileIo::open(order.output));
  const MuxerSetting setting{.plan = &plan,
                             .index = &index,
                             .source = input.get(),
                             .picture = maker ? &maker->codec() : nullptr,
                             .moov_bytes = room};
  LENSFS_TRY(const auto muxer, EditMuxer::open(file->io(), setting));
  const Status ran = FullRun(source, plan, index, *muxer, pictures, progress).run(source);
  LENSFS_CHECK(file->verdict());
  LENSFS_CHECK(ran);
  return describe_edit(plan, index);
}

Made describe_edit(const EditPlan& plan, const EditIndex& index) {
  Made made{.extension = extension_of(plan.container)};
  made.duration_ns = av_rescale_q(index.count, inverse(plan.frames), {1, kNanoseconds});
  if (plan.clip.video < 0) {
    made.duration_ns = 0;
    for (std::size_t track = 0; track < plan.tracks(); ++track) {
      made.duration_ns = std::max(made.duration_ns, av_rescale(length_of(plan, index, track),
                                                               kNanoseconds, rate_of(plan, track)));
    }
  }
  if (plan.picture) {
    const PicturePlan& picture = *plan.picture;
    Size shown = square(picture.size.width, picture.size.height, picture.pixel_aspect);
    const bool turns = picture.turning == PicturePlan::Turning::kept;
    if (turns && picture.look.turn.swaps_sides()) std::swap(shown.width, shown.height);
    made.width = shown.width;
    made.height = shown.height;
    made.frames = index.count;
  }
  return made;
}

}  // namespace lensfs::av
