// Load: the decoders, one per format, and the choice between them. Each gives a picture in 8-bit
// sRGB or grey, upright, fitted to the view's box, lazily where the format allows. The bytes must
// outlive the picture.
//
// Errors: not_supported with the reason why this source has no such view; corrupt with the
// decoder's words; too_big past a limit of check_size (view.h).
#pragma once

#include "catalog/base/result.h"
#include "transcode/image/bytes.h"
#include "transcode/image/source_format.h"
#include "transcode/image/view.h"

namespace lensfs {

[[nodiscard]] Result<Pixels> load(const Bytes& bytes, const View& view);

// load_vips.cpp: whatever libvips reads from memory. Animations and documents by page; a picture in
// a HEIC may come from its embedded thumbnail where that is larger than the box.
[[nodiscard]] Result<Pixels> load_with_vips(const Bytes& bytes, SourceFormat format,
                                            const View& view);
// The same file: what ImageMagick reads, one picture.
[[nodiscard]] Result<Pixels> load_bitmap(const Bytes& bytes, const View& view);
// load_heif.cpp: HEIC and AVIF. Those that are coded for bright screens (PQ, HLG) are tone-mapped
// from light, 203 cd/m2 being white; all others are load_with_vips.
[[nodiscard]] Result<Pixels> load_heif(const Bytes& bytes, const View& view);
// load_drawing.cpp: SVG and PDF, drawn at the size of the box (a drawing has no pixels of its own:
// it fills the box). Without a box an SVG has its own size, a page 144 pixels per inch. Nothing
// outside the file is read.
[[nodiscard]] Result<Pixels> load_drawing(const Bytes& bytes, SourceFormat format,
                                          const View& view);
// load_exr.cpp: OpenEXR, scene-linear in the primaries that it names; deep ones flattened. The
// first part; where that has no colour of its own, its first layer that has.
[[nodiscard]] Result<Pixels> load_exr(const Bytes& bytes, const View& view);
// load_film.cpp: DPX and Cineon. Logarithmic ones (Cineon; DPX that says "printing density" or
// "logarithmic") as film is printed: code 95 black, 685 white, 0.002 density a code, gamma 0.6,
// then tone-mapped. Linear ones are tone-mapped; all others are taken to be video and shown as they
// are.
[[nodiscard]] Result<Pixels> load_film(const Bytes& bytes, SourceFormat format, const View& view);
// load_psd.cpp: the merged picture that Photoshop keeps beside the layers; where there is none, the
// thumbnail. 32-bit files are scene-linear.
[[nodiscard]] Result<Pixels> load_psd(const Bytes& bytes, const View& view);
// load_icns.cpp: the largest picture of a macOS icon.
[[nodiscard]] Result<Pixels> load_icns(const Bytes& bytes, const View& view);
// load_package.cpp: the preview picture that documents keep: Office, OpenDocument, EPUB (its
// cover), Keynote, Pages, Krita, OpenRaster, Sketch.
[[nodiscard]] Result<Pixels> load_package(const Bytes& bytes, const View& view);
// load_raw.cpp: the preview that the camera made, if it is large enough for the box or the largest
// there is; else the sensor's picture at half size.
[[nodiscard]] Result<Pixels> load_raw(const Bytes& bytes, const View& view);
// load_postscript.cpp: EPS and PostScript, drawn by Ghostscript in this process, which then reads
// its own resources and fonts and no other file. One at a time per process.
[[nodiscard]] Result<Pixels> load_postscript(const Bytes& bytes, const View& view);

}  // namespace lensfs
