// Decoding: a test of the decoder's process, with engines that do what their source says
// (test_engines.cpp).
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "transcode/client/engine_process.h"

namespace lensfs::test {

struct Decoded {
  Answers answers;
  std::vector<std::string> outputs;  // what they hold, of failed orders too
};

// Limits that no engine meets by accident.
[[nodiscard]] EngineLimits ample_limits();

class Decoding : public testing::Test {
 protected:
  // `deeds` is what the source holds.
  Decoded decode(const std::string& deeds, std::size_t orders = 1,
                 const EngineLimits& limits = ample_limits());
  // The output of one order that must be made.
  std::string made(const std::string& deed);
  // The message of the error that one order must end with, and its code.
  struct Failure {
    Errc code;
    std::string message;
  };
  Failure failure(const std::string& deed, const EngineLimits& limits = ample_limits());
  Result<MediaFacts> probe(const std::string& source);
  // Whatever happened before, the next request works.
  void TearDown() override;

  EngineProcess process_{{.path = LENSFS_TEST_ENGINES}};
  std::stop_source stop_;
  Progress progress_;
  Engine engine_ = Engine::stills;
};

// A file in memory that holds this.
[[nodiscard]] Fd memory_file(std::string_view bytes);
[[nodiscard]] std::string bytes_of(int fd);

}  // namespace lensfs::test
