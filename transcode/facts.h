// Facts: what a file says of itself, read by the engine of that name (transcode/facts). A flat list
// of values under keys of our own, whatever the format calls them, keywords, and the words in it.
//
// They come out of the decoder as the bytes of a rendition, JSON:
//   {"fields": {"width": "1920", …}, "tags": ["place/oslo", …], "text": "…",
//    "markers": [{"start": 12, "frames": 50, "rate": [25, 1], "name": "…", "text": "…", "author":
//    "…"}]}
// tags: of a sidecar only; what people filed the picture under. So markers: in frames of their
// rate, which is [0, 1] where it is not said.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/result.h"

namespace lensfs {

inline constexpr std::size_t kLongestFact = std::size_t{16} << 10U;  // bytes of one value
inline constexpr std::size_t kLongestWords = std::size_t{1} << 20U;  // bytes of the text
inline constexpr std::size_t kMostFactTags = 1000;
inline constexpr std::size_t kMostFactMarkers = 20'000;
// What the file of them may have.
inline constexpr std::size_t kLargestFacts = std::size_t{8} << 20U;

// A key, in the order in which people want to read them.
struct FactKey {
  std::string_view key;
  std::string_view meaning;
  std::string_view from;  // what it is called where it is read; the first that is there counts
};
[[nodiscard]] std::span<const FactKey> fact_keys();
[[nodiscard]] bool is_fact_key(std::string_view key);

struct FactMarker {
  std::int64_t start = 0;
  std::int64_t frames = 0;
  std::int64_t rate_frames = 0;
  std::int64_t rate_seconds = 1;
  std::string name{};
  std::string text{};
  std::string author{};
};

struct Facts {
  std::map<std::string, std::string, std::less<>> fields{};
  std::vector<std::string> tags{};
  std::string text{};
  std::vector<FactMarker> markers{};

  // Says it unless something was said before. Values lose control characters and the spaces around
  // them; what is empty then, or no UTF-8, says nothing. The key must be a fact key.
  void say(std::string_view key, std::string_view value);
  void say(std::string_view key, std::int64_t value) { say(key, std::to_string(value)); }
  // In its place, whatever was said before.
  void correct(std::string_view key, std::string_view value);
  // One keyword more, if it is not there; a comma in it becomes a semicolon.
  void add_keyword(std::string_view keyword);
  void add_words(std::string_view words);  // one space between; cut at kLongestWords
  // What the other says and this one does not.
  void add(const Facts& other);

  [[nodiscard]] std::string json() const;
  // Doubts all of it: unknown keys, and values that are no text, are left out. corrupt for what is
  // no such JSON.
  [[nodiscard]] static Result<Facts> from_json(std::string_view text);
};

// The valid UTF-8 of a text that is meant to be: what is not becomes Latin-1.
[[nodiscard]] std::string readable(std::string_view text);
// As kept: no control characters but line ends, no spaces around, at most `most` bytes.
[[nodiscard]] std::string trimmed(std::string_view text, std::size_t most = kLongestFact);

// Dates as formats write them (2026:05:01 12:00:00, 20260501T120000+0200, 2026-05-01T12:00:00.000Z,
// 2026-05-01) as ISO: 2026-05-01T12:00:00+02:00. Empty for what is no date.
[[nodiscard]] std::string iso_date(std::string_view text);
// Without an end of zeros: 12.48, 50, 0.5.
[[nodiscard]] std::string decimal(double value, int places = 6);
// ISO 6709, as QuickTime has it (+59.9139+010.7522+012.000/), as "59.913900,10.752200" and "12".
struct Position {
  std::string gps;
  std::string altitude;
};
[[nodiscard]] Position position_from_iso6709(std::string_view text);

}  // namespace lensfs
