#include "transcode/av/frame_finder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "transcode/av/timeline.h"

namespace lensfs::av {
namespace {

// How far before its time a frame is looked for when a seek went too far, in seconds.
constexpr std::array kStepsBack = {0.0, 2.0, 15.0};

}  // namespace

FrameFinder::FrameFinder(const MediaSource& source, std::unique_ptr<Input> input, const Clip& clip,
                         std::int64_t zero, Decoder decoder)
    : source_(&source),
      input_(std::move(input)),
      clip_(clip),
      zero_(zero),
      decoder_(std::move(decoder)) {}

Result<FrameFinder> FrameFinder::open(const MediaSource& source) {
  LENSFS_TRY(auto input, Input::open(source));
  LENSFS_TRY(const Clip clip, clip_of(*input));
  if (clip.video < 0) return fail(Errc::not_supported, "there is no video in it");
  input->choose(std::array{clip.video});
  LENSFS_TRY(const Glimpse seen, glimpse(*input, clip.video));
  LENSFS_TRY(Decoder decoder, Decoder::open(*input, clip.video));
  return FrameFinder(source, std::move(input), clip, seen.first_time, std::move(decoder));
}

Status FrameFinder::restart() {
  decoder_.reset();
  LENSFS_TRY(input_, Input::open(*source_));
  input_->choose(std::array{clip_.video});
  LENSFS_TRY(decoder_, Decoder::open(*input_, clip_.video));
  at_end_ = false;
  from_start_ = true;
  return {};
}

double FrameFinder::seconds_at(const AVFrame& frame) {
  if (frame.pts == AV_NOPTS_VALUE) return 0;
  return static_cast<double>(frame.pts - zero_) * av_q2d(input_->stream(clip_.video).time_base);
}

std::int64_t FrameFinder::time_at(double seconds) {
  return zero_ + std::llround(seconds / av_q2d(input_->stream(clip_.video).time_base));
}

Result<Frame> FrameFinder::next(Decoder::Frames wanted) {
  decoder_->want(wanted);
  Frame frame = new_frame();
  for (;;) {
    LENSFS_TRY(const bool got, decoder_->receive(*frame));
    if (got) {
      from_start_ = false;
      return frame;
    }
    if (at_end_) return Frame();
    LENSFS_TRY(const Packet packet, input_->read());
    at_end_ = !packet;
    const bool passed_over =
        packet && wanted == Decoder::Frames::key && (packet->flags & AV_PKT_FLAG_KEY) == 0;
    if (!passed_over) LENSFS_CHECK(decoder_->send(packet.get()));
  }
}

Status FrameFinder::seek(std::int64_t time) {
  LENSFS_CHECK(input_->seek(clip_.video, time));
  decoder_->reset();
  at_end_ = false;
  from_start_ = false;
  return {};
}

Result<Frame> FrameFinder::keyframe_near(double seconds) {
  if (!seek(time_at(seconds))) LENSFS_CHECK(restart());
  return next(Decoder::Frames::key);
}

bool FrameFinder::is_same_keyframe(double one, double other) {
  AVStream& stream = input_->stream(clip_.video);
  const auto key = [&](double seconds) -> const AVIndexEntry* {
    return avformat_index_get_entry_from_timestamp(&stream, time_at(seconds), AVSEEK_FLAG_BACKWARD);
  };
  const AVIndexEntry* first = key(one);
  return first != nullptr && first == key(other);
}

Result<Moment> FrameFinder::at_slot(std::int64_t slot) {
  const AVRational slot_length = inverse(clip_.rate.rate);
  for (const double back : kStepsBack) {
    const double seconds = static_cast<double>(slot) * av_q2d(slot_length) - back;
    if (seconds <= 0 || !seek(time_at(seconds))) break;
    LENSFS_TRY(auto found, search(slot));
    if (found) return std::move(*found);
  }
  LENSFS_CHECK(restart());
  LENSFS_TRY(auto found, search(slot));
  if (found) return std::move(*found);
  return fail(Errc::not_found, "no such frame");
}

Result<std::optional<Moment>> FrameFinder::search(std::int64_t slot) {
  const AVRational time_base = input_->stream(clip_.video).time_base;
  Timeline timeline(clip_.rate.rate, time_base);
  // A timeline that begins in the middle counts from the first frame of the clip all the same.
  const bool whole = from_start_;
  if (!whole) static_cast<void>(timeline.slot_of(zero_));
  Moment moment;
  std::int64_t here = -1;
  for (;;) {
    LENSFS_TRY(Frame frame, next(Decoder::Frames::all));
    if (!frame) break;
    if (!whole && frame->pts == AV_NOPTS_VALUE) return std::optional<Moment>();
    const std::int64_t its = timeline.slot_of(frame->pts);
    if (its > slot) {
      if (!moment.frame) return std::optional<Moment>();
      moment.after = std::move(frame);
      return std::optional<Moment>(std::move(moment));
    }
    moment.before = std::move(moment.frame);
    moment.frame = std::move(frame);
    here = its;
  }
  if (!moment.frame) {
    // Nothing came: a seek past the end, or a file that gives nothing at all.
    if (whole) LENSFS_CHECK(decoder_->verdict());
    return std::optional<Moment>();
  }
  const std::int64_t tail =
      clip_.rate.kind == FrameRate::Kind::even ? 1 : timeline.tail(moment.frame->pkt_duration);
  if (slot >= here + tail) {
    return fail(Error(Errc::not_found, "no such frame")
                    .with(fmt::format("the last one is {}", here + tail - 1)));
  }
  return std::optional<Moment>(std::move(moment));
}

Result<std::int64_t> slot_named(const std::string& at, const Clip& clip) {
  if (at.size() > 1 && at.front() == 'f') {
    std::int64_t slot = 0;
    const char* end = at.data() + at.size();
    const auto [stop, error] = std::from_chars(at.data() + 1, end, slot);
    if (error == std::errc() && stop == end && slot >= 0) return slot;
  }
  std::string text = at;
  std::replace(text.begin(), text.end(), '.', ':');
  const AVRational rate =
      clip.timecode ? counting_rate(*clip.timecode, clip.rate.rate) : clip.rate.rate;
  const bool drops = clip.timecode && is_drop_frame(clip.timecode->text);
  if (drops && text.size() > 8) text[8] = ';';
  const auto frames = frames_of(text, rate);
  if (!frames) return fail(Error(Errc::invalid, "not a moment of this clip").with(at));
  const std::int64_t start = clip.timecode ? frames_of(clip.timecode->text, rate).value_or(0) : 0;
  if (*frames < start) {
    return fail(Error(Errc::not_found, "before the clip begins")
                    .with(clip.timecode ? clip.timecode->text : at));
  }
  return av_rescale_q(*frames - start, inverse(rate), inverse(clip.rate.rate));
}

}  // namespace lensfs::av
