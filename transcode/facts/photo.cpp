// Pictures: EXIF, IPTC and XMP by Exiv2, which is given memory and no path.
#include <fmt/format.h>

#include <cmath>

#include <exiv2/exiv2.hpp>

#include "catalog/base/text.h"
#include "transcode/facts/readers.h"
#include "transcode/image/measure.h"

namespace lensfs::facts {
namespace {

using ExifFind = Exiv2::ExifData::const_iterator (*)(const Exiv2::ExifData&);

// ExifReader: values of one set of them.
class ExifReader {
 public:
  ExifReader(const Exiv2::ExifData& exif, Facts& facts) : exif_(exif), facts_(facts) {}

  void say_camera() {
    say("camera_make", "Exif.Image.Make");
    say("camera_model", "Exif.Image.Model");
    say("lens", "Exif.Photo.LensModel");
    say_shown("lens", Exiv2::lensName);
    say_number("iso", "Exif.Photo.ISOSpeedRatings");
    say_shown("iso", Exiv2::isoSpeed);
    say_number("aperture", "Exif.Photo.FNumber");
    say_number("aperture", "Exif.Image.FNumber");
    say_exposure("Exif.Photo.ExposureTime");
    say_exposure("Exif.Image.ExposureTime");
    say_number("focal_length", "Exif.Photo.FocalLength");
    say_number("focal_length", "Exif.Image.FocalLength");
    say_number("orientation", "Exif.Image.Orientation");
    say("image_id", "Exif.Photo.ImageUniqueID");
    say("software", "Exif.Image.Software");
    say_moment();
    say_place();
  }

