// TempDir: a directory of its own for one test, gone with it.
#pragma once

#include <filesystem>

namespace lensfs::test {

// TempDir: made under $TMPDIR (else /tmp), readable by all users. What is still mounted below it is
// detached first, so that removing it never reaches into a mount.
class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::filesystem::path& name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

// Whether a file system is mounted at this very path (the kernel's view: /proc/self/mountinfo).
[[nodiscard]] bool is_mounted(const std::filesystem::path& at);

}  // namespace lensfs::test
