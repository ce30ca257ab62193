// Destroying on the drive: deleting in /Trash, and what a mount does when a command purges.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ctime>

#include "catalog/base/fd.h"
#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/versions.h"
#include "tests/support/waiting.h"

namespace lensfs::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Purging : public DriveTest {
 protected:
  // Three versions of demo/clip.mov.
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (int version = 1; version <= 3; ++version) ASSERT_TRUE(add("clip.mov", bytes(version)));
  }
  static std::string bytes(int version) {
    return movie(static_cast<std::size_t>(100'000 * version), static_cast<std::uint64_t>(version));
  }
  [[nodiscard]] path clip() const { return at("Projects/demo/clip.mov"); }
  [[nodiscard]] path history() const { return at("Projects/demo/.versions/clip.mov"); }
  [[nodiscard]] std::size_t objects() const { return files_below(library() / "objects").size(); }
  [[nodiscard]] Ran purge(std::vector<std::string> words) {
    return library_command("purge", std::move(words));
  }
  // A version that was replaced stays until the mount knows that nobody has it open.
  [[nodiscard]] testing::AssertionResult purges(const std::vector<std::string>& words) {
    Ran ran;
    const auto purged = [&] {
      ran = purge(words);
      return ran.exit == 0;
    };
    if (wait_until(purged, std::chrono::seconds(60))) return testing::AssertionSuccess();
    return testing::AssertionFailure() << ran.err;
  }
  // The error of unlink by a user who owns nothing here.
  static int unlink_as_nobody(const path& file) {
    const pid_t child = ::fork();
    if (child == 0) {
      if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(255);
      ::_exit(::unlink(file.c_str()) == 0 ? 0 : errno);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
};

TEST_F(Purging, IsWhatDeletingInTheTrashDoes) {
  ASSERT_TRUE(mount());
  ASSERT_EQ(error_of(::unlink(clip().c_str())), 0);
  ASSERT_THAT(names_in(at("Trash")), ElementsAre("clip.mov"));
  ASSERT_EQ(objects(), 3U);

  EXPECT_EQ(error_of(::unlink(at("Trash/clip.mov").c_str())), 0);

  EXPECT_THAT(names_in(at("Trash")), IsEmpty());
  EXPECT_FALSE(is_there(at("Trash/clip.mov")));
  EXPECT_TRUE(wait_until([&] { return objects() == 0; })) << "the room is given back";
  EXPECT_EQ(library_command("verify", {}).exit, 0);
}

TEST_F(Purging, InTheTrashLeavesContentThatSomethingElseHas) {
  ASSERT_TRUE(add("copy.mov", bytes(2)));
  ASSERT_TRUE(mount());
  ASSERT_EQ(error_of(::unlink(clip().c_str())), 0);

  EXPECT_EQ(error_of(::unlink(at("Trash/clip.mov").c_str())), 0);

  EXPECT_TRUE(wait_until([&] { return objects() == 1; }));
  EXPECT_TRUE(same_bytes(read_at_once(at("Projects/demo/copy.mov")), bytes(2)));
}

TEST_F(Purging, InTheTrashIsRefusedToOthers) {
  ASSERT_TRUE(mount({.options = {"allow_other"}, .open_files = {}}));
  std::filesystem::permissions(mountpoint().parent_path(), std::filesystem::perms::all);
  ASSERT_EQ(error_of(::unlink(clip().c_str())), 0);

  EXPECT_THAT(unlink_as_nobody(at("Trash/clip.mov")), testing::AnyOf(EACCES, EPERM));

  EXPECT_THAT(names_in(at("Trash")), ElementsAre("clip.mov"));
}

TEST_F(Purging, InTheTrashLeavesReadersTheirBytesUntilTheyClose) {
  ASSERT_TRUE(mount());
  Fd reader(::open(clip().c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(reader);
  ASSERT_EQ(error_of(::unlink(clip().c_str())), 0);

  ASSERT_EQ(error_of(::unlink(at("Trash/clip.mov").c_str())), 0);

  std::string head(1000, '\0');
  EXPECT_EQ(::pread(reader.get(), head.data(), head.size(), 0), 1000);
  EXPECT_EQ(head, bytes(3).substr(0, 1000));
  struct stat status {};
  EXPECT_EQ(::fstat(reader.get(), &status), 0);
  reader.reset();
  EXPECT_TRUE(wait_until([&] { return objects() == 0; })) << "given back after the last close";
}

TEST_F(Purging, InTheTrashEndsWhatIsBeingWritten) {
  ASSERT_TRUE(mount());
  Fd writer(::open(clip().c_str(), O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(writer);
  ASSERT_EQ(::write(writer.get(), "new", 3), 3);
  ASSERT_EQ(error_of(::unlink(clip().c_str())), 0);
  ASSERT_EQ(error_of(::unlink(at("Trash/clip.mov").c_str())), 0);

  EXPECT_EQ(::write(writer.get(), "more", 4), 4);
  writer.reset();

  EXPECT_TRUE(wait_until([&] { return objects() == 0; }));
  EXPECT_TRUE(wait_until([&] { return files_below(library() / "staging/drafts").empty(); }));
}

TEST_F(Purging, OfEverythingInTheTrashIsRmOfItsContents) {
  ASSERT_TRUE(add("other.wav", sound(500)));
  ASSERT_TRUE(mount());
  ASSERT_EQ(error_of(::unlink(clip().c_str())), 0);
  ASSERT_EQ(error_of(::unlink(at("Projects/demo/other.wav").c_str())), 0);

  const Ran ran = run({"sh", "-c", "rm -r " + at("Trash").string() + "/*"});

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(names_in(at("Trash")), IsEmpty());
  EXPECT_NE(error_of(::rmdir(at("Trash").c_str())), 0);
}

// --- by a command, while it is mounted

TEST_F(Purging, ByACommandLeavesAVersionThatIsBeingRead) {
  ASSERT_TRUE(mount());
  Fd reader(::open(clip().c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(reader);
  ASSERT_TRUE(add("clip.mov", bytes(4)));
  ASSERT_TRUE(purges({"Projects/demo/clip@v2.mov"})) << "the mount has looked who has what open";

  const Ran ran = purge({"Projects/demo/clip@v3.mov"});

  EXPECT_EQ(ran.exit, 4);
  EXPECT_THAT(ran.err, HasSubstr("may still have it open"));
  reader.reset();
  EXPECT_TRUE(purges({"Projects/demo/clip@v3.mov"}));
}

TEST_F(Purging, ByACommandShowsInAHistoryThatIsBeingLookedAt) {
  ASSERT_TRUE(mount());
  ASSERT_EQ(names_in(history()).size(), 3U);
  ASSERT_TRUE(same_bytes(read_at_once(at("Projects/demo/clip@v2.mov")), bytes(2)));

  ASSERT_TRUE(purges({"Projects/demo/clip@v2.mov", "--now"}));

  EXPECT_TRUE(wait_until([&] { return names_in(history()).size() == 2; }));
  EXPECT_TRUE(wait_until([&] { return !is_there(at("Projects/demo/clip@v2.mov")); }));
  EXPECT_TRUE(same_bytes(read_at_once(at("Projects/demo/clip@v1.mov")), bytes(1)));
}

TEST_F(Purging, ByACommandLeavesAGapInAMomentThatIsBeingLookedAt) {
  ASSERT_TRUE(mount());
  const std::time_t now = ::time(nullptr);
  ASSERT_TRUE(wait_until([&] { return ::time(nullptr) > now; }));
  std::tm date{};
  ::gmtime_r(&now, &date);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "@%Y-%m-%dT%H.%M.%S", &date);
  const path then = at("Projects/demo") / text.data();
  ASSERT_THAT(names_in(then), ElementsAre("clip.mov"));
  ASSERT_TRUE(same_bytes(read_at_once(then / "clip.mov"), bytes(3)));
  ASSERT_TRUE(add("clip.mov", bytes(4)));
  ASSERT_TRUE(wait_until([&] { return names_in(history()).size() == 4; }));
  ASSERT_TRUE(same_bytes(read_at_once(then / "clip.mov"), bytes(3)));

  ASSERT_TRUE(purges({"Projects/demo/clip@v3.mov"}));

  EXPECT_TRUE(wait_until([&] { return names_in(then).empty(); }));
  EXPECT_TRUE(wait_until([&] { return !is_there(then / "clip.mov"); }));
  EXPECT_THAT(names_in(at("Projects/demo")), Contains("clip.mov"));
}

TEST_F(Purging, ByACommandGivesTheRoomOfAFileThatWasReadBack) {
  ASSERT_TRUE(mount());
  ASSERT_TRUE(same_bytes(read_at_once(clip()), bytes(3)));
  ASSERT_EQ(error_of(::unlink(clip().c_str())), 0);

  const Ran ran = purge({"--trash", "--now"});

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("destroyed 1 deleted files and 3 versions"));
  EXPECT_EQ(objects(), 0U);
  EXPECT_TRUE(wait_until([&] { return names_in(at("Trash")).empty(); }));
  const pid_t serves = worker();
  EXPECT_TRUE(wait_until([&] {
    const Ran held = run({"sh", "-c", "ls -l /proc/" + std::to_string(serves) + "/fd"});
    return held.out.find("(deleted)") == std::string::npos ||
           held.out.find("objects/") == std::string::npos;
  })) << "the mount lets go of what it kept open";
}

// --- lensfs.toml

TEST_F(Purging, SettingsThatMakeNoSenseKeepAMountFromBeginning) {
  write_file(library() / "lensfs.toml", "[scratch]\nalso = \"*.bak\"\n");

  const Ran ran = lensfs({"mount", library().string(), mountpoint().string()});

  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("lensfs.toml:2: [scratch] also"));
}

TEST_F(Purging, ScratchNamesOfTheSettingsAreNeverVersioned) {
  write_file(library() / "lensfs.toml", "[scratch]\nalso = [\"*.bak\"]\n");
  ASSERT_TRUE(mount());
  const path scratch_file = at("Projects/demo/a.bak");
  write_file(scratch_file, "x");
  write_file(at("Projects/demo/kept.mov"), bytes(5));
  ASSERT_TRUE(gets_versions(at("Projects/demo/kept.mov"), 1));

  EXPECT_EQ(error_of(::unlink(scratch_file.c_str())), 0);

  EXPECT_THAT(names_in(at("Trash")), Not(Contains("a.bak")));
  EXPECT_THAT(library_command("find", {"name:a.bak"}).out, IsEmpty());
}

}  // namespace
}  // namespace lensfs::test
