// Markers: xmpDM:Tracks, a bag of tracks with a rate and a sequence of markers each.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "catalog/base/text.h"
#include "catalog/xmp/mapping.h"

namespace lensfs::xmp {
namespace {

constexpr std::int64_t kMostCount = std::int64_t{1} << 53;
constexpr std::size_t kMostMarkers = 20'000;

std::string part_of(const Value& value, std::string_view name) {
  const auto part = value.parts.find(name);
  return part == value.parts.end() ? std::string() : part->second.one();
}

// A time in units of the track; of the form "12f30000s1001" it says its own. -1: it is none.
struct Time {
  std::int64_t count = -1;
  FrameRate rate{};
};
Time time_from(std::string_view text, FrameRate of_track) {
  const std::size_t own = text.find('f');
  const auto count = number_from<std::int64_t>(text.substr(0, own));
  if (!count || *count < 0 || *count > kMostCount) return {};
  return {.count = *count,
          .rate = own == std::string_view::npos ? of_track : rate_from(text.substr(own))};
}

}  // namespace

std::int64_t frames_at(std::int64_t count, FrameRate from, FrameRate to) {
  if (to.frames <= 0 || from.frames <= 0 || from == to) return count;
  const long double seconds = static_cast<long double>(count) *
                              static_cast<long double>(from.seconds) /
                              static_cast<long double>(from.frames);
  const long double frames =
      seconds * static_cast<long double>(to.frames) / static_cast<long double>(to.seconds);
  if (frames >= static_cast<long double>(kMostCount)) return kMostCount;
  return static_cast<std::int64_t>(frames + 0.5L);
}

FrameRate rate_from(std::string_view text) {
  if (!text.starts_with('f')) return {};
  text.remove_prefix(1);
  const std::size_t over = text.find('s');
  const auto frames = number_from<std::int64_t>(text.substr(0, over));
  const auto seconds = over == std::string_view::npos
                           ? std::optional<std::int64_t>(1)
                           : number_from<std::int64_t>(text.substr(over + 1));
  if (!frames || !seconds || *frames <= 0 || *seconds <= 0) return {};
  return {.frames = *frames, .seconds = *seconds};
}

std::vector<Marker> markers_of(const Properties& properties, FrameRate rate) {
  std::vector<Marker> markers;
  const auto tracks = properties.find("xmpDM:Tracks");
  if (tracks == properties.end()) return markers;
  for (const Value& track : tracks->second.items) {
    const FrameRate counted = rate_from(part_of(track, "xmpDM:frameRate"));
    const auto list = track.parts.find("xmpDM:markers");
    if (list == track.parts.end()) continue;
    for (const Value& said : list->second.items) {
      const Time start = time_from(part_of(said, "xmpDM:startTime"), counted);
      if (start.count < 0 || markers.size() == kMostMarkers) continue;
      const Time length = time_from(part_of(said, "xmpDM:duration"), counted);
      const FrameRate counts = rate.frames > 0 ? rate : start.rate;
      markers.push_back(
          {.start = frames_at(start.count, start.rate, counts),
           .frames = length.count < 0 ? 0 : frames_at(length.count, length.rate, counts),
           .name = part_of(said, "xmpDM:name"),
           .text = part_of(said, "xmpDM:comment"),
           .author = part_of(said, "xmpDM:speaker"),
           .rate = rate.frames > 0 ? FrameRate{} : start.rate});
    }
  }
  std::stable_sort(markers.begin(), markers.end(),
                   [](const Marker& a, const Marker& b) { return a.start < b.start; });
  return markers;
}

Value tracks_of(const std::vector<Marker>& markers, FrameRate rate) {
  Value list{.kind = Value::Kind::seq};
  for (const Marker& marker : markers) {
    Value said{.kind = Value::Kind::structure};
    said.parts["xmpDM:startTime"] = Value::of(std::to_string(marker.start));
    if (marker.frames > 0) {
      said.parts["xmpDM:duration"] = Value::of(std::to_string(marker.frames));
    }
    if (!marker.name.empty()) said.parts["xmpDM:name"] = Value::of(marker.name);
    if (!marker.text.empty()) said.parts["xmpDM:comment"] = Value::of(marker.text);
    if (!marker.author.empty()) said.parts["xmpDM:speaker"] = Value::of(marker.author);
    said.parts["xmpDM:type"] = Value::of("Comment");
    list.items.push_back(std::move(said));
  }
  Value track{.kind = Value::Kind::structure};
  track.parts["xmpDM:trackName"] = Value::of("Markers");
  track.parts["xmpDM:trackType"] = Value::of("Comment");
  if (rate.frames > 0) {
    track.parts["xmpDM:frameRate"] =
        Value::of(rate.seconds == 1 ? fmt::format("f{}", rate.frames)
                                    : fmt::format("f{}s{}", rate.frames, rate.seconds));
  }
  track.parts["xmpDM:markers"] = std::move(list);
  Value tracks{.kind = Value::Kind::bag};
  tracks.items.push_back(std::move(track));
  return tracks;
}

}  // namespace lensfs::xmp
