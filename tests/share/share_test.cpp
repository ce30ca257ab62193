// One client at a real smbd: files, names, attributes, streams, versions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/share/smbd.h"
#include "tests/support/versions.h"
#include "tests/support/waiting.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Share : public ShareTest {};

TEST_F(Share, PutsGetsRenamesAndDeletesFiles) {
  LENSFS_NEEDS_SAMBA();
  ASSERT_TRUE(add("first.txt", "here before"));
  ASSERT_TRUE(share());
  write_file(local("new.txt"), "written by a client");

  const Ran ran = client(
      "cd Projects/demo; put new.txt; get first.txt; rename new.txt renamed.txt;"
      " get renamed.txt; mkdir folder; ls");

  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_TRUE(same_bytes(read_at_once(local("first.txt")), "here before"));
  EXPECT_TRUE(same_bytes(read_at_once(local("renamed.txt")), "written by a client"));
  EXPECT_TRUE(same_bytes(read_at_once(at("Projects/demo/renamed.txt")), "written by a client"));
  EXPECT_THAT(ran.out, HasSubstr("folder"));
  EXPECT_EQ(client("del Projects/demo/renamed.txt; rmdir Projects/demo/folder").exit, 0);
  EXPECT_EQ(names_in(at("Projects/demo")), std::vector<std::string>({"first.txt"}));
  EXPECT_TRUE(is_there(at("Trash/renamed.txt")));
}

TEST_F(Share, IsNotedAsTheDoorByWhichAFileWasOpened) {
  LENSFS_NEEDS_SAMBA();
  ASSERT_TRUE(add("first.txt", "here before"));
  ASSERT_TRUE(share());

  ASSERT_EQ(client("get Projects/demo/first.txt back").exit, 0);

  std::string said;
  EXPECT_TRUE(wait_until([&] {
    said = library_command("log", {"--json", "Projects/demo/first.txt"}).out;
    return said.find("\"what\":\"read\"") != std::string::npos;
  }));
  EXPECT_THAT(said, HasSubstr("\"door\":\"samba\""));
  EXPECT_THAT(said, HasSubstr("\"program\":\"smbd\""));
}

