// lensfs doctor: what it says of libraries, mounts and shares, and how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/share/smbd.h"
#include "tests/support/waiting.h"
#include "tools/cli/mount_table.h"

namespace lensfs::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Doctor : public ShareTest {
 protected:
  [[nodiscard]] Ran doctor(std::vector<std::string> words = {}) const {
    words.insert(words.begin(), {"doctor", mountpoint().string()});
    return lensfs(words);
  }
};

TEST_F(Doctor, HasNothingToSayAgainstALibraryAndItsMount) {
  LENSFS_NEEDS_FUSE();
  ASSERT_TRUE(mount());

  const Ran ran = doctor();

  EXPECT_EQ(ran.exit, 0) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("answers"));
  EXPECT_THAT(ran.out, HasSubstr("schema"));
  EXPECT_THAT(ran.out, Not(HasSubstr("WRONG")));
}

TEST_F(Doctor, NamesTheLineOfSettingsThatMakeNoSense) {
  write_file(library() / "lensfs.toml", "[keep]\ntrash = \"soon\"\n");

  const Ran ran = lensfs({"doctor", library().string()});

  EXPECT_EQ(ran.exit, 5) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("lensfs.toml"));
}

TEST_F(Doctor, RefusesWhatIsNeitherLibraryNorDrive) {
  EXPECT_EQ(lensfs({"doctor", scratch().string()}).exit, 1);
}

TEST_F(Doctor, FindsAMountWhoseKeeperDied) {
  LENSFS_NEEDS_FUSE();
  ASSERT_TRUE(mount());
  const pid_t served_by = worker();
  ASSERT_EQ(::kill(keeper(), SIGKILL), 0);
  ASSERT_TRUE(wait_until([&] { return !is_running(served_by); }));

  const Ran ran = doctor();

  EXPECT_EQ(ran.exit, 5) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("lensfs umount"));
  EXPECT_EQ(lensfs({"umount", mountpoint().string()}).exit, 0);
}

TEST_F(Doctor, ApprovesARunningShareAndSeesWhatIsTakenFromIt) {
  LENSFS_NEEDS_SAMBA();
  LENSFS_NEEDS("testparm");
  ASSERT_TRUE(share());

  const Ran good = doctor({"--smb-conf", configuration().string()});
  EXPECT_EQ(good.exit, 0) << good.out;
  EXPECT_THAT(good.out, HasSubstr("share media"));

  write_file(configuration(),
             *read_at_once(configuration()) + "   vfs objects = acl_xattr nosuchmodule\n");
  const Ran bad = doctor({"--smb-conf", configuration().string()});
  EXPECT_EQ(bad.exit, 5) << bad.out;
  EXPECT_THAT(bad.out, HasSubstr("nosuchmodule"));
  EXPECT_THAT(bad.out, HasSubstr("acl_xattr"));
}

TEST(MountTable, FindsDrivesWithBlanksInTheirNames) {
  const auto drives = mounted_drives_in(
      "24 30 0:22 / /proc rw,nosuid shared:5 - proc proc rw\n"
      "99 30 0:52 / /mnt/my\\040drive ro,nosuid,nodev - fuse.lensfs /srv/my\\040library "
      "rw,user_id=0,group_id=0,default_permissions,allow_other\n");

  ASSERT_EQ(drives.size(), 1U);
  EXPECT_EQ(drives[0].mountpoint, "/mnt/my drive");
  EXPECT_EQ(drives[0].library, "/srv/my library");
  EXPECT_TRUE(drives[0].allow_other);
  EXPECT_TRUE(drives[0].read_only);
}

}  // namespace
}  // namespace lensfs::test
