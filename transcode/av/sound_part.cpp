#include "transcode/av/sound_part.h"

#include <utility>

namespace lensfs::av {

Result<SoundPart> SoundPart::make(Input& input, int stream) {
  LENSFS_TRY(Decoder decoder, Decoder::open(input, stream));
  return SoundPart(input, std::move(decoder));
}

Result<SoundEncoding*> SoundPart::encoding_for(const SoundSettings& settings,
                                               const SoundEncoding::Span& span) {
  for (Timed& timed : encodings_) {
    if (timed.zero_us == span.zero_us && same_sound(timed.encoding.settings(), settings)) {
      return &timed.encoding;
    }
  }
  LENSFS_TRY(SoundEncoding encoding, SoundEncoding::make(input_->stream(stream()), settings, span));
  encodings_.push_back(Timed{std::move(encoding), span.zero_us});
  return &encodings_.back().encoding;
}

Peaks& SoundPart::peaks() {
  if (!peaks_) peaks_.emplace();
  return *peaks_;
}

Status SoundPart::take(const AVPacket* packet) {
  LENSFS_CHECK(decoder_.send(packet));
  for (;;) {
    LENSFS_TRY(const bool got, decoder_.receive(*decoded_));
    if (!got) return {};
    const bool usable = decoded_->nb_samples > 0 && decoded_->ch_layout.nb_channels > 0;
    if (usable) {
      for (Timed& timed : encodings_) LENSFS_CHECK(timed.encoding.take(*decoded_));
      if (peaks_) LENSFS_CHECK(peaks_->take(*decoded_));
    }
    av_frame_unref(decoded_.get());
  }
}

Status SoundPart::finish(const Least& least_ns) {
  for (Timed& timed : encodings_) {
    LENSFS_CHECK(timed.encoding.finish(least_ns(timed.encoding)));
  }
  return {};
}

}  // namespace lensfs::av