TEST_F(Share, ListsTenThousandFilesInOneFolder) {
  LENSFS_NEEDS_SAMBA();
  for (int i = 0; i < 10'000; ++i) {
    write_file(scratch() / "many" / ("clip" + std::to_string(i) + ".txt"), std::to_string(i));
  }
  ASSERT_TRUE(ingest((scratch() / "many").string() + "/"));
  ASSERT_TRUE(share());

  const Ran ran = client("ls Projects/demo/*");

  ASSERT_EQ(ran.exit, 0) << ran.err;
  std::size_t names = 0;
  for (std::size_t at = ran.out.find("clip"); at != std::string::npos;
       at = ran.out.find("clip", at + 1)) {
    ++names;
  }
  EXPECT_EQ(names, 10'000U);
}

TEST_F(Share, WithoutDOSAttributesListsWithoutAskingTheDrive) {
  LENSFS_NEEDS_SAMBA();
  for (int i = 0; i < 200; ++i) {
    write_file(scratch() / "many" / ("clip" + std::to_string(i) + ".txt"), "x");
  }
  ASSERT_TRUE(ingest((scratch() / "many").string() + "/"));
  ASSERT_TRUE(share({"--no-dos-attributes"}));
  write_file(local("new.txt"), "written by a client");
  // A client's attributes are not kept, and refusing them would keep it from copying at all.
  const Ran ran = client("cd Projects/demo; put new.txt; setmode new.txt +h; ls");
  ASSERT_EQ(ran.exit, 0) << ran.out << ran.err;

  const Requests asked = requests_of([&] { EXPECT_EQ(client("ls Projects/demo/*").exit, 0); });

  EXPECT_LT(total(asked), 100) << "for 200 files";
  EXPECT_TRUE(same_bytes(read_at_once(at("Projects/demo/new.txt")), "written by a client"));
}

TEST_F(Share, FindsANameInOtherCaseWithoutReadingTheFolder) {
  LENSFS_NEEDS_SAMBA();
  ASSERT_TRUE(add("Ångström.MOV", "bytes"));
  ASSERT_TRUE(share());
  ASSERT_EQ(client("ls Projects/demo/*").exit, 0);

  Ran ran;
  const Requests asked = requests_of(
      [&] { ran = client("get PROJECTS/Demo/ångSTRÖM.mov found; get Projects/demo/absent.mov"); });

  EXPECT_TRUE(same_bytes(read_at_once(local("found")), "bytes")) << ran.out;
  EXPECT_THAT(ran.out, HasSubstr("NT_STATUS_OBJECT_NAME_NOT_FOUND"));
  EXPECT_EQ(asked.count("READDIR"), 0U);
  EXPECT_EQ(asked.count("READDIRPLUS"), 0U);
}

TEST_F(Share, TellsTheSpellingOfNewAndRenamedFiles) {
  LENSFS_NEEDS_FUSE();
  ASSERT_TRUE(add("clip.mov", "bytes"));
  ASSERT_TRUE(mount());
  const path folder = at("Projects/demo");
  const auto spelled = [&](const std::string& name) {
    return xattr_text(folder, "glusterfs.get_real_filename:" + name);
  };
  const std::string zero(1, '\0');
  ASSERT_EQ(spelled("CLIP.mov"), "clip.mov" + zero);

  write_file(folder / "Other.TXT", "new");
  std::filesystem::rename(folder / "clip.mov", folder / "Moved.mov");

  EXPECT_EQ(spelled("other.txt"), "Other.TXT" + zero);
  EXPECT_EQ(spelled("moved.mov"), "Moved.mov" + zero);
  EXPECT_EQ(xattr_error(folder, "glusterfs.get_real_filename:Clip.mov"), ENOENT);
  EXPECT_EQ(xattr_error(folder / "Other.TXT", "glusterfs.get_real_filename:x"), ENOTDIR);
  EXPECT_EQ(xattr_text(at("Projects"), "user.glusterfs.get_real_filename:DEMO"), "demo" + zero);
}

TEST_F(Share, TakesTagsOfLinuxClientsAsEAs) {
  LENSFS_NEEDS_SAMBA();
  ASSERT_TRUE(add("clip.mov", "bytes"));
  ASSERT_TRUE(share({"--ea"}));

  const Ran ran = client(
      "setea Projects/demo/clip.mov xdg.tags red,place/oslo;"
      " geteas Projects/demo/clip.mov");

  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_TRUE(is_there(at("Tags/red/clip.mov")));
  EXPECT_TRUE(is_there(at("Tags/place/oslo/clip.mov")));
}

TEST_F(Share, KeepsStreamsWithTheFile) {
  LENSFS_NEEDS_SAMBA();
  ASSERT_TRUE(add("clip.mov", "bytes"));
  ASSERT_TRUE(share());
  const std::string large(40'000, 's');
  write_file(local("stream"), large);

  const Ran ran = client(
      "cd Projects/demo; put stream clip.mov:notes; get clip.mov:notes back;"
      " rename clip.mov other.mov; get other.mov:notes after; get other.mov");

  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_TRUE(same_bytes(read_at_once(local("back")), large));
  EXPECT_TRUE(same_bytes(read_at_once(local("after")), large));
  EXPECT_TRUE(same_bytes(read_at_once(local("other.mov")), "bytes"));
}

// The name of the stream as macOS sends it: a colon in it becomes U+F022 on the wire.
constexpr const char* kFinderStream = "clip.mov:com.apple.metadata\xef\x80\xa2_kMDItemUserTags";

TEST_F(Share, TakesFinderTagsAsTags) {
  LENSFS_NEEDS_SAMBA();
  ASSERT_TRUE(add("clip.mov", "bytes"));
  ASSERT_TRUE(mount());
  ASSERT_EQ(set_xattr(at("Projects/demo/clip.mov"), "user.xdg.tags", "night,oslo"), 0);
  const std::string list =
      xattr_text(at("Projects/demo/clip.mov"), "user.com.apple.metadata:_kMDItemUserTags");
  ASSERT_EQ(remove_xattr(at("Projects/demo/clip.mov"), "user.xdg.tags"), 0);
  ASSERT_TRUE(unmount());
  ASSERT_TRUE(share());
  write_file(local("tags"), list);

  const Ran ran = client("cd Projects/demo; put tags " + std::string(kFinderStream) + "; get " +
                         kFinderStream + " back");

  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_EQ(xattr_text(at("Projects/demo/clip.mov"), "user.xdg.tags"), "night,oslo");
  EXPECT_TRUE(is_there(at("Tags/night/clip.mov")));
  EXPECT_TRUE(same_bytes(read_at_once(local("back")), list));
}

// The first token "@GMT-…" of `text` at or after `from`.
std::string token_in(const std::string& text, std::size_t from = 0) {
  const std::size_t at = text.find("@GMT-", from);
  return at == std::string::npos ? "" : text.substr(at, 24);
}

class ShareOfAFileWithHistory : public Share {
 protected:
  // Two versions of cut.txt, a second apart so that each has a time of its own.
  testing::AssertionResult share_history() {
    if (auto added = add("cut.txt", "version one"); !added) return added;
    if (auto shared = share(); !shared) return shared;
    const auto began = std::chrono::system_clock::now();
    if (!wait_until(
            [&] { return std::chrono::system_clock::now() - began > std::chrono::seconds(2); })) {
      return testing::AssertionFailure();
    }
    write_file(local("cut.txt"), "the second version");
    const Ran ran = client("put cut.txt Projects/demo/cut.txt");
    if (ran.exit != 0) return testing::AssertionFailure() << ran.out;
    return gets_versions(at("Projects/demo/cut.txt"), 2);
  }
};

TEST_F(ShareOfAFileWithHistory, ShowsPreviousVersions) {
  LENSFS_NEEDS_SAMBA();
  ASSERT_TRUE(share_history());

  const Ran listed = client("allinfo Projects/demo/cut.txt");

  const std::string newest = token_in(listed.out);
  const std::string oldest = token_in(listed.out, listed.out.find(newest) + 1);
  ASSERT_FALSE(oldest.empty()) << listed.out;
  const Ran got = client("get " + oldest + "/Projects/demo/cut.txt old");
  EXPECT_TRUE(same_bytes(read_at_once(local("old")), "version one")) << got.out;
}

TEST_F(ShareOfAFileWithHistory, RefusesToWriteIntoThePast) {
  LENSFS_NEEDS_SAMBA();
  ASSERT_TRUE(share_history());
  const Ran listed = client("allinfo Projects/demo/cut.txt");
  const std::string token = token_in(listed.out, listed.out.find(token_in(listed.out)) + 1);
  ASSERT_FALSE(token.empty()) << listed.out;
  write_file(local("evil"), "overwritten");

  const Ran put = client("put evil " + token + "/Projects/demo/cut.txt");
  const Ran fresh = client("put evil " + token + "/Projects/demo/fresh.txt");

  EXPECT_NE(put.exit, 0) << put.out;
  EXPECT_NE(fresh.exit, 0) << fresh.out;
  const Ran got = client("get " + token + "/Projects/demo/cut.txt old");
  EXPECT_TRUE(same_bytes(read_at_once(local("old")), "version one")) << got.out;
}

}  // namespace
}  // namespace lensfs::test
