#include "transcode/av/edit/frame_picker.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace lensfs::av {
namespace {

constexpr std::size_t kKept = 4;       // a frame, those beside it, and what came before
constexpr std::int64_t kSeekCost = 8;  // in frames that could be decoded instead
constexpr std::size_t kMostKeysBack = 2;
constexpr int kAttempts = 4;  // to find a keyframe; the last reads from the start
constexpr std::array kBytesBack = {std::int64_t{0}, std::int64_t{64} << 10, std::int64_t{4} << 20};

}  // namespace

Result<FramePicker> FramePicker::open(const MediaSource& source, const FrameIndex& index,
                                      int stream) {
  LENSFS_TRY(auto input, Input::open(source));
  if (stream >= static_cast<int>(input->format().nb_streams)) {
    return fail(Errc::corrupt, "its tracks are not the same twice");
  }
  input->choose(std::array{stream});
  return FramePicker(source, index, std::move(input), stream);
}

Result<Picked> FramePicker::pick(std::size_t frame) {
  LENSFS_TRY(Frame found, exactly(frame));
  if (found) return Picked{std::move(found), false};
  return replacement(frame);
}

Result<Frame> FramePicker::exactly(std::size_t frame) {
  if (Frame found = kept(frame)) return found;
  if (gap_.holds(frame)) return Frame();
  const std::size_t key = index_->key_of(frame);
  const auto wanted = static_cast<std::int64_t>(frame);
  if (!leads_to(frame)) LENSFS_CHECK(begin(key));
  for (;;) {
    LENSFS_TRY(const bool came, advance());
    const bool is_pure = run_->key == key || !run_->is_damaged;
    if (came && is_pure && run_->last < wanted) continue;
    if (came && is_pure && run_->last == wanted) return kept(frame);
    if (run_->key == key) break;
    LENSFS_CHECK(begin(key));
  }
  note_gap(key);
  if (run_->is_damaged) return Frame();
  gap_ = {.first = wanted, .end = wanted + 1};
  return from_before(frame, key);
}

// Some decoders hold back what they are not sure of, after a keyframe that is none to the letter.
Result<Frame> FramePicker::from_before(std::size_t frame, std::size_t key) {
  for (std::size_t back = 1; back <= std::min(key, kMostKeysBack); ++back) {
    LENSFS_CHECK(begin(key - back));
    for (;;) {
      LENSFS_TRY(const bool came, advance());
      if (!came || run_->is_damaged || run_->last >= static_cast<std::int64_t>(frame)) break;
    }
    if (Frame found = run_->is_damaged ? Frame() : kept(frame)) {
      gap_ = {};
      return found;
    }
  }
  return Frame();
}

bool FramePicker::leads_to(std::size_t frame) const {
  const auto wanted = static_cast<std::int64_t>(frame);
  if (!run_ || run_->last >= wanted) return false;
  const std::size_t key = index_->key_of(frame);
  if (run_->key == key) return true;
  if (run_->is_damaged || run_->key > key) return false;
  const std::int64_t here = std::max(run_->last, index_->first_of(run_->key));
  return wanted - here <= wanted - index_->first_of(key) + kSeekCost;
}

Status FramePicker::begin(std::size_t key) {
  if (decoder_ && (!run_ || !run_->is_damaged)) {
    decoder_->reset();
  } else {
    decoder_.reset();
    LENSFS_CHECK(open_decoder());
  }
  run_ = Run{.key = key};
  LENSFS_TRY(first_, find_key(key));
  if (!first_) {
    run_->is_damaged = true;
    run_->is_fed = true;
  }
  return {};
}

Status FramePicker::open_decoder() {
  LENSFS_TRY(decoder_, Decoder::open(*input_, stream_));
  decoder_->believe_times();
  return {};
}

std::int64_t FramePicker::time_of(const AVPacket& packet) {
  const bool in_order = input_->stream(stream_).codecpar->video_delay == 0;
  return packet.pts == AV_NOPTS_VALUE && in_order ? packet.dts : packet.pts;
}

Result<Packet> FramePicker::next_packet() {
  for (;;) {
    LENSFS_TRY(Packet packet, input_->read());
    if (!packet || packet->stream_index == stream_) return packet;
  }
}

Result<Packet> FramePicker::find_key(std::size_t key) {
  const FrameIndex::Key& wanted = index_->keys[key];
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (attempt == kAttempts - 1) {
      // Decoders refer to the input's words; a new one is made for the new input.
      decoder_.reset();
      LENSFS_TRY(input_, Input::open(*source_));
      input_->choose(std::array{stream_});
      LENSFS_CHECK(open_decoder());
    } else if (!seek_near(key, attempt)) {
      continue;
    }
    for (;;) {
      LENSFS_TRY(Packet packet, next_packet());
      if (!packet) break;
      if (time_of(*packet) == wanted.pts) return packet;
      const bool is_late = packet->dts != AV_NOPTS_VALUE && packet->dts > wanted.dts;
      if (is_late && attempt < kAttempts - 1) break;
    }
  }
  return Packet();
}

