// Old versions, moments and labels on the drive: listed, read, and never written.
#include "tests/support/versions.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "catalog/base/fd.h"
#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/waiting.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

// A moment as "@<date>T<time>" names it, once it is over: what changes from now on is later.
std::string passed_moment() {
  const std::time_t second = ::time(nullptr);
  EXPECT_TRUE(wait_until([&] { return ::time(nullptr) > second; }));
  std::tm date{};
  ::gmtime_r(&second, &date);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "@%Y-%m-%dT%H.%M.%S", &date);
  return {text.data(), length};
}

class Versions : public DriveTest {
 protected:
  // Three versions of one tagged file, made as an ingest makes them, and a file beside it.
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(add("day/clip.mov", bytes(1), {.project = "demo", .tags = {"place/oslo"}}));
    ASSERT_TRUE(add("day/clip.mov", bytes(2)));
    ASSERT_TRUE(add("day/clip.mov", bytes(3)));
    ASSERT_TRUE(add("other.wav", sound(500)));
    ASSERT_TRUE(mount());
  }
  static std::string bytes(int version) {
    return movie(static_cast<std::size_t>(1000 * version), static_cast<std::uint64_t>(version));
  }
  [[nodiscard]] path folder() const { return at("Projects/demo/day"); }
  [[nodiscard]] path clip() const { return folder() / "clip.mov"; }
  [[nodiscard]] path history() const { return folder() / ".versions/clip.mov"; }
  void label(const std::string& which, const std::string& name) {
    const Ran ran = library_command("label", {"Projects/demo/day/" + which, name});
    ASSERT_EQ(ran.exit, 0) << ran.err;
  }
};

TEST_F(Versions, AreListedOldestFirstWithTheirBytes) {
  const std::vector<std::string> names = names_in(history());

  ASSERT_THAT(names, SizeIs(3));
  for (int version = 1; version <= 3; ++version) {
    const std::string& name = names[static_cast<std::size_t>(version - 1)];
    EXPECT_THAT(name, StartsWith("v00" + std::to_string(version) + " 2"));
    EXPECT_THAT(name, testing::EndsWith(".mov"));
    EXPECT_TRUE(same_bytes(read_at_once(history() / name), bytes(version)));
    EXPECT_TRUE(same_bytes(read_mapped(history() / name), bytes(version)));
  }
}

TEST_F(Versions, AreFoundByNumberToo) {
  EXPECT_TRUE(same_bytes(read_at_once(history() / "v001"), bytes(1)));
  EXPECT_TRUE(same_bytes(read_at_once(history() / "v2.mov"), bytes(2)));
  EXPECT_TRUE(same_bytes(read_at_once(folder() / "clip@v1.mov"), bytes(1)));
  EXPECT_TRUE(same_bytes(read_at_once(at("Tags/place/clip@v2.mov")), bytes(2)));
  EXPECT_TRUE(same_bytes(read_at_once(at("Search/clip/clip@v2.mov")), bytes(2)));
  EXPECT_FALSE(is_there(folder() / "clip@v4.mov"));
  EXPECT_FALSE(is_there(history() / "v004"));
  EXPECT_FALSE(is_there(history() / "v001.wav"));
  EXPECT_FALSE(is_there(folder() / ".versions/none.mov"));
}

TEST_F(Versions, GiveWayToARealFileOfTheirName) {
  write_file(folder() / "take@v9.mov", "real");
  ASSERT_TRUE(add("day/take.mov", bytes(1)));

  EXPECT_TRUE(same_bytes(read_at_once(folder() / "take@v9.mov"), "real"));
}

TEST_F(Versions, AreInodesOfTheirOwn) {
  std::vector<std::uint64_t> inodes = {inode_of(clip())};
  for (const Entry& entry : entries_in(history())) {
    EXPECT_EQ(entry.inode, inode_of(history() / entry.name));
    inodes.push_back(entry.inode);
  }

  EXPECT_EQ(inode_of(folder() / "clip@v1.mov"), inodes[1]) << "one version, one inode";
  EXPECT_EQ(inode_of(at("Tags/place/oslo/clip@v1.mov")), inodes[1]);
  std::sort(inodes.begin(), inodes.end());
  EXPECT_EQ(std::unique(inodes.begin(), inodes.end()), inodes.end());
}

