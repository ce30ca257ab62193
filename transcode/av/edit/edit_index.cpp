#include "transcode/av/edit/edit_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "catalog/base/fd.h"
#include "transcode/av/frame_finder.h"

namespace lensfs::av {
namespace {

constexpr std::int64_t kMostPackets = 50'000'000;
constexpr std::int64_t kMostBoxes = 10'000;

// Whether parts of the index of a MOV lie further on in the file, in boxes of their own.
bool has_fragments(const MediaSource& source) {
  std::int64_t offset = 0;
  for (std::int64_t box = 0; box < kMostBoxes && offset + 8 <= source.size; ++box) {
    std::array<std::byte, 16> head{};
    const auto got = read_full(source.fd, head, offset);
    if (!got || *got < 8) return false;
    const auto number = [&](std::size_t from, std::size_t bytes) {
      std::int64_t value = 0;
      for (std::size_t at = from; at < from + bytes; ++at) {
        value = (value << 8) | std::to_integer<std::int64_t>(head[at]);
      }
      return value;
    };
    if (std::memcmp(&head[4], "moof", 4) == 0 || std::memcmp(&head[4], "sidx", 4) == 0) return true;
    std::int64_t size = number(0, 4);
    if (size == 1) size = number(8, 8);
    if (size < 8 || size > source.size - offset) return false;
    offset += size;
  }
  return false;
}

bool is_indexed(const MediaSource& source, Input& input, const std::vector<int>& tracks) {
  if (std::strncmp(input.format().iformat->name, "mov,", 4) != 0 || has_fragments(source)) {
    return false;
  }
  return std::all_of(tracks.begin(), tracks.end(), [&](int track) {
    return avformat_index_get_entries_count(&input.stream(track)) > 0;
  });
}

AVRational counted_at(const EditPlan& plan) {
  return plan.clip.timecode ? counting_rate(*plan.clip.timecode, plan.clip.rate.rate)
                            : plan.clip.rate.rate;
}

// The last slot may hold less sound than a slot.
std::int64_t slots_of_sound(const EditPlan& plan, const SoundIndex& sounds) {
  std::int64_t slots = 0;
  for (std::size_t sound = 0; sound < plan.sounds.size(); ++sound) {
    const AVRational sample{1, plan.sounds[sound].source_rate};
    slots = std::max(slots, av_rescale_q_rnd(std::max<std::int64_t>(sounds.tracks[sound].end, 0),
                                             sample, inverse(plan.frames), AV_ROUND_UP));
  }
  return slots;
}

Status choose_part(const EditPlan& plan, EditIndex& index, const std::string& at,
                   std::int64_t whole) {
  index.first = 0;
  index.count = whole;
  if (at.empty()) return {};
  const std::size_t plus = at.find('+');
  LENSFS_TRY(const std::int64_t own, slot_named(at.substr(0, plus), plan.clip));
  std::string length = at.substr(std::min(plus, at.size() - 1) + 1);
  std::replace(length.begin(), length.end(), '.', ':');
  const bool drops = plan.clip.timecode && is_drop_frame(plan.clip.timecode->text);
  if (drops && length.size() > 8) length[8] = ';';
  const auto frames = frames_of(length, counted_at(plan));
  if (!frames || *frames < 1) return fail(Error(Errc::invalid, "not a part of this clip").with(at));
  const AVRational slot = inverse(plan.frames);
  index.first = av_rescale_q(own, inverse(plan.clip.rate.rate), slot);
  if (index.first >= whole) return fail(Error(Errc::not_found, "behind the clip's end").with(at));
  const std::int64_t wanted = av_rescale_q(*frames, inverse(counted_at(plan)), slot);
  index.count = std::clamp<std::int64_t>(wanted, 1, whole - index.first);
  return {};
}

// The sizes in an AIFF have 32 bits.
Status check_size(const EditPlan& plan, const EditIndex& index) {
  if (plan.container != Container::aiff) return {};
  constexpr std::int64_t kMost = (std::int64_t{4} << 30) - (std::int64_t{1} << 20);
  std::int64_t bytes = 0;
  for (std::size_t sound = 0; sound < plan.sounds.size(); ++sound) {
    bytes += samples_of(plan, index, sound) * plan.sounds[sound].frame_bytes();
  }
  if (bytes > kMost) return fail(Errc::too_big, "more than an AIFF holds (4 GiB); WAV takes it");
  return {};
}

std::string timecode_text(std::int64_t frames, AVRational rate, bool drops) {
  const auto count = static_cast<std::int64_t>(av_q2d(rate) + 0.5);
  if (drops && count % 30 == 0) {
    // Two numbers of each minute but the tenth are not used.
    const std::int64_t dropped = count / 30 * 2;
    const std::int64_t in_minute = count * 60 - dropped;
    const std::int64_t in_ten = in_minute * 10 + dropped;
    const std::int64_t rest = frames % in_ten;
    frames += frames / in_ten * 9 * dropped;
    if (rest >= count * 60) frames += dropped * ((rest - count * 60) / in_minute + 1);
  }
  const std::int64_t seconds = frames / count;
  return fmt::format("{:02}:{:02}:{:02}{}{:02}", seconds / 3600 % 24, seconds / 60 % 60,
                     seconds % 60, drops ? ';' : ':', frames % count);
}

}  // namespace

void set_part(EditPlan& plan, const EditIndex& index) {
  if (index.first == 0 || !plan.clip.timecode) return;
  const AVRational counted = counted_at(plan);
  const auto start = frames_of(plan.clip.timecode->text, counted);
  if (!start) return;
  const std::int64_t later = av_rescale_q(index.first, inverse(plan.frames), inverse(counted));
  plan.clip.timecode->text =
      timecode_text(*start + later, counted, is_drop_frame(plan.clip.timecode->text));
}

EditScan::EditScan(const MediaSource& source, Input& input, const EditPlan& tracks)
    : source_(source), input_(input), tracks_(tracks), sounds_(input, tracks) {
  if (tracks_.clip.video >= 0) {
    frames_.emplace(input.stream(tracks_.clip.video));
    wanted_.push_back(tracks_.clip.video);
  }
  for (std::size_t sound = 0; sound < tracks_.sounds.size(); ++sound) {
    if (sounds_.wants(sound)) wanted_.push_back(tracks_.sounds[sound].stream);
  }
  is_indexed_ = is_indexed(source, input, wanted_);
  done_ = std::async(is_indexed_ ? std::launch::async : std::launch::deferred,
                     [this] { return read(); });
}

Status EditScan::read() {
  if (wanted_.empty()) return {};
  LENSFS_TRY(auto input,
             Input::open(source_, is_indexed_ ? Input::Depth::index : Input::Depth::tracks));
  input->choose(wanted_);
  if (is_indexed_) input->pretend_to_read();
  for (std::int64_t packets = 0; packets < kMostPackets; ++packets) {
    LENSFS_TRY(const Packet packet, input->read());
    if (!packet) return {};
    if (frames_ && packet->stream_index == tracks_.clip.video) frames_->note(*packet);
    for (std::size_t sound = 0; sound < tracks_.sounds.size(); ++sound) {
      const bool is_its = packet->stream_index == tracks_.sounds[sound].stream;
      if (is_its && sounds_.wants(sound)) sounds_.note(sound, *packet);
    }
  }
  return fail(Errc::too_big, "more than 50 million packets");
}

Result<EditIndex> EditScan::finish(EditPlan& plan, const Recipe& recipe) {
  LENSFS_CHECK(done_.get());
  EditIndex index;
  if (frames_) {
    LENSFS_TRY(index.frames, frames_->finish(plan.clip.rate, plan.frames));
    index.sounds =
        sounds_.finish(index.frames.pts.front(), input_.stream(plan.clip.video).time_base);
  } else {
    index.sounds = sounds_.finish(sounds_.start_us(), AVRational{1, AV_TIME_BASE});
  }
  const std::int64_t whole = frames_ ? index.frames.count : slots_of_sound(plan, index.sounds);
  if (whole <= 0) return fail(Errc::corrupt, "nobody knows how long it is");
  LENSFS_CHECK(choose_part(plan, index, recipe.at, whole));
  LENSFS_CHECK(check_size(plan, index));
  set_part(plan, index);
  return index;
}

std::int64_t sample_at(const EditPlan& plan, const EditIndex& index, std::size_t sound,
                       std::int64_t slot) {
  const AVRational length = inverse(plan.frames);
  const AVRational sample{1, plan.sounds[sound].rate};
  // The slots of a part are cut as those of a clip that begins there: muxers count from 0.
  return av_rescale_q(index.first, length, sample) + av_rescale_q(slot, length, sample);
}

std::int64_t samples_of(const EditPlan& plan, const EditIndex& index, std::size_t sound) {
  const std::int64_t first = sample_at(plan, index, sound, 0);
  std::int64_t end = sample_at(plan, index, sound, index.count);
  if (plan.clip.video < 0) {
    const SoundPlan& one = plan.sounds[sound];
    end = std::min(end, av_rescale_rnd(index.sounds.tracks[sound].end, one.rate, one.source_rate,
                                       AV_ROUND_UP));
  }
  return std::max<std::int64_t>(end - first, 0);
}

}  // namespace lensfs::av
