// Colour: what a clip's numbers mean, and what is done to show them.
//
// Renditions have 8 bits and standard range. BT.709 stays as it is; so does BT.601, and is tagged
// as such: converting would cost time and precision and gain nothing, since every player reads the
// tag. Untagged pictures of up to 576 lines are taken for BT.601, larger ones for BT.709; RGB
// becomes BT.709. Full range becomes limited. PQ and HLG are tone-mapped to BT.709: reference white
// (203 cd/m2) and below keep their brightness as far as a Mobius curve from 0.3 lets them. Wide
// primaries (BT.2020, P3) and rare matrices are converted to BT.709.
#pragma once

#include <string>

#include "transcode/av/geometry.h"
#include "transcode/av/handles.h"

namespace lensfs::av {

struct Colour {
  enum class Treatment {
    keep,      // matrix and primaries stay, at most the range changes
    rgb,       // RGB to BT.709
    convert,   // another gamut or matrix to BT.709
    tone_map,  // high dynamic range to BT.709
  };
  Treatment treatment = Treatment::keep;
  AVColorPrimaries primaries = AVCOL_PRI_BT709;
  AVColorTransferCharacteristic transfer = AVCOL_TRC_BT709;
  AVColorSpace matrix = AVCOL_SPC_BT709;
  AVColorRange range = AVCOL_RANGE_MPEG;
  double peak = 10;  // brightest, in units of 100 cd/m2; only for tone_map
};

// Of a frame as it came from the decoder of this track.
[[nodiscard]] Colour colour_of(const AVFrame& frame, const AVStream& stream);

// Tags that pictures have after filters_for_video.
struct Tags {
  AVColorPrimaries primaries;
  AVColorTransferCharacteristic transfer;
  AVColorSpace matrix;
};
[[nodiscard]] Tags tags_after(const Colour& colour);

// Filters from the decoder's format to 8-bit 4:2:0 in limited range at this size, what is
// transparent over black; no comma around.
enum class Alpha { no, yes };
[[nodiscard]] std::string filters_for_video(const Colour& colour, Alpha alpha, Size size);
// To RGB of 8 bits at this size; with alpha where there is some.
[[nodiscard]] std::string filters_for_still(const Colour& colour, Alpha alpha, Size size);

}  // namespace lensfs::av
