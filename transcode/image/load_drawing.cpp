#include <algorithm>
#include <string>

#include "transcode/image/colour.h"
#include "transcode/image/load.h"

namespace lensfs {
namespace {

constexpr double kPageScale = 144.0 / 72.0;  // without a box

struct Drawing {
  const Bytes& bytes;
  SourceFormat format;
  int page;
};

Result<Pixels> draw(const Drawing& drawing, double scale) {
  LENSFS_TRY(const VipsInput input, drawing.bytes.input());
  return vips_run([&](VipsImage** out) {
    if (drawing.format == SourceFormat::svg)
      return vips_svgload_source(input.get(), out, "scale", scale, "access", VIPS_ACCESS_SEQUENTIAL,
                                 nullptr);
    return vips_pdfload_source(input.get(), out, "scale", scale, "page", drawing.page, "access",
                               VIPS_ACCESS_SEQUENTIAL, nullptr);
  });
}

// The reasons that are no damage.
Error drawing_error(const Error& error) {
  if (error.message().find("ncrypted") != std::string::npos)
    return Error(Errc::not_supported, "the document needs a password");
  return error;
}

}  // namespace

Result<Pixels> load_drawing(const Bytes& bytes, SourceFormat format, const View& view) {
  vips_error_clear();
  Drawing drawing{bytes, format, 0};
  auto opened = draw(drawing, 1.0);
  if (!opened) return fail(drawing_error(opened.error()));
  LENSFS_CHECK(check_moment(view.moment,
                            format == SourceFormat::pdf ? vips_image_get_n_pages(opened->get()) : 1,
                            Counts::pages));
  if (view.moment.number > 0) {
    drawing.page = view.moment.number;
    opened = draw(drawing, 1.0);
    if (!opened) return fail(drawing_error(opened.error()));
  }
  const double width = vips_image_get_width(opened->get());
  const double height = vips_image_get_height(opened->get());
  double scale = format == SourceFormat::pdf ? kPageScale : 1.0;
  if (view.box.width > 0 || view.box.height > 0) {
    const double across = view.box.width > 0 ? view.box.width / width : VIPS_MAX_COORD;
    const double down = view.box.height > 0 ? view.box.height / height : VIPS_MAX_COORD;
    scale = std::min(across, down);
  }
  // The range that libvips takes; what is drawn too large then is made smaller.
  scale = std::clamp(scale, 0.001, 100000.0);
  LENSFS_CHECK(check_size(width * scale, height * scale, 4, Decoded::as_a_whole));
  LENSFS_TRY(const Pixels drawn, draw(drawing, scale));
  return fit(drawn, view.box);
}

}  // namespace lensfs
