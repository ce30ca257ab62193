#include "transcode/av/edit/pcm_tracks.h"

#include <algorithm>
#include <cstring>

namespace lensfs::av {
namespace {

void to_big_endian(std::string& pcm, std::size_t from, std::size_t bytes) {
  for (std::size_t at = from; at + bytes <= pcm.size(); at += bytes) {
    std::swap(pcm[at], pcm[at + bytes - 1]);
  }
}

// Channel after channel, sample by sample.
void interleave(const std::vector<std::string>& channels, std::size_t bytes, std::string& into) {
  const std::size_t count = channels.front().size() / bytes;
  std::size_t at = into.size();
  into.resize(at + count * channels.size() * bytes);
  for (std::size_t sample = 0; sample < count; ++sample) {
    for (const std::string& channel : channels) {
      std::memcpy(&into[at], &channel[sample * bytes], bytes);
      at += bytes;
    }
  }
}

}  // namespace

int frame_bytes(const EditPlan& plan, std::size_t track) {
  if (!plan.is_merged) return plan.sounds[track].frame_bytes();
  return static_cast<int>(plan.sounds.size()) * plan.sounds.front().bytes;
}

int rate_of(const EditPlan& plan, std::size_t track) {
  return plan.sounds[track].rate;
}

std::int64_t length_of(const EditPlan& plan, const EditIndex& index, std::size_t track) {
  if (!plan.is_merged) return samples_of(plan, index, track);
  std::int64_t most = 0;
  for (std::size_t sound = 0; sound < plan.sounds.size(); ++sound) {
    most = std::max(most, samples_of(plan, index, sound));
  }
  return most;
}

std::int64_t seconds_of(const EditPlan& plan, const EditIndex& index) {
  std::int64_t seconds = 0;
  for (std::size_t track = 0; track < plan.tracks(); ++track) {
    const std::int64_t rate = rate_of(plan, track);
    seconds = std::max(seconds, (length_of(plan, index, track) + rate - 1) / rate);
  }
  return seconds;
}

std::int64_t samples_in(const EditPlan& plan, const EditIndex& index, std::size_t track,
                        std::int64_t second) {
  const std::int64_t rate = rate_of(plan, track);
  return std::clamp<std::int64_t>(length_of(plan, index, track) - second * rate, 0, rate);
}

Result<bool> PcmTracks::read(std::size_t track, std::int64_t from, std::int64_t count,
                             std::string& into) {
  const std::size_t begin = into.size();
  const auto bytes = static_cast<std::size_t>(plan_->sounds[track].bytes);
  bool is_damaged = false;
  if (!plan_->is_merged) {
    const std::int64_t first = sample_at(*plan_, *index_, track, 0) + from;
    LENSFS_TRY(is_damaged, reader_.read(track, first, count, into));
  } else {
    std::vector<std::string> channels(plan_->sounds.size());
    for (std::size_t sound = 0; sound < channels.size(); ++sound) {
      const std::int64_t first = sample_at(*plan_, *index_, sound, 0) + from;
      LENSFS_TRY(const bool damaged, reader_.read(sound, first, count, channels[sound]));
      is_damaged = is_damaged || damaged;
    }
    interleave(channels, bytes, into);
  }
  if (plan_->container == Container::aiff) to_big_endian(into, begin, bytes);
  return is_damaged;
}

}  // namespace lensfs::av
