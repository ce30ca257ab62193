// Two tables: what files start with, and what their extensions say. The first match wins.
#include "catalog/model/kind.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "catalog/base/text.h"

namespace lensfs {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::size_t offset = 0;
  std::string_view bytes;
  std::string_view kind;
};

// Containers that hold any kind (ISO media, RIFF, Ogg, ZIP, OLE, XML) are not in here.
constexpr std::array kMagics = {
    Magic{0, "\xff\xd8\xff"sv, "image"},                       // JPEG
    Magic{0, "\x89PNG\r\n\x1a\n"sv, "image"},                  //
    Magic{0, "GIF8"sv, "image"},                               //
    Magic{0, "II*\0"sv, "image"},                              // TIFF and most camera raws
    Magic{0, "MM\0*"sv, "image"},                              //
    Magic{0, "II+\0"sv, "image"},                              // BigTIFF
    Magic{0, "MM\0+"sv, "image"},                              //
    Magic{0, "IIU\0"sv, "image"},                              // Panasonic raw
    Magic{0, "IIRO"sv, "image"},                               // Olympus raw
    Magic{0, "FUJIFILMCCD-RAW"sv, "image"},                    //
    Magic{0, "\x76\x2f\x31\x01"sv, "image"},                   // OpenEXR
    Magic{0, "SDPX"sv, "image"},                               // DPX
    Magic{0, "XPDS"sv, "image"},                               //
    Magic{0, "\x80\x2a\x5f\xd7"sv, "image"},                   // Cineon
    Magic{0, "#?RADIANCE"sv, "image"},                         // HDR
    Magic{0, "\xff\x0a"sv, "image"},                           // JPEG XL codestream
    Magic{0, "\0\0\0\x0cJXL \r\n\x87\n"sv, "image"},           // JPEG XL
    Magic{0, "\0\0\0\x0cjP  \r\n\x87\n"sv, "image"},           // JPEG 2000
    Magic{0, "\xff\x4f\xff\x51"sv, "image"},                   // JPEG 2000 codestream
    Magic{0, "8BPS"sv, "design"},                              // Photoshop
    Magic{0, "gimp xcf"sv, "design"},                          //
    Magic{0, "%!PS"sv, "design"},                              // EPS, old Illustrator
    Magic{0, "\xc5\xd0\xd3\xc6"sv, "design"},                  // EPS with a preview
    Magic{0, "\x06\x06\xed\xf5\xd8\x1d\x46\xe5"sv, "design"},  // InDesign
    Magic{0, "BLENDER"sv, "design"},                           //
    Magic{0, "\0\xff\x4b\x41"sv, "design"},                    // Affinity
    Magic{0, R"({\rtf)"sv, "document"},                        //
    Magic{0, "fLaC"sv, "audio"},                               //
    Magic{0, "ID3"sv, "audio"},                                // MP3 with tags
    Magic{0, "\xff\xfb"sv, "audio"},                           // MP3
    Magic{0, "\xff\xf3"sv, "audio"},                           //
    Magic{0, "\xff\xf2"sv, "audio"},                           //
    Magic{0, "\xff\xf1"sv, "audio"},                           // AAC
    Magic{0, "\xff\xf9"sv, "audio"},                           //
    Magic{0, "caff"sv, "audio"},                               //
    Magic{0, "MThd"sv, "audio"},                               // MIDI
    Magic{0, "DSD "sv, "audio"},                               //
    Magic{0, "wvpk"sv, "audio"},                               // WavPack
    Magic{8, "AIFF"sv, "audio"},                               // in FORM
    Magic{8, "AIFC"sv, "audio"},                               //
    Magic{8, "WAVE"sv, "audio"},                               // in RIFF, RF64, BW64
    Magic{8, "AVI "sv, "video"},                               // in RIFF
    Magic{8, "WEBP"sv, "image"},                               // in RIFF
    Magic{0, "\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02"sv, "video"},  // MXF
    Magic{0, "\0\0\x01\xba"sv, "video"},                                  // MPEG programme stream
    Magic{0, "\0\0\x01\xb3"sv, "video"},                                  // MPEG elementary stream
    Magic{0, "FLV\x01"sv, "video"},                                       //
    Magic{0, "YUV4MPEG2"sv, "video"},                                     //
    Magic{0, "DKIF"sv, "video"},                                          // IVF
    Magic{4, "RED1"sv, "video"},                                          //
    Magic{4, "RED2"sv, "video"},                                          //
    Magic{4, "moov"sv, "video"},                                          // QuickTime before ftyp
    Magic{4, "mdat"sv, "video"},                                          //
    Magic{4, "wide"sv, "video"},                                          //
};

