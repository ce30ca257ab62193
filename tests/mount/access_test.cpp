// Rules of access at work: what they keep from people, what they let them change, and what the
// kernel, modes and access lists make of them.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <thread>

#include "tests/mount/access_rules.h"
#include "tests/support/versions.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(AccessRules, LeaveALibraryWithoutThemAsItIs) {
  EXPECT_EQ(to_read(kStranger, clip()), 0);
  EXPECT_EQ(xattr_error(clip(), kAccess), ENODATA);
  EXPECT_EQ(xattr_error(clip(), "system.posix_acl_access"), EOPNOTSUPP);
  EXPECT_EQ(status_of(at("Projects/demo")).st_nlink, 3U);  // two, and one for the folder in it
  const Requests warm = requests_of([&] {
    static_cast<void>(names_in(at("Projects/demo/raw")));
    static_cast<void>(status_of(clip()));
  });
  EXPECT_LE(total(warm), 3);
}

TEST_F(AccessRules, HoldAtOnceAndAreGoneAtOnce) {
  ASSERT_EQ(to_read(kStranger, clip()), 0);
  ASSERT_THAT(seen_in(kStranger, at("Projects")), HasSubstr("demo"));

  rule("Projects/demo", "user:70002=write");

  EXPECT_EQ(to_stat(kStranger, clip()), ENOENT);
  EXPECT_EQ(to_read(kEditor, clip()), 0);
  EXPECT_TRUE(wait_until(
      [&] { return seen_in(kStranger, at("Projects")).find("demo") == std::string::npos; }));
  EXPECT_THAT(seen_in(kEditor, at("Projects")), HasSubstr("demo"));

  ASSERT_EQ(remove_xattr(at("Projects/demo"), kAccess), 0);
  EXPECT_EQ(to_stat(kStranger, clip()), 0);
}

TEST_F(AccessRules, OfACommandReachTheMount) {
  ASSERT_EQ(to_read(kClient, clip()), 0);

  const Ran set = library_command("access", {"set", "Projects/demo", "group:71004=proxy"});

  ASSERT_EQ(set.exit, 0) << set.err;
  EXPECT_THAT(set.err, HasSubstr("chmod 700"));
  EXPECT_TRUE(wait_until([&] { return to_read(kClient, clip()) == EACCES; }));
  EXPECT_EQ(to_stat(kClient, clip()), 0);
  EXPECT_TRUE(wait_until([&] { return to_stat(kStranger, clip()) == ENOENT; }));
  EXPECT_THAT(library_command("access", {"show"}).out,
              HasSubstr("project demo: group:71004=proxy"));
}

TEST_F(AccessRules, ThatMakeNoSenseAreRefusedWithWhatWouldBeRight) {
  EXPECT_EQ(set_xattr(clip(), kAccess, "everybody=read"), EINVAL);
  EXPECT_EQ(set_xattr(clip(), kAccess, "user:nobody-of-that-name=read"), EINVAL);
  EXPECT_EQ(set_xattr(at("Search/tag:beach"), kAccess, "other=none"), EOPNOTSUPP);

  const Ran wrong = library_command("access", {"set", "Projects/demo", "other=everything"});
  EXPECT_EQ(wrong.exit, 2);
  EXPECT_THAT(wrong.err, HasSubstr("none, list, proxy, read, write and manage"));
}

TEST_F(AccessRules, AreExplained) {
  rule("Projects/demo", "group:71004=read, other=none");
  rule("Tags/beach", "group:71004=proxy");

  const Ran told =
      library_command("access", {"explain", "group:71004", "Projects/demo/raw/clip.mov"});

  EXPECT_EQ(told.exit, 0) << told.err;
  EXPECT_THAT(told.out, HasSubstr("proxy   tag beach: group:71004=proxy  <- decides"));
  EXPECT_THAT(told.out, HasSubstr("read    project demo: group:71004=read, other=none\n"));
}

TEST_F(AccessRules, CanBeSeenAndSetByWhoManagesOnly) {
  rule("Projects/demo", "group:71001=manage, group:71002=write, other=none");
  const auto set_by = [&](const Person& who) {
    return error_for(who, [&] { return set_xattr(clip(), kAccess, "group:71004=proxy"); });
  };

  EXPECT_EQ(set_by(kEditor), EACCES);
  EXPECT_EQ(error_for(kEditor, [&] { return xattr_error(at("Projects/demo"), kAccess); }), EACCES);
  EXPECT_EQ(set_by(kManager), 0);
  EXPECT_EQ(xattr_text(clip(), kAccess), "group:71004=proxy");
}

