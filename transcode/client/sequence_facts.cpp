#include "transcode/client/sequence_facts.h"

#include "catalog/model/sequence.h"

namespace lensfs {

Result<MediaFacts> facts_of_sequence(int manifest, const Recipe& recipe) {
  LENSFS_TRY(const std::vector<NewFrame> frames, read_manifest(manifest));
  const FramesPerSecond fps = rate_of(recipe);
  MediaFacts facts{.rate_numerator = fps.frames, .rate_denominator = fps.seconds};
  facts.frames = number(frames.back().number) - number(frames.front().number) + 1;
  facts.picture_ns = facts.frames * kNanosecondsPerSecond * fps.seconds / fps.frames;
  return facts;
}

}  // namespace lensfs
