#include "transcode/av/still.h"

#include <array>

#include "transcode/av/ladder.h"
#include "transcode/av/picture.h"
#include "transcode/av/poster.h"
#include "transcode/av/render.h"

namespace lensfs::av {
namespace {

Result<Made> write_moment(Input& input, int stream, const Moment& moment, const Order& order) {
  const Size box{order.recipe.width, order.recipe.height};
  LENSFS_TRY(const Frame picture, render(input, stream, moment, box));
  return write_picture(*picture, order);
}

Result<Made> still_of_video(const MediaSource& source, const Order& order) {
  LENSFS_TRY(FrameFinder finder, FrameFinder::open(source));
  Moment moment;
  if (order.recipe.at.empty()) {
    LENSFS_TRY(moment, find_poster(finder));
  } else {
    LENSFS_TRY(const std::int64_t slot, slot_named(order.recipe.at, finder.clip()));
    LENSFS_TRY(moment, finder.at_slot(slot));
  }
  return write_moment(finder.input(), finder.clip().video, moment, order);
}

Result<Made> still_of_cover(Input& input, int cover, const Order& order) {
  LENSFS_TRY(Decoder decoder, Decoder::open(input, cover));
  LENSFS_CHECK(decoder.send(&input.stream(cover).attached_pic));
  LENSFS_CHECK(decoder.send(nullptr));
  Moment moment{.before = {}, .frame = new_frame(), .after = {}};
  LENSFS_TRY(const bool got, decoder.receive(*moment.frame));
  if (!got) return fail(Errc::corrupt, "the cover could not be decoded");
  return write_moment(input, cover, moment, order);
}

Result<Made> still_of_sound(Input& input, const Clip& clip, const Order& order) {
  Order waveform = order;
  waveform.recipe.form = Recipe::Form::waveform;
  Result<Made> answer = fail(Errc::interrupted, "not made");
  const Job job{&waveform, &answer};
  make_ladder(input, clip, std::span(&job, 1), Progress());
  return answer;
}

}  // namespace

Result<Made> make_still(const MediaSource& source, const Order& order) {
  if (!order.recipe.at.empty() && order.recipe.at.front() == 'p') {
    return fail(Errc::not_supported, "it has no pages");
  }
  LENSFS_TRY(const auto input, Input::open(source));
  LENSFS_TRY(const Clip clip, clip_of(*input));
  if (clip.video >= 0) return still_of_video(source, order);
  if (!order.recipe.at.empty()) return fail(Errc::not_supported, "there is no video in it");
  if (clip.cover >= 0) {
    auto made = still_of_cover(*input, clip.cover, order);
    if (made || clip.sounds.empty()) return made;
  }
  if (clip.sounds.empty()) {
    return fail(Errc::not_supported, "there is neither video nor sound in it");
  }
  return still_of_sound(*input, clip, order);
}

}  // namespace lensfs::av
