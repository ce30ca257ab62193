#include "transcode/av/edit/frame_index.h"

#include <algorithm>

#include "transcode/av/timeline.h"

namespace lensfs::av {
namespace {

constexpr std::int64_t kMostBack = 10;  // seconds that a clock may go back
constexpr double kLeastDistance = 0.6;  // of two frames of an even clip; else they are fields

}  // namespace

std::size_t FrameIndex::frame_of(std::int64_t slot) const {
  const auto after = std::upper_bound(slots.begin(), slots.end(), slot);
  return static_cast<std::size_t>(std::max<std::ptrdiff_t>(after - slots.begin() - 1, 0));
}

std::size_t FrameIndex::key_of(std::size_t frame) const {
  const std::int64_t time = pts[frame];
  const auto after = std::partition_point(keys.begin(), keys.end(),
                                          [&](const Key& key) { return key.pts <= time; });
  return static_cast<std::size_t>(std::max<std::ptrdiff_t>(after - keys.begin() - 1, 0));
}

std::int64_t FrameIndex::first_of(std::size_t key) const {
  if (key >= keys.size()) return static_cast<std::int64_t>(pts.size());
  return std::lower_bound(pts.begin(), pts.end(), keys[key].pts) - pts.begin();
}

std::int64_t FrameIndex::frame_at(std::int64_t time) const {
  return std::upper_bound(pts.begin(), pts.end(), time) - pts.begin() - 1;
}

void FrameIndexer::note(const AVPacket& packet) {
  std::int64_t pts = packet.pts;
  if (pts == AV_NOPTS_VALUE && stream_->codecpar->video_delay == 0) pts = packet.dts;
  if (pts == AV_NOPTS_VALUE) return;
  const std::int64_t dts = packet.dts != AV_NOPTS_VALUE ? packet.dts : pts;
  if (last_dts_ != AV_NOPTS_VALUE &&
      av_compare_ts(last_dts_ - dts, stream_->time_base, kMostBack, AVRational{1, 1}) > 0) {
    is_broken_ = true;
  }
  last_dts_ = dts;
  if ((packet.flags & AV_PKT_FLAG_KEY) != 0 || index_.keys.empty()) {
    index_.keys.push_back({.pts = pts, .dts = dts, .byte = packet.pos});
  }
  if ((packet.flags & AV_PKT_FLAG_DISCARD) != 0) return;
  index_.pts.push_back(pts);
  if (last_pts_ == AV_NOPTS_VALUE || pts > last_pts_) {
    last_pts_ = pts;
    last_duration_ = packet.duration;
  }
}

void FrameIndexer::drop_what_is_no_frame(const FrameRate& own) {
  std::vector<FrameIndex::Key>& keys = index_.keys;
  std::vector<std::int64_t>& pts = index_.pts;
  std::stable_sort(keys.begin(), keys.end(),
                   [](const auto& one, const auto& other) { return one.pts < other.pts; });
  std::sort(pts.begin(), pts.end());
  pts.erase(pts.begin(), std::lower_bound(pts.begin(), pts.end(), keys.front().pts));
  double least = 1;  // tick
  if (own.kind == FrameRate::Kind::even) {
    least = std::max(least, kLeastDistance / av_q2d(own.rate) / av_q2d(stream_->time_base));
  }
  const auto is_field = [&](std::int64_t one, std::int64_t other) {
    return static_cast<double>(other - one) < least;
  };
  pts.erase(std::unique(pts.begin(), pts.end(), is_field), pts.end());
}

Result<FrameIndex> FrameIndexer::finish(const FrameRate& own, AVRational rate) {
  if (is_broken_) {
    return fail(Errc::not_supported,
                "its clock goes back in the middle; a video rendition can be made of it");
  }
  if (index_.pts.empty()) {
    return fail(Errc::not_supported,
                "its frames have no times; a video rendition can be made of it");
  }
  drop_what_is_no_frame(own);
  if (index_.pts.empty()) return fail(Errc::corrupt, "there is no frame that can be decoded");
  Timeline timeline(rate, stream_->time_base);
  index_.slots.reserve(index_.pts.size());
  for (const std::int64_t time : index_.pts) index_.slots.push_back(timeline.slot_of(time));
  const std::int64_t duration = own.kind == FrameRate::Kind::even
                                    ? av_rescale_q(1, inverse(own.rate), stream_->time_base)
                                    : last_duration_;
  index_.count = index_.slots.back() + timeline.tail(duration);
  return std::move(index_);
}

}  // namespace lensfs::av
