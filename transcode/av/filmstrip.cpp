#include "transcode/av/filmstrip.h"

#include <algorithm>
#include <cstring>

#include "transcode/av/limits.h"
#include "transcode/av/picture.h"
#include "transcode/av/progress.h"
#include "transcode/av/render.h"

namespace lensfs::av {
namespace {

constexpr int kColumns = 10;
constexpr double kShort = 1500;  // frames
constexpr std::int64_t kMostPixelsOfTiles = kMostPixels / 2;

class Strip {
 public:
  Strip(FrameFinder& finder, const Recipe& recipe, Meter& meter)
      : finder_(finder),
        meter_(meter),
        wanted_(static_cast<std::size_t>(recipe.tiles != 0 ? recipe.tiles : kTiles)),
        box_{recipe.width, recipe.height} {
    if (box_.width == 0 && box_.height == 0) box_ = {kTileSide, kTileSide};
  }

  [[nodiscard]] Status gather();
  [[nodiscard]] Result<Frame> put_together() const { return av::put_together(tiles_); }

 private:
  [[nodiscard]] Status gather_all(Decoder::Frames frames);
  [[nodiscard]] Status gather_by_time(double seconds);
  [[nodiscard]] Result<Frame> frame_for(double time, double before);
  [[nodiscard]] Status add(Frame frame);
  void thin_out();

  FrameFinder& finder_;
  Meter& meter_;
  std::size_t wanted_;
  Size box_;
  std::vector<Frame> tiles_;
};

Status Strip::gather() {
  const double seconds = finder_.seconds();
  const double frames = seconds * av_q2d(finder_.clip().rate.rate);
  if (seconds <= 0) return gather_all(Decoder::Frames::key);
  if (frames <= kShort) return gather_all(Decoder::Frames::all);
  return gather_by_time(seconds);
}

// Every n-th frame, where n doubles whenever there are twice as many as wanted.
Status Strip::gather_all(Decoder::Frames frames) {
  std::size_t seen = 0;
  std::size_t step = 1;
  for (;; ++seen) {
    LENSFS_TRY(Frame frame, finder_.next(frames));
    if (!frame) break;
    meter_.show(finder_.input().share());
    if (seen % step != 0) continue;
    LENSFS_CHECK(add(std::move(frame)));
    if (tiles_.size() < 2 * wanted_) continue;
    std::size_t kept = 0;
    for (std::size_t tile = 0; tile < tiles_.size(); tile += 2) {
      tiles_[kept++] = std::move(tiles_[tile]);
    }
    tiles_.resize(kept);
    step *= 2;
  }
  thin_out();
  return {};
}

void Strip::thin_out() {
  if (tiles_.size() <= wanted_) return;
  const std::size_t all = tiles_.size();
  for (std::size_t tile = 0; tile < wanted_; ++tile) {
    const std::size_t from = (2 * tile + 1) * all / (2 * wanted_);
    if (from != tile) tiles_[tile] = std::move(tiles_[from]);
  }
  tiles_.resize(wanted_);
}

Status Strip::gather_by_time(double seconds) {
  double before = -1;
  for (std::size_t tile = 0; tile < wanted_; ++tile) {
    const double time = (static_cast<double>(tile) + 0.5) / static_cast<double>(wanted_) * seconds;
    LENSFS_TRY(Frame frame, frame_for(time, before));
    if (!frame) break;
    LENSFS_CHECK(add(std::move(frame)));
    meter_.show(static_cast<double>(tile) / static_cast<double>(wanted_));
    before = time;
  }
  return {};
}

// Where the last tile came from the same keyframe, decoding goes on from there.
Result<Frame> Strip::frame_for(double time, double before) {
  if (before < 0 || !finder_.is_same_keyframe(before, time)) return finder_.keyframe_near(time);
  for (;;) {
    LENSFS_TRY(Frame frame, finder_.next(Decoder::Frames::all));
    if (!frame || finder_.seconds_at(*frame) >= time) return frame;
  }
}

Status Strip::add(Frame frame) {
  const Moment moment{.before = {}, .frame = std::move(frame), .after = {}};
  LENSFS_TRY(Frame tile, render(finder_.input(), finder_.clip().video, moment, box_));
  const std::int64_t pixels = std::int64_t{tile->width} * tile->height;
  if (pixels * static_cast<std::int64_t>(wanted_) > kMostPixelsOfTiles) {
    return fail(Errc::too_big, "a filmstrip of more than 50 megapixels");
  }
  tiles_.push_back(std::move(tile));
  return {};
}

}  // namespace

Result<Frame> put_together(const std::vector<Frame>& tiles) {
  if (tiles.empty()) return fail(Errc::corrupt, "nothing in it could be decoded");
  const int width = tiles.front()->width;
  const int height = tiles.front()->height;
  const auto format = static_cast<AVPixelFormat>(tiles.front()->format);
  const int count = static_cast<int>(tiles.size());
  const int columns = std::min(count, kColumns);
  const int rows = (count + kColumns - 1) / kColumns;
  LENSFS_TRY(Frame strip, new_picture(width * columns, height * rows, format));
  const int bytes = format == AV_PIX_FMT_RGBA ? 4 : 3;
  for (int tile = 0; tile < count; ++tile) {
    const AVFrame& from = *tiles[static_cast<std::size_t>(tile)];
    if (from.format != format) continue;
    const auto row_bytes = static_cast<std::size_t>(std::min(width, from.width) * bytes);
    for (int y = 0; y < std::min(height, from.height); ++y) {
      const std::ptrdiff_t row = std::ptrdiff_t{tile / kColumns} * height + y;
      std::uint8_t* to = strip->data[0] + row * strip->linesize[0] +
                         std::ptrdiff_t{tile % kColumns} * width * bytes;
      std::memcpy(to, from.data[0] + std::ptrdiff_t{y} * from.linesize[0], row_bytes);
    }
  }
  return strip;
}

Result<Made> make_filmstrip(const MediaSource& source, const Order& order,
                            const Progress& progress) {
  LENSFS_TRY(FrameFinder finder, FrameFinder::open(source));
  Meter meter(progress);
  Strip strip(finder, order.recipe, meter);
  LENSFS_CHECK(strip.gather());
  LENSFS_TRY(const Frame picture, strip.put_together());
  return write_picture(*picture, order);
}

}  // namespace lensfs::av
