#include "transcode/av/edit/sound_reader.h"

#include <algorithm>

#include "transcode/av/edit/sound_block.h"

namespace lensfs::av {
namespace {

constexpr std::size_t kBlocksPerTrack = 3;

std::int64_t second_of(std::int64_t sample, std::int64_t rate) {
  return sample >= 0 ? sample / rate : -((-sample + rate - 1) / rate);
}

}  // namespace

Result<bool> SoundReader::read(std::size_t track, std::int64_t from, std::int64_t count,
                               std::string& into) {
  const SoundPlan& plan = plan_->sounds[track];
  bool is_damaged = false;
  while (count > 0) {
    const std::int64_t second = second_of(from, plan.rate);
    LENSFS_TRY(const Block* const found, block(track, second));
    const std::int64_t in_block = from - second * plan.rate;
    const std::int64_t now = std::min(count, plan.rate - in_block);
    into.append(found->pcm, static_cast<std::size_t>(in_block * plan.frame_bytes()),
                static_cast<std::size_t>(now * plan.frame_bytes()));
    is_damaged = is_damaged || found->is_damaged;
    from += now;
    count -= now;
  }
  return is_damaged;
}

Result<const SoundReader::Block*> SoundReader::block(std::size_t track, std::int64_t second) {
  const auto found = std::find_if(blocks_.begin(), blocks_.end(), [&](const Block& block) {
    return block.track == track && block.second == second;
  });
  if (found != blocks_.end()) {
    blocks_.splice(blocks_.begin(), blocks_, found);
    return &blocks_.front();
  }
  if (!input_) {
    LENSFS_TRY(input_, Input::open(*source_));
  }
  LENSFS_TRY(SoundBlock decoded, decode_second(*source_, input_, plan_->sounds[track],
                                               index_->tracks[track], plan_->clip.video, second));
  blocks_.push_front({track, second, std::move(decoded.pcm), decoded.is_damaged});
  while (blocks_.size() > kBlocksPerTrack * plan_->sounds.size()) blocks_.pop_back();
  return &blocks_.front();
}

}  // namespace lensfs::av
