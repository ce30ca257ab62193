// Saving: a mounted library with one project, in which tests save as applications do and then look
// at the bytes, the versions and the tags.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "catalog/base/fd.h"
#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/versions.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {

inline void put(const Fd& fd, std::string_view bytes, off_t offset) {
  ASSERT_TRUE(write_full(fd.get(), std::as_bytes(std::span(bytes)), offset));
}

inline Fd opened(const path& file, int flags) {
  Fd fd(::open(file.c_str(), flags | O_CLOEXEC, 0644));
  EXPECT_TRUE(fd) << file << ": errno " << errno;
  return fd;
}

inline void rename_file(const path& from, const path& to) {
  EXPECT_EQ(error_of(::rename(from.c_str(), to.c_str())), 0) << from << " to " << to;
}

inline void delete_file(const path& file) {
  EXPECT_EQ(error_of(::unlink(file.c_str())), 0) << file;
}

class Saving : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(mount());
    ASSERT_EQ(error_of(::mkdir(project().c_str(), 0755)), 0);
  }
  [[nodiscard]] path project() const { return at("Projects/demo"); }
  [[nodiscard]] path in_project(const std::string& name) const { return project() / name; }

  // A file with one version and the tag "keep", and its bytes.
  path saved_file(const std::string& name, const std::string& bytes) const {
    const path file = in_project(name);
    write_file(file, bytes);
    EXPECT_TRUE(gets_versions(file, 1));
    EXPECT_EQ(set_xattr(file, "user.lensfs.tag.keep", "1"), 0);
    return file;
  }
  // What a save must leave behind: the bytes, so many versions, the tag, and nothing beside the
  // file.
  static void expect_saved(const path& file, const std::string& bytes, std::size_t versions) {
    EXPECT_TRUE(same_bytes(read_at_once(file), bytes));
    EXPECT_TRUE(gets_versions(file, versions));
    EXPECT_TRUE(same_bytes(read_at_once(file), bytes)) << "once it is saved";
    expect_tagged(file);
  }
  static void expect_tagged(const path& file) {
    EXPECT_EQ(xattr_error(file, "user.lensfs.tag.keep"), 0) << file << " has lost its tag";
    EXPECT_EQ(xattr_text(file, "user.xdg.tags"), "keep");
  }
  // Runs a program in the project folder.
  [[nodiscard]] Ran in_folder(std::vector<std::string> words, const std::string& input = "") const {
    return run(
        Command{.words = std::move(words), .input = input, .open_files = {}, .folder = project()});
  }
};

}  // namespace lensfs::test