struct Extensions {
  std::string_view kind;
  std::string_view list;  // between spaces
};

constexpr std::array kExtensions = {
    Extensions{"video",
               " 3g2 3gp ari arx asf avi braw crm dv f4v flv insv ivf m2t m2ts m2v m4v mkv mod mov"
               " mp4 mpe mpeg mpg mts mxf ogv qt r3d rm tod ts vob webm wmv y4m "},
    Extensions{"audio",
               " aac ac3 aif aifc aiff amr ape bwf caf dff dsf dts eac3 flac m4a m4b mid midi mka"
               " mp2 mp3 oga ogg opus ra rf64 snd spx thd tta w64 wav wma wv "},
    Extensions{"image",
               " 3fr arw avif bmp cin cr2 cr3 crw dcr dng dpx erf exr fff gif hdr heic heif hif ico"
               " iiq j2c j2k jfif jp2 jpe jpeg jpf jpg jpx jxl jxr k25 kdc mef mos mrw nef nrw orf"
               " pbm pef pfm pgm png pnm ppm raf raw rw2 rwl sgi sr2 srf srw svg svgz tga tif tiff"
               " vicar webp x3f "},
    Extensions{"document",
               " csv doc docm docx epub fdx fountain htm html key log md numbers odp ods odt pages"
               " pdf pot potx pps ppsx ppt pptx rst rtf srt tex tsv txt vtt xls xlsm xlsx "},
    Extensions{
        "design",
        " 3ds abc aep aepx af afdesign afphoto afpub ai als blend c4d cdr drp dwg dxf eps fbx"
        " fig fla gltf glb hip idml indd indt kra ma max mb mogrt obj otio prproj ps psb psd"
        " ptx sketch skp stl usd usda usdc usdz vsd vsdx xcf xd "},
};

std::optional<std::string_view> kind_of_extension(std::string_view extension) {
  if (extension.empty() || extension.find(' ') != std::string_view::npos) return std::nullopt;
  const std::string word = " " + std::string(extension) + " ";
  for (const Extensions& known : kExtensions) {
    if (known.list.find(word) != std::string_view::npos) return known.kind;
  }
  return std::nullopt;
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The brand of ISO media says what it holds.
std::string_view kind_of_brand(std::string_view brand) {
  if (is_one_of(brand, {"M4A ", "M4B ", "M4P ", "F4A "})) return "audio";
  if (is_one_of(brand, {"heic", "heix", "heim", "heis", "mif1", "msf1", "avif", "avis", "crx ",
                        "jxl ", "jp2 ", "jpx "})) {
    return "image";
  }
  return "video";
}

// Containers that hold several kinds: the bytes say which container, its contents or else the
// extension say which kind. Nothing if the head is none of them.
std::optional<std::string_view> kind_of_container(std::string_view head,
                                                  std::string_view extension) {
  if (head.substr(4, 4) == "ftyp") return kind_of_brand(head.substr(8, 4));
  if (head.starts_with("OggS")) {
    return head.find("theora") != std::string_view::npos ? "video" : "audio";
  }
  if (head.starts_with("\x1a\x45\xdf\xa3")) return extension == "mka" ? "audio" : "video";
  if (head.starts_with("\x30\x26\xb2\x75\x8e\x66\xcf\x11")) {
    return extension == "wma" ? "audio" : "video";
  }
  if (head.starts_with("%PDF")) return extension == "ai" ? "design" : "document";
  return std::nullopt;
}

std::optional<std::string_view> kind_of_magic(std::string_view head) {
  for (const Magic& magic : kMagics) {
    if (head.size() > magic.offset && head.substr(magic.offset).starts_with(magic.bytes)) {
      return magic.kind;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view kind_of(std::span<const std::byte> head, std::string_view name) {
  const std::string_view bytes(reinterpret_cast<const char*>(head.data()), head.size());
  const std::string extension = lower_extension(name);
  if (bytes.size() >= 12) {
    if (const auto kind = kind_of_container(bytes, extension)) return *kind;
  }
  if (const auto kind = kind_of_magic(bytes)) return *kind;
  return kind_of_extension(extension).value_or("other");
}

}  // namespace lensfs