TEST_F(Versions, AreNotListedInOrdinaryFolders) {
  EXPECT_THAT(names_in(folder()), ElementsAre("clip.mov"));
  EXPECT_THAT(names_in(at("Projects/demo")), ElementsAre("day", "other.wav"));
}

TEST_F(Versions, TellTheirNumberAndHashAsAttributes) {
  const path first = folder() / "clip@v1.mov";

  EXPECT_EQ(xattr_text(first, "user.lensfs.version"), "1");
  EXPECT_EQ(xattr_text(clip(), "user.lensfs.version"), "3");
  EXPECT_EQ(xattr_text(first, "user.lensfs.id"), xattr_text(clip(), "user.lensfs.id"));
  EXPECT_NE(xattr_text(first, "user.lensfs.hash"), xattr_text(clip(), "user.lensfs.hash"));
}

TEST_F(Versions, HaveTheTagsThatTheFileHadThen) {
  ASSERT_TRUE(tag("demo/day/clip.mov", {"+new"}));
  ASSERT_TRUE(wait_until([&] { return xattr_text(clip(), "user.xdg.tags") == "new,place/oslo"; }));

  EXPECT_EQ(xattr_text(folder() / "clip@v1.mov", "user.xdg.tags"), "place/oslo");
  EXPECT_EQ(xattr_text(folder() / "clip@v3.mov", "user.xdg.tags"), "new,place/oslo");
}

TEST_F(Versions, AppearInAHistoryThatIsBeingLookedAt) {
  ASSERT_THAT(names_in(history()), SizeIs(3));

  ASSERT_TRUE(add("day/clip.mov", bytes(4)));

  EXPECT_TRUE(wait_until([&] { return names_in(history()).size() == 4; }));
  EXPECT_TRUE(wait_until([&] { return is_there(folder() / "clip@v4.mov"); }));
}

TEST_F(Versions, OfADeletedFileCanBeReadAndBroughtBack) {
  ASSERT_EQ(error_of(::unlink(clip().c_str())), 0);

  EXPECT_TRUE(same_bytes(read_at_once(history() / "v002"), bytes(2)));
  const Ran ran = lensfs({"restore", (history() / "v002").string()});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_TRUE(wait_until([&] { return is_there(clip()); }));
  EXPECT_TRUE(same_bytes(read_at_once(clip()), bytes(2)));
}

TEST_F(Versions, OfADeletedFileComeBackFromTheTrashWithIt) {
  ASSERT_EQ(error_of(::unlink(clip().c_str())), 0);
  ASSERT_EQ(error_of(::rmdir(folder().c_str())), 0);

  const Ran ran = library_command("restore", {"--trash", "clip.mov"});

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_TRUE(wait_until([&] { return is_there(clip()); })) << "its folder is made again";
  EXPECT_TRUE(same_bytes(read_at_once(clip()), bytes(3)));
  EXPECT_EQ(xattr_text(clip(), "user.xdg.tags"), "place/oslo");
}

