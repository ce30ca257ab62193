// The engines of lensfs_fake_work: lensfs with these in place of lensfs-transcode. What they make
// is known, and takes a while, so that they can be killed at it.
#include <chrono>

#include "tests/support/fake_engines.h"

namespace lensfs {

std::unique_ptr<Engines> make_engines(const RenditionSettings& /*settings*/) {
  return std::make_unique<test::FakeEngines>(
      test::FakeEngines::Options{.takes = std::chrono::milliseconds(8)});
}

}  // namespace lensfs
