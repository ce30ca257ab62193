// Measures an edit rendition of one file, for people who work on the engine:
//
//   lensfs_measure_outline SOURCE RECIPE FOLDER [whole]
//
// Prints wall and CPU time of the outline, of opening a renderer, of single frames at random, of
// the next frame, of going back; and, if asked, of making the whole file in one go.
#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>
#include <string>

#include "catalog/base/fd.h"
#include "transcode/outline.h"

namespace {

using namespace lensfs;

double cpu_now() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Timed {
  std::chrono::steady_clock::time_point wall = std::chrono::steady_clock::now();
  double cpu = cpu_now();
  void print(const char* what, int times = 1) const {
    const std::chrono::duration<double, std::milli> passed =
        std::chrono::steady_clock::now() - wall;
    std::printf("%-28s %9.1f ms wall %9.1f ms CPU", what, passed.count() / times,
                (cpu_now() - cpu) * 1000 / times);
    std::printf(times > 1 ? "  each of %d\n" : "\n", times);
  }
};

int failed(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message().c_str());
  return 1;
}

void measure_slots(SlotRenderer& renderer, std::int64_t pictures) {
  const auto nothing = [](const RenderedSlot&) { return true; };
  std::mt19937 random(7);
  constexpr int kTimes = 20;
  const auto render = [&](std::int64_t slot) {
    if (!renderer.render(slot, 1, nothing))
      std::printf("slot %lld failed\n", static_cast<long long>(slot));
  };
  {
    const Timed timed;
    render(pictures / 3);
    timed.print("first frame");
  }
  {
    const Timed timed;
    for (int time = 0; time < kTimes; ++time)
      render(static_cast<std::int64_t>(random() % static_cast<unsigned>(pictures)));
    timed.print("frame at random", kTimes);
  }
  {
    render(pictures / 2);
    const Timed timed;
    for (int time = 1; time <= kTimes; ++time) render(std::min(pictures / 2 + time, pictures - 1));
    timed.print("next frame", kTimes);
  }
  int told = 0;
  const Timed timed;
  for (std::int64_t slot = pictures / 2;
       slot > std::max<std::int64_t>(pictures / 2 - 200, 0) && told < 200;) {
    std::int64_t least = slot;
    const Status rendered = renderer.render(slot, 1, [&](const RenderedSlot& one) {
      ++told;
      least = std::min(least, one.slot);
      return true;
    });
    if (!rendered) return;
    slot = least - 1;
  }
  timed.print("frame before", std::max(told, 1));
}

}  // namespace

int main(int count, char** words) {
  if (count < 4) {
    std::fprintf(stderr, "usage: lensfs_measure_outline SOURCE RECIPE FOLDER [whole]\n");
    return 2;
  }
  const std::filesystem::path folder = words[3];
  const auto source = open_path(words[1], O_RDONLY);
  const auto recipe = Recipe::from_text(words[2]);
  const auto bytes = open_path(folder / "bytes", O_RDWR | O_CREAT | O_TRUNC);
  const auto layout = open_path(folder / "layout", O_RDWR | O_CREAT | O_TRUNC);
  if (!source || !recipe || !bytes || !layout) return 2;
  std::string extension = std::filesystem::path(words[1]).extension().string();
  if (!extension.empty()) extension.erase(0, 1);
  const MediaSource media{source->get(), stat_of(source->get())->st_size, extension};
  prepare_timed();
  const Timed outline;
  const auto made = outline_timed(media, *recipe, {bytes->get(), layout->get()});
  if (!made) return failed(made.error());
  outline.print("outline");
  std::printf("%lld bytes, layout %lld bytes, %lld frames, %.3f s, %dx%d, %s\n",
              static_cast<long long>(stat_of(bytes->get())->st_size),
              static_cast<long long>(stat_of(layout->get())->st_size),
              static_cast<long long>(made->frames), static_cast<double>(made->duration_ns) / 1e9,
              made->width, made->height, engine_build().c_str());
  const Timed opening;
  auto renderer = open_slots(media, *recipe, {bytes->get(), layout->get()});
  if (!renderer) return failed(renderer.error());
  opening.print("open");
  if (made->frames > 0) measure_slots(**renderer, made->frames);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak %ld MiB\n", usage.ru_maxrss / 1024);
  if (count > 4) {
    const auto whole = open_path(folder / "whole", O_RDWR | O_CREAT | O_TRUNC);
    const Timed timed;
    const std::vector<Order> orders = {{*recipe, whole->get()}};
    const Answers answers = make_timed(media, orders, Progress());
    if (!answers[0]) return failed(answers[0].error());
    timed.print("whole");
    timed.print("whole, a frame", static_cast<int>(std::max<std::int64_t>(made->frames, 1)));
  }
  return 0;
}
