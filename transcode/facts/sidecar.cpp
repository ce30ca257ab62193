// XMP, embedded and beside a file.
#include "catalog/xmp/mapping.h"
#include "transcode/facts/readers.h"

namespace lensfs::facts {
namespace {

// Values of XMP that are written otherwise than ours.
void take(const xmp::Description& said, Facts& facts) {
  for (const auto& [key, value] : said.fields) {
    if (key == "shot") {
      facts.say("shot", iso_date(value));
    } else {
      facts.say(key, value);
    }
  }
  for (const std::string& tag : said.tags) facts.add_keyword(tag);
}

}  // namespace

void take_xmp(std::string_view packet, Facts& facts) {
  const auto properties = xmp::parse(packet);
  if (properties) take(xmp::description_of(*properties), facts);
}

Status read_sidecar(const Bytes& bytes, Facts& facts) {
  LENSFS_TRY(const auto content, bytes.all());
  const std::string_view text(reinterpret_cast<const char*>(content.data()), content.size());
  LENSFS_TRY(const xmp::Properties properties, xmp::parse(text));
  const xmp::Description said = xmp::description_of(properties);
  take(said, facts);
  facts.fields.erase("keywords");  // they are tags
  facts.tags = said.tags;
  if (facts.tags.size() > kMostFactTags) facts.tags.resize(kMostFactTags);
  for (const xmp::Marker& marker : said.markers) {
    if (facts.markers.size() == kMostFactMarkers) break;
    facts.markers.push_back({.start = marker.start,
                             .frames = marker.frames,
                             .rate_frames = marker.rate.frames,
                             .rate_seconds = marker.rate.seconds,
                             .name = marker.name,
                             .text = marker.text,
                             .author = marker.author});
  }
  // "CR2": which of the files beside it is meant.
  if (const auto raw = properties.find("photoshop:SidecarForExtension"); raw != properties.end()) {
    facts.say("sidecar_for", raw->second.one());
  }
  return {};
}

}  // namespace lensfs::facts
