#include "transcode/av/rate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <utility>

namespace lensfs::av {
namespace {

constexpr std::array kStandard = {
    AVRational{1, 1},         AVRational{2, 1},         AVRational{3, 1},        AVRational{4, 1},
    AVRational{5, 1},         AVRational{6, 1},         AVRational{8, 1},        AVRational{10, 1},
    AVRational{12, 1},        AVRational{25, 2},        AVRational{15, 1},       AVRational{18, 1},
    AVRational{20, 1},        AVRational{24000, 1001},  AVRational{24, 1},       AVRational{25, 1},
    AVRational{30000, 1001},  AVRational{30, 1},        AVRational{48000, 1001}, AVRational{48, 1},
    AVRational{50, 1},        AVRational{60000, 1001},  AVRational{60, 1},       AVRational{90, 1},
    AVRational{100, 1},       AVRational{120000, 1001}, AVRational{120, 1},      AVRational{200, 1},
    AVRational{240000, 1001}, AVRational{240, 1}};
constexpr std::array kMxf = {AVRational{24000, 1001}, AVRational{24, 1}, AVRational{25, 1},
                             AVRational{30000, 1001}, AVRational{30, 1}, AVRational{50, 1},
                             AVRational{60000, 1001}, AVRational{60, 1}};
constexpr double kSame = 0.0005;       // of the rate
constexpr double kEvenShare = 0.98;    // of the distances
constexpr double kEvenSpread = 0.015;  // of the distance
constexpr double kMostRate = 1000;
constexpr double kMostError = 0.004;  // of a measured rate
constexpr std::int64_t kMostDistance = INT64_C(1) << 32;
constexpr std::size_t kMeasured = 120;  // frames
constexpr std::int64_t kMostBytes = 32 << 20;

double distance(AVRational one, AVRational other) {
  return std::abs(std::log(av_q2d(one) / av_q2d(other)));
}

template <std::size_t N>
AVRational nearest(const std::array<AVRational, N>& rates, AVRational to) {
  return *std::min_element(rates.begin(), rates.end(), [&](AVRational one, AVRational other) {
    return distance(one, to) < distance(other, to);
  });
}

bool is_rate(AVRational rate) {
  return rate.num > 0 && rate.den > 0 && av_q2d(rate) <= kMostRate;
}

std::vector<std::int64_t> distances_of(AVStream& stream) {
  const int count = avformat_index_get_entries_count(&stream);
  std::vector<std::int64_t> distances;
  std::int64_t before = AV_NOPTS_VALUE;
  for (int index = 0; index < count; ++index) {
    const AVIndexEntry* entry = avformat_index_get_entry(&stream, index);
    if (entry == nullptr) break;
    if (before != AV_NOPTS_VALUE && entry->timestamp > before) {
      distances.push_back(entry->timestamp - before);
    }
    before = entry->timestamp;
  }
  return distances;
}

// Whether every frame is in the index; elsewhere it holds keyframes, or what was read so far.
bool index_is_whole(const AVStream& stream, std::size_t distances) {
  return distances >= 2 && stream.nb_frames > 0 &&
         static_cast<std::int64_t>(distances) + 2 >= stream.nb_frames;
}

// The times of the first frames, as far as they are known.
Result<std::vector<std::int64_t>> measured_distances(Input& input, int stream) {
  std::deque<Packet> seen;
  std::vector<std::int64_t> times;
  std::int64_t bytes = 0;
  while (times.size() < kMeasured && bytes < kMostBytes) {
    LENSFS_TRY(Packet packet, input.read());
    if (!packet) break;
    if (packet->stream_index == stream && packet->pts != AV_NOPTS_VALUE) {
      times.push_back(packet->pts);
    }
    bytes += packet->size;
    seen.push_back(std::move(packet));
  }
  input.put_back(std::move(seen));
  std::sort(times.begin(), times.end());
  std::vector<std::int64_t> distances;
  for (std::size_t index = 1; index < times.size(); ++index) {
    if (times[index] > times[index - 1]) distances.push_back(times[index] - times[index - 1]);
  }
  return distances;
}

}  // namespace

AVRational snap_even(AVRational rate, double error) {
  const AVRational standard = nearest(kStandard, rate);
  if (distance(standard, rate) <= std::max(error, kSame)) return standard;
  AVRational reduced{};
  av_reduce(&reduced.num, &reduced.den, rate.num, rate.den, 1'000'000);
  return reduced;
}

AVRational snap_uneven(AVRational average) {
  return nearest(kStandard, average);
}

std::optional<FrameRate> rate_from(const std::vector<std::int64_t>& distances,
                                   AVRational time_base) {
  if (distances.size() < 2) return std::nullopt;
  std::vector<std::int64_t> sorted = distances;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  const std::int64_t median = *middle;
  const auto spread =
      std::max<std::int64_t>(1, std::llround(static_cast<double>(median) * kEvenSpread));
  std::int64_t whole = 0;
  std::int64_t sum = 0;
  std::int64_t fitting = 0;
  for (const std::int64_t one : distances) {
    if (one > kMostDistance) return std::nullopt;
    whole += one;
    if (std::abs(one - median) > spread) continue;
    sum += one;
    ++fitting;
  }
  const auto count = static_cast<std::int64_t>(distances.size());
  const bool even = static_cast<double>(fitting) >= kEvenShare * static_cast<double>(count);
  AVRational rate{};
  av_reduce(&rate.num, &rate.den, (even ? fitting : count) * time_base.den,
            (even ? sum : whole) * time_base.num, INT32_MAX);
  if (!is_rate(rate)) return std::nullopt;
  // Where ticks are coarse, a few frames tell the rate no better than this.
  const double error = std::min(kMostError, 1.0 / static_cast<double>(sum));
  if (even) return FrameRate{snap_even(rate, error), FrameRate::Kind::even};
  return FrameRate{snap_uneven(rate), FrameRate::Kind::uneven};
}

Result<FrameRate> frame_rate_of(Input& input, int number) {
  AVStream& stream = input.stream(number);
  const AVRational average = stream.avg_frame_rate;
  const AVRational guess = stream.r_frame_rate;
  const std::vector<std::int64_t> distances = distances_of(stream);
  if (index_is_whole(stream, distances.size())) {
    const auto indexed = rate_from(distances, stream.time_base);
    const bool uneven = indexed && indexed->kind == FrameRate::Kind::uneven;
    if (uneven && is_rate(average)) return FrameRate{snap_uneven(average), indexed->kind};
    if (indexed) return *indexed;
  }
  if (is_rate(average) && is_rate(guess) && distance(average, guess) < 0.005) {
    return FrameRate{snap_even(guess, 0), FrameRate::Kind::even};
  }
  LENSFS_TRY(const auto measured, measured_distances(input, number));
  if (const auto rate = rate_from(measured, stream.time_base)) return *rate;
  if (is_rate(average)) return FrameRate{snap_uneven(average), FrameRate::Kind::uneven};
  if (is_rate(guess)) return FrameRate{snap_uneven(guess), FrameRate::Kind::uneven};
  return FrameRate{};
}

AVRational mxf_rate(AVRational rate) {
  return nearest(kMxf, rate);
}

}  // namespace lensfs::av
