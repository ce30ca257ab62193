#include "transcode/av/video_part.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "transcode/threads.h"

namespace lensfs::av {
namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;

}  // namespace

std::string ladder_filters(const Look& look, const std::vector<Size>& sizes) {
  std::string filters = "[in]";
  if (look.fields == Look::Fields::interlaced) {
    filters.append(kDeinterlace).append(",");
  }
  filters += filters_for_video(look.colour, look.alpha, look.before_turn(sizes.front()));
  filters += filters_of(look.turn);
  for (std::size_t step = 0; step + 1 < sizes.size(); ++step) {
    filters += fmt::format(",split=2[out{}][from{}];[from{}]scale={}:{}", step, step, step,
                           sizes[step + 1].width, sizes[step + 1].height);
  }
  return filters + fmt::format("[out{}]", sizes.size() - 1);
}

Rung::Rung(const VideoSettings& settings, CodecContext codec, std::int64_t offset,
           AVRational time_base)
    : settings_(settings),
      encoder_(std::move(codec)),
      offset_(offset),
      timeline_(settings.rate, time_base) {}

Status Rung::take(Frame frame) {
  const std::int64_t slot = timeline_.slot_of(frame->pts);
  if (held_) LENSFS_CHECK(emit(slot - held_slot_));
  held_ = std::move(frame);
  held_slot_ = slot;
  held_duration_ = held_->pkt_duration;
  return {};
}

Status Rung::emit(std::int64_t slots) {
  held_->pict_type = AV_PICTURE_TYPE_NONE;
  held_->interlaced_frame = 0;
  held_->sample_aspect_ratio = {1, 1};
  for (std::int64_t slot = 0; slot < slots; ++slot) {
    held_->pts = offset_ + frames_;
    ++frames_;
    LENSFS_CHECK(encoder_.encode(held_.get()));
  }
  return {};
}

Status Rung::finish(FrameRate::Kind kind) {
  if (held_) {
    LENSFS_CHECK(emit(kind == FrameRate::Kind::even ? 1 : timeline_.tail(held_duration_)));
  }
  held_.reset();
  return encoder_.encode(nullptr);
}

std::int64_t Rung::end_ns() const {
  return av_rescale(offset_ + frames_, kNanoseconds * settings_.rate.den, settings_.rate.num);
}

VideoPart::VideoPart(Input& input, Decoder decoder, const Glimpse& glimpse, FrameRate::Kind kind)
    : input_(&input),
      decoder_(std::move(decoder)),
      glimpse_(glimpse),
      kind_(kind),
      time_base_(av_div_q(input.stream(decoder_.stream()).time_base, AVRational{2, 1})),
      decoded_(new_frame()) {}

Result<VideoPart> VideoPart::make(Input& input, int stream, const Glimpse& glimpse,
                                  FrameRate::Kind kind) {
  LENSFS_TRY(Decoder decoder, Decoder::open(input, stream, engine_threads()));
  return VideoPart(input, std::move(decoder), glimpse, kind);
}

Result<std::size_t> VideoPart::rung_for(const VideoSettings& settings, std::int64_t offset) {
  for (std::size_t number = 0; number < rungs_.size(); ++number) {
    if (rungs_[number].settings() == settings) return number;
  }
  LENSFS_TRY(CodecContext codec, open_video(settings));
  rungs_.emplace_back(settings, std::move(codec), offset, time_base_);
  return rungs_.size() - 1;
}

Status VideoPart::take(const AVPacket* packet) {
  LENSFS_CHECK(decoder_.send(packet));
  for (;;) {
    LENSFS_TRY(const bool got, decoder_.receive(*decoded_));
    if (!got) break;
    LENSFS_CHECK(pass(*decoded_));
    av_frame_unref(decoded_.get());
  }
  if (packet != nullptr) return {};
  LENSFS_CHECK(decoder_.verdict());
  if (graph_) {
    LENSFS_CHECK(graph_->push(nullptr));
    LENSFS_CHECK(collect());
  }
  for (Rung& rung : rungs_) LENSFS_CHECK(rung.finish(kind_));
  return {};
}

Status VideoPart::pass(AVFrame& frame) {
  if (graph_ && !graph_->takes(frame)) {
    LENSFS_CHECK(graph_->push(nullptr));
    LENSFS_CHECK(collect());
    graph_.reset();
  }
  if (!graph_) LENSFS_CHECK(make_graph(frame));
  LENSFS_CHECK(graph_->push(&frame));
  return collect();
}

Status VideoPart::make_graph(const AVFrame& frame) {
  by_size_.resize(rungs_.size());
  std::iota(by_size_.begin(), by_size_.end(), std::size_t{0});
  const auto area = [&](std::size_t number) {
    const Size size = rungs_[number].settings().size;
    return std::int64_t{size.width} * size.height;
  };
  std::stable_sort(by_size_.begin(), by_size_.end(),
                   [&](std::size_t one, std::size_t other) { return area(one) > area(other); });
  std::vector<Size> sizes;
  sizes.reserve(by_size_.size());
  for (const std::size_t number : by_size_) sizes.push_back(rungs_[number].settings().size);
  const Look look = look_of(*input_, decoder_.stream(), frame);
  const AVRational time_base = input_->stream(decoder_.stream()).time_base;
  LENSFS_TRY(graph_, Graph::make(ladder_filters(look, sizes), frame, time_base,
                                 static_cast<int>(sizes.size()), engine_threads()));
  return {};
}

Status VideoPart::collect() {
  for (std::size_t output = 0; output < by_size_.size(); ++output) {
    for (;;) {
      Frame frame = new_frame();
      LENSFS_TRY(const bool got, graph_->pull(static_cast<int>(output), *frame));
      if (!got) break;
      const AVRational base = graph_->time_base(static_cast<int>(output));
      if (frame->pts != AV_NOPTS_VALUE) frame->pts = av_rescale_q(frame->pts, base, time_base_);
      frame->pkt_duration *= 2;  // was in the track's time base
      LENSFS_CHECK(rungs_[by_size_[output]].take(std::move(frame)));
    }
  }
  return {};
}

}  // namespace lensfs::av
