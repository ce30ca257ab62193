// PcmTracks: sound as the tracks of the rendition's file have it.
#pragma once

#include <string>

#include "transcode/av/edit/edit_index.h"
#include "transcode/av/edit/sound_reader.h"

namespace lensfs::av {

// How many bytes a sample of all channels takes in this track of the file.
[[nodiscard]] int frame_bytes(const EditPlan& plan, std::size_t track);
// Samples a second of it, and in all.
[[nodiscard]] int rate_of(const EditPlan& plan, std::size_t track);
[[nodiscard]] std::int64_t length_of(const EditPlan& plan, const EditIndex& index,
                                     std::size_t track);
// Seconds over all tracks; the last one may be short.
[[nodiscard]] std::int64_t seconds_of(const EditPlan& plan, const EditIndex& index);
// Samples that a track has of this second.
[[nodiscard]] std::int64_t samples_in(const EditPlan& plan, const EditIndex& index,
                                      std::size_t track, std::int64_t second);

class PcmTracks {
 public:
  // Everything must outlive it.
  PcmTracks(const MediaSource& source, const EditPlan& plan, const EditIndex& index)
      : plan_(&plan), index_(&index), reader_(source, plan, index.sounds) {}

  // Appends the samples [from, from + count) of the rendition; whether the source could not be read
  // there.
  [[nodiscard]] Result<bool> read(std::size_t track, std::int64_t from, std::int64_t count,
                                  std::string& into);

 private:
  const EditPlan* plan_;
  const EditIndex* index_;
  SoundReader reader_;
};

}  // namespace lensfs::av
