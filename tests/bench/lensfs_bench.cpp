// lensfs_bench MEASURE PATH [TIMES]: prints how many seconds the measure took. tests/bench/run
// runs it on both sides and compares.
#include <array>
#include <cstdio>
#include <cstdlib>

#include "tests/bench/measures.h"

namespace lensfs::bench {
namespace {

using Families = std::array<std::span<const Measure>, 3>;
Families families() {
  return {file_measures(), metadata_measures(), write_measures()};
}

const Measure* find_measure(std::string_view name) {
  for (const std::span<const Measure> family : families()) {
    for (const Measure& measure : family) {
      if (measure.name == name) return &measure;
    }
  }
  return nullptr;
}

int usage() {
  std::fputs("usage: lensfs_bench MEASURE PATH [TIMES]\n", stderr);
  for (const std::span<const Measure> family : families()) {
    for (const Measure& measure : family) {
      std::fprintf(stderr, "  %-14s %s\n", measure.name.data(), measure.what.data());
    }
  }
  return 2;
}

int run(const Measure& measure, const std::string& path, std::uint64_t times) {
  const auto took = measure.run(path, times);
  if (!took) {
    std::fprintf(stderr, "lensfs_bench: %s: %s\n", path.c_str(), took.error().message().c_str());
    return 6;
  }
  std::printf("%.9f\n", std::chrono::duration<double>(*took).count());
  return 0;
}

}  // namespace
}  // namespace lensfs::bench

int main(int argc, char** argv) {
  using namespace lensfs::bench;
  const Measure* const measure = argc >= 3 ? find_measure(argv[1]) : nullptr;
  if (measure == nullptr || argc > 4) return usage();
  return run(*measure, argv[2], argc == 4 ? std::strtoull(argv[3], nullptr, 10) : 1);
}
