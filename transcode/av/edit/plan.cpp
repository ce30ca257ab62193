#include "transcode/av/edit/plan.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <array>

#include "transcode/av/sound_codec.h"

namespace lensfs::av {
namespace {

constexpr Size kLeast{256, 120};
constexpr int kDefaultDivisor = 2;
constexpr int kMxfRate = 48000;
constexpr int kMostMerged = 64;  // channels

struct Codec {
  const char* name;
  const char* profile;
  AVPixelFormat format;
};
constexpr std::array kCodecs = {Codec{"lb", "dnxhr_lb", AV_PIX_FMT_YUV422P},
                                Codec{"sq", "dnxhr_sq", AV_PIX_FMT_YUV422P},
                                Codec{"hqx", "dnxhr_hqx", AV_PIX_FMT_YUV422P10}};

bool is_sound_alone(Container container) {
  return container == Container::wav || container == Container::aiff;
}

Tags tags_of(const AVCodecParameters& codec, const Look& look) {
  const AVColorSpace matrix = look.colour.matrix;
  if (matrix == AVCOL_SPC_RGB) return {AVCOL_PRI_BT709, AVCOL_TRC_BT709, AVCOL_SPC_BT709};
  const bool stays = matrix == AVCOL_SPC_BT2020_NCL || matrix == AVCOL_SPC_BT2020_CL;
  const bool is_untagged = codec.color_space == AVCOL_SPC_UNSPECIFIED;
  return {codec.color_primaries, codec.color_trc,
          stays         ? matrix
          : is_untagged ? AVCOL_SPC_UNSPECIFIED
                        : AVCOL_SPC_BT709};
}

PicturePlan plan_picture(Input& input, const EditPlan& plan, const Recipe& recipe,
                         const Look& look) {
  AVStream& stream = input.stream(plan.clip.video);
  PicturePlan picture;
  picture.look = look;
  const bool is_mxf = plan.container == Container::mxf;
  picture.rate = is_mxf ? mxf_rate(plan.clip.rate.rate) : plan.clip.rate.rate;
  picture.pixel_aspect = av_guess_sample_aspect_ratio(&input.format(), &stream, nullptr);
  if (picture.pixel_aspect.num <= 0) picture.pixel_aspect = {1, 1};
  Size raster = look.stored;
  if (is_mxf) {
    picture.turning = PicturePlan::Turning::done;
    if (look.turn.swaps_sides()) {
      std::swap(raster.width, raster.height);
      picture.pixel_aspect = inverse(picture.pixel_aspect);
    }
  }
  picture.size = edit_size(raster, recipe.divisor != 0 ? recipe.divisor : kDefaultDivisor);
  picture.tags = tags_of(*stream.codecpar, look);
  for (const Codec& codec : kCodecs) {
    if (recipe.codec != codec.name) continue;
    picture.profile = codec.profile;
    picture.format = codec.format;
  }
  return picture;
}

SoundPlan plan_sound(const AVStream& stream, int index, Container container) {
  const AVCodecParameters& codec = *stream.codecpar;
  return {.stream = index,
          .source_rate = codec.sample_rate,
          .rate = container == Container::mxf ? kMxfRate : codec.sample_rate,
          .channels = codec.ch_layout.nb_channels,
          .bytes = depth_of(codec) / 8};
}

void plan_sounds(Input& input, EditPlan& plan) {
  for (const int index : plan.clip.sounds) {
    plan.sounds.push_back(plan_sound(input.stream(index), index, plan.container));
  }
  if (!is_sound_alone(plan.container) || plan.sounds.size() < 2) return;
  const bool all_single = std::all_of(plan.sounds.begin(), plan.sounds.end(),
                                      [](const SoundPlan& sound) { return sound.channels == 1; });
  if (!all_single || plan.sounds.size() > kMostMerged) {
    plan.sounds.resize(1);
    return;
  }
  plan.is_merged = true;
  int bytes = 2;
  for (const SoundPlan& sound : plan.sounds) bytes = std::max(bytes, sound.bytes);
  for (SoundPlan& sound : plan.sounds) {
    sound.bytes = bytes;
    sound.rate = plan.sounds.front().rate;
  }
}

bool shows_picture(const EditPlan& plan) {
  return plan.clip.video >= 0 && !is_sound_alone(plan.container);
}

void set_look(Input& input, EditPlan& plan, const Recipe& recipe, const Look& look) {
  plan.picture = plan_picture(input, plan, recipe, look);
  plan.frames = plan.picture->rate;
}

}  // namespace

Size edit_size(Size raster, int divisor) {
  const auto even = [](Size from, int times, int parts) {
    return Size{(from.width * times + parts) / (2 * parts) * 2,
                (from.height * times + parts) / (2 * parts) * 2};
  };
  const auto holds = [](Size size) {
    return size.width >= kLeast.width && size.height >= kLeast.height;
  };
  for (; divisor >= 1; divisor /= 2) {
    const Size size = even(raster, 1, divisor);
    if (holds(size)) return size;
  }
  const int times = std::max((kLeast.width + raster.width - 1) / raster.width,
                             (kLeast.height + raster.height - 1) / raster.height);
  return even(raster, times, 1);
}

Result<EditPlan> plan_tracks(Input& input, const Recipe& recipe) {
  EditPlan plan;
  const auto container = container_of(recipe.format);
  if (!container) return fail(Error(Errc::invalid, "no such format").with(recipe.format));
  plan.container = *container;
  LENSFS_TRY(plan.clip, clip_of(input));
  plan_sounds(input, plan);
  const bool has_video = plan.clip.video >= 0;
  if (has_video) plan.frames = plan.clip.rate.rate;
  if (is_sound_alone(plan.container)) {
    if (plan.sounds.empty()) return fail(Errc::not_supported, "there is no sound in it");
    return plan;
  }
  if (!has_video && plan.container == Container::mxf) {
    return fail(Errc::not_supported, "there is no video in it; MOV and WAV take sound alone");
  }
  if (!has_video && plan.sounds.empty()) {
    return fail(Errc::not_supported, "there is neither video nor sound in it");
  }
  return plan;
}

Status plan_look(Input& input, EditPlan& plan, const Recipe& recipe) {
  if (!shows_picture(plan)) return {};
  LENSFS_TRY(const Glimpse seen, glimpse_of_key(input, plan.clip.video));
  set_look(input, plan, recipe, seen.look);
  return {};
}

Result<EditPlan> plan_edit(Input& input, const Recipe& recipe, const Look* known) {
  LENSFS_TRY(EditPlan plan, plan_tracks(input, recipe));
  if (known == nullptr) {
    LENSFS_CHECK(plan_look(input, plan, recipe));
  } else if (shows_picture(plan)) {
    set_look(input, plan, recipe, *known);
  }
  return plan;
}

}  // namespace lensfs::av
