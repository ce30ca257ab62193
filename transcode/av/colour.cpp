#include "transcode/av/colour.h"

extern "C" {
#include <libavutil/mastering_display_metadata.h>
#include <libavutil/pixdesc.h>
}

#include <fmt/format.h>

#include <algorithm>

namespace lensfs::av {
namespace {

constexpr int kMostLinesOf601 = 576;
constexpr int kLinesOf525 = 486;
// What 1.0 is in linear light while tones are mapped, in cd/m2: the reference white of BT.2408.
constexpr double kReferenceWhite = 203;
constexpr const char* kSharp = "flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp";

bool is_rgb(int format) {
  const AVPixFmtDescriptor* about = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(format));
  return about != nullptr && (about->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0;
}

bool is_full_range_by_name(int format) {
  return format == AV_PIX_FMT_YUVJ420P || format == AV_PIX_FMT_YUVJ422P ||
         format == AV_PIX_FMT_YUVJ444P || format == AV_PIX_FMT_YUVJ440P ||
         format == AV_PIX_FMT_YUVJ411P;
}

void fill_in_untagged(Colour& colour, int height) {
  const bool lines_of_601 = height <= kMostLinesOf601;
  const bool lines_of_525 = height <= kLinesOf525;
  if (colour.matrix == AVCOL_SPC_UNSPECIFIED) {
    const bool wide = colour.primaries == AVCOL_PRI_BT2020;
    colour.matrix = wide            ? AVCOL_SPC_BT2020_NCL
                    : !lines_of_601 ? AVCOL_SPC_BT709
                    : lines_of_525  ? AVCOL_SPC_SMPTE170M
                                    : AVCOL_SPC_BT470BG;
  }
  if (colour.primaries == AVCOL_PRI_UNSPECIFIED) {
    switch (static_cast<int>(colour.matrix)) {
      case AVCOL_SPC_BT2020_NCL:
      case AVCOL_SPC_BT2020_CL:
        colour.primaries = AVCOL_PRI_BT2020;
        break;
      case AVCOL_SPC_SMPTE170M:
        colour.primaries = AVCOL_PRI_SMPTE170M;
        break;
      case AVCOL_SPC_BT470BG:
        colour.primaries = AVCOL_PRI_BT470BG;
        break;
      default:
        colour.primaries = AVCOL_PRI_BT709;
    }
  }
  if (colour.transfer == AVCOL_TRC_UNSPECIFIED) colour.transfer = AVCOL_TRC_BT709;
}

bool is_plain_matrix(AVColorSpace matrix) {
  return matrix == AVCOL_SPC_BT709 || matrix == AVCOL_SPC_SMPTE170M ||
         matrix == AVCOL_SPC_BT470BG || matrix == AVCOL_SPC_SMPTE240M || matrix == AVCOL_SPC_FCC;
}

bool is_plain_gamut(AVColorPrimaries primaries) {
  return primaries != AVCOL_PRI_BT2020 && primaries != AVCOL_PRI_SMPTE431 &&
         primaries != AVCOL_PRI_SMPTE432;
}

// Primaries that the library for conversion does not know count as BT.709.
AVColorPrimaries known(AVColorPrimaries primaries) {
  return primaries <= AVCOL_PRI_SMPTE432 && primaries != AVCOL_PRI_RESERVED0 &&
                 primaries != AVCOL_PRI_RESERVED
             ? primaries
             : AVCOL_PRI_BT709;
}

double peak_of(const AVFrame& frame, const AVStream& stream) {
  double nits = 0;
  const auto look = [&](const std::uint8_t* light, const std::uint8_t* display) {
    if (light != nullptr && nits <= 0) {
      nits = static_cast<double>(reinterpret_cast<const AVContentLightMetadata*>(light)->MaxCLL);
    }
    if (display != nullptr && nits <= 0) {
      const auto& mastering = *reinterpret_cast<const AVMasteringDisplayMetadata*>(display);
      if (mastering.has_luminance != 0) nits = av_q2d(mastering.max_luminance);
    }
  };
  const auto of_frame = [&](AVFrameSideDataType type) -> const std::uint8_t* {
    const AVFrameSideData* side = av_frame_get_side_data(&frame, type);
    return side != nullptr ? side->data : nullptr;
  };
  look(of_frame(AV_FRAME_DATA_CONTENT_LIGHT_LEVEL),
       of_frame(AV_FRAME_DATA_MASTERING_DISPLAY_METADATA));
  look(av_stream_get_side_data(&stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL, nullptr),
       av_stream_get_side_data(&stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA, nullptr));
  if (!(nits > 0)) nits = 1000;  // what most is graded to, and what HLG is shown at
  return std::clamp(nits, 400.0, 10000.0) / 100;
}

// To BT.709 in the format that `range` and `matrix` ask for.
std::string converted(const Colour& colour, const char* matrix, const char* range) {
  const std::string in =
      fmt::format("pin={}:tin={}:min={}:rin={}", static_cast<int>(colour.primaries),
                  static_cast<int>(colour.transfer), static_cast<int>(colour.matrix),
                  colour.range == AVCOL_RANGE_JPEG ? "full" : "limited");
  if (colour.treatment == Colour::Treatment::convert) {
    return fmt::format("zscale={}:p=bt709:t=bt709:m={}:r={}", in, matrix, range);
  }
  return fmt::format(
      "zscale={}:p=bt709:t=linear:m=gbr:npl={},format=gbrpf32le,"
      "tonemap=tonemap=mobius:param=0.3:peak={:.3f},zscale=t=bt709:m={}:r={}",
      in, kReferenceWhite, colour.peak * 100 / kReferenceWhite, matrix, range);
}

bool needs_conversion(const Colour& colour) {
  return colour.treatment == Colour::Treatment::convert ||
         colour.treatment == Colour::Treatment::tone_map;
}

}  // namespace

Colour colour_of(const AVFrame& frame, const AVStream& stream) {
  const AVCodecParameters& codec = *stream.codecpar;
  Colour colour;
  colour.primaries = frame.color_primaries != AVCOL_PRI_UNSPECIFIED ? frame.color_primaries
                                                                    : codec.color_primaries;
  colour.transfer = frame.color_trc != AVCOL_TRC_UNSPECIFIED ? frame.color_trc : codec.color_trc;
  colour.matrix = frame.colorspace != AVCOL_SPC_UNSPECIFIED ? frame.colorspace : codec.color_space;
  const AVColorRange range =
      frame.color_range != AVCOL_RANGE_UNSPECIFIED ? frame.color_range : codec.color_range;
  const bool rgb = is_rgb(frame.format);
  const bool full = range == AVCOL_RANGE_JPEG || is_full_range_by_name(frame.format);
  colour.range = full || rgb ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  if (!rgb && colour.matrix == AVCOL_SPC_RGB) colour.matrix = AVCOL_SPC_UNSPECIFIED;
  fill_in_untagged(colour, frame.height);
  colour.primaries = known(colour.primaries);
  if (rgb) colour.matrix = AVCOL_SPC_RGB;
  if (colour.transfer == AVCOL_TRC_SMPTE2084 || colour.transfer == AVCOL_TRC_ARIB_STD_B67) {
    colour.treatment = Colour::Treatment::tone_map;
    // HLG is relative; it is shown as on the screen of 1000 cd/m2 that it was made for.
    if (colour.transfer == AVCOL_TRC_SMPTE2084) colour.peak = peak_of(frame, stream);
  } else if (!is_plain_gamut(colour.primaries) || (!rgb && !is_plain_matrix(colour.matrix))) {
    colour.treatment = Colour::Treatment::convert;
    colour.transfer = AVCOL_TRC_BT709;  // the curves of standard range are shown alike
  } else if (rgb) {
    colour.treatment = Colour::Treatment::rgb;
  }
  return colour;
}

Tags tags_after(const Colour& colour) {
  if (colour.treatment != Colour::Treatment::keep) {
    return {AVCOL_PRI_BT709, AVCOL_TRC_BT709, AVCOL_SPC_BT709};
  }
  const bool is_709 = colour.matrix == AVCOL_SPC_BT709;
  return {colour.primaries, is_709 ? AVCOL_TRC_BT709 : AVCOL_TRC_SMPTE170M, colour.matrix};
}

std::string filters_for_video(const Colour& colour, Alpha alpha, Size size) {
  const char* range = colour.range == AVCOL_RANGE_JPEG ? "full" : "limited";
  const char* end = alpha == Alpha::yes ? "format=yuva444p,premultiply=inplace=1,format=yuv420p"
                                        : "format=yuv420p";
  if (needs_conversion(colour)) {
    return fmt::format("scale={}:{},{},{}", size.width, size.height,
                       converted(colour, "bt709", "limited"), end);
  }
  if (colour.treatment == Colour::Treatment::rgb) {
    return fmt::format("scale={}:{}:out_color_matrix=bt709:out_range=limited,{}", size.width,
                       size.height, end);
  }
  return fmt::format("scale={}:{}:in_range={}:out_range=limited,{}", size.width, size.height, range,
                     end);
}

std::string filters_for_still(const Colour& colour, Alpha alpha, Size size) {
  const char* format = alpha == Alpha::yes ? "rgba" : "rgb24";
  if (needs_conversion(colour)) {
    return fmt::format("scale={}:{}:{},{},format={}", size.width, size.height, kSharp,
                       converted(colour, "gbr", "full") + ",format=gbrp", format);
  }
  if (colour.treatment == Colour::Treatment::rgb) {
    return fmt::format("scale={}:{}:{},format={}", size.width, size.height, kSharp, format);
  }
  return fmt::format("scale={}:{}:in_color_matrix={}:in_range={}:{},format={}", size.width,
                     size.height, colour.matrix == AVCOL_SPC_BT709 ? "bt709" : "smpte170m",
                     colour.range == AVCOL_RANGE_JPEG ? "full" : "limited", kSharp, format);
}

}  // namespace lensfs::av
