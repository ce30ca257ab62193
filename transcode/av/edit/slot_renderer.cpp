#include <algorithm>
#include <cstring>
#include <optional>
#include <span>

#include "catalog/base/fd.h"
#include "transcode/av/edit/frame_picker.h"
#include "transcode/av/edit/layout_file.h"
#include "transcode/av/edit/pcm_tracks.h"
#include "transcode/outline.h"

namespace lensfs {
namespace {

// Somebody who asks for a slot as near as this before the last one goes backwards, and will ask for
// those before it: as many are made at once as there is room for in scaled frames.
constexpr std::int64_t kMostBack = 64;                        // slots
constexpr std::int64_t kMostScaled = std::int64_t{96} << 20;  // bytes

class EditSlots final : public SlotRenderer {
 public:
  EditSlots(const MediaSource& source, const OutlineFiles& files, av::EditPlan plan,
            av::Layout layout, std::optional<av::PictureMaker> maker)
      : source_(source),
        files_(files),
        plan_(std::move(plan)),
        layout_(std::move(layout)),
        maker_(std::move(maker)),
        pcm_(source_, plan_, layout_.index) {}
  EditSlots(const EditSlots&) = delete;
  EditSlots& operator=(const EditSlots&) = delete;

  [[nodiscard]] Status render(std::int64_t first, std::int64_t count,
                              const SlotTold& tell) override;

 private:
  struct Scaled {
    std::int64_t slot;
    av::Frame frame;  // null: the same as that of the slot after it
    bool is_replaced;
  };
  // Slots of frames come first, then seconds of sound; in MXF each holds both.
  [[nodiscard]] std::int64_t pictures() const { return plan_.picture ? layout_.index.count : 0; }
  [[nodiscard]] std::size_t frame_of(std::int64_t slot) const {
    return layout_.index.frames.frame_of(layout_.index.first + slot);
  }
  [[nodiscard]] bool goes_back(std::int64_t slot) const {
    return slot < last_ && last_ - slot <= kMostBack;
  }
  [[nodiscard]] Status render_pictures(std::int64_t first, std::int64_t end, const SlotTold& tell);
  [[nodiscard]] Status render_back(std::int64_t first, std::int64_t end, const SlotTold& tell);
  [[nodiscard]] Status render_second(std::int64_t slot, const SlotTold& tell);
  [[nodiscard]] Result<av::Shown> shown(std::size_t frame);
  [[nodiscard]] Status make(std::int64_t slot, AVFrame& scaled, bool is_replaced,
                            const SlotTold& tell);
  [[nodiscard]] Status keep_picture(std::int64_t slot, std::string_view picture, bool is_replaced,
                                    const SlotTold& tell);
  [[nodiscard]] Status keep(std::int64_t slot, std::string_view bytes, bool is_replaced,
                            const SlotTold& tell);

