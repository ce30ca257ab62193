#include "transcode/av/graph.h"

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/mem.h>
}

#include <fmt/format.h>

#include "transcode/av/limits.h"

namespace lensfs::av {
namespace {

struct FreedList {
  void operator()(AVFilterInOut* list) const noexcept { avfilter_inout_free(&list); }
};
using Pads = std::unique_ptr<AVFilterInOut, FreedList>;

Pads new_pad(const std::string& name, AVFilterContext* filter) {
  Pads pad(avfilter_inout_alloc());
  if (!pad) return pad;
  pad->name = av_strdup(name.c_str());
  pad->filter_ctx = filter;
  pad->pad_idx = 0;
  pad->next = nullptr;
  return pad;
}

}  // namespace

Result<Graph> Graph::make(const std::string& filters, const AVFrame& like, AVRational time_base,
                          int outputs, int threads) {
  Graph made;
  made.graph_.reset(avfilter_graph_alloc());
  if (!made.graph_) return fail(av_error(AVERROR(ENOMEM), "filter"));
  AVFilterGraph* graph = made.graph_.get();
  graph->nb_threads = threads;
  made.width_ = like.width;
  made.height_ = like.height;
  made.format_ = like.format;
  const std::string about =
      fmt::format("video_size={}x{}:pix_fmt={}:time_base={}/{}:pixel_aspect=1/1", like.width,
                  like.height, like.format, time_base.num, time_base.den);
  int result = avfilter_graph_create_filter(&made.source_, avfilter_get_by_name("buffer"), "in",
                                            about.c_str(), nullptr, graph);
  if (result < 0) return fail(av_error(result, "filter"));
  // FFmpeg names ends from the other side: our sinks are inputs that the description needs.
  Pads from = new_pad("in", made.source_);
  Pads to;
  for (int output = outputs - 1; output >= 0; --output) {
    const std::string name = fmt::format("out{}", output);
    AVFilterContext* sink = nullptr;
    result = avfilter_graph_create_filter(&sink, avfilter_get_by_name("buffersink"), name.c_str(),
                                          nullptr, nullptr, graph);
    if (result < 0) return fail(av_error(result, "filter"));
    made.sinks_.insert(made.sinks_.begin(), sink);
    Pads pad = new_pad(name, sink);
    if (!pad) return fail(av_error(AVERROR(ENOMEM), "filter"));
    pad->next = to.release();
    to = std::move(pad);
  }
  AVFilterInOut* inputs = to.release();
  AVFilterInOut* sources = from.release();
  result = avfilter_graph_parse_ptr(graph, filters.c_str(), &inputs, &sources, nullptr);
  to.reset(inputs);
  from.reset(sources);
  if (result >= 0) result = avfilter_graph_config(graph, nullptr);
  if (result < 0) return fail(av_error(result, "filter"));
  return made;
}

bool Graph::takes(const AVFrame& frame) const {
  return frame.width == width_ && frame.height == height_ && frame.format == format_;
}

Status Graph::push(AVFrame* frame) {
  const int pushed = av_buffersrc_add_frame_flags(source_, frame, AV_BUFFERSRC_FLAG_KEEP_REF);
  if (pushed < 0 && pushed != AVERROR_EOF) return fail(av_error(pushed, "filter"));
  return {};
}

Result<bool> Graph::pull(int output, AVFrame& into) {
  const int got = av_buffersink_get_frame(sinks_[static_cast<std::size_t>(output)], &into);
  if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) return false;
  if (got < 0) return fail(av_error(got, "filter"));
  return true;
}

Result<Frame> Graph::pull_one(int skipped) {
  Frame picture = new_frame();
  for (int output = 0; output <= skipped; ++output) {
    av_frame_unref(picture.get());
    LENSFS_TRY(const bool got, pull(0, *picture));
    if (!got) return fail(Errc::corrupt, "no picture came out");
  }
  return picture;
}

AVRational Graph::time_base(int output) const {
  return av_buffersink_get_time_base(sinks_[static_cast<std::size_t>(output)]);
}

}  // namespace lensfs::av