TEST_F(AccessRules, LetPeopleChangeWhatTheyMayWriteAndNothingElse) {
  rule("Projects/demo", "group:71002=write, group:71004=read, other=none");
  ASSERT_TRUE(add("raw/second.mov", movie(100, 3), {.project = "demo", .tags = {}}));
  const path folder = at("Projects/demo/raw");
  ASSERT_TRUE(wait_until([&] { return is_there(folder / "second.mov"); }));
  const auto attempts = [&] {
    std::string errors;
    const auto note = [&](long result) { errors += std::to_string(error_of(result)) + " "; };
    note(::open((folder / "new.txt").c_str(), O_CREAT | O_WRONLY, 0644));
    note(::mkdir((folder / "sub").c_str(), 0755));
    note(::rename((folder / "second.mov").c_str(), (folder / "moved.mov").c_str()));
    note(::link((folder / "clip.mov").c_str(), (folder / "linked.mov").c_str()));
    note(::truncate((folder / "clip.mov").c_str(), 10));
    note(::unlink((folder / "clip.mov").c_str()));
    return errors;
  };

  EXPECT_EQ(told_by(kClient, attempts), "13 13 13 13 13 13 ");
  EXPECT_EQ(told_by(kStranger, attempts), "2 2 2 2 2 2 ");
  EXPECT_EQ(told_by(kEditor, attempts), "0 0 0 0 0 0 ");
  EXPECT_THAT(names_in(folder), ElementsAre("linked.mov", "moved.mov", "new.txt", "sub"));
}

TEST_F(AccessRules, HideWhatGetsATermThatIsHidden) {
  ASSERT_EQ(set_xattr(clip(), "user.lensfs.tag.secret", ""), 0);
  ASSERT_EQ(remove_xattr(clip(), "user.lensfs.tag.secret"), 0);
  rule("Tags/secret", "group:71004=none");
  ASSERT_EQ(to_stat(kClient, clip()), 0);
  ASSERT_THAT(seen_in(kClient, at("Projects/demo/raw")), HasSubstr("clip.mov"));

  ASSERT_TRUE(tag("demo/raw/clip.mov", {"+secret/very"}));

  EXPECT_TRUE(wait_until([&] { return to_stat(kClient, clip()) == ENOENT; }));
  EXPECT_TRUE(wait_until([&] { return seen_in(kClient, at("Projects/demo/raw")).empty(); }));
  EXPECT_EQ(to_stat(kStranger, clip()), 0);
  EXPECT_EQ(to_stat(kClient, at("Tags/secret")), ENOENT);
}

TEST_F(AccessRules, GiveTheBareNameToTheFirstFileThatOneMaySee) {
  ASSERT_TRUE(add("clip.mov", movie(300, 9), {.project = "open", .tags = {"beach"}}));
  rule("Projects/demo", "group:71002=write");
  const path bare = at("Tags/beach/clip.mov");
  const auto size = [&] { return std::to_string(status_of(bare).st_size); };

  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(told_by(kEditor, size), "5000");
    EXPECT_EQ(told_by(kStranger, size), "300");
  }
  EXPECT_EQ(seen_in(kStranger, at("Tags/beach")), "+ other.mov clip.mov ");
}

TEST_F(AccessRules, EndAndBeginWithTheirDates) {
  rule("Projects/demo", "group:71001=manage, group:71004=read, until=2001-01-31");
  EXPECT_EQ(to_stat(kClient, clip()), ENOENT);
  EXPECT_EQ(to_read(kManager, clip()), 0);

  rule("Projects/demo", "group:71001=manage, group:71004=read, until=2199-01-31");
  EXPECT_EQ(to_read(kClient, clip()), 0);

  rule("Projects/demo", "group:71001=manage, group:71004=read, from=2199-01-31");
  EXPECT_EQ(to_stat(kClient, clip()), ENOENT);
}

TEST_F(AccessRules, LeaveOpenWhatIsOpenAndRefuseTheNextOpen) {
  rule("Projects/demo", "group:71004=read");
  int go[2] = {-1, -1};
  int ready[2] = {-1, -1};
  ASSERT_EQ(::pipe(go), 0);
  ASSERT_EQ(::pipe(ready), 0);
  std::thread revoking([&] {
    char byte = 0;
    if (::read(ready[0], &byte, 1) != 1) return;
    rule("Projects/demo", "group:71002=write");
    if (::write(go[1], "x", 1) < 0) return;
  });

  const std::string told = told_by(kClient, [&] {
    const int fd = ::open(clip().c_str(), O_RDONLY);
    char byte = 0;
    if (::write(ready[1], "x", 1) < 0 || ::read(go[0], &byte, 1) != 1) return std::string("lost");
    struct stat status {};
    const bool reads = ::pread(fd, &byte, 1, 100) == 1 && ::fstat(fd, &status) == 0;
    return std::string(reads ? "reads" : "cannot read") + ", then " +
           std::to_string(open_error(clip(), O_RDONLY));
  });
  revoking.join();

  EXPECT_EQ(told, "reads, then " + std::to_string(ENOENT));
}

