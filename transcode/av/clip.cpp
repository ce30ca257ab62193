#include "transcode/av/clip.h"

namespace lensfs::av {
namespace {

bool is_cover(const AVStream& stream) {
  return (stream.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS)) !=
         0;
}

bool can_decode(const AVStream& stream) {
  return avcodec_find_decoder(stream.codecpar->codec_id) != nullptr;
}

// The first of the tracks that are meant to be shown, else the first.
int pick_video(const AVFormatContext& format) {
  int first = -1;
  for (unsigned index = 0; index < format.nb_streams; ++index) {
    const AVStream& stream = *format.streams[index];
    if (stream.codecpar->codec_type != AVMEDIA_TYPE_VIDEO || is_cover(stream)) continue;
    if (!can_decode(stream)) continue;
    if ((stream.disposition & AV_DISPOSITION_DEFAULT) != 0) return static_cast<int>(index);
    if (first < 0) first = static_cast<int>(index);
  }
  return first;
}

}  // namespace

Result<Clip> clip_of(Input& input) {
  const AVFormatContext& format = input.format();
  Clip clip;
  clip.video = pick_video(format);
  for (unsigned index = 0; index < format.nb_streams; ++index) {
    const AVStream& stream = *format.streams[index];
    const AVCodecParameters& codec = *stream.codecpar;
    if (codec.codec_type == AVMEDIA_TYPE_AUDIO && codec.sample_rate > 0 &&
        codec.ch_layout.nb_channels > 0 && can_decode(stream)) {
      clip.sounds.push_back(static_cast<int>(index));
    }
    if (clip.cover < 0 && (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0) {
      clip.cover = static_cast<int>(index);
    }
  }
  if (clip.video >= 0) {
    LENSFS_TRY(clip.rate, frame_rate_of(input, clip.video));
  }
  if (format.duration > 0) clip.duration_us = format.duration;
  clip.timecode = timecode_of(format, clip.video);
  return clip;
}

double seconds_of(Input& input, const Clip& clip) {
  if (clip.video >= 0) {
    const AVStream& stream = input.stream(clip.video);
    if (stream.duration > 0) {
      return static_cast<double>(stream.duration) * av_q2d(stream.time_base);
    }
  }
  return static_cast<double>(clip.duration_us) / AV_TIME_BASE;
}

}  // namespace lensfs::av
