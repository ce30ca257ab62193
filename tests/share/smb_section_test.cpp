// The section of smb.conf as text, and what `lensfs share` refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/drive.h"
#include "tools/cli/check_share.h"
#include "tools/cli/smb_share.h"

namespace lensfs::test {
namespace {

using testing::HasSubstr;

SmbShare media() {
  return {.name = "media", .path = "/mnt/media", .title = "LensFS"};
}

TEST(SmbSection, OfEachKindIsOneThatTheDoctorApproves) {
  SmbShare guest = media();
  guest.guest = true;
  SmbShare proxy = media();
  proxy.shows = SmbShare::Shows::renditions;
  SmbShare without_locals = media();
  without_locals.smb_only = true;
  SmbShare without_dos = media();
  without_dos.dos_attributes = false;

  for (const SmbShare& share : {media(), guest, proxy, without_locals, without_dos}) {
    const SmbSections sections = smb_sections_of(section_of(share));
    ASSERT_EQ(sections.count("media"), 1U);
    Findings findings;
    check_share_section("media", sections.at("media"), {}, findings);
    for (const Finding& finding : findings.all()) {
      const bool is_of_this_machine = finding.text.find("smbd") != std::string::npos;
      EXPECT_TRUE(finding.is != Finding::Is::wrong || is_of_this_machine) << finding.text;
    }
  }
}

TEST(SmbSection, LetsNobodyWriteWhereGuestsOrProxiesAre) {
  SmbShare guest = media();
  guest.guest = true;
  SmbShare proxy = media();
  proxy.shows = SmbShare::Shows::renditions;

  EXPECT_EQ(smb_sections_of(section_of(media())).at("media").at("read only"), "no");
  EXPECT_EQ(smb_sections_of(section_of(guest)).at("media").at("read only"), "yes");
  EXPECT_EQ(smb_sections_of(section_of(proxy)).at("media").at("read only"), "yes");
}

TEST(SmbSection, RefusesNamesUsersAndPathsThatMeanSomethingElse) {
  for (const char* name : {"", "global", "Homes", "IPC$", "a/b", "a]b", "a\nb", "%u", " media"}) {
    SmbShare share = media();
    share.name = name;
    EXPECT_FALSE(check_share(share)) << name;
  }
  for (const char* user : {"", "@", "a b", "anna,otto", "-x", "a\nb", "%S"}) {
    SmbShare share = media();
    share.users = {user};
    EXPECT_FALSE(check_share(share)) << user;
  }
  SmbShare share = media();
  share.path = "/mnt/%u";
  EXPECT_FALSE(check_share(share));
  share = media();
  share.guest = true;
  share.users = {"anna"};
  EXPECT_FALSE(check_share(share));
  share.guest = false;
  share.users = {"anna", "@editors", "DOMAIN\\otto"};
  EXPECT_TRUE(check_share(share));
}

class ShareCommand : public DriveTest {};

TEST_F(ShareCommand, SaysWhatIsMissing) {
  const Ran not_mounted = lensfs({"share", "smb", library().string()});
  EXPECT_EQ(not_mounted.exit, 1);
  EXPECT_THAT(not_mounted.err, HasSubstr("lensfs mount"));
  EXPECT_EQ(lensfs({"share", "smb", scratch().string()}).exit, 1);
  EXPECT_EQ(lensfs({"share", "nfs", library().string()}).exit, 2);
}

TEST_F(ShareCommand, WritesAFileAndReplacesOnlyItsOwn) {
  LENSFS_NEEDS_FUSE();
  ASSERT_TRUE(mount());
  const path file = scratch() / "media.conf";
  const std::vector<std::string> words = {"share", "smb", library().string(), "-o", file.string()};

  EXPECT_EQ(lensfs(words).exit, 0);
  EXPECT_EQ(lensfs(words).exit, 0);
  EXPECT_THAT(*read_at_once(file), HasSubstr("path = " + mountpoint().string()));
  write_file(file, "[other]\n");
  const Ran refused = lensfs(words);
  EXPECT_NE(refused.exit, 0);
  EXPECT_TRUE(same_bytes(read_at_once(file), "[other]\n"));
}

TEST(SmbSection, OfTheExampleIsWhatIsWritten) {
  SmbShare originals = media();
  originals.users = {"@editors"};
  originals.spotlight = 9207;
  SmbShare proxies = media();
  proxies.name = "media-720p";
  proxies.path = "/mnt/media/Resolutions/720p";
  proxies.title = "LensFS through 720p";
  proxies.users = {"@editors"};
  proxies.shows = SmbShare::Shows::renditions;
  SmbShare guest = media();
  guest.name = "media-guest";
  guest.guest = true;

  const std::string written = global_section("/etc/samba/lensfs.spotlight.json") +
                              section_of(originals) + "\n" + section_of(proxies) + "\n" +
                              section_of(guest);

  const path example = path(LENSFS_SOURCE) / "packaging/samba/smb.conf.example";
  EXPECT_EQ(read_at_once(example).value_or(""), written);
}

}  // namespace
}  // namespace lensfs::test
