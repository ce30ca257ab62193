// How often a fault test does its worst: the specified number, or what the environment says.
#pragma once

#include <time.h>

#include <chrono>
#include <cstdlib>
#include <random>

namespace lensfs::test {

[[nodiscard]] inline int rounds(const char* variable, int otherwise) {
  const char* const given = std::getenv(variable);
  return given != nullptr ? static_cast<int>(std::strtol(given, nullptr, 10)) : otherwise;
}

// Lets up to `longest` pass: the random moment at which something is killed.
inline void wait_for_a_random_moment(std::mt19937_64& random, std::chrono::nanoseconds longest) {
  std::uniform_int_distribution<std::int64_t> moments(0, longest.count());
  const std::chrono::nanoseconds moment(moments(random));
  const timespec pause{.tv_sec = moment.count() / 1'000'000'000,
                       .tv_nsec = moment.count() % 1'000'000'000};
  ::nanosleep(&pause, nullptr);
}

}  // namespace lensfs::test
