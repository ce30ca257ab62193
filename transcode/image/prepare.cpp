#include "transcode/image/prepare.h"

#include <cairo.h>
#include <pango/pangocairo.h>
#include <poppler.h>
#include <vips/vips.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "transcode/engine.h"
#include "transcode/image/bytes.h"

namespace lensfs {
namespace {

using namespace std::string_view_literals;

// Text, so that fonts are looked for, and pictures inside, so that their loaders are found.
constexpr std::string_view kSvg = R"(<svg xmlns="http://www.w3.org/2000/svg"
 xmlns:xlink="http://www.w3.org/1999/xlink" width="8" height="8">
<text x="0" y="8" font-family="sans-serif" font-size="6">a</text>
<image width="1" height="1" xlink:href="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="/>
<image width="1" height="1" xlink:href="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"/>
<image width="1" height="1" xlink:href="data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4="/>
</svg>)";

// Names fonts that are not in it.
constexpr std::string_view kPdf = R"(%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 8 8]/Contents 4 0 R/Resources<</Font<</F 5 0 R/G 6 0 R>>>>>>endobj
4 0 obj<</Length 50>>stream
BT /F 6 Tf 1 1 Td (a) Tj /G 6 Tf (b) Tj ET        
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
6 0 obj<</Type/Font/Subtype/TrueType/BaseFont/Arial>>endobj
trailer<</Root 1 0 R>>
%%EOF
)";

// The starts of files of each kind that ImageMagick decodes here: its coders are modules, loaded
// when first asked for; that the rest is missing does not matter.
constexpr std::array kBitmaps = {
    "BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0\1\0\x18\0\0\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv,
    "\0\0\2\0\0\0\0\0\0\0\0\0\1\0\1\0\x18\0\0\0\0"sv,        // TGA
    "\0\0\1\0\1\0\1\1\0\0\1\0\x18\0\x30\0\0\0\x16\0\0\0"sv,  // ICO
    "\x0a\5\1\1\0\0\0\0\0\0\0\0\0\0\0\0"sv,                  // PCX
    "\1\xda\0\1\0\2\0\1\0\1\0\1"sv,                          // SGI
    "DDS \x7c\0\0\0"sv,
    "gimp xcf file\0\0\0\0\1\0\0\0\1\0\0\0\0"sv,
};

void ignore_message(const char* /*domain*/, GLogLevelFlags /*level*/, const char* /*text*/,
                    void* /*unused*/) {}

void start_vips_once() {
  // Read by ImageMagick and OpenMP when they are loaded, which vips_init does.
  setenv("OMP_NUM_THREADS", "1", 0);
  setenv("MAGICK_THREAD_LIMIT", "1", 0);
  setenv("MAGICK_MEMORY_LIMIT", "768MiB", 0);
  setenv("MAGICK_MAP_LIMIT", "768MiB", 0);
  setenv("MAGICK_DISK_LIMIT", "0", 0);
  if (vips_init("lensfs") != 0) return;
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  // A damaged source makes many warnings; what matters comes back as an error.
  for (const char* domain : {"VIPS", "GLib-GObject", "librsvg", "Poppler"})
    g_log_set_handler(domain, G_LOG_LEVEL_WARNING, ignore_message, nullptr);
}

// Decodes one pixel in this thread. A whole picture would be decoded by threads of libvips, and it
// would take them for alive in a forked child.
void draw_one_pixel(const Pixels& picture) {
  const std::unique_ptr<VipsRegion, Unref> region(vips_region_new(picture.get()));
  const VipsRect area{0, 0, 1, 1};
  if (!region || vips_region_prepare(region.get(), &area) != 0) vips_error_clear();
}

void warm_svg() {
  const auto input = Bytes::owned(std::string(kSvg)).input();
  if (!input) return;
  const auto picture =
      vips_run([&](VipsImage** out) { return vips_svgload_source(input->get(), out, nullptr); });
  if (picture) draw_one_pixel(*picture);
  // Pango looks for fonts in a thread of its own, which a forked child would wait for.
  pango_cairo_font_map_set_default(nullptr);
}

// Poppler without libvips, which would make a background with its threads.
void warm_pdf() {
  const std::unique_ptr<GBytes, decltype(&g_bytes_unref)> bytes(
      g_bytes_new_static(kPdf.data(), kPdf.size()), g_bytes_unref);
  const std::unique_ptr<PopplerDocument, Unref> document(
      poppler_document_new_from_bytes(bytes.get(), nullptr, nullptr));
  if (!document) return;
  const std::unique_ptr<PopplerPage, Unref> page(poppler_document_get_page(document.get(), 0));
  if (!page) return;
  cairo_surface_t* surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 8, 8);
  cairo_t* cairo = cairo_create(surface);
  poppler_page_render(page.get(), cairo);
  cairo_destroy(cairo);
  cairo_surface_destroy(surface);
}

void warm_bitmap(std::string_view start) {
  std::string content(start);
  const auto picture = vips_run([&](VipsImage** out) {
    return vips_magickload_buffer(content.data(), content.size(), out, nullptr);
  });
  if (picture) draw_one_pixel(*picture);
}

void prepare_once() {
  start_vips();
  warm_svg();
  warm_pdf();
  for (const std::string_view start : kBitmaps) warm_bitmap(start);
  vips_error_clear();
}

}  // namespace

void start_vips() {
  static std::once_flag once;
  std::call_once(once, start_vips_once);
}

void prepare_stills() {
  static std::once_flag once;
  std::call_once(once, prepare_once);
}

}  // namespace lensfs