TEST_F(AccessRules, AreToldByModesAndAccessLists) {
  rule("Projects/demo", "group:71002=write, group:71004=proxy, user:70009=read, other=none");

  EXPECT_EQ(status_of(clip()).st_mode & 0777U, 0666U);
  EXPECT_EQ(status_of(at("Projects/demo/raw")).st_mode & 0777U, 0777U);
  if (has_program("getfacl")) {
    const Ran list = run({"getfacl", "-n", "-p", clip().string()});
    EXPECT_THAT(list.out, HasSubstr("user:70009:r--\n"));
    EXPECT_THAT(list.out, HasSubstr("group:71002:rw-\n"));
    EXPECT_THAT(list.out, HasSubstr("group:71004:---\n"));
    EXPECT_THAT(list.out, HasSubstr("other::---\n"));
  }

  rule("Projects/demo", "other=read");
  EXPECT_EQ(status_of(clip()).st_mode & 0777U, 0444U);
  EXPECT_EQ(status_of(at("Projects/demo/raw")).st_mode & 0777U, 0555U);
}

TEST_F(AccessRules, RefuseAModeThatTheyDoNotSay) {
  rule("Projects/demo", "group:71002=write, other=read");

  EXPECT_EQ(error_of(::chmod(clip().c_str(), 0600)), EPERM);
  EXPECT_EQ(error_of(::chmod(clip().c_str(), 0666)), 0);
  EXPECT_EQ(status_of(clip()).st_mode & 0777U, 0666U);
  EXPECT_EQ(error_of(::chmod(at("Projects/open/other.mov").c_str(), 0600)), 0);
}

TEST_F(AccessRules, AreSetByAccessListsThatTheyCanSay) {
  LENSFS_NEEDS("setfacl");
  rule("Projects/demo", "group:71002=write, group:71004=read, other=none");

  EXPECT_EQ(run({"setfacl", "-n", "-m", "g:71004:---", clip().string()}).exit, 0);
  EXPECT_THAT(xattr_text(clip(), kAccess), HasSubstr("group:71004=list"));
  EXPECT_EQ(to_read(kClient, clip()), EACCES);
  EXPECT_EQ(to_read(kEditor, clip()), 0);

  EXPECT_NE(run({"setfacl", "-n", "-m", "g:71004:-w-", clip().string()}).exit, 0);
  EXPECT_NE(run({"setfacl", "-d", "-m", "g:71004:r-x", at("Projects/demo/raw").string()}).exit, 0);
  EXPECT_THAT(xattr_text(clip(), kAccess), HasSubstr("group:71004=list"));
}

TEST_F(AccessRules, KeepJobsFromWhoDoesNotManageTheLibrary) {
  rule("Projects/demo", "group:71002=write");

  EXPECT_EQ(to_read(kEditor, at(".lensfs/jobs")), EACCES);
  EXPECT_EQ(open_error(at(".lensfs/jobs"), O_RDONLY), 0);
}

TEST_F(AccessRules, LetWhoManagesPurge) {
  rule("Projects/demo", "group:71001=manage, group:71002=write");
  ASSERT_EQ(error_for(kEditor, [&] { return error_of(::unlink(clip().c_str())); }), 0);
  const path gone = at("Trash/clip.mov");
  const auto purge = [&] { return error_of(::unlink(gone.c_str())); };

  EXPECT_EQ(to_stat(kStranger, gone), ENOENT);
  EXPECT_EQ(error_for(kEditor, purge), EACCES);
  EXPECT_TRUE(is_there(gone));
  EXPECT_EQ(error_for(kManager, purge), 0);
  EXPECT_FALSE(is_there(gone));
}

TEST_F(AccessRules, MakeAMountForOneAudience) {
  rule("Projects/demo", "group:71004=proxy, other=none");
  rule("Projects/open", "group:71002=write");
  const path second = scratch() / "clients";
  std::filesystem::create_directory(second);
  const Ran mounted = lensfs(
      {"mount", "-o", "no_work", "--as", "group:71004", library().string(), second.string()});
  ASSERT_EQ(mounted.exit, 0) << mounted.err;

  EXPECT_THAT(names_in(second / "Projects"), ElementsAre("demo"));
  EXPECT_EQ(open_error(second / "Projects/demo/raw/clip.mov", O_RDONLY), EACCES);
  EXPECT_EQ(stat_error(second / "Projects/open"), ENOENT);
  EXPECT_THAT(names_in(second / "Tags/beach"), ElementsAre("+", "clip.mov"));
  EXPECT_EQ(error_of(::unlink((second / "Projects/demo/raw/clip.mov").c_str())), EACCES);

  EXPECT_EQ(lensfs({"umount", second.string()}).exit, 0);
}

}  // namespace
}  // namespace lensfs::test
