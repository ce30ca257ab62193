#include "transcode/image/load.h"

namespace lensfs {

Result<Pixels> load(const Bytes& bytes, const View& view) {
  LENSFS_TRY(const SourceFormat format, format_of(bytes));
  switch (format) {
    case SourceFormat::svg:
    case SourceFormat::pdf:
      return load_drawing(bytes, format, view);
    case SourceFormat::heif:
      return load_heif(bytes, view);
    case SourceFormat::exr:
      return load_exr(bytes, view);
    case SourceFormat::dpx:
    case SourceFormat::cineon:
      return load_film(bytes, format, view);
    case SourceFormat::psd:
      return load_psd(bytes, view);
    case SourceFormat::icns:
      return load_icns(bytes, view);
    case SourceFormat::package:
      return load_package(bytes, view);
    case SourceFormat::raw:
      return load_raw(bytes, view);
    case SourceFormat::postscript:
      return load_postscript(bytes, view);
    case SourceFormat::bitmap:
      return load_bitmap(bytes, view);
    case SourceFormat::jpeg:
    case SourceFormat::png:
    case SourceFormat::gif:
    case SourceFormat::webp:
    case SourceFormat::tiff:
    case SourceFormat::jp2:
    case SourceFormat::jxl:
    case SourceFormat::radiance:
    case SourceFormat::pnm:
      break;
  }
  return load_with_vips(bytes, format, view);
}

}  // namespace lensfs
