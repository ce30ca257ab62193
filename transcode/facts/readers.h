// The readers of facts, one for each family of formats. Each says what it finds; an error is what a
// person should know of a damaged file. Which is asked for what: engine.cpp.
#pragma once

#include "transcode/facts.h"
#include "transcode/image/bytes.h"
#include "transcode/image/source_format.h"

namespace lensfs::facts {

// EXIF, IPTC and XMP of pictures, and how large they are.
[[nodiscard]] Status read_photo(const Bytes& bytes, SourceFormat format, Facts& facts);
// bext and iXML of WAV, RF64, BW64, in files of any size.
[[nodiscard]] Status read_wave(const Bytes& bytes, Facts& facts);
// Pages of a PDF, with their words.
[[nodiscard]] Status read_page(const Bytes& bytes, Facts& facts);
// Office documents (OOXML, OpenDocument) and EPUB.
[[nodiscard]] Status read_package(const Bytes& bytes, Facts& facts);
// Title and description of an SVG; the words of a text.
[[nodiscard]] Status read_drawing(const Bytes& bytes, Facts& facts);
[[nodiscard]] Status read_words(const Bytes& bytes, Facts& facts);
// An XMP file beside another: what it says of that one.
[[nodiscard]] Status read_sidecar(const Bytes& bytes, Facts& facts);

// Whether elements of an XML text may be so deep in each other that its parser, which destroys a
// document by recursion, could not bear it. To be asked before anything is parsed.
[[nodiscard]] bool is_deep(std::string_view xml);
// What a packet of XMP says. One that is damaged says nothing.
void take_xmp(std::string_view packet, Facts& facts);

}  // namespace lensfs::facts
