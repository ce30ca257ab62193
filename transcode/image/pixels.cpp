#include "transcode/image/pixels.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lensfs {
namespace {

struct Rows {
  RowShape shape;
  ReadRow read;
  Damage damage;
  std::mutex one_at_a_time;  // guards `read` and `row`
  std::vector<char> row;
};

int make_rows(VipsRegion* out, void* /*sequence*/, void* rows_of, void* /*unused*/,
              gboolean* /*stop*/) {
  auto& rows = *static_cast<Rows*>(rows_of);
  const VipsRect& wanted = out->valid;
  const std::size_t pixel = pixel_size(out->im);
  const std::lock_guard lock(rows.one_at_a_time);
  for (int y = wanted.top; y < wanted.top + wanted.height; ++y) {
    std::fill(rows.row.begin(), rows.row.end(), '\0');
    const Status status = rows.read(y, rows.row.data());
    if (!status && rows.damage == Damage::refused) {
      vips_error("row", "%s", status.error().message().c_str());
      return -1;
    }
    std::memcpy(pixel_at(out, wanted.left, y),
                rows.row.data() + pixel * static_cast<std::size_t>(wanted.left),
                pixel * static_cast<std::size_t>(wanted.width));
  }
  return 0;
}

void shape_header(VipsImage* image, const RowShape& shape) {
  vips_image_init_fields(image, shape.width, shape.height, shape.bands, shape.format,
                         VIPS_CODING_NONE, shape.interpretation, 1.0, 1.0);
}

}  // namespace

Error vips_failure() {
  char* buffer = vips_error_buffer_copy();
  std::string said(buffer == nullptr ? "" : buffer);
  g_free(buffer);
  while (!said.empty() && (said.back() == '\n' || said.back() == ' ')) said.pop_back();
  for (std::size_t at = said.find('\n'); at != std::string::npos; at = said.find('\n', at))
    said.replace(at, 1, "; ");
  constexpr std::size_t kLongest = 400;
  if (said.size() > kLongest) said.resize(kLongest);
  const bool memory = said.find("out of memory") != std::string::npos ||
                      said.find("unable to allocate") != std::string::npos ||
                      said.find("nsufficient memory") != std::string::npos;
  return memory ? Error(Errc::too_big, "not enough memory for this picture").with(said)
                : Error(Errc::corrupt, "cannot be decoded").with(said);
}

Result<Pixels> vips_run(const std::function<int(VipsImage**)>& call) {
  VipsImage* image = nullptr;
  if (call(&image) != 0) return fail(vips_failure());
  return Pixels(image);
}

Result<Pixels> pixels_of_rows(const RowShape& shape, ReadRow read, Damage damage) {
  Pixels image(vips_image_new());
  shape_header(image.get(), shape);
  auto rows = std::make_unique<Rows>();
  rows->shape = shape;
  rows->read = std::move(read);
  rows->damage = damage;
  rows->row.resize(pixel_size(image.get()) * static_cast<std::size_t>(shape.width));
  Rows* kept = rows.release();
  g_object_set_data_full(G_OBJECT(image.get()), "lensfs-rows", kept,
                         [](void* owned) { delete static_cast<Rows*>(owned); });
  if (vips_image_pipelinev(image.get(), VIPS_DEMAND_STYLE_THINSTRIP, nullptr) != 0 ||
      vips_image_generate(image.get(), nullptr, make_rows, nullptr, kept, nullptr) != 0)
    return fail(vips_failure());
  return image;
}

Result<Pixels> pixels_of_memory(const RowShape& shape, const void* memory) {
  const std::size_t length =
      vips_format_sizeof(shape.format) * static_cast<std::size_t>(shape.bands) *
      static_cast<std::size_t>(shape.width) * static_cast<std::size_t>(shape.height);
  VipsImage* image = vips_image_new_from_memory_copy(memory, length, shape.width, shape.height,
                                                     shape.bands, shape.format);
  if (image == nullptr) return fail(vips_failure());
  image->Type = shape.interpretation;
  return Pixels(image);
}

}  // namespace lensfs
