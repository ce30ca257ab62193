#include <ImathBox.h>
#include <ImathMatrix.h>
#include <ImathVec.h>
#include <ImfArray.h>
#include <ImfChannelList.h>
#include <ImfChromaticities.h>
#include <ImfChromaticitiesAttribute.h>
#include <ImfHeader.h>
#include <ImfIO.h>
#include <ImfRgbaFile.h>
#include <ImfStandardAttributes.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "transcode/image/colour.h"
#include "transcode/image/load.h"

namespace lensfs {
namespace {

// OpenEXR reads through this; it throws, as OpenEXR expects, and no further than load_exr.
class Stream final : public Imf::IStream {
 public:
  explicit Stream(Bytes bytes) : Imf::IStream("picture"), bytes_(std::move(bytes)) {}

  bool read(char into[], int length) override {
    const auto count = static_cast<std::size_t>(std::max(length, 0));
    const auto got = bytes_.read_at(offset_, std::as_writable_bytes(std::span(into, count)));
    if (!got || *got < count) throw std::runtime_error("the file ends too early");
    offset_ += length;
    return offset_ < bytes_.size();
  }
  std::uint64_t tellg() override { return static_cast<std::uint64_t>(offset_); }
  void seekg(std::uint64_t offset) override { offset_ = static_cast<std::int64_t>(offset); }
  void clear() override {}

 private:
  Bytes bytes_;
  std::int64_t offset_ = 0;
};

struct Exr {
  std::unique_ptr<Stream> stream;
  std::unique_ptr<Imf::RgbaInputFile> file;
  Imath::Box2i stored;
  Imath::Box2i shown;
  Imath::M44f to_709;
  bool converts = false;
  bool has_alpha = false;
  std::vector<Imf::Rgba> row;
};

// The layer to show: none if the file has colour without one.
std::string layer_of(const Imf::ChannelList& channels) {
  for (const char* own : {"R", "G", "B", "Y", "RY", "BY"})
    if (channels.findChannel(own) != nullptr) return {};
  for (auto channel = channels.begin(); channel != channels.end(); ++channel) {
    const std::string name = channel.name();
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos) continue;
    const std::string last = name.substr(dot + 1);
    if (last == "R" || last == "Y") return name.substr(0, dot);
  }
  throw std::invalid_argument("no channels with colour in it");
}

std::int64_t width_of(const Imath::Box2i& box) {
  return std::int64_t{box.max.x} - box.min.x + 1;
}
std::int64_t height_of(const Imath::Box2i& box) {
  return std::int64_t{box.max.y} - box.min.y + 1;
}

// The window to show; the stored one where the display window makes no sense for it.
Imath::Box2i shown_window(const Imf::RgbaInputFile& file) {
  const Imath::Box2i& display = file.displayWindow();
  const Imath::Box2i& stored = file.dataWindow();
  if (display.isEmpty() || !display.intersects(stored)) return stored;
  constexpr std::int64_t kMostBlank = 16;  // times what there is
  const std::int64_t area = width_of(display) * height_of(display);
  return area / kMostBlank > width_of(stored) * height_of(stored) ? stored : display;
}

void use_primaries(Exr& exr) {
  const Imf::Header& header = exr.file->header();
  if (!Imf::hasChromaticities(header)) return;
  const Imf::Chromaticities own = Imf::chromaticities(header);
  if (own == Imf::Chromaticities()) return;
  exr.to_709 = Imf::RGBtoXYZ(own, 1) * Imf::XYZtoRGB(Imf::Chromaticities(), 1);
  exr.converts = true;
}

std::shared_ptr<Exr> open_exr(const Bytes& bytes) {
  auto exr = std::make_shared<Exr>();
  exr->stream = std::make_unique<Stream>(bytes);
  exr->file = std::make_unique<Imf::RgbaInputFile>(*exr->stream, 0);
  const std::string layer = layer_of(exr->file->header().channels());
  if (!layer.empty()) {
    exr->file.reset();
    exr->stream->seekg(0);
    exr->file = std::make_unique<Imf::RgbaInputFile>(*exr->stream, layer, 0);
  }
  exr->stored = exr->file->dataWindow();
  exr->shown = shown_window(*exr->file);
  exr->has_alpha = (exr->file->channels() & Imf::WRITE_A) != 0;
  use_primaries(*exr);
  return exr;
}

void read_line(Exr& exr, int line) {
  exr.file->setFrameBuffer(exr.row.data() - exr.stored.min.x, 1, 0);
  exr.file->readPixels(line, line);
}

// Some programs write an alpha that is 0 everywhere beside a picture that covers everything. Looks
// at some rows: colour and no cover at all.
bool has_false_alpha(Exr& exr) {
  constexpr std::int64_t kRows = 24;
  bool colour = false;
  for (std::int64_t i = 0; i < kRows; ++i) {
    read_line(exr, static_cast<int>(exr.stored.min.y + (height_of(exr.stored) - 1) * i / kRows));
    for (const Imf::Rgba& pixel : exr.row) {
      if (pixel.a > 0) return false;
      colour = colour || pixel.r > 0 || pixel.g > 0 || pixel.b > 0;
    }
  }
  return colour;
}

Light light_of(const Imf::Rgba& pixel, const Exr& exr) {
  Imath::V3f colour(pixel.r, pixel.g, pixel.b);
  if (exr.converts) colour = colour * exr.to_709;
  return {colour.x, colour.y, colour.z, exr.has_alpha ? static_cast<float>(pixel.a) : 1.0F};
}

// Row `y`, counted from the top of what is shown.
void read_row(Exr& exr, int y, std::uint8_t* rgba) {
  const int line = exr.shown.min.y + y;
  const auto width = static_cast<std::size_t>(width_of(exr.shown));
  if (!exr.has_alpha)
    for (std::size_t x = 0; x < width; ++x) rgba[4 * x + 3] = 255;
  if (line < exr.stored.min.y || line > exr.stored.max.y) return;
  read_line(exr, line);
  const int first = std::max(exr.stored.min.x, exr.shown.min.x);
  const int last = std::min(exr.stored.max.x, exr.shown.max.x);
  for (int x = first; x <= last; ++x)
    show_light(light_of(exr.row[static_cast<std::size_t>(x - exr.stored.min.x)], exr),
               rgba + 4 * static_cast<std::ptrdiff_t>(x - exr.shown.min.x));
}

Status read_row_safely(Exr& exr, int y, void* row) noexcept {
  try {
    read_row(exr, y, static_cast<std::uint8_t*>(row));
    return {};
  } catch (const std::exception&) {
    return fail(Error(Errc::corrupt, "a part of the picture is damaged"));
  }
}

// A damaged file may not be readable everywhere; then its alpha is believed.
void look_at_alpha(Exr& exr) {
  try {
    if (exr.has_alpha && has_false_alpha(exr)) exr.has_alpha = false;
  } catch (const std::exception&) {
    return;
  }
}

PixelAspect aspect_of(const Exr& exr) {
  const double ratio = exr.file->pixelAspectRatio();
  return {ratio > 0.1 && ratio < 10 ? ratio : 1.0};
}

}  // namespace

