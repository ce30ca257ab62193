// Makes renditions of one file, for people who work on the engine:
//
//   lensfs_make_timed SOURCE RECIPE FILE [RECIPE FILE]…
//
// e.g. lensfs_make_timed clip.mov "video.1 box=1280x720 format=mov" /tmp/720.mov
// One line for each says what was made, or why not. Exit status: how many failed.
#include <fcntl.h>
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "catalog/base/fd.h"
#include "transcode/engine.h"

int main(int count, char** words) {
  using namespace lensfs;
  if (count < 4 || count % 2 != 0) {
    std::fprintf(stderr, "usage: lensfs_make_timed SOURCE RECIPE FILE [RECIPE FILE]...\n");
    return 2;
  }
  const std::filesystem::path at = words[1];
  auto source = open_path(at, O_RDONLY);
  if (!source) {
    std::fprintf(stderr, "%s\n", source.error().message().c_str());
    return 2;
  }
  const auto about = stat_of(source->get());
  std::string extension = at.extension().string();
  if (!extension.empty()) extension.erase(0, 1);
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::vector<Order> orders;
  std::vector<Fd> outputs;
  for (int word = 2; word < count; word += 2) {
    auto recipe = Recipe::from_text(words[word]);
    auto output = open_path(words[word + 1], O_RDWR | O_CREAT | O_TRUNC);
    if (!recipe || !output) {
      std::fprintf(stderr, "%s: no recipe, or no file\n", words[word]);
      return 2;
    }
    orders.push_back({*recipe, output->get()});
    outputs.push_back(std::move(*output));
  }
  prepare_timed();
  const Answers answers =
      make_timed({source->get(), about->st_size, extension}, orders, Progress());
  int failed = 0;
  for (std::size_t index = 0; index < answers.size(); ++index) {
    const auto& made = answers[index];
    if (made) {
      std::printf("%s: %s %dx%d, %lld frames, %.3f s\n", words[2 + 2 * index],
                  made->extension.c_str(), made->width, made->height,
                  static_cast<long long>(made->frames),
                  static_cast<double>(made->duration_ns) / 1e9);
    } else {
      ++failed;
      std::printf("%s: %s: %s\n", words[2 + 2 * index], name_of(made.error().code()),
                  made.error().message().c_str());
    }
  }
  return failed;
}
