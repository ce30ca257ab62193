#include "transcode/av/waveform.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "transcode/av/picture.h"

namespace lensfs::av {
namespace {

constexpr int kWidth = 1800;
constexpr int kHeight = 280;
// Readable on light and on dark grounds.
constexpr std::array<std::uint8_t, 4> kInk = {64, 132, 214, 255};
constexpr std::array<std::uint8_t, 4> kAxis = {64, 132, 214, 96};  // where there is silence

void set(AVFrame& picture, int x, int y, const std::array<std::uint8_t, 4>& colour) {
  std::uint8_t* pixel =
      picture.data[0] + std::ptrdiff_t{y} * picture.linesize[0] + std::ptrdiff_t{x} * 4;
  std::copy(colour.begin(), colour.end(), pixel);
}

// The row of a sample in a lane; what is beyond full scale, or no number, stays in the lane.
int row_of(float sample, int top, int height) {
  const float value = std::isfinite(sample) ? std::clamp(sample, -1.0F, 1.0F) : 0.0F;
  const float down = (1 - value) / 2 * static_cast<float>(height - 1);
  return top + static_cast<int>(std::lround(down));
}

void draw_lane(AVFrame& picture, const std::vector<Peaks::Span>& spans, int top, int height) {
  const int middle = row_of(0, top, height);
  for (int x = 0; x < picture.width; ++x) {
    const Peaks::Span& span = spans[static_cast<std::size_t>(x)];
    set(picture, x, middle, kAxis);
    if (span.least == span.most) continue;
    const int last = row_of(span.least, top, height);
    for (int y = row_of(span.most, top, height); y <= last; ++y) set(picture, x, y, kInk);
  }
}

}  // namespace

Result<Made> write_waveform(const Peaks& peaks, const Order& order) {
  const int width = order.recipe.width != 0 ? order.recipe.width : kWidth;
  const int height = order.recipe.height != 0 ? order.recipe.height : kHeight;
  LENSFS_TRY(const Frame picture, new_picture(width, height, AV_PIX_FMT_RGBA));
  const int lanes = std::min(peaks.channels(), height);
  for (int lane = 0; lane < lanes; ++lane) {
    const int top = height * lane / lanes;
    const int bottom = height * (lane + 1) / lanes;
    const int gap = bottom - top > 8 && lanes > 1 ? 1 : 0;  // between lanes
    draw_lane(*picture, peaks.columns(lane, width), top, bottom - top - gap);
  }
  return write_picture(*picture, order);
}

}  // namespace lensfs::av