Result<Pixels> load_exr(const Bytes& bytes, const View& view) {
  LENSFS_CHECK(check_moment(view.moment, 1, Counts::pages));
  try {
    const std::shared_ptr<Exr> exr = open_exr(bytes);
    LENSFS_CHECK(check_size(static_cast<double>(width_of(exr->shown)),
                            static_cast<double>(height_of(exr->shown)), 4, Decoded::in_strips));
    LENSFS_CHECK(check_size(static_cast<double>(width_of(exr->stored)),
                            static_cast<double>(height_of(exr->stored)), 8, Decoded::in_strips));
    exr->row.resize(static_cast<std::size_t>(width_of(exr->stored)));
    look_at_alpha(*exr);
    const RowShape shape{static_cast<int>(width_of(exr->shown)),
                         static_cast<int>(height_of(exr->shown)), 4};
    LENSFS_TRY(
        const Pixels picture,
        pixels_of_rows(
            shape, [exr](int y, void* row) { return read_row_safely(*exr, y, row); }, view.damage));
    return fit(picture, view.box, aspect_of(*exr));
  } catch (const std::invalid_argument& error) {
    return fail(Error(Errc::not_supported, "this OpenEXR file").with(error.what()));
  } catch (const std::bad_alloc&) {
    return fail(Error(Errc::too_big, "not enough memory for this picture"));
  } catch (const std::exception& error) {
    return fail(Error(Errc::corrupt, "cannot be decoded").with(error.what()));
  }
}

}  // namespace lensfs
