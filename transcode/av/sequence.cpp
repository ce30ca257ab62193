#include "transcode/av/sequence.h"

#include <algorithm>
#include <cstring>
#include <list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "transcode/av/filmstrip.h"
#include "transcode/av/picture.h"
#include "transcode/av/progress.h"
#include "transcode/av/video_part.h"
#include "transcode/image/frame.h"
#include "transcode/threads.h"

namespace lensfs::av {
namespace {

// sRGB as the decoders of pictures give it.
Look look_of(Size size) {
  return {.stored = size,
          .square = size,
          .turn = {},
          .colour = {.treatment = Colour::Treatment::rgb},
          .fields = Look::Fields::progressive,
          .alpha = Alpha::no};
}

Result<Frame> frame_from(const FramePicture& picture) {
  LENSFS_TRY(Frame frame, new_picture(picture.width, picture.height, AV_PIX_FMT_RGB24));
  const std::size_t row = static_cast<std::size_t>(picture.width) * 3;
  for (int y = 0; y < picture.height; ++y) {
    std::memcpy(frame->data[0] + std::ptrdiff_t{y} * frame->linesize[0],
                picture.rgb.data() + static_cast<std::size_t>(y) * row, row);
  }
  return frame;
}

// Pictures: one after another, damaged ones passed over.
class Pictures {
 public:
  Pictures(const MediaSource& source, Size box) : source_(source), box_(box) {}

  // Its pts is its slot. Nothing if it is damaged.
  [[nodiscard]] std::optional<Frame> at(std::size_t index) {
    auto frame = load(index);
    if (frame) {
      ++good_;
      return *std::move(frame);
    }
    ++bad_;
    if (!why_) why_ = frame.error();
    return std::nullopt;
  }
  [[nodiscard]] Status verdict() const {
    if (bad_ <= good_ && good_ > 0) return {};
    return why_ ? Status(fail(*why_)) : Status(fail(Errc::corrupt, "it has no frames"));
  }

 private:
  [[nodiscard]] Result<Frame> load(std::size_t index) const {
    LENSFS_TRY(const SourceFrame frame, source_.frame(index));
    const MediaSource one{
        .fd = frame.file.get(), .size = frame.size, .extension = source_.extension};
    LENSFS_TRY(const FramePicture picture, load_frame(one, box_.width, box_.height));
    LENSFS_TRY(Frame made, frame_from(picture));
    made->pts = frame.slot;
    return made;
  }

  const MediaSource& source_;
  Size box_;
  std::int64_t good_ = 0;
  std::int64_t bad_ = 0;
  std::optional<Error> why_;
};

// The box that every box fits into.
Size common_box(std::span<const Job> jobs) {
  Size common{1, 1};
  for (const Job& job : jobs) {
    const Recipe& recipe = job.order->recipe;
    common.width =
        recipe.width == 0 || common.width == 0 ? 0 : std::max(common.width, recipe.width);
    common.height =
        recipe.height == 0 || common.height == 0 ? 0 : std::max(common.height, recipe.height);
  }
  return common;
}

// A file on its way.
struct Work {
  Job job;
  std::unique_ptr<Output> output;
  std::optional<Rung> rung;
};

class SequenceLadder {
 public:
  SequenceLadder(const MediaSource& source, std::span<const Job> jobs)
      : source_(source), jobs_(jobs), pictures_(source, common_box(jobs)) {}

  void run(const Progress& progress) {
    const Status passed = pass_all(progress);
    for (const Job& job : jobs_) {
      if (!passed) *job.answer = fail(passed.error());
    }
    for (Work& work : works_) {
      if (!passed) work.output->fail_with(passed.error());
      *work.job.answer = answer(work);
    }
  }

 private:
  Status pass_all(const Progress& progress) {
    Meter meter(progress);
    for (std::size_t index = 0; index < source_.frames; ++index) {
      std::optional<Frame> frame = pictures_.at(index);
      meter.show(static_cast<double>(index) / static_cast<double>(source_.frames));
      if (!frame) continue;
      if (!begun_) prepare({(*frame)->width, (*frame)->height});
      if (all_failed()) break;
      LENSFS_CHECK(pass(**frame));
    }
    LENSFS_CHECK(pictures_.verdict());
    LENSFS_CHECK(flush());
    for (Work& work : works_) LENSFS_CHECK(work.rung->finish(FrameRate::Kind::even));
    return {};
  }

  // The first picture says how large all are.
  void prepare(Size size) {
    begun_ = true;
    for (const Job& job : jobs_) {
      if (const Status added = add(job, size); !added) *job.answer = fail(added.error());
    }
    works_.sort([](const Work& one, const Work& other) { return area(one) > area(other); });
    for (Work& work : works_) work.output->start();
  }

