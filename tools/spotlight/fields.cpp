// One table says what attributes of Spotlight are called in Samba's queries, and what they mean
// here.
#include "tools/spotlight/fields.h"

#include <algorithm>
#include <array>

#include "catalog/model/field_type.h"
#include "catalog/model/glob.h"
#include "tools/cli/print.h"
#include "tools/spotlight/translate.h"

namespace lensfs {
namespace {

using Means = SpotlightField::Means;

struct Attribute {
  std::string_view spotlight;  // kMDItemFSName
  std::string_view type;       // what Samba makes of its values: str, num, date, type, fts
  std::string_view field;      // "file.filename"
  Means means = Means::nothing;
  std::string_view key = {};
};

constexpr std::array kAttributes = {
    Attribute{"*", "fts", "", Means::anywhere},
    Attribute{"kMDItemTextContent", "str", "content", Means::text},
    // --- names and types
    Attribute{"kMDItemFSName", "str", "file.filename", Means::name},
    Attribute{"kMDItemDisplayName", "str", "file.filename", Means::name},
    Attribute{"_kMDItemGroupId", "type", "file.content_type", Means::type},
    Attribute{"kMDItemContentType", "type", "file.content_type", Means::type},
    Attribute{"kMDItemContentTypeTree", "type", "file.content_type", Means::type},
    // --- tags
    Attribute{"kMDItemUserTags", "str", "tags", Means::tag},
    Attribute{"_kMDItemUserTags", "str", "tags", Means::tag},
    Attribute{"kMDItemOMUserTags", "str", "tags", Means::tag},
    // --- dates and sizes
    Attribute{"kMDItemFSSize", "num", "file.filesize", Means::quantity, "size"},
    Attribute{"kMDItemLogicalSize", "num", "file.filesize", Means::quantity, "size"},
    Attribute{"kMDItemFSContentChangeDate", "date", "file.last_modified", Means::quantity,
              "modified"},
    Attribute{"kMDItemContentModificationDate", "date", "file.last_modified", Means::quantity,
              "modified"},
    Attribute{"kMDItemAttributeChangeDate", "date", "file.last_modified", Means::quantity,
              "modified"},
    Attribute{"kMDItemFSCreationDate", "date", "file.created", Means::quantity, "added"},
    Attribute{"kMDItemDateAdded", "date", "file.created", Means::quantity, "added"},
    Attribute{"kMDItemContentCreationDate", "date", "field.shot", Means::quantity, "shot"},
    Attribute{"kMDItemLastUsedDate", "date", "file.last_used", Means::quantity, "lastused"},
    // --- what a file says of itself
    Attribute{"kMDItemTitle", "str", "meta.title", Means::field, "title"},
    Attribute{"kMDItemAuthors", "str", "meta.author", Means::field, "creator"},
    Attribute{"kMDItemCreator", "str", "meta.raw.creator", Means::field, "creator"},
    Attribute{"kMDItemDescription", "str", "meta.raw.description", Means::field, "description"},
    Attribute{"kMDItemAlbum", "str", "meta.raw.xmpDM:album", Means::field, "album"},
    Attribute{"kMDItemKeywords", "str", "field.keywords", Means::field, "keywords"},
    Attribute{"kMDItemComment", "str", "field.comment", Means::field, "comment"},
    Attribute{"kMDItemFinderComment", "str", "field.comment", Means::field, "comment"},
    Attribute{"kMDItemCopyright", "str", "field.copyright", Means::field, "copyright"},
    Attribute{"kMDItemCodecs", "str", "field.codec", Means::field, "codec"},
    Attribute{"kMDItemAcquisitionMake", "str", "field.camera_make", Means::field, "camera_make"},
    Attribute{"kMDItemAcquisitionModel", "str", "field.camera_model", Means::field, "camera_model"},
    Attribute{"kMDItemStarRating", "num", "field.rating", Means::quantity, "rating"},
    // --- measures
    Attribute{"kMDItemDurationSeconds", "num", "meta.raw.xmpDM:duration", Means::quantity,
              "duration"},
    Attribute{"kMDItemNumberOfPages", "num", "meta.raw.xmpTPg:NPages", Means::quantity, "pages"},
    Attribute{"kMDItemPixelHeight", "num", "meta.raw.Image Height", Means::quantity, "height"},
    Attribute{"kMDItemPixelWidth", "num", "meta.raw.Image Width", Means::quantity, "width"},
    Attribute{"kMDItemBitsPerSample", "num", "meta.raw.tiff:BitsPerSample", Means::quantity,
              "bit_depth"},
    Attribute{"kMDItemAudioSampleRate", "num", "field.sample_rate", Means::quantity, "sample_rate"},
    Attribute{"kMDItemAudioChannelCount", "num", "field.channels", Means::quantity, "channels"},
    Attribute{"kMDItemISOSpeed", "num", "field.iso", Means::quantity, "iso"},
    Attribute{"kMDItemFNumber", "num", "field.aperture", Means::quantity, "aperture"},
    Attribute{"kMDItemFocalLength", "num", "field.focal_length", Means::quantity, "focal_length"},
    Attribute{"kMDItemExposureTimeSeconds", "num", "field.exposure", Means::quantity, "exposure"},
};

// Spotlight's groups and types; several types of media between blanks.
struct TypeName {
  std::string_view spotlight;
  std::string_view media;
};
constexpr std::array kTypes = {
    TypeName{"1", "message/rfc822"},
    TypeName{"2", "text/x-vcard"},
    TypeName{"6", "text/x-vcard"},
    TypeName{"7", "video/*"},
    TypeName{"8", "application/octet-stream"},
    TypeName{"9", "text/directory"},
    TypeName{"10", "audio/*"},
    TypeName{"11", "application/pdf"},
    TypeName{"12",
             "application/vnd.oasis.opendocument.presentation"
             " application/vnd.ms-powerpoint application/vnd.apple.keynote"},
    TypeName{"13", "image/*"},
    TypeName{"public.content",
             "video/* audio/* image/* text/* application/pdf message/rfc822"
             " application/vnd.*"},
    TypeName{"public.data", "*"},
    TypeName{"public.item", "*"},
    TypeName{"public.audiovisual-content", "video/* audio/*"},
    TypeName{"public.movie", "video/*"},
    TypeName{"public.video", "video/*"},
    TypeName{"public.mpeg-4", "video/mp4"},
    TypeName{"com.apple.quicktime-movie", "video/quicktime"},
    TypeName{"public.audio", "audio/*"},
    TypeName{"public.mp3", "audio/mpeg"},
    TypeName{"public.mpeg-4-audio", "audio/x-aac"},
    TypeName{"com.microsoft.waveform-audio", "audio/x-wav"},
    TypeName{"public.aiff-audio", "audio/x-aiff"},
    TypeName{"public.image", "image/*"},
    TypeName{"public.jpeg", "image/jpeg"},
    TypeName{"public.tiff", "image/tiff"},
    TypeName{"public.png", "image/png"},
    TypeName{"public.heic", "image/heic"},
    TypeName{"com.compuserve.gif", "image/gif"},
    TypeName{"com.microsoft.bmp", "image/bmp"},
    TypeName{"com.adobe.photoshop-image", "image/vnd.adobe.photoshop"},
    TypeName{"com.adobe.pdf", "application/pdf"},
    TypeName{"public.composite-content", "application/pdf application/vnd.*"},
    TypeName{"public.presentation",
             "application/vnd.oasis.opendocument.presentation"
             " application/vnd.ms-powerpoint application/vnd.apple.keynote"},
    TypeName{"public.text", "text/*"},
    TypeName{"public.plain-text", "text/plain"},
    TypeName{"public.rtf", "text/rtf"},
    TypeName{"public.html", "text/html"},
    TypeName{"public.xml", "text/xml"},
    TypeName{"public.archive",
             "application/zip application/x-bzip application/x-bzip2"
             " application/x-tar application/x-7z-compressed"},
};

// Types that are kinds of assets as a whole.
struct KindOfType {
  std::string_view media;
  std::string_view kind;
};
constexpr std::array kKinds = {KindOfType{"video/*", "video"}, KindOfType{"audio/*", "audio"},
                               KindOfType{"image/*", "image"}};

// Types that only extensions tell.
struct ExtensionOfType {
  std::string_view media;
  std::string_view extension;
};
constexpr std::array kExtensions = {
    ExtensionOfType{"application/pdf", "pdf"},
    ExtensionOfType{"application/vnd.apple.keynote", "key"},
    ExtensionOfType{"application/vnd.ms-excel", "xls"},
    ExtensionOfType{"application/vnd.ms-excel", "xlsx"},
    ExtensionOfType{"application/vnd.ms-powerpoint", "ppt"},
    ExtensionOfType{"application/vnd.ms-powerpoint", "pptx"},
    ExtensionOfType{"application/vnd.ms-word", "doc"},
    ExtensionOfType{"application/vnd.ms-word", "docx"},
    ExtensionOfType{"application/vnd.oasis.opendocument.presentation", "odp"},
    ExtensionOfType{"application/vnd.oasis.opendocument.spreadsheet", "ods"},
    ExtensionOfType{"application/vnd.oasis.opendocument.text", "odt"},
    ExtensionOfType{"application/x-7z-compressed", "7z"},
    ExtensionOfType{"application/x-bzip", "bz"},
    ExtensionOfType{"application/x-bzip2", "bz2"},
    ExtensionOfType{"application/x-tar", "tar"},
    ExtensionOfType{"application/zip", "zip"},
    ExtensionOfType{"audio/mpeg", "mp2"},
    ExtensionOfType{"audio/mpeg", "mp3"},
    ExtensionOfType{"audio/x-aac", "aac"},
    ExtensionOfType{"audio/x-aac", "m4a"},
    ExtensionOfType{"audio/x-aiff", "aif"},
    ExtensionOfType{"audio/x-aiff", "aiff"},
    ExtensionOfType{"audio/x-wav", "wav"},
    ExtensionOfType{"image/bmp", "bmp"},
    ExtensionOfType{"image/gif", "gif"},
    ExtensionOfType{"image/heic", "heic"},
    ExtensionOfType{"image/heic", "heif"},
    ExtensionOfType{"image/jpeg", "jpe"},
    ExtensionOfType{"image/jpeg", "jpeg"},
    ExtensionOfType{"image/jpeg", "jpg"},
    ExtensionOfType{"image/png", "png"},
    ExtensionOfType{"image/tiff", "tif"},
    ExtensionOfType{"image/tiff", "tiff"},
    ExtensionOfType{"image/vnd.adobe.photoshop", "psd"},
    ExtensionOfType{"message/rfc822", "eml"},
    ExtensionOfType{"text/csv", "csv"},
    ExtensionOfType{"text/directory", "vcf"},
    ExtensionOfType{"text/html", "htm"},
    ExtensionOfType{"text/html", "html"},
    ExtensionOfType{"text/markdown", "md"},
    ExtensionOfType{"text/plain", "log"},
    ExtensionOfType{"text/plain", "srt"},
    ExtensionOfType{"text/plain", "txt"},
    ExtensionOfType{"text/rtf", "rtf"},
    ExtensionOfType{"text/x-vcard", "vcf"},
    ExtensionOfType{"text/xml", "xml"},
    ExtensionOfType{"video/mp4", "m4v"},
    ExtensionOfType{"video/mp4", "mp4"},
    ExtensionOfType{"video/quicktime", "mov"},
};

}  // namespace

std::string SpotlightField::text_of(std::string_view value) const {
  std::string text(value);
  if (key == "duration") text += "s";
  return text;
}

SpotlightField spotlight_field(std::string_view name) {
  const auto* const known = std::find_if(kAttributes.begin(), kAttributes.end(),
                                         [&](const Attribute& at) { return at.field == name; });
  if (known == kAttributes.end()) return {};
  return {.means = known->means, .key = known->key};
}

bool is_quantity(std::string_view key, std::string_view text) {
  const auto& known = known_fields();
  const auto field = std::find_if(known.begin(), known.end(),
                                  [&](const FieldType& type) { return type.key == key; });
  return field == known.end() || extent_of(field->form, text).has_value();
}

std::vector<std::string_view> kinds_of_type(std::string_view glob) {
  std::vector<std::string_view> kinds;
  if (glob == "*") return {"video", "audio", "image", "document", "design", "other"};
  for (const KindOfType& known : kKinds) {
    if (known.media == glob) kinds.push_back(known.kind);
  }
  return kinds;
}

std::vector<std::string_view> extensions_of_type(std::string_view glob) {
  std::vector<std::string_view> extensions;
  if (glob == "*" || !kinds_of_type(glob).empty()) return extensions;
  for (const ExtensionOfType& known : kExtensions) {
    if (matches_glob(glob, known.media)) extensions.push_back(known.extension);
  }
  return extensions;
}

std::string attribute_mappings() {
  JsonObject attributes;
  for (const Attribute& at : kAttributes) {
    attributes.set(at.spotlight, JsonObject().set("type", at.type).set("attribute", at.field));
  }
  JsonObject types;
  for (const TypeName& type : kTypes) types.set(type.spotlight, type.media);
  return JsonObject().set("attribute_mappings", attributes).set("mime_mappings", types).text() +
         "\n";
}

}  // namespace lensfs
