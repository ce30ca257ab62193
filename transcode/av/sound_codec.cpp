#include "transcode/av/sound_codec.h"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
}

#include <algorithm>
#include <array>

namespace lensfs::av {
namespace {

constexpr int kDefaultKbit = 160;  // of a stereo pair
constexpr int kMostAlacChannels = 8;
constexpr int kPcmPerSecond = 25;  // blocks
constexpr int kBestRate = 48000;

struct Layout {
  AVChannelLayout value{};
  Layout() = default;
  Layout(const Layout&) = delete;
  Layout& operator=(const Layout&) = delete;
  ~Layout() { av_channel_layout_uninit(&value); }
};

bool is_known(const AVChannelLayout& layout) {
  return layout.order == AV_CHANNEL_ORDER_NATIVE || layout.nb_channels <= 2;
}

// The layout under the name that AAC has for it.
void name_layout(Layout& into, const AVChannelLayout& from) {
  if (from.order != AV_CHANNEL_ORDER_NATIVE) {
    av_channel_layout_default(&into.value, from.nb_channels);
  } else if (from.u.mask == AV_CH_LAYOUT_5POINT1) {
    av_channel_layout_from_mask(&into.value, AV_CH_LAYOUT_5POINT1_BACK);
  } else if (from.u.mask == AV_CH_LAYOUT_5POINT0) {
    av_channel_layout_from_mask(&into.value, AV_CH_LAYOUT_5POINT0_BACK);
  } else {
    av_channel_layout_copy(&into.value, &from);
  }
}

int rate_for(const AVCodec& kind, int rate) {
  if (kind.supported_samplerates == nullptr) return rate;
  for (const int* known = kind.supported_samplerates; *known != 0; ++known) {
    if (*known == rate) return rate;
  }
  return kBestRate;
}

Result<CodecContext> open(const AVCodec* kind, const AVCodecParameters& from, AVSampleFormat format,
                          int rate, std::int64_t bit_rate) {
  if (kind == nullptr) return fail(Errc::not_supported, "this FFmpeg has no such encoder");
  CodecContext codec(avcodec_alloc_context3(kind));
  if (!codec) return fail(av_error(AVERROR(ENOMEM), "encode"));
  Layout layout;
  const bool is_pcm = av_get_exact_bits_per_sample(kind->id) != 0;
  if (is_pcm) {
    av_channel_layout_copy(&layout.value, &from.ch_layout);
  } else {
    name_layout(layout, from.ch_layout);
  }
  av_channel_layout_copy(&codec->ch_layout, &layout.value);
  codec->sample_rate = rate;
  codec->sample_fmt = format;
  codec->time_base = {1, rate};
  codec->bit_rate = bit_rate;
  codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
  codec->thread_count = 1;
  if (kind->id == AV_CODEC_ID_AAC) {
    // Noise in place of bands makes decoders disagree about what a file holds.
    av_opt_set_int(codec->priv_data, "aac_pns", 0, 0);
  }
  const int opened = avcodec_open2(codec.get(), kind, nullptr);
  if (opened < 0) return fail(av_error(opened, "encode"));
  if (codec->frame_size == 0) codec->frame_size = std::max(1, rate / kPcmPerSecond);
  return codec;
}

Result<CodecContext> open_pcm(const AVCodecParameters& from, int rate) {
  const bool is_deep = depth_of(from) > 16;
  return open(avcodec_find_encoder(is_deep ? AV_CODEC_ID_PCM_S24LE : AV_CODEC_ID_PCM_S16LE), from,
              is_deep ? AV_SAMPLE_FMT_S32 : AV_SAMPLE_FMT_S16, rate, 0);
}

Result<CodecContext> open_aac(const AVCodecParameters& from, int kbit_per_pair) {
  const AVCodec* kind = avcodec_find_encoder(AV_CODEC_ID_AAC);
  if (kind == nullptr) return fail(Errc::not_supported, "this FFmpeg has no AAC encoder");
  const std::int64_t per_channel = std::int64_t{kbit_per_pair} * 1000 / 2;
  const int channels = from.ch_layout.nb_channels;
  const std::int64_t bit_rate = channels == 1 ? per_channel * 6 / 5 : per_channel * channels;
  return open(kind, from, AV_SAMPLE_FMT_FLTP, rate_for(*kind, from.sample_rate), bit_rate);
}

Result<CodecContext> open_alac(const AVCodecParameters& from) {
  if (from.ch_layout.nb_channels > kMostAlacChannels) {
    return fail(Errc::not_supported,
                "a track of more than eight channels does not fit into this format; MOV takes it");
  }
  const AVSampleFormat format = depth_of(from) > 16 ? AV_SAMPLE_FMT_S32P : AV_SAMPLE_FMT_S16P;
  return open(avcodec_find_encoder(AV_CODEC_ID_ALAC), from, format, from.sample_rate, 0);
}

bool is_pcm_only(Container container) {
  return container == Container::mxf || container == Container::wav;
}

}  // namespace

int depth_of(const AVCodecParameters& from) {
  const AVCodecDescriptor* about = avcodec_descriptor_get(from.codec_id);
  const bool lossy = about != nullptr && (about->props & AV_CODEC_PROP_LOSSLESS) == 0;
  if (lossy && av_get_exact_bits_per_sample(from.codec_id) == 0) return 16;
  const int raw = std::max(from.bits_per_raw_sample, from.bits_per_coded_sample);
  if (raw > 0) return raw > 16 ? 24 : 16;
  return av_get_bytes_per_sample(static_cast<AVSampleFormat>(from.format)) > 2 ? 24 : 16;
}

Result<CodecContext> open_sound(const AVCodecParameters& from, const SoundSettings& settings) {
  if (settings.container == Container::wav) return open_pcm(from, from.sample_rate);
  if (settings.container == Container::mxf) return open_pcm(from, kBestRate);
  if (is_known(from.ch_layout)) {
    const int kbit = settings.kbit_per_pair != 0 ? settings.kbit_per_pair : kDefaultKbit;
    auto aac = open_aac(from, kbit);
    if (aac) return aac;
  }
  if (settings.container == Container::mov) return open_pcm(from, from.sample_rate);
  return open_alac(from);
}

bool same_sound(const SoundSettings& one, const SoundSettings& other) {
  if (is_pcm_only(one.container) || is_pcm_only(other.container)) {
    return one.container == other.container;
  }
  const auto kbit = [](const SoundSettings& settings) {
    return settings.kbit_per_pair != 0 ? settings.kbit_per_pair : kDefaultKbit;
  };
  const bool both_mov = one.container == Container::mov && other.container == Container::mov;
  const bool neither_mov = one.container != Container::mov && other.container != Container::mov;
  return kbit(one) == kbit(other) && (both_mov || neither_mov);
}

}  // namespace lensfs::av