TEST_F(Versions, AreReadByWhoOpenedThemWhenTheFileIsRestored) {
  const Fd open(::open(clip().c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(open);

  const Ran ran = lensfs({"restore", (folder() / "clip@v1.mov").string()});
  ASSERT_EQ(ran.exit, 0) << ran.err;

  EXPECT_TRUE(wait_until([&] { return status_of(clip()).st_size == 1000; }));
  EXPECT_TRUE(same_bytes(read_at_once(clip()), bytes(1)));
  std::string before(bytes(3).size(), '\0');
  EXPECT_EQ(::pread(open.get(), before.data(), before.size(), 0),
            static_cast<ssize_t>(before.size()));
  EXPECT_EQ(before, bytes(3));
  EXPECT_TRUE(gets_versions(clip(), 4));
}

TEST_F(Versions, CanBeCopiedBackAsANewVersion) {
  const Ran ran = run({"cp", (history() / "v001").string(), clip().string()});

  ASSERT_EQ(ran.exit, 0) << ran.err;
  EXPECT_TRUE(gets_versions(clip(), 4));
  EXPECT_TRUE(same_bytes(read_at_once(clip()), bytes(1)));
}

TEST_F(Versions, StayOpenWhenTheWorkerDies) {
  const path old = history() / "v001";
  const path then = at("Versions/" + passed_moment() + "/Projects/demo/day");
  ASSERT_TRUE(is_there(then / "clip.mov"));
  const Fd open(::open(old.c_str(), O_RDONLY | O_CLOEXEC));
  const Fd open_folder(::open(then.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_TRUE(open && open_folder);
  const pid_t first = worker();

  ::kill(first, SIGKILL);
  ASSERT_TRUE(wait_until([&] { return worker() != first && worker() > 0; }));

  std::string read(bytes(1).size(), '\0');
  EXPECT_EQ(::pread(open.get(), read.data(), read.size(), 0), static_cast<ssize_t>(read.size()));
  EXPECT_EQ(read, bytes(1));
  struct stat found {};
  EXPECT_EQ(error_of(::fstatat(open_folder.get(), "clip.mov", &found, 0)), 0);
  EXPECT_EQ(error_of(::fstatat(open_folder.get(), "none.mov", &found, 0)), ENOENT);
  EXPECT_THAT(names_in(then), ElementsAre("clip.mov"));
}

// --- moments

using Moments = Versions;
TEST_F(Moments, ShowNamesAndBytesAsTheyWere) {
  const std::string then = passed_moment();
  ASSERT_EQ(error_of(::rename(clip().c_str(), (folder() / "cut.mov").c_str())), 0);
  ASSERT_TRUE(add("day/cut.mov", bytes(4)));
  ASSERT_EQ(error_of(::rename(folder().c_str(), at("Projects/demo/night").c_str())), 0);
  ASSERT_EQ(error_of(::unlink(at("Projects/demo/other.wav").c_str())), 0);

  const path root = at("Versions/" + then);
  EXPECT_THAT(names_in(root), Contains("Projects"));
  EXPECT_THAT(names_in(root / "Projects/demo"), ElementsAre("day", "other.wav"));
  EXPECT_THAT(names_in(root / "Projects/demo/day"), ElementsAre("clip.mov"));
  EXPECT_TRUE(same_bytes(read_at_once(root / "Projects/demo/day/clip.mov"), bytes(3)));
  EXPECT_FALSE(is_there(root / "Projects/demo/night"));
  EXPECT_THAT(names_in(at("Projects/demo/night") / then), ElementsAre("clip.mov"))
      << "the folder is the same under another name";
  EXPECT_THAT(names_in(at("Projects/demo") / then), ElementsAre("day", "other.wav"));
}

TEST_F(Moments, ShowTermsAsTheyWere) {
  const std::string then = passed_moment();
  ASSERT_TRUE(tag("demo/day/clip.mov", {"-place/oslo", "+where/oslo"}));
  ASSERT_TRUE(tag("demo/other.wav", {"+place"}));

  const path tags = at("Versions/" + then + "/Tags");
  EXPECT_THAT(names_in(tags), ElementsAre("place"));
  EXPECT_THAT(names_in(tags / "place"), ElementsAre("clip.mov", "oslo"));
  EXPECT_THAT(names_in(tags / "place/oslo"), ElementsAre("clip.mov"));
  EXPECT_TRUE(same_bytes(read_at_once(tags / "place/oslo/clip.mov"), bytes(3)));
  EXPECT_THAT(names_in(at("Tags/place") / then), ElementsAre("clip.mov", "oslo"));
}

TEST_F(Moments, KeepNamesApartAsTodaysFoldersDo) {
  ASSERT_TRUE(add("second/clip.mov", bytes(7), {.project = "demo", .tags = {"place/oslo"}}));
  const std::vector<std::string> today = [&] {
    std::vector<std::string> names = names_in(at("Tags/place/oslo"));
    names.erase(std::remove(names.begin(), names.end(), "+"), names.end());
    return names;
  }();
  ASSERT_THAT(today, SizeIs(2));

  const path then = at("Tags/place/oslo") / passed_moment();

  EXPECT_EQ(names_in(then), today);
  for (const std::string& name : today) EXPECT_TRUE(is_there(then / name)) << name;
}

TEST_F(Moments, AreListedAsSambaAsksForThem) {
  const std::vector<std::string> tokens = names_in(folder() / ".versions");

  ASSERT_THAT(tokens, Not(IsEmpty()));
  for (const std::string& token : tokens) {
    EXPECT_THAT(token, testing::MatchesRegex("@GMT-....\\...\\...-..\\...\\..."));
    EXPECT_THAT(names_in(folder() / ".versions" / token), ElementsAre("clip.mov"));
    EXPECT_TRUE(is_there(folder() / token / "clip.mov"));
  }
  EXPECT_TRUE(
      same_bytes(read_at_once(folder() / ".versions" / tokens.back() / "clip.mov"), bytes(3)));
}

TEST_F(Moments, ThatAreNotOverShowTheLibraryOfNow) {
  ASSERT_TRUE(is_there(at("Versions/2150-01-01/Projects/demo/day/clip.mov")));

  ASSERT_TRUE(add("day/new.mov", bytes(5)));

  EXPECT_TRUE(
      wait_until([&] { return is_there(at("Versions/2150-01-01/Projects/demo/day/new.mov")); }));
}

TEST_F(Moments, BeforeTheLibraryBeganOrThatDoNotExistAreNotThere) {
  for (const char* when : {"2001-01-01", "2026-02-30", "2026-13-01", "@GMT-2026.01.01", "nolabel",
                           "@GMT-2001.01.01-00.00.00", "2150-01-01T25.00"}) {
    EXPECT_FALSE(is_there(at("Versions") / when)) << when;
  }
}

// --- labels

using Labels = Versions;
TEST_F(Labels, ShowWhatHasThemAtTheLabelledVersion) {
  label("clip@v2.mov", "approved");

  EXPECT_TRUE(
      wait_until([&] { return names_in(at("Versions")) == std::vector<std::string>{"approved"}; }));
  const path root = at("Versions/approved");
  EXPECT_THAT(names_in(root / "Projects/demo"), ElementsAre("day")) << "other.wav has no label";
  EXPECT_TRUE(same_bytes(read_at_once(root / "Projects/demo/day/clip.mov"), bytes(2)));
  EXPECT_TRUE(same_bytes(read_at_once(root / "Tags/place/oslo/clip.mov"), bytes(2)));
  EXPECT_TRUE(same_bytes(read_at_once(folder() / "@approved/clip.mov"), bytes(2)));
  EXPECT_FALSE(is_there(root / "Projects/demo/other.wav"));
}

TEST_F(Labels, FollowWhatIsLabelled) {
  label("clip@v1.mov", "approved");
  const path shown = folder() / "@approved";
  ASSERT_TRUE(wait_until([&] { return is_there(shown / "clip.mov"); }));
  ASSERT_THAT(names_in(shown), ElementsAre("clip.mov"));

  label("clip@v2.mov", "approved");
  EXPECT_TRUE(wait_until([&] { return status_of(shown / "clip.mov").st_size == 2000; }));
  ASSERT_EQ(error_of(::rename(clip().c_str(), (folder() / "cut.mov").c_str())), 0);
  EXPECT_TRUE(wait_until([&] { return names_in(shown) == std::vector<std::string>{"cut.mov"}; }));
  const Ran ran = library_command("label", {"--remove", "Projects/demo/day/cut.mov", "approved"});
  EXPECT_EQ(ran.exit, 0) << ran.err;

  EXPECT_TRUE(wait_until([&] { return !is_there(shown); }));
  EXPECT_TRUE(wait_until([&] { return names_in(at("Versions")).empty(); }));
}

// --- nothing below is ever changed

class ThePast : public Versions {
 protected:
  void SetUp() override {
    Versions::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    label("clip@v2.mov", "approved");
    ASSERT_TRUE(wait_until([&] { return is_there(at("Versions/approved")); }));
    moment_ = passed_moment();
  }
  [[nodiscard]] std::vector<path> files() const {
    return {folder() / "clip@v1.mov", history() / "v001", folder() / moment_ / "clip.mov",
            at("Versions/" + moment_ + "/Tags/place/oslo/clip.mov"),
            at("Versions/approved/Projects/demo/day/clip.mov")};
  }
  [[nodiscard]] std::vector<path> folders() const {
    return {folder() / ".versions",
            history(),
            folder() / moment_,
            at("Versions"),
            at("Versions/approved"),
            at("Versions/approved/Tags/place"),
            at("Versions/" + moment_ + "/Projects"),
            at("Versions/" + moment_ + "/Projects/demo")};
  }
  std::string moment_;
};

TEST_F(ThePast, CannotBeOpenedForWriting) {
  for (const path& file : files()) {
    for (const int flags :
         {O_WRONLY, O_RDWR, O_WRONLY | O_APPEND, O_WRONLY | O_TRUNC, O_RDONLY | O_TRUNC}) {
      EXPECT_EQ(error_of(::open(file.c_str(), flags | O_CLOEXEC)), EROFS) << file << " " << flags;
    }
    EXPECT_EQ(error_of(::truncate(file.c_str(), 0)), EROFS) << file;
  }
}

TEST_F(ThePast, CannotBeChanged) {
  std::vector<path> all = files();
  for (const path& one : folders()) all.push_back(one);
  for (const path& one : all) {
    EXPECT_EQ(error_of(::chmod(one.c_str(), 0600)), EROFS) << one;
    EXPECT_EQ(error_of(::chown(one.c_str(), 1, 1)), EROFS) << one;
    EXPECT_EQ(error_of(::utimensat(AT_FDCWD, one.c_str(), nullptr, 0)), EROFS) << one;
    EXPECT_EQ(set_xattr(one, "user.lensfs.tag.x", "1"), EROFS) << one;
    EXPECT_EQ(set_xattr(one, "user.anything", "1"), EROFS) << one;
    EXPECT_EQ(remove_xattr(one, "user.anything"), EROFS) << one;
  }
}

TEST_F(ThePast, CannotBeAddedTo) {
  for (const path& in : folders()) {
    const path made = in / "made";
    EXPECT_EQ(error_of(::open(made.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644)), EROFS) << in;
    EXPECT_EQ(error_of(::mkdir(made.c_str(), 0755)), EROFS) << in;
    EXPECT_EQ(error_of(::symlink("target", made.c_str())), EROFS) << in;
    EXPECT_EQ(error_of(::link(clip().c_str(), made.c_str())), EROFS) << in;
    EXPECT_EQ(error_of(::mknod(made.c_str(), S_IFIFO | 0644, 0)), EROFS) << in;
    EXPECT_EQ(error_of(::rename(clip().c_str(), made.c_str())), EROFS) << in;
  }
  EXPECT_TRUE(is_there(clip()));
}

TEST_F(ThePast, CannotBeMovedRemovedOrLinked) {
  for (const path& file : files()) {
    EXPECT_EQ(error_of(::unlink(file.c_str())), EROFS) << file;
    EXPECT_EQ(error_of(::rename(file.c_str(), (folder() / "moved").c_str())), EROFS) << file;
    EXPECT_EQ(error_of(::link(file.c_str(), (folder() / "linked").c_str())), EROFS) << file;
  }
  for (const path& one : folders()) {
    if (one == at("Versions")) continue;  // of the root, which is no folder of the past
    EXPECT_EQ(error_of(::rmdir(one.c_str())), EROFS) << one;
    EXPECT_EQ(error_of(::rename(one.c_str(), at("Projects/moved").c_str())), EROFS) << one;
  }
  EXPECT_THAT(names_in(folder()), ElementsAre("clip.mov"));
}

}  // namespace
}  // namespace lensfs::test
