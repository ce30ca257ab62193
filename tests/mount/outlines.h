// A drive with clips for editing.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include "catalog/base/fd.h"
#include "tests/support/drive.h"
#include "tests/support/waiting.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {

inline constexpr auto kLong = std::chrono::seconds(60);

class Outlines : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    LENSFS_NEEDS("ffmpeg");
  }
  // Four seconds of a moving picture with long groups of pictures, and sound.
  void add_clip(const std::string& name, const std::string& size = "640x360",
                const std::string& seconds = "4") {
    const path made = scratch() / name;
    const Ran ran = run({"ffmpeg",
                         "-v",
                         "error",
                         "-f",
                         "lavfi",
                         "-i",
                         "testsrc2=size=" + size + ":rate=25:duration=" + seconds,
                         "-f",
                         "lavfi",
                         "-i",
                         "sine=frequency=440:sample_rate=48000:duration=" + seconds,
                         "-c:v",
                         "libx264",
                         "-preset",
                         "ultrafast",
                         "-g",
                         "50",
                         "-bf",
                         "2",
                         "-c:a",
                         "aac",
                         "-timecode",
                         "01:00:00:00",
                         made.string()});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    ASSERT_TRUE(ingest(made.string()));
  }
  void mount_and_work() {
    ASSERT_TRUE(mount({.options = {}, .open_files = {}, .work = MountWith::Work::yes}));
  }
  // Once it is there, which it is without anybody asking.
  path edit(const std::string& name) {
    const path clip = at("Resolutions/edit/Projects/demo") / name;
    EXPECT_TRUE(wait_until([&] { return is_there(clip); }, kLong));
    return clip;
  }
  // What it holds, by decoding it all at once; nothing is kept of it.
  std::string whole(const std::string& name) {
    const std::string place = "Projects/demo/" + name;
    const Ran made = library_command("rendition", {"make", place, "--profile", "edit", "--wait"});
    EXPECT_EQ(made.exit, 0) << made.out << made.err;
    EXPECT_TRUE(wait_until([&] { return state(name) == "ready"; }, kLong));
    std::string bytes = read_at_once(at("Resolutions/edit/Projects/demo") / name).value_or("");
    const Ran removed = library_command("rendition", {"remove", place, "--profile", "edit"});
    EXPECT_EQ(removed.exit, 0) << removed.err;
    EXPECT_TRUE(wait_until([&] { return is_there(edit(name)); }, kLong));
    return bytes;
  }
  std::string state(const std::string& name) {
    return xattr_text(at("Projects/demo") / name, "user.lensfs.state.edit");
  }
  static ino_t inode_of(const path& file) {
    struct stat status {};
    return ::stat(file.c_str(), &status) == 0 ? status.st_ino : 0;
  }
  static std::string part_of(int file, std::int64_t offset, std::size_t size) {
    std::string bytes(size, '\0');
    const ssize_t got = ::pread(file, bytes.data(), size, offset);
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
  }
  // Processes that decode for this mount.
  [[nodiscard]] std::vector<pid_t> decoders() const {
    std::vector<pid_t> all;
    for (const pid_t service : children_of(worker())) {
      for (const pid_t decoder : children_of(service)) all.push_back(decoder);
    }
    return all;
  }
  static std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> all;
    std::error_code error;
    const path tasks = "/proc/" + std::to_string(parent) + "/task";
    for (std::filesystem::directory_iterator task(tasks, error), end; !error && task != end;
         task.increment(error)) {
      std::ifstream list(task->path() / "children");
      for (pid_t child = 0; list >> child;) all.push_back(child);
    }
    return all;
  }
};

}  // namespace lensfs::test