  // What people say rather in IPTC and XMP.
  void say_words() {
    say("title", "Exif.Image.XPTitle", Form::shown);
    say("description", "Exif.Image.ImageDescription");
    say("creator", "Exif.Image.Artist");
    say("copyright", "Exif.Image.Copyright");
    say("comment", "Exif.Photo.UserComment", Form::comment);
    say("comment", "Exif.Image.XPComment", Form::shown);
    say_number("rating", "Exif.Image.Rating");
    const std::string words = value("Exif.Image.XPKeywords", Form::shown);
    for (std::string_view rest = words; !rest.empty();) {
      const std::size_t end = rest.find(';');
      facts_.add_keyword(rest.substr(0, end));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }

 private:
  enum class Form { plain, shown, comment };

  Exiv2::ExifData::const_iterator find(const char* key) const {
    return exif_.findKey(Exiv2::ExifKey(key));
  }
  std::string value(const char* key, Form form = Form::plain) const {
    const auto found = find(key);
    if (found == exif_.end()) return {};
    if (form == Form::shown) return readable(found->print(&exif_));
    const auto* comment = dynamic_cast<const Exiv2::CommentValue*>(&found->value());
    if (form == Form::comment && comment != nullptr) return readable(comment->comment());
    const std::string text = found->toString();
    return readable(std::string_view(text).substr(0, text.find('\0')));
  }
  void say(std::string_view key, const char* tag, Form form = Form::plain) {
    facts_.say(key, value(tag, form));
  }
  void say_shown(std::string_view key, ExifFind find_any) {
    if (facts_.fields.contains(key)) return;
    const auto found = find_any(exif_);
    if (found == exif_.end()) return;
    const std::string shown = readable(found->print(&exif_));
    // What is not known is shown as a number in brackets.
    const bool is_unknown = shown.starts_with('(') || shown == "n/a" || shown == "0";
    if (!is_unknown) facts_.say(key, shown);
  }
  static double number(const Exiv2::Exifdatum& datum, long at = 0) {
    if (datum.count() <= at) return NAN;
    const Exiv2::Rational part = datum.toRational(at);
    if (part.second == 0) return NAN;
    // Unsigned parts may be larger than a signed one takes.
    if (datum.typeId() == Exiv2::unsignedRational) {
      return static_cast<double>(static_cast<std::uint32_t>(part.first)) /
             static_cast<double>(static_cast<std::uint32_t>(part.second));
    }
    return static_cast<double>(part.first) / static_cast<double>(part.second);
  }
  void say_number(std::string_view key, const char* tag) {
    const auto found = find(tag);
    if (found == exif_.end()) return;
    const double value = number(*found);
    const bool may_be_zero = key == "rating";
    if (std::isfinite(value) && (value > 0 || may_be_zero)) facts_.say(key, decimal(value, 2));
  }
  void say_exposure(const char* tag) {
    const auto found = find(tag);
    if (found == exif_.end()) return;
    const double seconds = number(*found);
    if (!std::isfinite(seconds) || seconds <= 0) return;
    constexpr double kLongest = 0.25001;  // that is written as a fraction
    facts_.say("exposure",
               seconds < kLongest ? fmt::format("1/{:.0f}", 1 / seconds) : decimal(seconds, 2));
  }
  void say_moment() {
    struct Moment {
      const char* time;
      const char* offset;
    };
    constexpr std::array kMoments = {
        Moment{"Exif.Photo.DateTimeOriginal", "Exif.Photo.OffsetTimeOriginal"},
        Moment{"Exif.Image.DateTimeOriginal", nullptr},
        Moment{"Exif.Photo.DateTimeDigitized", "Exif.Photo.OffsetTimeDigitized"}};
    for (const Moment& moment : kMoments) {
      const std::string date = iso_date(value(moment.time));
      if (date.empty()) continue;
      const std::string offset = moment.offset == nullptr ? "" : value(moment.offset);
      const std::string whole = iso_date(date + offset);
      return facts_.say("shot", whole.empty() ? date : whole);
    }
  }

  double degrees(const char* tag, const char* reference) const {
    const auto found = find(tag);
    if (found == exif_.end() || found->count() < 3) return NAN;
    const double minutes = number(*found, 1);
    const double seconds = number(*found, 2);
    const double whole = number(*found, 0) + (std::isfinite(minutes) ? minutes : 0) / 60 +
                         (std::isfinite(seconds) ? seconds : 0) / 3600;
    const std::string side = value(reference);
    return side.starts_with('S') || side.starts_with('W') ? -whole : whole;
  }
  void say_place() {
    const double latitude = degrees("Exif.GPSInfo.GPSLatitude", "Exif.GPSInfo.GPSLatitudeRef");
    const double longitude = degrees("Exif.GPSInfo.GPSLongitude", "Exif.GPSInfo.GPSLongitudeRef");
    if (std::fabs(latitude) <= 90 && std::fabs(longitude) <= 180) {
      facts_.say("gps", fmt::format("{:.6f},{:.6f}", latitude, longitude));
    }
    const auto found = find("Exif.GPSInfo.GPSAltitude");
    if (found == exif_.end()) return;
    const double metres = number(*found);
    const bool is_below = value("Exif.GPSInfo.GPSAltitudeRef") == "1";
    if (std::isfinite(metres)) facts_.say("altitude", decimal(is_below ? -metres : metres, 2));
  }

  const Exiv2::ExifData& exif_;
  Facts& facts_;
};

void take_iptc(const Exiv2::IptcData& iptc, Facts& facts) {
  struct Said {
    std::string_view key;
    const char* tag;
  };
  constexpr std::array kSaid = {Said{"title", "Iptc.Application2.ObjectName"},
                                Said{"description", "Iptc.Application2.Caption"},
                                Said{"creator", "Iptc.Application2.Byline"},
                                Said{"copyright", "Iptc.Application2.Copyright"},
                                Said{"headline", "Iptc.Application2.Headline"},
                                Said{"location", "Iptc.Application2.SubLocation"},
                                Said{"city", "Iptc.Application2.City"},
                                Said{"state", "Iptc.Application2.ProvinceState"},
                                Said{"country", "Iptc.Application2.CountryName"},
                                Said{"credit", "Iptc.Application2.Credit"},
                                Said{"source", "Iptc.Application2.Source"},
                                Said{"instructions", "Iptc.Application2.SpecialInstructions"}};
  for (const Said& said : kSaid) {
    const auto found = iptc.findKey(Exiv2::IptcKey(said.tag));
    if (found != iptc.end()) facts.say(said.key, readable(found->toString()));
  }
  for (const Exiv2::Iptcdatum& datum : iptc) {
    if (datum.key() == "Iptc.Application2.Keywords") facts.add_keyword(readable(datum.toString()));
  }
}

// In the order of the Metadata Working Group: what people say counts in XMP before IPTC before
// EXIF.
void take(const Exiv2::ExifData& exif, const Exiv2::IptcData& iptc, const std::string& packet,
          Facts& facts) {
  ExifReader reader(exif, facts);
  reader.say_camera();
  if (!packet.empty()) take_xmp(packet, facts);
  take_iptc(iptc, facts);
  reader.say_words();
}

// Of what Exiv2 cannot open but libvips can.
void take_blobs(const Measured& measured, Facts& facts) {
  Exiv2::ExifData exif;
  Exiv2::IptcData iptc;
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<const Exiv2::byte*>(text.data());
  };
  std::string_view block = measured.exif;
  if (block.starts_with("Exif")) block.remove_prefix(std::min<std::size_t>(6, block.size()));
  if (!block.empty()) {
    Exiv2::ExifParser::decode(exif, bytes(block), static_cast<std::uint32_t>(block.size()));
  }
  if (!measured.iptc.empty()) {
    Exiv2::IptcParser::decode(iptc, bytes(measured.iptc),
                              static_cast<std::uint32_t>(measured.iptc.size()));
  }
  take(exif, iptc, measured.xmp, facts);
}

// Whether it could be opened and read; how large it is comes from it where it knows.
bool read_by_exiv2(const Bytes& bytes, Facts& facts, Measured& size) {
  const auto content = bytes.all();
  if (!content) return false;
  try {
    const auto image = Exiv2::ImageFactory::open(
        reinterpret_cast<const Exiv2::byte*>(content->data()), static_cast<long>(content->size()));
    image->readMetadata();
    take(image->exifData(), image->iptcData(), image->xmpPacket(), facts);
    size.width = image->pixelWidth();
    size.height = image->pixelHeight();
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

Status read_photo(const Bytes& bytes, SourceFormat format, Facts& facts) {
  Measured by_exiv2;
  const bool is_read = read_by_exiv2(bytes, facts, by_exiv2);
  // Of camera files libvips would measure the preview, and designs have a reader of their own.
  const bool is_measured = format != SourceFormat::raw && format != SourceFormat::psd;
  const auto measured = is_measured ? measure(bytes, format) : Result<Measured>(Measured());
  if (!measured && !is_read) return fail(measured.error());
  if (measured && !is_read) {
    try {
      take_blobs(*measured, facts);
    } catch (const std::exception&) {
      return {};  // damaged metadata in a picture that is well
    }
  }
  const Measured& size = measured && measured->width > 0 ? *measured : by_exiv2;
  if (size.width > 0) facts.say("width", size.width);
  if (size.height > 0) facts.say("height", size.height);
  if (measured && measured->bit_depth > 0) facts.say("bit_depth", measured->bit_depth);
  if (measured && measured->pages > 1) facts.say("pages", measured->pages);
  return {};
}

}  // namespace lensfs::facts
