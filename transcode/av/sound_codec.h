// Which codec carries a track of sound, in which container.
//
// Channels are never mixed down. MOV, MP4 and M4A take AAC wherever the layout of the channels is
// known and AAC has it; the two side channels of 5.1 are then called back channels. Channels
// without a layout (more than two: recorders, MXF) and layouts that AAC lacks stay uncompressed in
// MOV; MP4 and M4A take them as ALAC, up to eight. WAV and MXF are PCM, of 16 bits where the source
// has no more, else of 24. MXF is always 48 kHz; AAC keeps the rates that it has, others become
// 48 kHz.
#pragma once

#include "transcode/av/output.h"

namespace lensfs::av {

struct SoundSettings {
  Container container = Container::mov;
  int kbit_per_pair = 0;  // of AAC; 0: 160
};

// `from` describes the track. Its time base is one sample.
[[nodiscard]] Result<CodecContext> open_sound(const AVCodecParameters& from,
                                              const SoundSettings& settings);
// Bits that a sample of PCM made of it needs: 16 or 24.
[[nodiscard]] int depth_of(const AVCodecParameters& from);
// Whether both would give the same packets for the same track.
[[nodiscard]] bool same_sound(const SoundSettings& one, const SoundSettings& other);

}  // namespace lensfs::av
