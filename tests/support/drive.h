// A library of its own and its mount, for one test: made, filled, mounted, and checked to be gone
// at the end.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/support/files.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace lensfs::test {

// Where an ingest puts things.
struct Into {
  std::string project = "demo";
  std::vector<std::string> tags;
};

struct MountWith {
  std::vector<std::string> options;             // each becomes -o OPTION
  std::optional<rlim_t> open_files;             // RLIMIT_NOFILE of the processes that serve
  enum class Work { no, yes } work = Work::no;  // whether renditions are made meanwhile
};

// Requests by name ("LOOKUP" → 3).
using Requests = std::map<std::string, std::int64_t>;
[[nodiscard]] std::int64_t total(const Requests& requests);

class DriveTest : public testing::Test {
 public:
  // --- filling; before or after mounting
  // Makes a file and ingests it. "a/b/clip.mov" comes to lie in folders a/b of the project.
  testing::AssertionResult add(const path& name, const std::string& bytes, const Into& into = {});
  // Ingests what is there ("d/": the contents of d). Fails unless everything went in.
  testing::AssertionResult ingest(const std::string& source, const Into& into = {});
  // Tags through the command line, in another process. `place`: "demo/clip.mov".
  testing::AssertionResult tag(const std::string& place, const std::vector<std::string>& changes);
  // lensfs VERB -L LIBRARY ARGUMENTS…
  [[nodiscard]] Ran library_command(const std::string& verb, std::vector<std::string> arguments);

  // --- the mount
  testing::AssertionResult mount(const MountWith& with = {});
  testing::AssertionResult unmount();
  [[nodiscard]] path at(const path& inside) const { return mountpoint() / inside; }
  [[nodiscard]] path library() const { return directory_ / "library"; }
  [[nodiscard]] path mountpoint() const { return directory_ / "mount"; }
  [[nodiscard]] path scratch() const { return directory_ / "scratch"; }
  // A line of /.lensfs/status, "" if it is not there.
  [[nodiscard]] std::string status(const std::string& key) const;
  [[nodiscard]] pid_t keeper() const;
  [[nodiscard]] pid_t worker() const;
  // What the mount was asked while `work` ran; without RELEASE and FORGET, which the kernel sends
  // whenever it likes, and without what asking costs.
  [[nodiscard]] Requests requests_of(const std::function<void()>& work) const;

 protected:
  void SetUp() override;
  void TearDown() override;

 private:
  TempDir directory_;
  int added_ = 0;
};

// Skips the test where file systems cannot be mounted.
#define LENSFS_NEEDS_FUSE()                                        \
  if (::geteuid() != 0 || ::access("/dev/fuse", R_OK | W_OK) != 0) \
  GTEST_SKIP() << "needs root and /dev/fuse"
#define LENSFS_NEEDS(program) \
  if (!lensfs::test::has_program(program)) GTEST_SKIP() << "needs " << (program)

// $LENSFS_MEDIA, else shared/media beside the source tree; empty if there is neither.
[[nodiscard]] path real_media();

}  // namespace lensfs::test