  static std::int64_t area(const Work& work) {
    const Size size = work.rung->settings().size;
    return std::int64_t{size.width} * size.height;
  }

  Status add(const Job& job, Size size) {
    const Recipe& recipe = job.order->recipe;
    const auto container = container_of(recipe.format);
    if (!container) return fail(Error(Errc::invalid, "no such format").with(recipe.format));
    const FramesPerSecond fps = rate_of(recipe);
    const AVRational wanted{fps.frames, fps.seconds};
    const VideoSettings settings{.container = *container,
                                 .size = fit(size, {recipe.width, recipe.height}, Sides::even),
                                 .rate = *container == Container::mxf ? mxf_rate(wanted) : wanted,
                                 .tags = tags_after(look_of(size).colour),
                                 .quality = recipe.quality};
    LENSFS_TRY(CodecContext codec, open_video(settings));
    Work work{.job = job, .output = {}, .rung = {}};
    LENSFS_TRY(work.output, Output::open(job.order->output, *container));
    work.rung.emplace(settings, std::move(codec), 0, inverse(settings.rate));
    LENSFS_TRY([[maybe_unused]] const int track, work.rung->feed(*work.output));
    works_.push_back(std::move(work));
    return {};
  }

  Status pass(AVFrame& frame) {
    if (graph_ && !graph_->takes(frame)) LENSFS_CHECK(flush());
    if (!graph_) {
      std::vector<Size> sizes;
      for (const Work& work : works_) sizes.push_back(work.rung->settings().size);
      LENSFS_TRY(graph_,
                 Graph::make(ladder_filters(look_of({frame.width, frame.height}), sizes), frame,
                             {1, 1}, static_cast<int>(sizes.size()), engine_threads()));
    }
    LENSFS_CHECK(graph_->push(&frame));
    return collect();
  }

  Status flush() {
    if (!graph_) return {};
    LENSFS_CHECK(graph_->push(nullptr));
    LENSFS_CHECK(collect());
    graph_.reset();
    return {};
  }

  // Times are slots all the way: each rung counts them in its own rate.
  Status collect() {
    int output = 0;
    for (Work& work : works_) {
      for (;;) {
        Frame frame = new_frame();
        LENSFS_TRY(const bool got, graph_->pull(output, *frame));
        if (!got) break;
        LENSFS_CHECK(work.rung->take(std::move(frame)));
      }
      ++output;
    }
    return {};
  }

  [[nodiscard]] bool all_failed() const {
    return std::all_of(works_.begin(), works_.end(),
                       [](const Work& work) { return work.output->failed(); });
  }

  static Result<Made> answer(Work& work) {
    LENSFS_CHECK(work.output->finish());
    const Rung& rung = *work.rung;
    return Made{.extension = extension_of(work.output->container()),
                .width = rung.settings().size.width,
                .height = rung.settings().size.height,
                .frames = rung.frames(),
                .duration_ns = rung.end_ns()};
  }

  const MediaSource& source_;
  std::span<const Job> jobs_;
  Pictures pictures_;
  bool begun_ = false;
  std::list<Work> works_;  // largest first: the outputs of the graph
  std::optional<Graph> graph_;
};

}  // namespace

void make_sequence_ladder(const MediaSource& source, std::span<const Job> jobs,
                          const Progress& progress) {
  SequenceLadder(source, jobs).run(progress);
}

Result<Made> make_sequence_filmstrip(const MediaSource& source, const Order& order,
                                     const Progress& progress) {
  const Recipe& recipe = order.recipe;
  const std::size_t wanted =
      std::min(source.frames, static_cast<std::size_t>(recipe.tiles != 0 ? recipe.tiles : kTiles));
  Pictures pictures(source, recipe.width == 0 && recipe.height == 0
                                ? Size{kTileSide, kTileSide}
                                : Size{recipe.width, recipe.height});
  Meter meter(progress);
  std::vector<Frame> tiles;
  for (std::size_t tile = 0; tile < wanted; ++tile) {
    std::optional<Frame> frame = pictures.at((2 * tile + 1) * source.frames / (2 * wanted));
    if (frame) tiles.push_back(*std::move(frame));
    meter.show(static_cast<double>(tile) / static_cast<double>(wanted));
  }
  LENSFS_CHECK(pictures.verdict());
  LENSFS_TRY(const Frame picture, put_together(tiles));
  return write_picture(*picture, order);
}

}  // namespace lensfs::av
