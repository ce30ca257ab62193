#include "transcode/av/timeline.h"

#include <algorithm>

namespace lensfs::av {
namespace {

constexpr std::int64_t kSecondsOfPatience = 3600;
constexpr std::int64_t kPatiencePerFrame = 20;  // slots
constexpr std::int64_t kMostBack = 2;           // slots; more is a break

}  // namespace

Timeline::Timeline(AVRational rate, AVRational time_base)
    : rate_(rate),
      time_base_(time_base),
      patience_(av_rescale(kSecondsOfPatience, rate.num, rate.den)) {}

std::int64_t Timeline::slot_of(std::int64_t time) {
  const AVRational slot_length = inverse(rate_);
  if (time == AV_NOPTS_VALUE) {
    time = slot_ < 0 ? 0 : zero_ + av_rescale_q(slot_ + 1, slot_length, time_base_);
  }
  if (slot_ < 0) {
    zero_ = time;
    time_ = time;
    return slot_ = 0;
  }
  std::int64_t slot = av_rescale_q_rnd(time - zero_, time_base_, slot_length, AV_ROUND_NEAR_INF);
  patience_ += kPatiencePerFrame;
  const std::int64_t standing = std::max<std::int64_t>(0, slot - slot_ - 1);
  if (slot < slot_ - kMostBack || standing > patience_) {
    slot = slot_ + 1;
    zero_ = time - av_rescale_q(slot, slot_length, time_base_);
  } else {
    patience_ -= standing;
  }
  time_ = time;
  slot_ = std::max(slot, slot_);
  return slot_;
}

std::int64_t Timeline::tail(std::int64_t duration) const {
  if (duration <= 0 || zero_ == AV_NOPTS_VALUE) return 1;
  const std::int64_t end =
      av_rescale_q_rnd(time_ - zero_ + duration, time_base_, inverse(rate_), AV_ROUND_NEAR_INF);
  return std::clamp<std::int64_t>(end - slot_, 1, std::max<std::int64_t>(1, patience_));
}

}  // namespace lensfs::av
