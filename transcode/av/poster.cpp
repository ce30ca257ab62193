#include "transcode/av/poster.h"

extern "C" {
#include <libswscale/swscale.h>
}

#include <array>
#include <cmath>
#include <memory>

namespace lensfs::av {
namespace {

constexpr std::array kPlaces = {0.1, 0.25, 0.5, 0.04, 0.75, 0.0};  // shares of the clip
constexpr int kSide = 48;                                          // of what is looked at
constexpr double kLeastBrightness = 24;                            // of 255, on average
constexpr double kLeastContrast = 10;                              // standard deviation

struct FreedScaler {
  void operator()(SwsContext* scaler) const noexcept { sws_freeContext(scaler); }
};

struct Sight {
  double brightness = 0;
  double contrast = 0;
  [[nodiscard]] bool says_something() const {
    return brightness >= kLeastBrightness && contrast >= kLeastContrast;
  }
};

Sight look_at(const AVFrame& frame) {
  const std::unique_ptr<SwsContext, FreedScaler> scaler(
      sws_getContext(frame.width, frame.height, static_cast<AVPixelFormat>(frame.format), kSide,
                     kSide, AV_PIX_FMT_GRAY8, SWS_AREA, nullptr, nullptr, nullptr));
  if (!scaler) return {};
  std::array<std::uint8_t, kSide * kSide> grey{};
  std::array<std::uint8_t*, 4> planes = {grey.data(), nullptr, nullptr, nullptr};
  const std::array<int, 4> strides = {kSide, 0, 0, 0};
  if (sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, planes.data(),
                strides.data()) < 0) {
    return {};
  }
  double sum = 0;
  double squares = 0;
  for (const std::uint8_t pixel : grey) {
    sum += pixel;
    squares += static_cast<double>(pixel) * pixel;
  }
  const double mean = sum / grey.size();
  return {mean, std::sqrt(std::max(0.0, squares / grey.size() - mean * mean))};
}

}  // namespace

Result<Moment> find_poster(FrameFinder& finder) {
  Moment best;
  double most = -1;
  const double seconds = finder.seconds();
  for (const double place : kPlaces) {
    if (seconds <= 0 && place > 0) continue;
    auto frame = finder.keyframe_near(place * seconds);
    if (!frame) return fail(frame.error());
    if (!*frame) continue;
    const Sight sight = look_at(**frame);
    const bool better = sight.contrast > most;
    if (better || sight.says_something()) {
      best.frame = std::move(*frame);
      most = sight.contrast;
    }
    if (sight.says_something()) return best;
  }
  if (best.frame) return best;
  // No keyframe is marked as one: whatever comes first.
  LENSFS_CHECK(finder.restart());
  LENSFS_TRY(best.frame, finder.next(Decoder::Frames::all));
  if (!best.frame) return fail(Errc::corrupt, "nothing in it could be decoded");
  return best;
}

}  // namespace lensfs::av
