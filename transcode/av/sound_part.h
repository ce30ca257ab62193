// SoundPart: one track of sound on its way into outputs and waveforms.
#pragma once

#include <functional>
#include <list>
#include <optional>

#include "transcode/av/decoder.h"
#include "transcode/av/peaks.h"
#include "transcode/av/sound_track.h"

namespace lensfs::av {

class SoundPart {
 public:
  [[nodiscard]] static Result<SoundPart> make(Input& input, int stream);

  [[nodiscard]] int stream() const { return decoder_.stream(); }
  // The encoding of these settings that begins at this time, made if there is none yet. It stays
  // where it is as long as this part. Before take().
  [[nodiscard]] Result<SoundEncoding*> encoding_for(const SoundSettings& settings,
                                                    const SoundEncoding::Span& span);
  // From now on peaks are gathered, too.
  Peaks& peaks();

  // null: the end. Then finish().
  [[nodiscard]] Status take(const AVPacket* packet);
  // Encodes what is left. `least_ns` says how long an encoding must be at least, if anything.
  using Least = std::function<std::optional<std::int64_t>(const SoundEncoding&)>;
  [[nodiscard]] Status finish(const Least& least_ns);
  // After the end: whether there was anything to hear.
  [[nodiscard]] Status verdict() const { return decoder_.verdict(); }

 private:
  struct Timed {
    SoundEncoding encoding;
    std::int64_t zero_us;
  };
  SoundPart(Input& input, Decoder decoder)
      : input_(&input), decoder_(std::move(decoder)), decoded_(new_frame()) {}

  Input* input_;
  Decoder decoder_;
  Frame decoded_;
  std::list<Timed> encodings_;
  std::optional<Peaks> peaks_;
};

}  // namespace lensfs::av
