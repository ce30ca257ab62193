#include "transcode/av/geometry.h"

extern "C" {
#include <libavutil/display.h>
}

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace lensfs::av {
namespace {

constexpr double kMostAspect = 8;  // of a pixel, either way

int to_even(double side, int limit) {
  int even = static_cast<int>(std::lround(side / 2)) * 2;
  if (limit > 0 && even > limit) even -= 2;
  return std::max(2, even);
}

}  // namespace

Turn turn_of(const AVStream& stream) {
  size_t size = 0;
  const std::uint8_t* bytes = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  std::array<std::int32_t, 9> matrix{};
  if (bytes == nullptr || size < sizeof matrix) return {};
  std::memcpy(matrix.data(), bytes, sizeof matrix);
  Turn turn;
  const double determinant =
      static_cast<double>(matrix[0]) * matrix[4] - static_cast<double>(matrix[1]) * matrix[3];
  if (determinant < 0) {
    turn.flip = Turn::Flip::yes;
    matrix[0] = -matrix[0];
    matrix[1] = -matrix[1];
  }
  const double angle = av_display_rotation_get(matrix.data());  // counts against the clock
  if (std::isnan(angle)) return {};
  turn.quarters = (static_cast<int>(std::lround(-angle / 90)) + 4) % 4;
  return turn;
}

std::string filters_of(const Turn& turn) {
  std::string filters;
  if (turn.flip == Turn::Flip::yes) filters += ",hflip";
  if (turn.quarters == 1) filters += ",transpose=clock";
  if (turn.quarters == 2) filters += ",hflip,vflip";
  if (turn.quarters == 3) filters += ",transpose=cclock";
  return filters;
}

Size square(int width, int height, AVRational pixel_aspect) {
  if (pixel_aspect.num <= 0 || pixel_aspect.den <= 0) return {width, height};
  const double aspect = av_q2d(pixel_aspect);
  if (aspect > kMostAspect || aspect < 1 / kMostAspect) return {width, height};
  return {std::max(1, static_cast<int>(std::lround(width * aspect))), height};
}

Size fit(Size size, Size box, Sides sides) {
  double scale = 1;
  if (box.width > 0) scale = std::min(scale, static_cast<double>(box.width) / size.width);
  if (box.height > 0) scale = std::min(scale, static_cast<double>(box.height) / size.height);
  const double width = size.width * scale;
  const double height = size.height * scale;
  if (sides == Sides::even) return {to_even(width, box.width), to_even(height, box.height)};
  return {std::max(1, static_cast<int>(std::lround(width))),
          std::max(1, static_cast<int>(std::lround(height)))};
}

}  // namespace lensfs::av
