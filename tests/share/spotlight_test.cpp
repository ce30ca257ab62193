// Searches as macOS sends them to a share, by a real smbd.
#include "tests/share/spotlight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(Spotlight, FindsByNameTagKindAndSizeThroughSmbd) {
  LENSFS_NEEDS_MAC();
  ASSERT_TRUE(add("day1/Harbour.txt", "water"));
  ASSERT_TRUE(add("day1/x+x (1) [a].txt", "odd"));
  ASSERT_TRUE(
      add("day2/report.pdf", "%PDF-1.4 and more of it", {.project = "demo", .tags = {"Red"}}));
  ASSERT_TRUE(serve());
  ASSERT_TRUE(share_searched());

  const auto found =
      searched({R"(kMDItemDisplayName=="harb*"cdw)", R"(kMDItemUserTags=="red"cd)",
                R"(kMDItemFSName=="x+x (1) [a].txt")", R"(_kMDItemGroupId==11&&kMDItemFSSize>"10")",
                R"((*=="harb*"cdw||kMDItemTextContent=="harb*"cdw))",
                R"(kMDItemFSName=="*"&&kMDItemNoSuchThing=="x")", "false"});

  EXPECT_THAT(found[0], ElementsAre("Projects/demo/day1/Harbour.txt"));
  EXPECT_THAT(found[1], ElementsAre("Projects/demo/day2/report.pdf"));
  EXPECT_THAT(found[2], ElementsAre("Projects/demo/day1/x+x (1) [a].txt"));
  EXPECT_THAT(found[4], ElementsAre("Projects/demo/day1/Harbour.txt"));
  EXPECT_EQ(found[5].size(), 3U);
  EXPECT_THAT(found[6], ElementsAre("refused"));
  // Groups are quoted by clients.
  EXPECT_THAT(searched({R"(_kMDItemGroupId=="11"&&kMDItemFSSize>"10")"})[0],
              ElementsAre("Projects/demo/day2/report.pdf"));
}

TEST_F(Spotlight, FindsADocumentByItsWordsThroughSmbd) {
  LENSFS_NEEDS_MAC();
  ASSERT_TRUE(add("day1/notes.txt", "The ferry leaves the harbour at noon.\n"));
  ASSERT_TRUE(add("day1/other.txt", "Nothing of the kind.\n"));
  ASSERT_EQ(library_command("work", {"--until-idle", "--quiet"}).exit, 0);
  ASSERT_TRUE(serve());
  ASSERT_TRUE(share_searched());

  const auto found =
      searched({R"(kMDItemTextContent=="ferry*"cdw)", R"(kMDItemTextContent=="LEAVES"cd)",
                R"((*=="noon*"cdw||kMDItemTextContent=="noon*"cdw))",
                R"(kMDItemTextContent=="ferry*"cdw&&kMDItemFSName=="other*")"});

  const auto only = ElementsAre("Projects/demo/day1/notes.txt");
  EXPECT_THAT(found[0], only);
  EXPECT_THAT(found[1], only);
  EXPECT_THAT(found[2], only);
  EXPECT_THAT(found[3], IsEmpty());
}

TEST_F(Spotlight, GivesAllHitsThoughTheyAreMoreThanSmbdWantsAtOnce) {
  LENSFS_NEEDS_MAC();
  Paths wanted;
  for (int i = 0; i < 120; ++i) {
    const std::string name = fmt::format("clip{:03}.txt", i);
    write_file(scratch() / "many" / name, name);
    wanted.push_back("Projects/demo/" + name);
  }
  ASSERT_TRUE(ingest((scratch() / "many").string() + "/"));
  ASSERT_TRUE(serve());
  ASSERT_TRUE(share_searched());

  Paths found = searched({R"(kMDItemFSName=="clip*")"})[0];

  std::sort(found.begin(), found.end());
  EXPECT_EQ(found.size(), wanted.size());
  EXPECT_EQ(found, wanted);
}

