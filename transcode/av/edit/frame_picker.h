// FramePicker: any frame of a source, near where it was used last or far from it. Which frame comes
// for a number depends on the source alone, also where that is damaged:
//
// - A picture group is decoded from its keyframe on. Decoding goes on into the next group only as
//   long as nothing was wrong; a group in which something is, and the one after it, are decoded
//   from their keyframes by decoders that know nothing of what was before.
// - A frame that does not come out of its group, though nothing is wrong there, is looked for from
// the
//   keyframes before.
// - One that does not come out is replaced by the last one before it that does,
//   out of the same group or the one before, else by none.
#pragma once

#include <deque>
#include <optional>

#include "transcode/av/decoder.h"
#include "transcode/av/edit/frame_index.h"
#include "transcode/av/edit/frame_source.h"

namespace lensfs::av {

class FramePicker final : public FrameSource {
 public:
  // Source and index must outlive it.
  [[nodiscard]] static Result<FramePicker> open(const MediaSource& source, const FrameIndex& index,
                                                int stream);

  [[nodiscard]] Result<Picked> pick(std::size_t frame) override;
  [[nodiscard]] Result<Frame> exactly(std::size_t frame) override;

 private:
  // Decoding that began at a keyframe and went on from there.
  struct Run {
    std::size_t key = 0;                    // where it began
    std::int64_t last = -1;                 // the frame that came out last
    std::int64_t before = -1;               // and the one before that
    std::int64_t fed_pts = AV_NOPTS_VALUE;  // of the last packet
    bool is_damaged = false;                // something was wrong since
    bool is_fed = false;                    // the decoder was told that nothing comes any more
  };
  // Frames that do not come out of their group.
  struct Gap {
    std::int64_t first = 0;
    std::int64_t end = 0;
    [[nodiscard]] bool holds(std::size_t frame) const {
      const auto number = static_cast<std::int64_t>(frame);
      return number >= first && number < end;
    }
  };
  FramePicker(const MediaSource& source, const FrameIndex& index, std::unique_ptr<Input> input,
              int stream)
      : source_(&source), index_(&index), input_(std::move(input)), stream_(stream) {}
  [[nodiscard]] Result<Frame> from_before(std::size_t frame, std::size_t key);
  [[nodiscard]] bool leads_to(std::size_t frame) const;
  [[nodiscard]] Status begin(std::size_t key);
  [[nodiscard]] Status open_decoder();
  [[nodiscard]] Result<Packet> find_key(std::size_t key);
  [[nodiscard]] bool seek_near(std::size_t key, int attempt);
  [[nodiscard]] Result<Packet> next_packet();
  [[nodiscard]] std::int64_t time_of(const AVPacket& packet);
  // Whether another frame came out; run_ knows which it is, and it is kept.
  [[nodiscard]] Result<bool> advance();
  [[nodiscard]] Status feed();
  void note_trouble(std::int64_t pts);
  [[nodiscard]] Frame kept(std::size_t frame) const;
  void keep(std::int64_t number, Frame frame);
  void note_gap(std::size_t key);
  [[nodiscard]] Result<Picked> replacement(std::size_t frame);
  // The last frame that comes out of this group before `end`.
  [[nodiscard]] Result<std::optional<Kept>> last_of(std::size_t key, std::int64_t end);

  const MediaSource* source_;
  const FrameIndex* index_;
  std::unique_ptr<Input> input_;
  int stream_;
  std::optional<Decoder> decoder_;
  Packet first_;  // the keyframe that was found, not decoded yet
  std::optional<Run> run_;
  std::deque<Kept> kept_;
  Gap gap_;               // the last one that was met
  Frame stands_for_gap_;  // null: not looked for, or nothing does
  bool is_gap_looked_at_ = false;
};

}  // namespace lensfs::av
