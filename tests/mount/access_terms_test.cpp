// Rules of terms: who may take one off, by whatever way, and what else people may do in one.
#include <unistd.h>

#include <filesystem>

#include "tests/mount/access_rules.h"

namespace lensfs::test {
namespace {

TEST_F(AccessRules, OfATermAreNotShakenOffByTakingTheTermAway) {
  rule("Tags/beach", "group:71001=manage, group:71002=write, other=none");
  const auto take_off = [&] { return remove_xattr(clip(), "user.lensfs.tag.beach"); };
  const auto replace = [&] { return set_xattr(clip(), "user.xdg.tags", "sea"); };

  EXPECT_EQ(error_for(kEditor, take_off), EACCES);
  EXPECT_EQ(error_for(kEditor, replace), EACCES);
  EXPECT_EQ(error_for(kEditor, [&] { return set_xattr(clip(), "user.xdg.tags", "beach,sea"); }), 0);
  EXPECT_EQ(error_for(kManager, take_off), 0);
}

TEST_F(AccessRules, OfATermBelowAreNotShakenOffThroughTheOneAbove) {
  ASSERT_TRUE(tag("demo/raw/clip.mov", {"+shoot/secret", "-beach"}));
  rule("Tags/shoot", "other=write");
  rule("Tags/beach", "other=write");
  rule("Tags/shoot/secret", "group:71001=manage, group:71002=write, other=none");
  const path above = at("Tags/shoot/clip.mov");
  const auto error_of = [](int result) { return result == 0 ? 0 : errno; };

  EXPECT_EQ(error_for(kEditor, [&] { return error_of(::unlink(above.c_str())); }), EACCES);
  EXPECT_EQ(
      error_for(kEditor,
                [&] { return error_of(::rename(above.c_str(), at("Tags/beach/x.mov").c_str())); }),
      EACCES);
  // Finder's tags are tags.
  EXPECT_EQ(
      error_for(kEditor,
                [&] { return remove_xattr(clip(), "user.com.apple.metadata:_kMDItemUserTags"); }),
      EACCES);
  EXPECT_EQ(to_stat(kStranger, clip()), ENOENT);
}

TEST_F(AccessRules, OfATermLetOnlyWhoWritesThereTagWithIt) {
  rule("Projects/open", "group:71001=manage, group:71002=write");
  rule("Tags/beach", "group:71001=manage, group:71002=read");
  const path other = at("Projects/open/other.mov");
  ASSERT_EQ(remove_xattr(other, "user.lensfs.tag.beach"), 0);
  const auto tag_with = [&](const char* name, const std::string& value) {
    return [&, name, value] { return set_xattr(other, name, value); };
  };

  EXPECT_EQ(error_for(kEditor, tag_with("user.lensfs.tag.beach", "1")), EACCES);
  EXPECT_EQ(error_for(kEditor, tag_with("user.lensfs.tag.beach/new", "1")), EACCES);
  EXPECT_EQ(error_for(kEditor, tag_with("user.xdg.tags", "sea,beach")), EACCES);
  EXPECT_EQ(error_for(kEditor, tag_with("user.xdg.tags", "sea")), 0);
  EXPECT_FALSE(is_there(at("Tags/beach/other.mov")));
  EXPECT_EQ(error_for(kManager, tag_with("user.xdg.tags", "sea,beach")), 0);
}

TEST_F(AccessRules, LetWhoWritesSaveAndThrowAwayWhatIsInATerm) {
  ASSERT_TRUE(tag("demo/raw/clip.mov", {"+shoot", "+sea"}));
  rule("Tags/shoot", "group:71001=manage, group:71002=write, other=none");
  const path folder = at("Tags/shoot");
  const std::string saved = movie(400, 8);

  // An editor saves as many programs do, and makes a file that goes again.
  const std::string told = told_by(kEditor, [&] {
    write_file(folder / "clip.new", saved);
    std::error_code error;
    std::filesystem::rename(folder / "clip.new", folder / "clip.mov", error);
    std::string errors = error.message();
    write_file(folder / "mine.txt", "mine");
    for (const char* name : {"mine.txt", "clip.mov"}) {
      errors += ::unlink((folder / name).c_str()) == 0 ? ", gone" : ", stays";
    }
    return errors;
  });

  EXPECT_EQ(told, "Success, gone, stays");
  EXPECT_TRUE(wait_until([&] { return same_bytes(read_at_once(clip()), saved); }));
  EXPECT_EQ(xattr_text(clip(), "user.xdg.tags"), "beach,sea,shoot");
  // What lay nowhere else is in the trash, still bound by its term.
  EXPECT_EQ(to_read(kEditor, at("Trash/mine.txt")), 0);
  EXPECT_EQ(to_stat(kStranger, at("Trash/mine.txt")), ENOENT);
  EXPECT_EQ(library_command("restore", {"--trash", "mine.txt"}).exit, 0);
  EXPECT_TRUE(wait_until([&] { return to_read(kEditor, folder / "mine.txt") == 0; }));
}

TEST_F(AccessRules, LetWhoWritesHaveScratchFilesInATerm) {
  ASSERT_TRUE(tag("demo/raw/clip.mov", {"+shoot"}));
  rule("Tags/shoot", "group:71001=manage, group:71002=write, other=none");
  const path lock = at("Tags/shoot/~$clip.mov");

  const std::string told = told_by(kEditor, [&] {
    write_file(lock, "mine");
    return read_at_once(lock).value_or("nothing");
  });

  EXPECT_EQ(told, "mine");
  EXPECT_EQ(to_stat(kStranger, lock), ENOENT);
  const auto unlinked = [&] { return ::unlink(lock.c_str()) == 0 ? 0 : errno; };
  EXPECT_EQ(error_for(kStranger, unlinked), ENOENT);
  EXPECT_EQ(error_for(kEditor, unlinked), 0);
  EXPECT_EQ(to_stat(kManager, lock), ENOENT);
}

TEST_F(AccessRules, OfATermStayWhenItIsRenamedAndEndWhenWhoManagesItSaysSo) {
  ASSERT_TRUE(tag("demo/raw/clip.mov", {"+shoot/secret", "-beach"}));
  rule("Tags/shoot", "group:71001=manage, other=write");
  rule("Tags/shoot/secret", "group:71001=manage, group:71002=write, other=none");
  const auto moved = [&](const Person& who, const char* from, const char* to) {
    return error_for(who,
                     [&] { return ::rename(at(from).c_str(), at(to).c_str()) == 0 ? 0 : errno; });
  };
  std::filesystem::create_directory(at("Tags/shoot/day"));

  EXPECT_EQ(moved(kEditor, "Tags/shoot/secret", "Tags/shoot/inner"), 0);
  EXPECT_EQ(to_stat(kStranger, clip()), ENOENT);
  // Into another term it would be one with that.
  EXPECT_EQ(moved(kEditor, "Tags/shoot/inner", "Tags/shoot/day"), EACCES);
  EXPECT_EQ(to_stat(kStranger, clip()), ENOENT);
  EXPECT_EQ(moved(kManager, "Tags/shoot/inner", "Tags/shoot/day"), 0);
  EXPECT_TRUE(wait_until([&] { return to_stat(kStranger, clip()) == 0; }));
}

TEST_F(AccessRules, LeaveTheKernelWhatAnEditDoesNotConcern) {
  rule("Projects/demo", "group:71002=write, other=read");
  rule("Tags/beach", "other=read");
  ASSERT_TRUE(add("raw/moved.mov", movie(500, 3), {.project = "demo", .tags = {"beach"}}));
  const path moved = at("Projects/demo/raw/moved.mov");
  ASSERT_TRUE(wait_until([&] { return to_stat(kStranger, moved) == 0; }));
  const path apart = at("Projects/open/other.mov");
  ASSERT_EQ(stat_error(apart), 0);

  std::filesystem::rename(moved, at("Projects/demo/raw/renamed.mov"));
  ASSERT_EQ(remove_xattr(at("Projects/demo/raw/renamed.mov"), "user.lensfs.tag.beach"), 0);
  std::filesystem::remove(at("Projects/demo/raw/renamed.mov"));
  ASSERT_EQ(set_xattr(clip(), "user.lensfs.field.note", "told"), 0);  // all before it is told of

  const Requests asked = requests_of([&] { EXPECT_EQ(stat_error(apart), 0); });
  EXPECT_EQ(total(asked), 0);
}

}  // namespace
}  // namespace lensfs::test
