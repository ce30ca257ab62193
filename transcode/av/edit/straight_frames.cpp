#include "transcode/av/edit/straight_frames.h"

#include <array>

namespace lensfs::av {
namespace {

constexpr std::size_t kKept = 4;

}  // namespace

Result<StraightFrames> StraightFrames::open(const MediaSource& source, const FrameIndex& index,
                                            int stream, std::size_t first) {
  StraightFrames frames(source, index, stream);
  LENSFS_TRY(frames.input_, Input::open(source));
  frames.input_->choose(std::array{stream});
  LENSFS_TRY(frames.decoder_, Decoder::open(*frames.input_, stream));
  frames.decoder_->believe_times();
  const FrameIndex::Key& key = index.keys[index.key_of(first)];
  frames.from_pts_ = index.keys.front().pts;
  if (first > 0 && frames.input_->seek(stream, key.dts)) frames.from_pts_ = key.pts;
  return frames;
}

Result<Frame> StraightFrames::exactly(std::size_t frame) {
  const auto wanted = static_cast<std::int64_t>(frame);
  while (!picker_) {
    if (Frame found = kept(frame)) return found;
    LENSFS_TRY(const bool came, advance());
    if (came && !is_damaged_ && last_ <= wanted) continue;
    LENSFS_TRY(picker_, FramePicker::open(*source_, *index_, stream_));
  }
  return picker_->exactly(frame);
}

Result<Picked> StraightFrames::pick(std::size_t frame) {
  LENSFS_TRY(Frame found, exactly(frame));
  if (found || !picker_) return Picked{std::move(found), false};
  return picker_->pick(frame);
}

Result<bool> StraightFrames::advance() {
  for (;;) {
    Frame frame = new_frame();
    LENSFS_TRY(const bool got, decoder_->receive(*frame));
    if (is_wrong(got ? frame.get() : nullptr)) is_damaged_ = true;
    if (got) {
      const std::int64_t number = frame->pts == AV_NOPTS_VALUE ? -1 : index_->frame_at(frame->pts);
      if (number <= last_) continue;
      last_ = number;
      kept_.push_back({number, std::move(frame)});
      if (kept_.size() > kKept) kept_.pop_front();
      return true;
    }
    if (is_fed_) return false;
    Packet packet;
    do {
      LENSFS_TRY(packet, input_->read());
    } while (packet && packet->stream_index != stream_);
    is_fed_ = !packet;
    if (packet && packet->pts != AV_NOPTS_VALUE) fed_pts_ = packet->pts;
    LENSFS_CHECK(decoder_->send(packet.get()));
    if (is_wrong(nullptr)) is_damaged_ = true;
  }
}

// Whether the decoder complained since it was asked last, of something that is to be shown.
bool StraightFrames::is_wrong(const AVFrame* frame) {
  const std::int64_t said = input_->words().count();
  const bool complains = said != said_ || decoder_->bad() != bad_;
  said_ = said;
  bad_ = decoder_->bad();
  const bool is_flawed = frame != nullptr && ((frame->flags & AV_FRAME_FLAG_CORRUPT) != 0 ||
                                              frame->decode_error_flags != 0);
  const bool is_before = frame != nullptr ? frame->pts < from_pts_
                                          : fed_pts_ != AV_NOPTS_VALUE && fed_pts_ < from_pts_;
  return (complains || is_flawed) && !is_before;
}

Frame StraightFrames::kept(std::size_t frame) const {
  for (const Kept& one : kept_) {
    if (one.number == static_cast<std::int64_t>(frame)) return same(*one.frame);
  }
  return {};
}

}  // namespace lensfs::av
