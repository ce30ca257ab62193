#include "transcode/av/rate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

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

// The rate that the index tells; nothing where the distances differ.
std::optional<AVRational> even_rate(std::vector<std::int64_t> distances, AVRational time_base) {
  std::vector<std::int64_t> sorted = distances;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  const std::int64_t median = *middle;
  const auto spread =
      std::max<std::int64_t>(1, std::llround(static_cast<double>(median) * kEvenSpread));
  std::int64_t sum = 0;
  std::int64_t fitting = 0;
  for (const std::int64_t one : distances) {
    if (std::abs(one - median) > spread || one > INT64_C(1) << 40) continue;
    sum += one;
    ++fitting;
  }
  if (static_cast<double>(fitting) < kEvenShare * static_cast<double>(distances.size())) {
    return std::nullopt;
  }
  AVRational rate{};
  av_reduce(&rate.num, &rate.den, fitting * time_base.den, sum * time_base.num, 1'000'000);
  return rate;
}

}  // namespace

AVRational snap_even(AVRational rate) {
  const AVRational standard = nearest(kStandard, rate);
  if (distance(standard, rate) <= kSame) return standard;
  AVRational reduced{};
  av_reduce(&reduced.num, &reduced.den, rate.num, rate.den, 1'000'000);
  return reduced;
}

AVRational snap_uneven(AVRational average) {
  return nearest(kStandard, average);
}

FrameRate frame_rate_of(AVStream& stream) {
  const AVRational average = stream.avg_frame_rate;
  const AVRational guess = stream.r_frame_rate;
  const std::vector<std::int64_t> distances = distances_of(stream);
  if (index_is_whole(stream, distances.size())) {
    const auto even = even_rate(distances, stream.time_base);
    if (even && is_rate(*even)) return {snap_even(*even), FrameRate::Kind::even};
    if (!even && is_rate(average)) return {snap_uneven(average), FrameRate::Kind::uneven};
  }
  if (is_rate(average) && is_rate(guess) && distance(average, guess) < 0.005) {
    return {snap_even(guess), FrameRate::Kind::even};
  }
  if (is_rate(average)) return {snap_uneven(average), FrameRate::Kind::uneven};
  if (is_rate(guess)) return {snap_uneven(guess), FrameRate::Kind::uneven};
  return {};
}

AVRational mxf_rate(AVRational rate) {
  return nearest(kMxf, rate);
}

}  // namespace lensfs::av
