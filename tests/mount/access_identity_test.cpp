// Rules of a single file, while names are freed, taken over and made up around it.
#include <unistd.h>

#include <filesystem>

#include "tests/mount/access_rules.h"

namespace lensfs::test {
namespace {

constexpr const char* kForManager = "group:71001=manage, other=none";

class RulesOfAFile : public AccessRules {
 protected:
  void SetUp() override {
    AccessRules::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    rule("Projects/demo", "group:71001=manage, group:71002=write, group:71004=read, other=none");
  }
  [[nodiscard]] path in_demo(const std::string& name) const { return at("Projects/demo") / name; }
  // A file that its maker alone sees.
  void make_hidden(const std::string& name, const std::string& bytes) {
    ASSERT_EQ(
        told_by(kManager, [&] { return write_file(in_demo(name), bytes), std::string("made"); }),
        "made");
    rule(path("Projects/demo") / name, kForManager);
  }
  // 0 or the errno, as that person.
  static int to_write(const Person& who, const path& file, const std::string& bytes) {
    return error_for(who, [&] {
      const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
      if (fd < 0) return errno;
      const bool written =
          ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
      return ::close(fd) == 0 && written ? 0 : EIO;
    });
  }
  static int to_move(const Person& who, const path& from, const path& to) {
    return error_for(who, [&] { return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno; });
  }
  static int to_unlink(const Person& who, const path& file) {
    return error_for(who, [&] { return ::unlink(file.c_str()) == 0 ? 0 : errno; });
  }
  static std::string bytes_for(const Person& who, const path& file) {
    return told_by(who, [&] { return read_at_once(file).value_or("nothing"); });
  }
};

TEST_F(RulesOfAFile, HoldForWhatIsMovedAsideWhileItIsSaved) {
  make_hidden("secret.txt", "TOPSECRET");

  ASSERT_EQ(to_move(kManager, in_demo("secret.txt"), in_demo("secret-old.txt")), 0);
  ASSERT_EQ(to_write(kManager, in_demo("secret.txt"), "NEW"), 0);

  for (const char* name : {"secret.txt", "secret-old.txt"}) {
    EXPECT_EQ(to_stat(kEditor, in_demo(name)), ENOENT) << name;
  }
  EXPECT_EQ(bytes_for(kManager, in_demo("secret-old.txt")), "TOPSECRET");
  EXPECT_EQ(to_unlink(kManager, in_demo("secret-old.txt")), 0);
  EXPECT_EQ(to_stat(kEditor, at("Trash/secret-old.txt")), ENOENT);
}

TEST_F(RulesOfAFile, HoldWhenSomebodyElseTakesItsOldName) {
  make_hidden("budget.txt", "BUDGET");
  ASSERT_EQ(to_move(kManager, in_demo("budget.txt"), in_demo("budget-final.txt")), 0);

  EXPECT_EQ(to_write(kEditor, in_demo("budget.txt"), "x"), 0);

  EXPECT_EQ(to_stat(kEditor, in_demo("budget-final.txt")), ENOENT);
  EXPECT_EQ(bytes_for(kManager, in_demo("budget-final.txt")), "BUDGET");
  // It is another file: who made it sees it.
  EXPECT_EQ(bytes_for(kEditor, in_demo("budget.txt")), "x");
}

TEST_F(RulesOfAFile, AreNotShakenOffByWhoWritesAndDoesNotManage) {
  make_hidden("plan.txt", "PLAN");
  rule("Projects/demo/plan.txt", "group:71001=manage, group:71002=write, other=none");

  ASSERT_EQ(to_move(kEditor, in_demo("plan.txt"), in_demo("plan2.txt")), 0);
  ASSERT_EQ(to_write(kEditor, in_demo("plan.txt"), ""), 0);

  EXPECT_EQ(to_stat(kClient, in_demo("plan2.txt")), ENOENT);
  EXPECT_EQ(bytes_for(kEditor, in_demo("plan2.txt")), "PLAN");
}

TEST_F(RulesOfAFile, GoAlongWhenItIsMovedOverAnother) {
  ASSERT_EQ(to_write(kManager, in_demo("open.txt"), "for all"), 0);
  make_hidden("new.txt", "MSEC");

  ASSERT_EQ(to_move(kManager, in_demo("new.txt"), in_demo("open.txt")), 0);

  EXPECT_EQ(to_stat(kEditor, in_demo("open.txt")), ENOENT);
  EXPECT_EQ(bytes_for(kManager, in_demo("open.txt")), "MSEC");
}

TEST_F(RulesOfAFile, LeaveWhatWasDeletedToThoseWhoMayWriteIt) {
  ASSERT_EQ(to_write(kManager, in_demo("list.txt"), "LIST"), 0);
  rule("Projects/demo/list.txt", "group:71001=manage, other=list");
  ASSERT_EQ(to_unlink(kManager, in_demo("list.txt")), 0);

  ASSERT_EQ(to_write(kEditor, in_demo("list.txt"), "BOBS"), 0);

  EXPECT_EQ(bytes_for(kEditor, in_demo("list.txt")), "BOBS");
  EXPECT_EQ(bytes_for(kManager, at("Trash/list.txt")), "LIST");
}

// A name that the drive makes up where the asker sees nothing is no door to what lies there.
TEST_F(RulesOfAFile, HoldBehindNamesThatAreMadeUp) {
  for (const char* name : {"film@v1.txt", "film@v2.txt", "film@v3.txt"}) {
    make_hidden(name, "DEEPSECRET");
  }
  for (const char* bytes : {"one", "two", "three"}) {
    ASSERT_EQ(to_write(kEditor, in_demo("film.txt"), bytes), 0);
  }
  ASSERT_TRUE(wait_until([&] { return to_stat(kEditor, in_demo("film@v3.txt")) == 0; }));
  ASSERT_EQ(to_write(kEditor, in_demo("mine.txt"), "mine"), 0);

  EXPECT_EQ(to_unlink(kEditor, in_demo("film@v1.txt")), EROFS);  // as of any version
  EXPECT_EQ(to_move(kEditor, in_demo("mine.txt"), in_demo("film@v2.txt")), ENOENT);
  EXPECT_EQ(to_move(kEditor, in_demo("film@v3.txt"), in_demo("got.txt")), EROFS);

  for (const char* name : {"film@v1.txt", "film@v2.txt", "film@v3.txt"}) {
    EXPECT_EQ(bytes_for(kManager, in_demo(name)), "DEEPSECRET") << name;
  }
}

TEST_F(RulesOfAFile, HoldInADriveForOneAudience) {
  make_hidden("precious.txt", "PRECIOUS");
  ASSERT_EQ(to_write(kEditor, in_demo("junk.txt"), "junk"), 0);
  const path other = scratch() / "as";
  std::filesystem::create_directories(other);
  ASSERT_EQ(
      lensfs({"mount", "--as", "group:71002", "-o", "no_work", library().string(), other.string()})
          .exit,
      0);

  const path in_other = other / "Projects/demo";
  EXPECT_NE(to_move(kEditor, in_other / "junk.txt", in_other / "precious.txt"), 0);

  EXPECT_EQ(bytes_for(kManager, in_demo("precious.txt")), "PRECIOUS");
  EXPECT_EQ(lensfs({"umount", other.string()}).exit, 0);
}

TEST_F(RulesOfAFile, ProtectTheProxiesThatItsBytesHaveInCommonWithCopies) {
  LENSFS_NEEDS("ffmpeg");
  const auto picture = [&](const char* colour, const char* extension = ".png") {
    const path file = scratch() / (std::string(colour) + extension);
    run({"ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i",
         std::string("color=") + colour + ":size=64x48", "-frames:v", "1", file.string()});
    return read_at_once(file).value_or("");
  };
  ASSERT_EQ(to_write(kManager, in_demo("shot.png"), picture("red")), 0);
  rule("Projects/demo/shot.png", "group:71001=manage, group:71002=read, other=proxy");
  ASSERT_EQ(to_write(kEditor, in_demo("copy.png"), picture("red")), 0);
  ASSERT_EQ(to_write(kEditor, in_demo("own.png"), picture("green")), 0);
  for (const char* name : {"copy.png", "own.png"}) {
    const path place = path("Projects/demo") / name;
    ASSERT_TRUE(wait_until([&] {
      return library_command("rendition", {"make", place.string(), "--profile", "thumb"}).exit == 0;
    }));
  }
  static_cast<void>(library_command("work", {"--until-idle", "--quiet"}));
  for (const char* name : {"copy.jpg", "own.jpg"}) {
    ASSERT_TRUE(is_there(at("Resolutions/thumb/Projects/demo") / name));
  }
  const auto bring = [&](const char* name) {
    return to_write(kEditor, at("Resolutions/thumb/Projects/demo") / name, picture("blue", ".jpg"));
  };

  EXPECT_EQ(bring("own.jpg"), 0);
  EXPECT_EQ(bring("copy.jpg"), EROFS);
}

TEST_F(RulesOfAFile, OfAFolderEndWithItOnlyByWhoManagesThem) {
  std::filesystem::create_directories(in_demo("inner"));
  std::filesystem::create_directories(in_demo("empty"));
  for (const char* name : {"inner", "empty"}) {
    rule(path("Projects/demo") / name, "group:71001=manage, group:71002=write, other=none");
  }
  std::filesystem::create_directories(in_demo("plain"));
  const auto to_rmdir = [&](const Person& who, const char* name) {
    return error_for(who, [&] { return ::rmdir(in_demo(name).c_str()) == 0 ? 0 : errno; });
  };

  EXPECT_EQ(to_rmdir(kEditor, "inner"), EACCES);
  EXPECT_EQ(to_move(kEditor, in_demo("plain"), in_demo("empty")), EACCES);
  EXPECT_EQ(to_rmdir(kEditor, "plain"), 0);
  EXPECT_EQ(to_rmdir(kManager, "inner"), 0);
}

TEST_F(RulesOfAFile, AsTheyWereDoNotTellOfTermsThatAreHidden) {
  ASSERT_EQ(to_write(kEditor, in_demo("cut.txt"), "one"), 0);
  rule("Tags/beach", "group:71001=manage, other=none");
  ASSERT_EQ(set_xattr(in_demo("cut.txt"), "user.xdg.tags", "beach,sea"), 0);
  write_file(in_demo("cut.txt"), "two");
  ASSERT_TRUE(wait_until([&] { return is_there(in_demo("cut@v2.txt")); }));
  ASSERT_EQ(set_xattr(in_demo("cut.txt"), "user.xdg.tags", "sea"), 0);
  ASSERT_TRUE(wait_until([&] { return to_stat(kEditor, in_demo("cut@v1.txt")) == 0; }));

  for (const char* name : {"cut@v1.txt", "cut@v2.txt"}) {
    const std::string tags =
        told_by(kEditor, [&] { return xattr_text(in_demo(name), "user.xdg.tags"); });
    EXPECT_THAT(tags, testing::Not(testing::HasSubstr("beach"))) << name;
  }
}

TEST_F(RulesOfAFile, HideWhatADocumentSaysFromWhoMayNotReadIt) {
  for (const char* name : {"open.txt", "closed.txt"}) {
    ASSERT_EQ(to_write(kManager, in_demo(name), "zanzibar is said here"), 0);
  }
  rule("Projects/demo/closed.txt", "group:71001=manage, other=list");
  const path search = at("Search/text:zanzibar");
  static_cast<void>(library_command("work", {"--until-idle", "--quiet"}));
  ASSERT_TRUE(wait_until([&] { return seen_in(kManager, search) == "+ open.txt closed.txt "; }))
      << seen_in(kManager, search);

  for (const path& folder : {search, at("Search/zanzibar"), at("Search/project:demo zanzibar")}) {
    EXPECT_EQ(to_stat(kManager, folder / "closed.txt"), 0) << folder;
    EXPECT_EQ(to_stat(kEditor, folder / "closed.txt"), ENOENT) << folder;
    EXPECT_EQ(to_stat(kEditor, folder / "open.txt"), 0) << folder;
    EXPECT_EQ(seen_in(kEditor, folder), "+ open.txt ") << folder;
  }
  // Its name is no secret.
  EXPECT_EQ(to_stat(kEditor, at("Search/closed/closed.txt")), 0);
}

}  // namespace
}  // namespace lensfs::test