  MediaSource source_;
  OutlineFiles files_;
  av::EditPlan plan_;
  av::Layout layout_;
  std::optional<av::PictureMaker> maker_;
  av::PcmTracks pcm_;
  std::optional<av::FramePicker> picker_;
  std::int64_t last_ = -1;  // the slot of a frame that was asked for last
  bool goes_on_ = true;     // nobody said that it is enough
};

Status EditSlots::render(std::int64_t first, std::int64_t count, const SlotTold& tell) {
  if (first < 0 || count < 0 || count > layout_.slots.count() - first) {
    return fail(Errc::invalid, "there are no such slots");
  }
  goes_on_ = true;
  const std::int64_t end = first + count;
  const std::int64_t middle = std::clamp(pictures(), first, end);
  if (first < middle) {
    LENSFS_CHECK(goes_back(first) ? render_back(first, middle, tell)
                                  : render_pictures(first, middle, tell));
  }
  for (std::int64_t slot = middle; slot < end && goes_on_; ++slot) {
    LENSFS_CHECK(render_second(slot, tell));
  }
  return {};
}

Result<av::Shown> EditSlots::shown(std::size_t frame) {
  if (!picker_) {
    LENSFS_TRY(picker_, av::FramePicker::open(source_, layout_.index.frames, plan_.clip.video));
  }
  return av::show(*picker_, *maker_, frame, layout_.index.frames.pts.size());
}

Status EditSlots::render_pictures(std::int64_t first, std::int64_t end, const SlotTold& tell) {
  std::optional<std::size_t> frame;
  av::Shown now;
  for (std::int64_t slot = first; slot < end && goes_on_; ++slot) {
    if (!frame || *frame != frame_of(slot)) {
      frame = frame_of(slot);
      LENSFS_TRY(now, shown(*frame));
    }
    LENSFS_CHECK(make(slot, *now.scaled, now.is_replaced, tell));
    last_ = slot;
  }
  return {};
}

// The frames on the way to the wanted ones are kept as the codec takes them. The wanted slots are
// told of first, then the others, those next before them first.
Status EditSlots::render_back(std::int64_t first, std::int64_t end, const SlotTold& tell) {
  const av::FrameIndex& frames = layout_.index.frames;
  const auto& codec = maker_->codec();
  const std::int64_t scaled_bytes =
      std::max<std::int64_t>(std::int64_t{codec.width} * codec.height * 4, 1);
  const std::int64_t room = std::clamp<std::int64_t>(kMostScaled / scaled_bytes, 1, kMostBack);
  const std::int64_t key = frames.frame_at(frames.keys[frames.key_of(frame_of(first))].pts);
  const std::int64_t group =
      frames.slots[static_cast<std::size_t>(std::max<std::int64_t>(key, 0))] - layout_.index.first;
  const std::int64_t begin = std::max({group, first - room, std::int64_t{0}});
  std::vector<Scaled> before;
  for (std::int64_t slot = begin; slot < first;) {
    const std::size_t frame = frame_of(slot);
    LENSFS_TRY(av::Shown now, shown(frame));
    std::int64_t next = slot + 1;
    for (; next < first && frame_of(next) == frame; ++next) {
      before.push_back({next - 1, nullptr, now.is_replaced});
    }
    before.push_back({next - 1, std::move(now.scaled), now.is_replaced});
    slot = next;
  }
  LENSFS_CHECK(render_pictures(first, end, tell));
  AVFrame* frame = nullptr;
  for (auto one = before.rbegin(); one != before.rend() && goes_on_; ++one) {
    if (one->frame) frame = one->frame.get();
    LENSFS_CHECK(make(one->slot, *frame, one->is_replaced, tell));
  }
  last_ = begin;
  return {};
}

Status EditSlots::make(std::int64_t slot, AVFrame& scaled, bool is_replaced, const SlotTold& tell) {
  LENSFS_TRY(const AVPacket* const packet, maker_->encode(scaled));
  const std::string_view picture(reinterpret_cast<const char*>(packet->data),
                                 static_cast<std::size_t>(packet->size));
  return keep_picture(slot, picture, is_replaced, tell);
}

Status EditSlots::keep_picture(std::int64_t slot, std::string_view picture, bool is_replaced,
                               const SlotTold& tell) {
  if (layout_.units.count() == 0) return keep(slot, picture, is_replaced, tell);
  av::UnitStore::Unit unit = layout_.units.unit(slot);
  for (const av::UnitStore::Place& place : *unit.places) {
    std::string pcm;
    std::string_view bytes = picture;
    if (place.track > 0) {
      const std::size_t track = place.track - 1;
      const std::int64_t zero = av::sample_at(plan_, layout_.index, track, 0);
      const std::int64_t from = av::sample_at(plan_, layout_.index, track, slot) - zero;
      const std::int64_t end = av::sample_at(plan_, layout_.index, track, slot + 1) - zero;
      LENSFS_TRY(const bool is_damaged, pcm_.read(track, from, end - from, pcm));
      is_replaced = is_replaced || is_damaged;
      bytes = pcm;
    }
    if (bytes.size() != place.bytes) {
      return fail(Errc::corrupt, "this is no layout of this rendition");
    }
    std::memcpy(&unit.bytes[place.offset], bytes.data(), bytes.size());
  }
  return keep(slot, unit.bytes, is_replaced, tell);
}

Status EditSlots::render_second(std::int64_t slot, const SlotTold& tell) {
  const std::int64_t second = slot - pictures();
  std::string pcm;
  bool is_replaced = false;
  for (std::size_t track = 0; track < plan_.tracks(); ++track) {
    const std::int64_t count = av::samples_in(plan_, layout_.index, track, second);
    if (count == 0) continue;
    LENSFS_TRY(const bool is_damaged,
               pcm_.read(track, second * av::rate_of(plan_, track), count, pcm));
    is_replaced = is_replaced || is_damaged;
  }
  return keep(slot, pcm, is_replaced, tell);
}

Status EditSlots::keep(std::int64_t slot, std::string_view bytes, bool is_replaced,
                       const SlotTold& tell) {
  const SlotMap::Stretch where = layout_.slots.where(slot);
  if (where.bytes != static_cast<std::int64_t>(bytes.size())) {
    return fail(Errc::corrupt, "this is no layout of this rendition");
  }
  LENSFS_CHECK(write_full(files_.bytes, std::as_bytes(std::span(bytes)), where.offset));
  goes_on_ = tell({.slot = slot, .checksum = slot_checksum(bytes), .is_replaced = is_replaced}) &&
             goes_on_;
  return {};
}

}  // namespace

Result<std::unique_ptr<SlotRenderer>> open_slots(const MediaSource& source, const Recipe& recipe,
                                                 const OutlineFiles& files) {
  prepare_timed();
  LENSFS_TRY(av::Layout layout, av::read_layout(files.layout, source, recipe));
  LENSFS_TRY(const auto input, av::Input::open(source));
  LENSFS_TRY(av::EditPlan plan, av::plan_edit(*input, recipe, &layout.look));
  av::set_part(plan, layout.index);
  const bool fits = layout.index.sounds.tracks.size() == plan.sounds.size() &&
                    layout.index.frames.pts.empty() == (plan.clip.video < 0);
  if (!fits) return fail(Errc::corrupt, "this is no layout of this rendition");
  std::optional<av::PictureMaker> maker;
  if (plan.picture) {
    LENSFS_TRY(maker, av::PictureMaker::make(*plan.picture));
  }
  return std::make_unique<EditSlots>(source, files, std::move(plan), std::move(layout),
                                     std::move(maker));
}

}  // namespace lensfs
