// Saving in a folder of /Tags, as applications do that opened a file there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/mount/saving.h"
#include "tests/support/waiting.h"

namespace lensfs::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class SavedInATerm : public Saving {
 protected:
  void SetUp() override {
    Saving::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    file_ = saved_file("document.mov", first());
  }
  static std::string first() { return movie(50'000, 1); }
  static std::string second() { return movie(70'000, 2); }
  [[nodiscard]] path in_term(const std::string& name) const { return at("Tags/keep") / name; }
  path file_;
};

TEST_F(SavedInATerm, ByATemporaryFileThatIsMovedOver) {
  write_file(in_term("document.tmp"), second());

  rename_file(in_term("document.tmp"), in_term("document.mov"));

  EXPECT_FALSE(exists(in_term("document.tmp")));
  expect_saved(in_term("document.mov"), second(), 2);
  // The project hears of it a moment later.
  EXPECT_TRUE(wait_until([&] { return same_bytes(read_at_once(file_), second()); }));
}

TEST_F(SavedInATerm, AFileThatHadAScratchNameBecomesAnAsset) {
  write_file(in_term("fresh.tmp"), second());

  rename_file(in_term("fresh.tmp"), in_term("fresh.mov"));

  expect_saved(in_term("fresh.mov"), second(), 1);
}

TEST_F(SavedInATerm, ALockIsSeenByAllAndGoesWithItsName) {
  const path lock = in_term(".~lock.document.mov#");
  write_file(lock, "who");

  EXPECT_TRUE(same_bytes(read_at_once(lock), "who"));
  EXPECT_THAT(names_in(at("Tags/keep")), Contains(lock.filename().string()));
  EXPECT_EQ(status_of(lock).st_nlink, 1U);
  EXPECT_THAT(library_command("find", {"tag:keep"}).out, Not(HasSubstr("lock")));
  EXPECT_TRUE(versions_of(lock).empty());

  delete_file(lock);

  EXPECT_FALSE(exists(lock));
  EXPECT_THAT(names_in(at("Tags/keep")), Not(Contains(lock.filename().string())));
}

TEST_F(SavedInATerm, AScratchFileOutlivesTheMountAndIsReplaced) {
  write_file(in_term("one.tmp"), "one");
  write_file(in_term("two.tmp"), "two");
  ASSERT_TRUE(unmount());
  ASSERT_TRUE(mount());

  EXPECT_TRUE(same_bytes(read_at_once(in_term("one.tmp")), "one"));
  rename_file(in_term("one.tmp"), in_term("two.tmp"));

  EXPECT_TRUE(same_bytes(read_at_once(in_term("two.tmp")), "one"));
  EXPECT_FALSE(exists(in_term("one.tmp")));
}

TEST_F(SavedInATerm, AScratchFileThatIsOpenGoesWithItsLastHandle) {
  const path scratch = in_term("open.tmp");
  const Fd fd = opened(scratch, O_RDWR | O_CREAT);
  put(fd, "kept", 0);

  delete_file(scratch);

  std::array<char, 4> bytes{};
  EXPECT_EQ(::pread(fd.get(), bytes.data(), bytes.size(), 0), 4);
  struct stat status {};
  ASSERT_EQ(::fstat(fd.get(), &status), 0);
  EXPECT_EQ(status.st_nlink, 0U);
}

}  // namespace
}  // namespace lensfs::test
