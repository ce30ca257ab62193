// A drive with two files in two projects, both below one term, and people for whom rules are set.
#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mount/access_people.h"
#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/waiting.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {

inline const Person kEditor{70002, {71002}};
inline const Person kClient{70004, {71004}};
inline const Person kManager{70001, {71001}};
inline const Person kStranger{70006, {}};
inline constexpr const char* kAccess = "user.lensfs.access";

class AccessRules : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(add("raw/clip.mov", movie(5000), {.project = "demo", .tags = {"beach"}}));
    ASSERT_TRUE(add("other.mov", movie(5000, 2), {.project = "open", .tags = {"beach"}}));
    ASSERT_TRUE(mount());
  }
  void rule(const path& inside, const std::string& text) {
    ASSERT_EQ(set_xattr(at(inside), kAccess, text), 0) << inside << ": " << text;
  }
  [[nodiscard]] path clip() const { return at("Projects/demo/raw/clip.mov"); }
  static int to_stat(const Person& who, const path& file) {
    return error_for(who, [&] { return stat_error(file); });
  }
  static int to_read(const Person& who, const path& file) {
    return error_for(who, [&] { return open_error(file, O_RDONLY); });
  }
  static std::string seen_in(const Person& who, const path& folder) {
    return told_by(who, [&] {
      std::string names;
      std::error_code error;
      for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
           entry.increment(error)) {
        names += entry->path().filename().string() + " ";
      }
      return error ? error.message() : names;
    });
  }
};

}  // namespace lensfs::test
