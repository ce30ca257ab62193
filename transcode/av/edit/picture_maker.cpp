#include "transcode/av/edit/picture_maker.h"

extern "C" {
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
}

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "transcode/av/encoder.h"

namespace lensfs::av {
namespace {

// The encoder's tables grow with the coarsest quantiser. This one is enough for all but noise, and
// makes a context ten times cheaper; how a frame is encoded does not depend on it.
constexpr int kUsualCoarsest = 256;
constexpr int kCoarsest = 1024;
constexpr int kBlock = 16;
constexpr const char* kScaling = "bicubic+accurate_rnd+bitexact";

Result<CodecContext> open_codec(const PicturePlan& plan, int coarsest) {
  const AVCodec* kind = avcodec_find_encoder(AV_CODEC_ID_DNXHD);
  if (kind == nullptr) return fail(Errc::not_supported, "this FFmpeg has no encoder for DNxHR");
  CodecContext codec(avcodec_alloc_context3(kind));
  if (!codec) return fail(av_error(AVERROR(ENOMEM), "encode"));
  describe_pictures(*codec, plan.size, plan.rate, plan.tags);
  codec->pix_fmt = plan.format;
  codec->sample_aspect_ratio = plan.pixel_aspect;
  codec->field_order = AV_FIELD_PROGRESSIVE;
  codec->flags |= AV_CODEC_FLAG_BITEXACT;
  codec->qmax = coarsest;
  av_opt_set(codec->priv_data, "profile", plan.profile, 0);
  const int opened = avcodec_open2(codec.get(), kind, nullptr);
  if (opened < 0) return fail(av_error(opened, "encode"));
  return codec;
}

// What the scaler calls a matrix that does not stay; null: it stays.
const char* matrix_to_convert(AVColorSpace matrix) {
  switch (static_cast<int>(matrix)) {
    case AVCOL_SPC_RGB:
      return "auto";
    case AVCOL_SPC_SMPTE170M:
    case AVCOL_SPC_BT470BG:
      return "smpte170m";
    case AVCOL_SPC_SMPTE240M:
      return "smpte240m";
    case AVCOL_SPC_FCC:
      return "fcc";
    default:
      return nullptr;
  }
}

// The encoder calls every matrix BT.709. The head of a frame has two bits for it.
Status name_matrix(AVPacket& packet, AVColorSpace matrix) {
  constexpr int kWhere = 0x2C;
  const bool is_wide = matrix == AVCOL_SPC_BT2020_NCL || matrix == AVCOL_SPC_BT2020_CL;
  if (!is_wide || packet.size <= kWhere) return {};
  const int writable = av_packet_make_writable(&packet);
  if (writable < 0) return fail(av_error(writable, "encode"));
  packet.data[kWhere] |= matrix == AVCOL_SPC_BT2020_NCL ? 1 << 1 : 2 << 1;
  return {};
}

// Turned first, for what is subsampled one way only cannot be turned later. The flags before
// all count for conversions that are put in between.
std::string filters_for(const PicturePlan& plan) {
  const Look& look = plan.look;
  const bool turns = plan.turning == PicturePlan::Turning::done;
  std::string filters =
      fmt::format("sws_flags={0};[in]null{1},scale={2}:{3}:flags={0}:out_range=limited", kScaling,
                  turns ? filters_of(look.turn) : "", plan.size.width, plan.size.height);
  if (const char* matrix = matrix_to_convert(look.colour.matrix)) {
    filters += fmt::format(":in_color_matrix={}:out_color_matrix=bt709", matrix);
  }
  if (look.colour.matrix != AVCOL_SPC_RGB) {
    filters += look.colour.range == AVCOL_RANGE_JPEG ? ":in_range=full" : ":in_range=limited";
  }
  return filters + (plan.format == AV_PIX_FMT_YUV422P10 ? ",format=yuv422p10le[out0]"
                                                        : ",format=yuv422p[out0]");
}

Result<int> send(AVCodecContext& codec, const AVFrame& frame, AVPacket& into) {
  int result = avcodec_send_frame(&codec, &frame);
  if (result >= 0) result = avcodec_receive_packet(&codec, &into);
  if (result == AVERROR(ENOMEM)) return fail(av_error(result, "encode"));
  return result;
}

}  // namespace

PictureMaker::PictureMaker(const PicturePlan& plan, CodecContext codec)
    : plan_(plan), codec_(std::move(codec)), packet_(new_packet()) {}

Result<PictureMaker> PictureMaker::make(const PicturePlan& plan) {
  LENSFS_TRY(CodecContext codec, open_codec(plan, kUsualCoarsest));
  PictureMaker maker(plan, std::move(codec));
  LENSFS_TRY(const Frame black, maker.black());
  LENSFS_TRY(const AVPacket* const packet, maker.encode(*black));
  maker.frame_bytes_ = packet->size;
  return maker;
}

Result<Frame> PictureMaker::black() const {
  Frame frame = new_frame();
  frame->width = plan_.size.width;
  frame->height = plan_.size.height;
  frame->format = plan_.format;
  const int got = av_frame_get_buffer(frame.get(), 0);
  if (got < 0) return fail(av_error(got, "make a black frame"));
  std::array<std::ptrdiff_t, 4> lines{};
  for (std::size_t plane = 0; plane < lines.size(); ++plane) lines[plane] = frame->linesize[plane];
  av_image_fill_black(frame->data, lines.data(), plan_.format, AVCOL_RANGE_MPEG, frame->width,
                      frame->height);
  return frame;
}

Result<Frame> PictureMaker::deinterlace(const Neighbourhood& from) const {
  LENSFS_TRY(Graph graph, Graph::make(fmt::format("[in]{}[out0]", kDeinterlace), *from.frame,
                                      AVRational{1, 1000}, 1));
  int time = 0;
  int skipped = 0;
  for (const AVFrame* one : {from.before, from.frame, from.after}) {
    if (one == nullptr || !graph.takes(*one)) continue;
    const Frame copy = new_frame();
    const int referred = av_frame_ref(copy.get(), one);
    if (referred < 0) return fail(av_error(referred, "deinterlace"));
    copy->pts = ++time;
    if (one == from.before) {
      skipped = 1;
      copy->interlaced_frame = 0;  // passes untouched: nobody wants it
    }
    LENSFS_CHECK(graph.push(copy.get()));
  }
  LENSFS_CHECK(graph.push(nullptr));
  return graph.pull_one(skipped);
}

Result<Frame> PictureMaker::scale(const Neighbourhood& from) {
  Frame single;
  AVFrame* frame = from.frame;
  if (frame->interlaced_frame != 0) {
    LENSFS_TRY(single, deinterlace(from));
    frame = single.get();
  }
  if (!graph_ || !graph_->takes(*frame)) {
    LENSFS_TRY(graph_, Graph::make(filters_for(plan_), *frame, AVRational{1, 1000}, 1));
  }
  LENSFS_CHECK(graph_->push(frame));
  return graph_->pull_one();
}

// Blocks of 16 by 16 pixels are encoded, and at 10 bits the encoder reads what lies beside the
// picture in memory. Its last pixels lie there.
Result<const AVFrame*> PictureMaker::with_margins(const AVFrame& scaled) {
  const int width = (scaled.width + kBlock - 1) / kBlock * kBlock;
  const int height = (scaled.height + kBlock - 1) / kBlock * kBlock;
  if (width == scaled.width && height == scaled.height) return &scaled;
  if (!with_margins_) {
    with_margins_ = new_frame();
    with_margins_->format = scaled.format;
    with_margins_->width = width;
    with_margins_->height = height;
    const int got = av_frame_get_buffer(with_margins_.get(), 0);
    if (got < 0) return fail(av_error(got, "encode"));
  }
  with_margins_->width = width;
  with_margins_->height = height;
  const int writable = av_frame_make_writable(with_margins_.get());
  if (writable < 0) return fail(av_error(writable, "encode"));
  const std::size_t bytes = plan_.format == AV_PIX_FMT_YUV422P10 ? 2 : 1;
  for (std::size_t plane = 0; plane < 3; ++plane) {
    const int part = plane == 0 ? 1 : 2;  // 4:2:2
    const auto used = static_cast<std::size_t>(scaled.width / part) * bytes;
    const auto whole = static_cast<std::size_t>(width / part) * bytes;
    for (int line = 0; line < height; ++line) {
      const std::uint8_t* from = scaled.data[plane] + std::ptrdiff_t{scaled.linesize[plane]} *
                                                          std::min(line, scaled.height - 1);
      std::uint8_t* to =
          with_margins_->data[plane] + std::ptrdiff_t{with_margins_->linesize[plane]} * line;
      std::memcpy(to, from, used);
      for (std::size_t at = used; at < whole; ++at) to[at] = to[at - bytes];
    }
  }
  with_margins_->width = scaled.width;
  with_margins_->height = scaled.height;
  return with_margins_.get();
}

Result<const AVPacket*> PictureMaker::encode(AVFrame& scaled) {
  const bool fits = scaled.width == plan_.size.width && scaled.height == plan_.size.height &&
                    scaled.format == plan_.format;
  if (!fits) return fail(Errc::io, "a frame of another kind than was planned");
  scaled.pict_type = AV_PICTURE_TYPE_NONE;
  scaled.pts = 0;
  LENSFS_TRY(const AVFrame* const frame, with_margins(scaled));
  av_packet_unref(packet_.get());
  LENSFS_TRY(int result, send(*codec_, *frame, *packet_));
  if (result < 0) {
    if (!patient_codec_) {
      LENSFS_TRY(patient_codec_, open_codec(plan_, kCoarsest));
    }
    LENSFS_TRY(result, send(*patient_codec_, *frame, *packet_));
  }
  if (result < 0) return fail(av_error(result, "encode"));
  if (frame_bytes_ != 0 && packet_->size != frame_bytes_) {
    return fail(Errc::io, "the encoder made a frame of another size");
  }
  LENSFS_CHECK(name_matrix(*packet_, plan_.tags.matrix));
  return packet_.get();
}

}  // namespace lensfs::av
