// What XMP says in the words of this library: fields, tags and markers; and back.
//
// clang-format off
//   title, description, creator, copyright   dc:title, dc:description, dc:creator, dc:rights
//   rating, label, rights                    xmp:Rating, xmp:Label, xmpRights:UsageTerms
//   scene, shot_name, reel, take             xmpDM:scene, shotName, tapeName, takeNumber
//   comment, good                            xmpDM:logComment, xmpDM:good
//   timecode                                 xmpDM:startTimecode (read; written with the rate)
//   location, city, state, country           Iptc4xmpCore:Location, photoshop:City, State, Country
//   credit, source, instructions, headline   photoshop:Credit, Source, Instructions, Headline
//   people                                   Iptc4xmpExt:PersonInImage
//   shot                                     exif:DateTimeOriginal, photoshop:DateCreated, … (read)
//   tags                                     dc:subject, lr:hierarchicalSubject, digiKam:TagsList
//   markers                                  xmpDM:Tracks
// clang-format on
// More is read of cameras (tiff:*, exif:*, aux:Lens), under the keys of transcode/facts.h.
#pragma once

#include "catalog/xmp/packet.h"

namespace lensfs::xmp {

// Frames per second; 0/1: not known.
struct FrameRate {
  std::int64_t frames = 0;
  std::int64_t seconds = 1;
  friend bool operator==(const FrameRate&, const FrameRate&) = default;
};

// In frames of the clip's rate from its first one.
struct Marker {
  std::int64_t start = 0;
  std::int64_t frames = 0;  // 0: a point
  std::string name{};
  std::string text{};
  std::string author{};  // xmpDM:speaker
  FrameRate rate{};      // in which it counts, where no other was asked for and the packet says it
  friend bool operator==(const Marker&, const Marker&) = default;
};

struct Description {
  std::map<std::string, std::string, std::less<>> fields{};
  std::vector<std::string> tags{};  // whole terms: "place/oslo", "favourite"; no two alike
  std::vector<Marker> markers{};    // by start
};

// `rate`: what markers are to count; where it is not known they count what the packet says.
[[nodiscard]] Description description_of(const Properties& properties, FrameRate rate = {});

// The changes that make a packet which says `now` say what is wanted, as far as the two differ in
// what is mapped. Fields that are not mapped are left out; fields that `wanted` lacks are taken
// away where they are of those that are written. Other languages of a text stay.
[[nodiscard]] Changes changes_for(const Properties& now, const Description& wanted,
                                  FrameRate rate = {});
// Whether a field is written by changes_for().
[[nodiscard]] bool is_written(std::string_view field);

// --- of mapping_markers.cpp
[[nodiscard]] std::vector<Marker> markers_of(const Properties& properties, FrameRate rate);
[[nodiscard]] Value tracks_of(const std::vector<Marker>& markers, FrameRate rate);
// Frames of one rate as frames of another, the nearest; the same number where either is not known.
[[nodiscard]] std::int64_t frames_at(std::int64_t count, FrameRate from, FrameRate to);
// "f25", "f30000s1001", and as Premiere has it "f254016000000".
[[nodiscard]] FrameRate rate_from(std::string_view text);

}  // namespace lensfs::xmp
