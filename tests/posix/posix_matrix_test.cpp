// A project folder of the drive behaves like a folder of the disk below it: the same checks, line
// by line, less what differences.txt accepts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <iostream>

#include "catalog/base/fd.h"
#include "tests/posix/outcomes.h"
#include "tests/support/drive.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PosixMatrix : public DriveTest {
 protected:
  static Outcomes outcomes_of(const path& folder) {
    const Ran ran = run({LENSFS_POSIX_MATRIX, folder.string()});
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return outcomes_in(ran.out);
  }
};

TEST_F(PosixMatrix, GivesTheSameOutcomesAsTheDiskBelow) {
  ASSERT_TRUE(mount());
  const path on_disk = scratch() / "demo";
  const path on_drive = at("Projects/demo");
  ASSERT_EQ(error_of(::mkdir(on_disk.c_str(), 0755)), 0);
  ASSERT_EQ(error_of(::mkdir(on_drive.c_str(), 0755)), 0);
  const auto accepted = read_text(LENSFS_POSIX_DIFFERENCES);
  ASSERT_TRUE(accepted);

  const Outcomes disk = outcomes_of(on_disk);
  const Outcomes drive = outcomes_of(on_drive);

  EXPECT_GE(disk.size(), 600U);
  const std::vector<std::string> wrong = complaints(disk, drive, accepted_in(*accepted));
  for (const std::string& complaint : wrong) ADD_FAILURE() << complaint;
  std::cout << disk.size() << " checks, " << wrong.size() << " complaints\n";
}

TEST(PosixDifferences, AreReportedUnlessAccepted) {
  const Outcomes disk = outcomes_in("a/1: ok\na/2: ok\na/3: ok 7\n");
  const Outcomes drive = outcomes_in("a/1: ok\na/2: EPERM\na/3: ok 8\n");

  EXPECT_THAT(complaints(disk, drive, accepted_in("# why\na/3: ok *\n")),
              ElementsAre(HasSubstr("a/2")));
  EXPECT_THAT(complaints(disk, drive, accepted_in("# why\na/2: EPERM\na/3: ok *\n")), IsEmpty());
}

TEST(PosixDifferences, ThatNoLongerOccurAreReported) {
  const Outcomes same = outcomes_in("a/1: ok\n");

  EXPECT_THAT(complaints(same, same, accepted_in("# why\na/1: ok\n")),
              ElementsAre(HasSubstr("does not differ")));
}

TEST(PosixDifferences, NeedAReason) {
  const Outcomes disk = outcomes_in("a/1: ok\n");
  const Outcomes drive = outcomes_in("a/1: EPERM\n");

  EXPECT_THAT(complaints(disk, drive, accepted_in("# other\n\na/1: EPERM\n")),
              ElementsAre(HasSubstr("without a reason")));
}

TEST(PosixDifferences, AreSeenWhereARunEndsEarly) {
  const Outcomes disk = outcomes_in("a/1: ok\na/2: ok\n");

  EXPECT_THAT(complaints(disk, outcomes_in("a/1: ok\n"), {}), ElementsAre(HasSubstr("a/2")));
  EXPECT_THAT(complaints(outcomes_in("a/1: ok\n"), disk, {}), ElementsAre(HasSubstr("a/2")));
}

}  // namespace
}  // namespace lensfs::test
