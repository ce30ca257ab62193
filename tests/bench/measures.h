// Measures: what a program does to a drive, over and over, and how long it takes.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "catalog/base/result.h"

namespace lensfs::bench {

// One measure: `path` is what it works on, `times` how often; the result is how long all of it
// took.
struct Measure {
  std::string_view name;
  std::string_view what;
  Result<std::chrono::nanoseconds> (*run)(const std::string& path, std::uint64_t times);
};

[[nodiscard]] std::span<const Measure> file_measures();      // reads of one large file
[[nodiscard]] std::span<const Measure> metadata_measures();  // names, attributes, listings
[[nodiscard]] std::span<const Measure> write_measures();     // new files, changed files

// How long `work` takes; its failure, if it fails.
template <typename Work>
[[nodiscard]] Result<std::chrono::nanoseconds> timed(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  LENSFS_CHECK(work());
  return std::chrono::steady_clock::now() - start;
}

}  // namespace lensfs::bench