bool FramePicker::seek_near(std::size_t key, int attempt) {
  const AVInputFormat& kind = *input_->format().iformat;
  const FrameIndex::Key& wanted = index_->keys[key];
  if ((kind.flags & AVFMT_TS_DISCONT) != 0 && wanted.byte >= 0) {
    const std::int64_t back = kBytesBack[static_cast<std::size_t>(attempt)];
    return input_->seek_byte(std::max<std::int64_t>(wanted.byte - back, 0)).has_value();
  }
  // Matroska finds keyframes by when they are shown, others by when they are decoded.
  const bool by_pts = std::strncmp(kind.name, "matroska", 8) == 0;
  const auto back = static_cast<std::size_t>(attempt);
  const FrameIndex::Key& near = index_->keys[key > back ? key - back : 0];
  return input_->seek(stream_, by_pts ? near.pts : near.dts).has_value();
}

Result<bool> FramePicker::advance() {
  for (;;) {
    Frame frame = new_frame();
    const std::int64_t bad = decoder_->bad();
    const std::int64_t said = input_->words().count();
    LENSFS_TRY(const bool got, decoder_->receive(*frame));
    if (got) {
      const bool is_flawed =
          (frame->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame->decode_error_flags != 0;
      if (is_flawed) note_trouble(frame->pts);
      const std::int64_t number = frame->pts == AV_NOPTS_VALUE ? -1 : index_->frame_at(frame->pts);
      if (number <= run_->last || number < index_->first_of(run_->key)) continue;
      run_->before = run_->last;
      run_->last = number;
      keep(number, std::move(frame));
      return true;
    }
    if (decoder_->bad() != bad || input_->words().count() != said) note_trouble(run_->fed_pts);
    if (run_->is_fed) return false;
    LENSFS_CHECK(feed());
  }
}

Status FramePicker::feed() {
  Packet packet = std::move(first_);
  if (!packet) {
    LENSFS_TRY(packet, next_packet());
  }
  run_->is_fed = !packet;
  if (packet) run_->fed_pts = time_of(*packet);
  const std::int64_t bad = decoder_->bad();
  const std::int64_t said = input_->words().count();
  LENSFS_CHECK(decoder_->send(packet.get()));
  if (decoder_->bad() != bad || input_->words().count() != said) {
    note_trouble(run_->fed_pts);
  }
  return {};
}

// What a decoder says of frames before the keyframe it began with, which refer to others that it
// never saw, means nothing.
void FramePicker::note_trouble(std::int64_t pts) {
  if (pts != AV_NOPTS_VALUE && pts < index_->keys[run_->key].pts) return;
  run_->is_damaged = true;
}

Frame FramePicker::kept(std::size_t frame) const {
  for (const Kept& one : kept_) {
    if (one.number == static_cast<std::int64_t>(frame)) return same(*one.frame);
  }
  return {};
}

void FramePicker::keep(std::int64_t number, Frame frame) {
  const bool is_pure =
      !run_->is_damaged || index_->key_of(static_cast<std::size_t>(number)) == run_->key;
  if (!is_pure) return;
  kept_.push_back({number, std::move(frame)});
  if (kept_.size() > kKept) kept_.pop_front();
}

// After a run from this group's keyframe came to its end or past what was wanted.
void FramePicker::note_gap(std::size_t key) {
  const bool is_past = !run_->is_fed || run_->last >= index_->first_of(key + 1);
  const std::int64_t before = is_past ? run_->before : run_->last;
  const std::int64_t next = is_past ? run_->last : index_->first_of(key + 1);
  gap_ = {.first = std::max(before + 1, index_->first_of(key)),
          .end = std::min(next, index_->first_of(key + 1))};
  stands_for_gap_.reset();
  is_gap_looked_at_ = false;
}

Result<Picked> FramePicker::replacement(std::size_t frame) {
  if (!is_gap_looked_at_) {
    const std::size_t key = index_->key_of(frame);
    const std::int64_t first = index_->first_of(key);
    LENSFS_TRY(std::optional<Kept> last, last_of(key, gap_.first));
    if (!last && key > 0) {
      LENSFS_TRY(last, last_of(key - 1, first));
    }
    stands_for_gap_ = last ? std::move(last->frame) : Frame();
    is_gap_looked_at_ = true;
  }
  return Picked{stands_for_gap_ ? same(*stands_for_gap_) : Frame(), true};
}

Result<std::optional<FramePicker::Kept>> FramePicker::last_of(std::size_t key, std::int64_t end) {
  std::optional<Kept> last;
  if (index_->first_of(key) >= end) return last;
  LENSFS_CHECK(begin(key));
  for (;;) {
    LENSFS_TRY(const bool came, advance());
    if (!came || run_->last >= end) return last;
    last = Kept{run_->last, kept(static_cast<std::size_t>(run_->last))};
    if (run_->last == end - 1) return last;
  }
}

}  // namespace lensfs::av