TEST_F(Spotlight, StaysInTheFolderThatIsSearched) {
  LENSFS_NEEDS_MAC();
  ASSERT_TRUE(add("day1/a.txt", "1", {.project = "demo", .tags = {"beach"}}));
  ASSERT_TRUE(add("day2/a.txt", "2"));
  ASSERT_TRUE(add("day1/a.txt", "3", {.project = "other", .tags = {"beach"}}));
  ASSERT_TRUE(serve());
  ASSERT_TRUE(share_searched());
  const Paths query = {R"(kMDItemFSName=="a*")"};

  EXPECT_EQ(searched(query)[0].size(), 3U);
  EXPECT_THAT(searched(query, "/Projects/demo/day1")[0], ElementsAre("Projects/demo/day1/a.txt"));
  EXPECT_EQ(searched(query, "/Projects/demo")[0].size(), 2U);
  EXPECT_EQ(searched(query, "/Tags/beach")[0].size(), 2U);
  EXPECT_EQ(searched(query, "/Resolutions/720p/Projects/other")[0].size(), 1U);
  EXPECT_THAT(searched(query, "/Trash")[0], IsEmpty());
  EXPECT_THAT(searched(query, "/Projects/dem")[0], IsEmpty());
}

TEST_F(Spotlight, GoesOnAfterAQueryThatMakesNoSense) {
  LENSFS_NEEDS_MAC();
  ASSERT_TRUE(add("a.txt", "1"));
  ASSERT_TRUE(serve());
  ASSERT_TRUE(share_searched());

  const auto found =
      searched({R"(kMDItemFSSize=="1) OR (file.filename:*")", R"(kMDItemFSSize=="1\"")",
                R"(kMDItemFSSize=="1) AND path.real.fulltext:\"/\" OR (file.filesize:1")",
                R"(kMDItemFSSize=="a b")", R"(kMDItemFSName=="a*")"});

  EXPECT_THAT(found[4], ElementsAre("Projects/demo/a.txt"));
  for (std::size_t at : {1U, 2U, 3U}) EXPECT_THAT(found[at], IsEmpty()) << at;
}

TEST_F(Spotlight, ShowsAUserOfSmbdOnlyWhatTheyMayRead) {
  LENSFS_NEEDS_MAC();
  ASSERT_TRUE(add("open.txt", "1"));
  ASSERT_TRUE(add("secret.txt", "2", {.project = "demo", .tags = {"secret"}}));
  ASSERT_TRUE(add("private.txt", "3"));
  ASSERT_TRUE(serve());
  ASSERT_TRUE(share_searched());
  ASSERT_EQ(set_xattr(at("Tags/secret"), "user.lensfs.access", "other=none"), 0);
  std::filesystem::permissions(at("Projects/demo/private.txt"), std::filesystem::perms(0600));

  EXPECT_THAT(searched({R"(kMDItemFSName=="*")"})[0], ElementsAre("Projects/demo/open.txt"));
}

TEST_F(Spotlight, IsLookedAfterByTheDoctor) {
  LENSFS_NEEDS_SAMBA();
  LENSFS_NEEDS("testparm");
  ASSERT_TRUE(serve());
  ASSERT_TRUE(share_searched());
  const auto doctor = [&] {
    return lensfs({"doctor", mountpoint().string(), "--smb-conf", configuration().string()});
  };

  const Ran good = doctor();
  service_->send(SIGTERM);
  ASSERT_EQ(service_->wait().exit, 0);
  service_.reset();
  const Ran bad = doctor();

  EXPECT_EQ(good.exit, 0) << good.out;
  EXPECT_EQ(bad.exit, 5) << bad.out;
  EXPECT_THAT(bad.out, HasSubstr("lensfs-spotlight@"));
}

TEST_F(Spotlight, NeedsAPlaceForItsMappings) {
  LENSFS_NEEDS_FUSE();
  ASSERT_TRUE(mount());
  const path file = scratch() / "media.conf";

  EXPECT_EQ(lensfs({"share", "smb", mountpoint().string(), "--spotlight", "9207"}).exit, 2);
  EXPECT_EQ(lensfs({"share", "smb", mountpoint().string(), "--spotlight", "0"}).exit, 2);
  const Ran ran = lensfs({"share", "smb", mountpoint().string(), "--spotlight", "9207", "--global",
                          "-o", file.string()});

  EXPECT_EQ(ran.exit, 0) << ran.err;
  const path mappings = scratch() / "media.spotlight.json";
  EXPECT_THAT(*read_at_once(file), HasSubstr("elasticsearch:mappings = " + mappings.string()));
  EXPECT_THAT(*read_at_once(mappings), HasSubstr("kMDItemUserTags"));
  write_file(mappings, "{}");
  EXPECT_NE(
      lensfs({"share", "smb", mountpoint().string(), "--spotlight", "9207", "-o", file.string()})
          .exit,
      0);
}

}  // namespace
}  // namespace lensfs::test
