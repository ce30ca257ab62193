// EditPlan: what an edit recipe makes of one source, as far as the first frame and what the tracks
// say of themselves decide it.
//
// Size: each side of the stored raster divided by the recipe's divisor, to the nearest even number;
// the shape of a pixel stays. Where that is below 256x120, which DNxHR does not go, the next
// smaller divisor is taken, and below the raster itself the smallest whole multiple. MOV says how
// the picture is turned, as the original does; in MXF it is turned.
//
// Colour: primaries and transfer stay and are tagged as the original's, high dynamic range too.
// DNxHR knows the matrices of BT.709 and BT.2020 and no others, and its decoders go by what it
// says: all others, RGB as well, become that of BT.709. What pictures without tags mean says
// colour.h. Full range becomes limited.
//
// Sound: PCM of 24 bits where the original has more than 16, else 16; every track with its channels
// and its rate, in MXF 48 kHz. WAV and AIFF have the channels of the first track; but where there
// are several and each has one channel, as recorders and MXF write them, those of all.
#pragma once

#include <optional>
#include <vector>

#include "transcode/av/clip.h"
#include "transcode/av/glimpse.h"
#include "transcode/av/output.h"

namespace lensfs::av {

struct PicturePlan {
  Look look;  // of the source
  AVRational rate{25, 1};
  Size size;  // as coded
  AVRational pixel_aspect{1, 1};
  Tags tags{};
  const char* profile = "dnxhr_lb";
  AVPixelFormat format = AV_PIX_FMT_YUV422P;
  enum class Turning { kept, done };  // left to who shows it, or done to the pixels
  Turning turning = Turning::kept;
};

struct SoundPlan {
  int stream = -1;  // of the source
  int source_rate = 0;
  int rate = 0;
  int channels = 0;
  int bytes = 2;  // of a sample: 2 or 3
  [[nodiscard]] int frame_bytes() const { return channels * bytes; }
};

struct EditPlan {
  Container container = Container::mov;
  Clip clip;
  std::optional<PicturePlan> picture;  // none in WAV and AIFF, even if there is one in the source
  std::vector<SoundPlan> sounds;
  AVRational frames{25, 1};  // the rate of its slots, also of those that would show the frames
  bool is_merged = false;    // all sounds are one track of the file
  [[nodiscard]] std::size_t tracks() const { return is_merged ? 1 : sounds.size(); }  // of sound
};

// Which tracks the rendition shows. not_supported where the source has nothing that the format
// shows.
[[nodiscard]] Result<EditPlan> plan_tracks(Input& input, const Recipe& recipe);
// What becomes of the picture of these tracks, if they have one: its first keyframe is decoded.
[[nodiscard]] Status plan_look(Input& input, EditPlan& plan, const Recipe& recipe);
// Both. `known`: how the source looks, if that was found out before.
[[nodiscard]] Result<EditPlan> plan_edit(Input& input, const Recipe& recipe, const Look* known);

// The size for this raster and divisor (1, 2 or 4).
[[nodiscard]] Size edit_size(Size raster, int divisor);

}  // namespace lensfs::av
