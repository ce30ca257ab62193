// Handles: owners of what FFmpeg's libraries allocate, and their failures as ours.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/frame.h>
#include <libswresample/swresample.h>
}

#include <memory>
#include <string_view>

#include "catalog/base/result.h"

namespace lensfs::av {

struct Freed {
  void operator()(AVFrame* frame) const noexcept { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const noexcept { av_packet_free(&packet); }
  void operator()(AVCodecContext* codec) const noexcept { avcodec_free_context(&codec); }
  void operator()(AVFilterGraph* graph) const noexcept { avfilter_graph_free(&graph); }
  void operator()(SwrContext* resampler) const noexcept { swr_free(&resampler); }
  void operator()(AVAudioFifo* fifo) const noexcept { av_audio_fifo_free(fifo); }
  void operator()(AVIOContext* io) const noexcept {
    av_freep(&io->buffer);
    avio_context_free(&io);
  }
};

using Frame = std::unique_ptr<AVFrame, Freed>;
using Packet = std::unique_ptr<AVPacket, Freed>;
using CodecContext = std::unique_ptr<AVCodecContext, Freed>;
using FilterGraph = std::unique_ptr<AVFilterGraph, Freed>;
using Resampler = std::unique_ptr<SwrContext, Freed>;
using SampleFifo = std::unique_ptr<AVAudioFifo, Freed>;
using Io = std::unique_ptr<AVIOContext, Freed>;

// Never null: without memory for a header nothing here can go on.
[[nodiscard]] Frame new_frame();
[[nodiscard]] Packet new_packet();

// What an error number of FFmpeg means to us; `what` says what was tried ("decode"). Damage is
// corrupt, lack of memory or a limit passed is too_big, a decoder or feature that is not there is
// not_supported, what the operating system said is that.
[[nodiscard]] Error av_error(int code, const char* what);

[[nodiscard]] inline AVRational inverse(AVRational value) {
  return {value.den, value.num};
}

}  // namespace lensfs::av
