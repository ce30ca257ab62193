// The table of the keys.
#include <algorithm>
#include <array>

#include "transcode/facts.h"

namespace lensfs {
namespace {

constexpr std::array kKeys = {
    // what it is about
    FactKey{"title", "title", "dc:title, IPTC ObjectName, ID3 TIT2, ©nam, PDF Title"},
    FactKey{"description", "what is to be seen or heard",
            "dc:description, EXIF ImageDescription, IPTC Caption, bext Description"},
    FactKey{"creator", "who made it", "dc:creator, EXIF Artist, IPTC By-line, PDF Author"},
    FactKey{"copyright", "whose it is", "dc:rights, EXIF Copyright, IPTC CopyrightNotice"},
    FactKey{"rights", "how it may be used", "xmpRights:UsageTerms"},
    FactKey{"keywords", "keywords; a list", "dc:subject, IPTC Keywords, PDF Keywords"},
    FactKey{"comment", "comment", "EXIF UserComment, ©cmt, ID3 COMM, iXML NOTE"},
    FactKey{"rating", "-1 rejected, 0 to 5 stars", "xmp:Rating, EXIF Rating"},
    FactKey{"label", "colour label", "xmp:Label"},
    FactKey{"shot", "when it was taken or recorded; ISO, with offset where known",
            "EXIF DateTimeOriginal, com.apple.quicktime.creationdate, creation_time, bext date"},
    FactKey{"gps", "where: latitude,longitude", "EXIF GPS, com.apple.quicktime.location.ISO6709"},
    FactKey{"altitude", "metres above the sea", "EXIF GPSAltitude, ISO 6709"},
    // of what takes time
    FactKey{"duration", "seconds", "the container"},
    FactKey{"rate", "pictures per second: 25, 30000/1001", "the track"},
    FactKey{"timecode", "of the first frame", "tmcd, MXF material package, bext TimeReference"},
    FactKey{"reel", "reel or tape", "reel_name, xmpDM:tapeName, iXML TAPE"},
    FactKey{"scene", "scene", "xmpDM:scene, iXML SCENE"},
    FactKey{"shot_name", "shot", "xmpDM:shotName"},
    FactKey{"take", "take", "xmpDM:takeNumber, iXML TAKE"},
    FactKey{"codec", "of the picture, as FFmpeg names it", "the track"},
    FactKey{"width", "pixels, as stored", "the track, the header"},
    FactKey{"height", "pixels, as stored", "the track, the header"},
    FactKey{"pixel_format", "as FFmpeg names it", "the track"},
    FactKey{"bit_depth", "of one part of a pixel", "the track, the header"},
    FactKey{"scan", "progressive or interlaced", "the track"},
    FactKey{"rotation", "degrees clockwise to show it", "display matrix"},
    FactKey{"colour_primaries", "as FFmpeg names them", "the track"},
    FactKey{"colour_transfer", "as FFmpeg names it", "the track"},
    FactKey{"colour_matrix", "as FFmpeg names it", "the track"},
    FactKey{"colour_range", "tv or pc", "the track"},
    FactKey{"audio_codec", "as FFmpeg names it", "the first track of sound"},
    FactKey{"sample_rate", "per second", "the first track of sound"},
    FactKey{"channels", "of the first track of sound", "the first track of sound"},
    FactKey{"channel_layout", "mono, stereo, 5.1 …", "the first track of sound"},
    FactKey{"audio_tracks", "how many", "the container"},
    FactKey{"language", "of sound or text", "the first track of sound, dc:language"},
    FactKey{"container", "as FFmpeg names it", "the first bytes"},
    // camera
    FactKey{"camera_make", "camera", "EXIF Make, com.apple.quicktime.make"},
    FactKey{"camera_model", "camera", "EXIF Model, com.apple.quicktime.model"},
    FactKey{"lens", "lens", "EXIF LensModel, maker notes, aux:Lens"},
    FactKey{"iso", "sensitivity", "EXIF ISOSpeedRatings"},
    FactKey{"aperture", "f number", "EXIF FNumber"},
    FactKey{"exposure", "seconds: 1/250", "EXIF ExposureTime"},
    FactKey{"focal_length", "millimetres", "EXIF FocalLength"},
    FactKey{"orientation", "1 … 8, how the stored picture lies", "EXIF Orientation"},
    FactKey{"image_id", "unique id of the picture", "EXIF ImageUniqueID"},
    FactKey{"software", "what made the file", "EXIF Software, ©swr, encoder, PDF Creator"},
    // music
    FactKey{"artist", "artist", "ID3 TPE1, ©ART"},
    FactKey{"album", "album", "ID3 TALB, ©alb"},
    FactKey{"track", "number of the track", "ID3 TRCK, trkn"},
    FactKey{"genre", "genre", "ID3 TCON, ©gen"},
    FactKey{"year", "year of release", "ID3 TDRC, ©day"},
    // of the press, mostly in sidecars
    FactKey{"headline", "headline", "photoshop:Headline"},
    FactKey{"people", "who is to be seen; a list", "Iptc4xmpExt:PersonInImage"},
    FactKey{"location", "place in a city", "Iptc4xmpCore:Location, IPTC SubLocation"},
    FactKey{"city", "city", "photoshop:City, IPTC City"},
    FactKey{"state", "state or province", "photoshop:State, IPTC ProvinceState"},
    FactKey{"country", "country", "photoshop:Country, IPTC CountryName"},
    FactKey{"credit", "line to be printed", "photoshop:Credit, IPTC Credit"},
    FactKey{"source", "who gave it", "photoshop:Source, IPTC Source"},
    FactKey{"instructions", "how to handle it", "photoshop:Instructions"},
    FactKey{"good", "circled take", "xmpDM:good"},
    FactKey{"pages", "how many", "PDF, docProps/app.xml, meta.xml"},
    // Of a sidecar, about itself: no field of the file that it is about.
    FactKey{"sidecar_for", "extension of the file that is meant", "photoshop:SidecarForExtension"},
};

}  // namespace

std::span<const FactKey> fact_keys() {
  return kKeys;
}

bool is_fact_key(std::string_view key) {
  return std::any_of(kKeys.begin(), kKeys.end(),
                     [&](const FactKey& known) { return known.key == key; });
}

}  // namespace lensfs
