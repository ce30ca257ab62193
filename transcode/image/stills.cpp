// make_stills: the orders of one view of a source share one decoded picture, as large as the
// largest of them needs; the others are made smaller from it.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "transcode/engine.h"
#include "transcode/image/load.h"
#include "transcode/image/prepare.h"
#include "transcode/image/write.h"
#include "transcode/threads.h"

namespace lensfs {
namespace {

// A picture larger than this is not kept decoded: every order decodes for itself.
constexpr std::size_t kMostKept = std::size_t{320} << 20U;

struct Work {
  const Bytes& bytes;
  std::span<const Order> orders;
  const Progress& progress;
  Answers& answers;
  std::size_t done = 0;
};

Box box_of(const Recipe& recipe) {
  return {recipe.width, recipe.height};
}

// The box that every box of `chosen` fits into.
Box common_box(std::span<const Order> orders, const std::vector<std::size_t>& chosen) {
  Box common = box_of(orders[chosen.front()].recipe);
  for (const std::size_t index : chosen) {
    const Box box = box_of(orders[index].recipe);
    common.width = box.width == 0 || common.width == 0 ? 0 : std::max(common.width, box.width);
    common.height = box.height == 0 || common.height == 0 ? 0 : std::max(common.height, box.height);
  }
  return common;
}

Result<Pixels> in_memory(const Pixels& picture) {
  VipsImage* copy = vips_image_copy_memory(picture.get());
  if (copy == nullptr) return fail(vips_failure());
  return Pixels(copy);
}

// Whether a picture in memory has one colour, but for one pixel in fifty.
bool is_blank(const Pixels& picture) {
  const auto* memory = static_cast<const char*>(vips_image_get_data(picture.get()));
  if (memory == nullptr) return false;
  const std::size_t step = pixel_size(picture.get());
  const std::size_t pixels = decoded_size(picture.get()) / step;
  const char* last = memory + (pixels - 1) * step;
  std::size_t others = 0;
  for (const char* pixel = memory; pixel < last && others <= pixels / 50; pixel += step)
    others += std::memcmp(pixel, last, step) == 0 ? 0 : 1;
  return others <= pixels / 50;
}

bool is_kept(const Pixels& picture) {
  return decoded_size(picture.get()) <= kMostKept;
}

// The picture in memory, if it is not too large. One that is blank is decoded again with damage
// refused: a damaged source shows what there is, but one of which nothing could be decoded fails.
Result<Pixels> decoded(const Bytes& bytes, View view) {
  LENSFS_TRY(Pixels picture, load(bytes, view));
  if (!is_kept(picture)) return picture;
  LENSFS_TRY(picture, in_memory(picture));
  if (!is_blank(picture)) return picture;
  view.damage = Damage::refused;
  LENSFS_TRY(const Pixels strict, load(bytes, view));
  return in_memory(strict);
}

Result<Made> make_one(const Work& work, const Order& order, const Pixels& shared,
                      const View& shared_view) {
  const Box box = box_of(order.recipe);
  View view = shared_view;
  view.box = box;
  const bool kept = is_kept(shared);
  Pixels own;
  if (!kept) {
    LENSFS_TRY(own, load(work.bytes, view));
  } else {
    LENSFS_TRY(own, fit(shared, box));
  }
  LENSFS_TRY(const bool transparent, has_transparency(own));
  if (!kept && vips_image_hasalpha(own.get()) != 0) {
    LENSFS_TRY(own, load(work.bytes, view));  // it has been read to its end
  }
  return write_still(own, transparent ? Alpha::transparent : Alpha::opaque, order);
}

void finish(Work& work, std::size_t index, Result<Made> answer) {
  work.answers[index] = std::move(answer);
  ++work.done;
  if (work.progress)
    work.progress(static_cast<double>(work.done) / static_cast<double>(work.orders.size()));
}

void make_view(Work& work, const std::string& at, const std::vector<std::size_t>& chosen) {
  const auto fail_all = [&](const Error& error) {
    for (const std::size_t index : chosen) finish(work, index, fail(error));
  };
  const auto moment = moment_of(at);
  if (!moment) return fail_all(moment.error());
  const View view{common_box(work.orders, chosen), *moment, Damage::shown};
  const auto picture = decoded(work.bytes, view);
  if (!picture) return fail_all(picture.error());
  for (const std::size_t index : chosen)
    finish(work, index, make_one(work, work.orders[index], *picture, view));
}

}  // namespace

Answers make_stills(const MediaSource& source, std::span<const Order> orders,
                    const Progress& progress) {
  start_vips();
  vips_concurrency_set(engine_threads());
  Answers answers(orders.size(), fail(Errc::not_supported, "not a still"));
  const auto bytes = Bytes::of(source);
  if (!bytes) {
    for (auto& answer : answers) answer = fail(bytes.error());
    return answers;
  }
  Work work{*bytes, orders, progress, answers};
  std::vector<bool> taken(orders.size(), false);
  for (std::size_t first = 0; first < orders.size(); ++first) {
    if (taken[first] || orders[first].recipe.form != Recipe::Form::still) continue;
    std::vector<std::size_t> chosen;
    for (std::size_t other = first; other < orders.size(); ++other) {
      if (orders[other].recipe.form != Recipe::Form::still) continue;
      if (orders[other].recipe.at != orders[first].recipe.at) continue;
      chosen.push_back(other);
      taken[other] = true;
    }
    make_view(work, orders[first].recipe.at, chosen);
  }
  return answers;
}

}  // namespace lensfs
