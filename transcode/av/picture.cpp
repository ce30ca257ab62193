#include "transcode/av/picture.h"

extern "C" {
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "catalog/base/fd.h"
#include "transcode/av/limits.h"

namespace lensfs::av {
namespace {

constexpr int kDefaultQuality = 82;
constexpr int kFullChromaQuality = 90;  // from here on JPEG keeps all of the colour
constexpr int kMostJpegSide = 65500;
constexpr int kMostWebpSide = 16383;

struct FreedScaler {
  void operator()(SwsContext* scaler) const noexcept { sws_freeContext(scaler); }
};

struct Format {
  const char* extension;
  const char* encoder;
  AVPixelFormat pixels;
  int most_side;
};

bool is_transparent(const AVFrame& picture) {
  return picture.format == AV_PIX_FMT_RGBA;
}

Format format_for(const AVFrame& picture, const Recipe& recipe, int quality) {
  const bool png = recipe.format == "png" || (recipe.format == "auto" && is_transparent(picture));
  if (png) {
    return {"png", "png", static_cast<AVPixelFormat>(picture.format), 1 << 24};
  }
  if (recipe.format == "webp") return {"webp", "libwebp", AV_PIX_FMT_BGRA, kMostWebpSide};
  return {"jpg", "mjpeg", quality >= kFullChromaQuality ? AV_PIX_FMT_YUVJ444P : AV_PIX_FMT_YUVJ420P,
          kMostJpegSide};
}

// The quantiser of the mjpeg encoder whose tables are, on average, those of libjpeg at this
// quality.
double quantiser_for(int quality) {
  const double percent = quality < 50 ? 5000.0 / quality : 200.0 - 2.0 * quality;
  return std::clamp(percent * 0.149, 1.0, 31.0);
}

void lay_over_white(AVFrame& picture) {
  for (int y = 0; y < picture.height; ++y) {
    std::uint8_t* pixel = picture.data[0] + std::ptrdiff_t{y} * picture.linesize[0];
    for (int x = 0; x < picture.width; ++x, pixel += 4) {
      const int alpha = pixel[3];
      for (int part = 0; part < 3; ++part) {
        pixel[part] =
            static_cast<std::uint8_t>((pixel[part] * alpha + 255 * (255 - alpha) + 127) / 255);
      }
      pixel[3] = 255;
    }
  }
}

Result<Frame> copy_of(const AVFrame& picture) {
  Frame copy(av_frame_clone(&picture));
  if (!copy || av_frame_make_writable(copy.get()) < 0) {
    return fail(av_error(AVERROR(ENOMEM), "encode"));
  }
  return copy;
}

Result<Frame> converted(const AVFrame& picture, AVPixelFormat to) {
  Frame made = new_frame();
  made->width = picture.width;
  made->height = picture.height;
  made->format = to;
  int result = av_frame_get_buffer(made.get(), 0);
  if (result < 0) return fail(av_error(result, "encode"));
  const std::unique_ptr<SwsContext, FreedScaler> scaler(sws_getContext(
      picture.width, picture.height, static_cast<AVPixelFormat>(picture.format), picture.width,
      picture.height, to, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP,
      nullptr, nullptr, nullptr));
  if (!scaler) return fail(av_error(AVERROR(ENOMEM), "encode"));
  result = sws_scale(scaler.get(), picture.data, picture.linesize, 0, picture.height, made->data,
                     made->linesize);
  if (result < 0) return fail(av_error(result, "encode"));
  return made;
}

Result<Packet> encoded(const AVFrame& picture, const Format& format, int quality) {
  const AVCodec* kind = avcodec_find_encoder_by_name(format.encoder);
  if (kind == nullptr) {
    return fail(Error(Errc::not_supported, "this FFmpeg has no encoder").with(format.encoder));
  }
  CodecContext codec(avcodec_alloc_context3(kind));
  if (!codec) return fail(av_error(AVERROR(ENOMEM), "encode"));
  codec->width = picture.width;
  codec->height = picture.height;
  codec->pix_fmt = format.pixels;
  codec->time_base = {1, 25};
  codec->thread_count = 1;
  codec->flags |= AV_CODEC_FLAG_BITEXACT;
  if (kind->id == AV_CODEC_ID_MJPEG) {
    codec->flags |= AV_CODEC_FLAG_QSCALE;
    codec->qmin = 1;
    codec->global_quality = static_cast<int>(std::lround(quantiser_for(quality) * FF_QP2LAMBDA));
    codec->color_range = AVCOL_RANGE_JPEG;
  }
  if (kind->id == AV_CODEC_ID_WEBP) av_opt_set_double(codec->priv_data, "quality", quality, 0);
  int result = avcodec_open2(codec.get(), kind, nullptr);
  if (result < 0) return fail(av_error(result, "encode"));
  Packet packet = new_packet();
  result = avcodec_send_frame(codec.get(), &picture);
  if (result >= 0) result = avcodec_send_frame(codec.get(), nullptr);
  if (result >= 0) result = avcodec_receive_packet(codec.get(), packet.get());
  if (result < 0) return fail(av_error(result, "encode"));
  return packet;
}

}  // namespace

Result<Frame> new_picture(int width, int height, AVPixelFormat format) {
  if (std::int64_t{width} * height > kMostPixels) {
    return fail(Errc::too_big, "a picture of more than 100 megapixels");
  }
  Frame picture = new_frame();
  picture->width = width;
  picture->height = height;
  picture->format = format;
  const int result = av_frame_get_buffer(picture.get(), 0);
  if (result < 0) return fail(av_error(result, "draw"));
  std::memset(picture->data[0], 0,
              static_cast<std::size_t>(picture->linesize[0]) * static_cast<std::size_t>(height));
  return picture;
}

Result<Made> write_picture(const AVFrame& picture, const Order& order) {
  const int quality = order.recipe.quality != 0 ? order.recipe.quality : kDefaultQuality;
  const Format format = format_for(picture, order.recipe, quality);
  if (picture.width > format.most_side || picture.height > format.most_side) {
    return fail(
        Error(Errc::too_big, "more pixels a side than this format has").with(format.extension));
  }
  LENSFS_TRY(Frame frame, copy_of(picture));
  if (is_transparent(*frame) && std::string_view(format.encoder) == "mjpeg") {
    lay_over_white(*frame);
  }
  if (frame->format != format.pixels) {
    LENSFS_TRY(frame, converted(*frame, format.pixels));
  }
  frame->pts = 0;
  frame->pict_type = AV_PICTURE_TYPE_NONE;
  frame->quality = static_cast<int>(std::lround(quantiser_for(quality) * FF_QP2LAMBDA));
  LENSFS_TRY(const Packet packet, encoded(*frame, format, quality));
  const std::span bytes(packet->data, static_cast<std::size_t>(packet->size));
  LENSFS_CHECK(write_full(order.output, std::as_bytes(bytes), 0));
  return Made{.extension = format.extension, .width = picture.width, .height = picture.height};
}

}  // namespace lensfs::av
