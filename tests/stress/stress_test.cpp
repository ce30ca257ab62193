// Random work of several processes in a project of the drive; every byte is checked while it runs
// and once more after a remount.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "tests/stress/model.h"
#include "tests/support/drive.h"
#include "tests/support/waiting.h"

namespace lensfs::test {
namespace {

class Stress : public DriveTest {
 protected:
  static int seconds() {
    const char* const given = std::getenv("LENSFS_STRESS_SECONDS");
    return given != nullptr ? static_cast<int>(std::strtol(given, nullptr, 10)) : 60;
  }
  // Runs it on a new project; the manifests come to lie in scratch()/manifest.
  void stress(int processes, const std::vector<std::string>& mount_options) {
    ASSERT_TRUE(mount({.options = mount_options, .open_files = {}}));
    ASSERT_EQ(error_of(::mkdir(at("Projects/demo").c_str(), 0755)), 0);
    std::filesystem::create_directory(scratch() / "manifest");
    Child child(
        Command{.words = {LENSFS_STRESS, "--dir", at("Projects/demo").string(), "--seconds",
                          std::to_string(seconds()), "--processes", std::to_string(processes),
                          "--seed", "20261124", "--manifest", (scratch() / "manifest").string()},
                .input = {},
                .open_files = {},
                .folder = {}});
    const Ran ran = child.wait(std::chrono::seconds(seconds() + 300));
    EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
    std::cout << ran.out;
  }
  void expect_what_the_manifests_say() const {
    std::size_t files = 0;
    for (const path& name : files_below(scratch() / "manifest")) {
      std::ifstream lines(scratch() / "manifest" / name);
      std::uint64_t digest = 0;
      std::size_t size = 0;
      std::string file;
      while (lines >> digest >> size >> file) {
        const auto bytes = read_at_once(at("Projects/demo") / file);
        ASSERT_TRUE(bytes) << file << ": " << bytes.error().message();
        EXPECT_EQ(bytes->size(), size) << file;
        EXPECT_EQ(stress::digest(*bytes), digest) << file;
        ++files;
      }
    }
    EXPECT_GT(files, 0U);
  }
};

TEST_F(Stress, OfSeveralProcessesLosesNoByte) {
  ASSERT_NO_FATAL_FAILURE(stress(4, {}));

  ASSERT_TRUE(unmount());
  ASSERT_TRUE(mount());

  expect_what_the_manifests_say();
  const Ran verified = library_command("verify", {});
  EXPECT_EQ(verified.exit, 0) << verified.out << verified.err;
}

TEST_F(Stress, WithoutPassthroughLosesNoByteEither) {
  ASSERT_NO_FATAL_FAILURE(stress(2, {"no_passthrough"}));

  ASSERT_TRUE(unmount());
  ASSERT_TRUE(mount());

  expect_what_the_manifests_say();
}

}  // namespace
}  // namespace lensfs::test
