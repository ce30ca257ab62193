#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace lensfs::test {
namespace {

// Mount points as /proc/self/mountinfo spells them. Our temporary paths hold nothing it escapes.
std::vector<std::string> mount_points() {
  std::vector<std::string> points;
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string field;
    for (int i = 0; i < 5; ++i) fields >> field;
    points.push_back(field);
  }
  return points;
}

}  // namespace

bool is_mounted(const std::filesystem::path& at) {
  for (const std::string& point : mount_points()) {
    if (point == at.string()) return true;
  }
  return false;
}

TempDir::TempDir() {
  const char* base = std::getenv("TMPDIR");
  std::string pattern = std::string(base != nullptr ? base : "/tmp") + "/lensfs-test-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) {
    ADD_FAILURE() << "cannot make a temporary directory like " << pattern;
    return;
  }
  path_ = pattern;
  ::chmod(path_.c_str(), 0755);
}

TempDir::~TempDir() {
  if (path_.empty()) return;
  for (const std::string& point : mount_points()) {
    if (point.starts_with(path_.string() + "/")) ::umount2(point.c_str(), MNT_DETACH);
  }
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace lensfs::test
