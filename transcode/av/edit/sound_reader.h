// SoundReader: the samples of a source's tracks on the timeline of an edit rendition, where sample
// 0 is at time zero and whatever the source does not have is silent.
//
// The timeline is cut into whole seconds from zero, and each is decoded by a decoder of its own
// that begins at the same packet, some time before it, whoever asks: what a sample is depends on
// the source alone. Decoders that make noise of their own (AAC) would else tell in which order
// things were read. Where rates differ, the resampler begins a second before, too, on a whole
// second.
#pragma once

#include <list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "transcode/av/edit/plan.h"
#include "transcode/av/edit/sound_index.h"
#include "transcode/av/input.h"

namespace lensfs::av {

class SoundReader {
 public:
  // Everything must outlive it. The source is opened when it is needed first. `zero_us`: the
  // source's time that is 0.
  SoundReader(const MediaSource& source, const EditPlan& plan, const SoundIndex& index)
      : source_(&source), plan_(&plan), index_(&index) {}

  // Appends `count` samples of this track (of the plan) from sample `from` on, as PCM, little
  // endian, its channels interleaved. The answer: whether the source could not be read there.
  [[nodiscard]] Result<bool> read(std::size_t track, std::int64_t from, std::int64_t count,
                                  std::string& into);

 private:
  struct Block {
    std::size_t track;
    std::int64_t second;
    std::string pcm;
    bool is_damaged;
  };
  [[nodiscard]] Result<const Block*> block(std::size_t track, std::int64_t second);

  const MediaSource* source_;
  const EditPlan* plan_;
  const SoundIndex* index_;
  std::unique_ptr<Input> input_;
  std::list<Block> blocks_;  // used last comes first
};

}  // namespace lensfs::av
