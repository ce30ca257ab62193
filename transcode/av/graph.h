// Graph: filters between a decoder and what takes its frames.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "transcode/av/handles.h"

namespace lensfs::av {

// Makes whole pictures of what comes interlaced, one of each.
inline constexpr std::string_view kDeinterlace =
    "bwdif=mode=send_frame:parity=auto:deint=interlaced";

class Graph {
 public:
  // `filters` in the language of libavfilter, from [in] to [out0] … ; frames that are pushed are
  // like `like`. They must be of one kind; see takes().
  [[nodiscard]] static Result<Graph> make(const std::string& filters, const AVFrame& like,
                                          AVRational time_base, int outputs, int threads = 1);
  // Whether the frame has the size and format that the graph was made for.
  [[nodiscard]] bool takes(const AVFrame& frame) const;
  // null: the end. The frame stays the caller's.
  [[nodiscard]] Status push(AVFrame* frame);
  // Whether there was one.
  [[nodiscard]] Result<bool> pull(int output, AVFrame& into);
  // The next one of the first output, after so many that nobody wants; corrupt if there is none.
  [[nodiscard]] Result<Frame> pull_one(int skipped = 0);
  [[nodiscard]] AVRational time_base(int output) const;

 private:
  FilterGraph graph_;
  AVFilterContext* source_ = nullptr;  // the graph's
  std::vector<AVFilterContext*> sinks_;
  int width_ = 0;
  int height_ = 0;
  int format_ = AV_PIX_FMT_NONE;
};

}  // namespace lensfs::av
