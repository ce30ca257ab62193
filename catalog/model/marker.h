// Markers: frame-accurate ranges of time-based assets, with a name and a text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/asset.h"

namespace lensfs {

enum class MarkerId : std::int64_t {};

struct Marker {
  MarkerId id{};
  AssetId asset{};
  std::int64_t start = 0;   // frames of the asset's own rate, from its first one
  std::int64_t frames = 0;  // 0: a point
  std::string name{};
  std::string text{};
  std::string colour{};  // red, green … as people call it; may be empty
  std::string author{};
  Nanoseconds created = 0;

  static Marker from(const Row& row);
};

// Whether it can have any: video, audio, sequences.
[[nodiscard]] bool has_frames(const Asset& asset);
[[nodiscard]] Result<std::vector<Marker>> markers_of(Database& db, AssetId asset);  // by start
[[nodiscard]] Result<Marker> find_marker(Database& db, MarkerId id);
// Markers that say this (words in this order, beside each other), by asset and start.
[[nodiscard]] Result<std::vector<Marker>> markers_saying(Database& db, std::string_view phrase);

// invalid for negative frames, texts that are not UTF-8 or over 64 KiB.
[[nodiscard]] Result<MarkerId> add_marker(Transaction& txn, const Actor& actor, const Asset& asset,
                                          const Marker& marker);
[[nodiscard]] Status remove_marker(Transaction& txn, const Actor& actor, MarkerId id);  // not_found
// Makes the asset's markers exactly these; those that are the same stay what they are.
[[nodiscard]] Status replace_markers(Transaction& txn, const Actor& actor, const Asset& asset,
                                     const std::vector<Marker>& markers);
// Gives them to another asset, for identity.cpp.
[[nodiscard]] Status move_markers(Transaction& txn, AssetId from, AssetId to);

// --- as text
// How a time-based asset counts: its rate, and the timecode of its first frame.
struct FrameClock {
  std::int64_t numerator = 25;  // frames in `denominator` seconds
  std::int64_t denominator = 1;
  bool drops = false;      // counts as 29.97 and 59.94 drop-frame timecode do
  std::int64_t first = 0;  // frames that its timecode starts at
};
// By its fields rate and timecode; 25 frames a second from zero where it has none.
[[nodiscard]] Result<FrameClock> clock_of(Database& db, AssetId asset);
// SMPTE 12M timecode of a frame of the asset, "01:00:05:12", "01:00:05;12" where it drops.
[[nodiscard]] std::string timecode_of(const FrameClock& clock, std::int64_t frame);
// The frame that a timecode names; also a plain number of frames from the first. Nothing for other
// text, or a moment before the first frame.
[[nodiscard]] std::optional<std::int64_t> frame_at(const FrameClock& clock, std::string_view text);
// The same of a length: "00:00:02:00" or frames.
[[nodiscard]] std::optional<std::int64_t> frames_in(const FrameClock& clock, std::string_view text);
[[nodiscard]] std::string length_of(const FrameClock& clock, std::int64_t frames);
// The name of the file of a marker's range: "A001@01.00.05.12+00.00.02.00.mov".
[[nodiscard]] std::string subclip_name(const FrameClock& clock, std::string_view name,
                                       const Marker& marker);

// "start,duration,name,text,colour,author" and a row each (RFC 4180, CRLF or LF).
[[nodiscard]] std::string markers_csv(const FrameClock& clock, const std::vector<Marker>& markers);
// invalid names the line. The header may name the columns in any order; start is needed.
[[nodiscard]] Result<std::vector<Marker>> markers_from_csv(const FrameClock& clock,
                                                           std::string_view text);

}  // namespace lensfs
