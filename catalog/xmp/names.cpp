#include "catalog/xmp/names.h"

#include <array>

namespace lensfs::xmp {
namespace {

struct Namespace {
  std::string_view prefix;
  std::string_view uri;
};
constexpr std::array kNamespaces = {
    Namespace{"rdf", kRdf},
    Namespace{"x", "adobe:ns:meta/"},
    Namespace{"xml", "http://www.w3.org/XML/1998/namespace"},
    Namespace{"dc", "http://purl.org/dc/elements/1.1/"},
    Namespace{"xmp", "http://ns.adobe.com/xap/1.0/"},
    Namespace{"xmpRights", "http://ns.adobe.com/xap/1.0/rights/"},
    Namespace{"xmpMM", "http://ns.adobe.com/xap/1.0/mm/"},
    Namespace{"xmpDM", "http://ns.adobe.com/xmp/1.0/DynamicMedia/"},
    Namespace{"photoshop", "http://ns.adobe.com/photoshop/1.0/"},
    Namespace{"lr", "http://ns.adobe.com/lightroom/1.0/"},
    Namespace{"digiKam", "http://www.digikam.org/ns/1.0/"},
    Namespace{"Iptc4xmpCore", "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"},
    Namespace{"Iptc4xmpExt", "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"},
    Namespace{"plus", "http://ns.useplus.org/ldf/xmp/1.0/"},
    Namespace{"exif", "http://ns.adobe.com/exif/1.0/"},
    Namespace{"exifEX", "http://cipa.jp/exif/1.0/"},
    Namespace{"tiff", "http://ns.adobe.com/tiff/1.0/"},
    Namespace{"aux", "http://ns.adobe.com/exif/1.0/aux/"},
    Namespace{"pdf", "http://ns.adobe.com/pdf/1.3/"},
    Namespace{"crs", "http://ns.adobe.com/camera-raw-settings/1.0/"},
    Namespace{"mwg-rs", "http://www.metadataworkinggroup.com/schemas/regions/"},
    Namespace{"prism", "http://prismstandard.org/namespaces/basic/2.1/"},
    Namespace{"acdsee", "http://ns.acdsee.com/iptc/1.0/"},
    Namespace{"MicrosoftPhoto", "http://ns.microsoft.com/photo/1.0/"},
};

}  // namespace

std::string_view usual_prefix(std::string_view uri) {
  for (const Namespace& known : kNamespaces) {
    if (known.uri == uri) return known.prefix;
  }
  return {};
}

std::string_view uri_of(std::string_view usual_prefix) {
  for (const Namespace& known : kNamespaces) {
    if (known.prefix == usual_prefix) return known.uri;
  }
  return {};
}

NamePair split(std::string_view name) {
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) return {.prefix = {}, .local = name};
  return {.prefix = name.substr(0, colon), .local = name.substr(colon + 1)};
}

std::string our_name(std::string_view name, std::string_view uri) {
  const NamePair pair = split(name);
  const std::string_view usual = usual_prefix(uri);
  const std::string_view prefix = usual.empty() ? pair.prefix : usual;
  if (prefix.empty()) return std::string(pair.local);
  return std::string(prefix) + ":" + std::string(pair.local);
}

}  // namespace lensfs::xmp
