// Image sequences on the drive: a folder wherever the asset shows, frames under their own names.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "catalog/base/fd.h"
#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/waiting.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

constexpr const char* kName = "plate.[1001-1004].exr";

class SequenceOnDrive : public DriveTest {
 protected:
  // demo/plate.[1001-1004].exr, of which 1003 is missing.
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (const int number : {1001, 1002, 1004})
      write_file(source() / name_of(number), bytes(number));
    ASSERT_EQ(ingest_sequences().exit, 0);
    ASSERT_TRUE(mount());
  }
  static std::string name_of(int number) { return "plate." + std::to_string(number) + ".exr"; }
  static std::string bytes(int number) {
    return picture(static_cast<std::size_t>(10'000 + number), static_cast<std::uint64_t>(number));
  }
  [[nodiscard]] path source() const { return scratch() / "frames"; }
  [[nodiscard]] Ran ingest_sequences() {
    return library_command("ingest", {source().string() + "/", "--project", "demo", "--sequences"});
  }
  [[nodiscard]] path project() const { return at("Projects/demo"); }
  [[nodiscard]] path folder() const { return project() / kName; }
  [[nodiscard]] std::size_t objects() const { return files_below(library() / "objects").size(); }
  static int error_of_open(const path& file, int flags) {
    const Fd fd(::open(file.c_str(), flags));
    return fd ? 0 : errno;
  }
  // What "mv" does, without its copy where a rename is refused.
  static int move(const path& from, const path& to) {
    return error_of(::rename(from.c_str(), to.c_str()));
  }
};

TEST_F(SequenceOnDrive, IsAFolderThatListsItsFrames) {
  EXPECT_THAT(names_in(project()), ElementsAre(kName));
  EXPECT_THAT(names_in(folder()),
              ElementsAre("plate.1001.exr", "plate.1002.exr", "plate.1004.exr"));
  const struct stat status = status_of(folder());
  EXPECT_TRUE(S_ISDIR(status.st_mode));
  EXPECT_EQ(status.st_nlink, 2U);
  EXPECT_EQ(status_of(folder() / name_of(1001)).st_nlink, 1U);
  EXPECT_EQ(status_of(folder() / name_of(1001)).st_mode & 07777U, 0444U);
}

TEST_F(SequenceOnDrive, ServesItsFramesByteForByte) {
  for (const int number : {1001, 1002, 1004}) {
    EXPECT_TRUE(same_bytes(read_at_once(folder() / name_of(number)), bytes(number)));
    EXPECT_TRUE(same_bytes(read_mapped(folder() / name_of(number)), bytes(number)));
  }
  EXPECT_EQ(error_of_open(folder() / name_of(1003), O_RDONLY), ENOENT);
}

TEST_F(SequenceOnDrive, ServesFramesByPassthroughWhereThatIsPossible) {
  if (!status("passthrough").starts_with("on")) GTEST_SKIP() << "needs passthrough";
  Requests requests = requests_of(
      [&] { EXPECT_TRUE(same_bytes(read_at_once(folder() / name_of(1001)), bytes(1001))); });

  EXPECT_EQ(requests["READ"], 0);
}

TEST_F(SequenceOnDrive, KeepsTheBytesOfAFrameWhenAnotherFileHasThemAndIsWritten) {
  constexpr std::size_t kLarge = 3 << 20;  // files of up to 1 MiB are set apart
  const std::string large = picture(kLarge, 7);
  write_file(source() / name_of(1005), large);
  ASSERT_EQ(ingest_sequences().exit, 0);
  ASSERT_TRUE(add("copy.exr", large));
  const path frame = project() / "plate.[1001-1005].exr" / name_of(1005);
  const path copy = project() / "copy.exr";
  ASSERT_TRUE(wait_until([&] { return is_there(frame) && is_there(copy); }));
  const Fd of_copy(::open(copy.c_str(), O_RDONLY));
  const Fd of_frame(::open(frame.c_str(), O_RDONLY));
  ASSERT_TRUE(of_copy && of_frame);

  const Fd writer(::open(copy.c_str(), O_RDWR));
  ASSERT_TRUE(writer);
  ASSERT_EQ(::pwrite(writer.get(), "XXXX", 4, 0), 4);

  std::string got(large.size(), '\0');
  ASSERT_EQ(::pread(of_frame.get(), got.data(), got.size(), 0), static_cast<ssize_t>(got.size()));
  EXPECT_TRUE(same_bytes(got, large));
}

TEST_F(SequenceOnDrive, AnswersToThePathsOfItsFramesBesideIt) {
  EXPECT_TRUE(same_bytes(read_at_once(project() / name_of(1002)), bytes(1002)));
  EXPECT_EQ(inode_of(project() / name_of(1002)), inode_of(folder() / name_of(1002)));
  EXPECT_FALSE(is_there(project() / name_of(1003)));
}

TEST_F(SequenceOnDrive, LosesAPathOfAFrameToARealFile) {
  write_file(project() / "tmp-render.exr", "rendered anew");

  ASSERT_EQ(move(project() / "tmp-render.exr", project() / name_of(1002)), 0);

  EXPECT_EQ(read_at_once(project() / name_of(1002)).value_or(""), "rendered anew");
  EXPECT_TRUE(same_bytes(read_at_once(folder() / name_of(1002)), bytes(1002)));
}

TEST_F(SequenceOnDrive, IsReadOnly) {
  EXPECT_EQ(error_of_open(folder() / name_of(1001), O_WRONLY), EROFS);
  EXPECT_EQ(error_of_open(project() / name_of(1001), O_WRONLY | O_TRUNC), EROFS);
  EXPECT_EQ(error_of(::open((folder() / "new.exr").c_str(), O_WRONLY | O_CREAT, 0644)), EROFS);
  EXPECT_EQ(error_of(::mkdir((folder() / "new").c_str(), 0755)), EROFS);
  EXPECT_EQ(error_of(::unlink((project() / name_of(1001)).c_str())), EROFS);
}

TEST_F(SequenceOnDrive, IsTaggedByMovingItIntoATerm) {
  ASSERT_EQ(error_of(::mkdir(at("Tags/night").c_str(), 0755)), 0);

  ASSERT_EQ(move(folder(), at("Tags/night") / kName), 0);

  EXPECT_THAT(names_in(at("Tags/night")), Contains(kName));
  EXPECT_THAT(names_in(project()), ElementsAre(kName)) << "it stays in its project";
  EXPECT_TRUE(same_bytes(read_at_once(at("Tags/night") / kName / name_of(1004)), bytes(1004)));
  EXPECT_EQ(xattr_text(folder(), "user.xdg.tags"), "night");
  EXPECT_TRUE(wait_until([&] { return inode_of(folder()) != inode_of(at("Tags/night") / kName); }))
      << "folders have one name each";
  EXPECT_THAT(names_in(at("Search/kind:sequence")), Contains(kName));
}

TEST_F(SequenceOnDrive, LosesATermByRmdirAndStays) {
  ASSERT_TRUE(tag("demo/" + std::string(kName), {"+night"}));
  ASSERT_TRUE(wait_until([&] { return is_there(at("Tags/night") / kName); }));
  EXPECT_EQ(error_of(::unlink((at("Tags/night") / kName / name_of(1001)).c_str())), EPERM);

  ASSERT_EQ(error_of(::rmdir((at("Tags/night") / kName).c_str())), 0);

  EXPECT_FALSE(is_there(at("Tags/night") / kName));
  EXPECT_THAT(names_in(folder()), Contains("plate.1001.exr")) << "its other folder lives on";
}

TEST_F(SequenceOnDrive, HasTheAttributesOfAnAsset) {
  EXPECT_EQ(xattr_text(folder(), "user.lensfs.kind"), "sequence");
  EXPECT_EQ(set_xattr(folder(), "user.lensfs.field.scene", "12"), 0);
  EXPECT_EQ(set_xattr(folder(), "user.lensfs.tag.hero", ""), 0);
  EXPECT_EQ(xattr_text(folder(), "user.lensfs.field.scene"), "12");
  EXPECT_EQ(xattr_text(folder(), "user.xdg.tags"), "hero");
  EXPECT_EQ(xattr_text(folder() / name_of(1001), "user.lensfs.id"),
            xattr_text(folder(), "user.lensfs.id"));
}

TEST_F(SequenceOnDrive, IsRenamedAsAFile) {
  ASSERT_EQ(error_of(::mkdir((project() / "shots").c_str(), 0755)), 0);

  ASSERT_EQ(move(folder(), project() / "shots" / kName), 0);

  EXPECT_THAT(names_in(project()), ElementsAre("shots"));
  EXPECT_TRUE(same_bytes(read_at_once(project() / "shots" / kName / name_of(1001)), bytes(1001)));
  EXPECT_TRUE(same_bytes(read_at_once(project() / "shots" / name_of(1001)), bytes(1001)));
}

TEST_F(SequenceOnDrive, GoesToTheTrashByRmWithAllItsFramesAndComesBack) {
  ASSERT_TRUE(tag("demo/" + std::string(kName), {"+night"}));

  const Ran removed = run({"rm", "-r", folder().string()});

  EXPECT_EQ(removed.exit, 0) << removed.err;
  EXPECT_THAT(names_in(project()), IsEmpty());
  EXPECT_FALSE(is_there(project() / name_of(1001)));
  EXPECT_THAT(names_in(at("Trash")), ElementsAre(kName));
  EXPECT_THAT(names_in(at("Trash") / kName), testing::SizeIs(3));
  ASSERT_EQ(move(at("Trash") / kName, folder()), 0);
  EXPECT_TRUE(same_bytes(read_at_once(folder() / name_of(1002)), bytes(1002)));
  EXPECT_EQ(xattr_text(folder(), "user.xdg.tags"), "night");
}

TEST_F(SequenceOnDrive, HidesAFrameThatIsDeletedUntilTheVersionIsRestored) {
  ASSERT_EQ(error_of(::unlink((folder() / name_of(1002)).c_str())), 0);

  EXPECT_THAT(names_in(folder()), ElementsAre("plate.1001.exr", "plate.1004.exr"));
  EXPECT_FALSE(is_there(project() / name_of(1002)));
  const path old = project() / ("plate.[1001-1004]@v1.exr");
  EXPECT_THAT(names_in(old), Contains("plate.1002.exr")) << "the version has it";
  const Ran restored =
      library_command("restore", {"Projects/demo/" + std::string(kName), "--version", "1"});
  EXPECT_EQ(restored.exit, 0) << restored.err;
  EXPECT_TRUE(wait_until([&] { return names_in(folder()).size() == 3; }));
}

TEST_F(SequenceOnDrive, KeepsItsFramesFromTheCollector) {
  const std::size_t before = objects();

  const Ran collected = library_command("gc", {"--grace", "0"});

  EXPECT_EQ(collected.exit, 0) << collected.err;
  EXPECT_EQ(objects(), before);
  EXPECT_TRUE(same_bytes(read_at_once(folder() / name_of(1004)), bytes(1004)));
  EXPECT_EQ(library_command("verify", {}).exit, 0);
}

TEST_F(SequenceOnDrive, IsDestroyedInTheTrashWithItsFrames) {
  ASSERT_EQ(run({"rm", "-r", folder().string()}).exit, 0);

  const Ran removed = run({"rm", "-r", (at("Trash") / kName).string()});

  EXPECT_EQ(removed.exit, 0) << removed.err;
  EXPECT_THAT(names_in(at("Trash")), IsEmpty());
  EXPECT_TRUE(wait_until([&] { return objects() == 0; }));
}

TEST_F(SequenceOnDrive, ShowsOldVersionsAsTheyWere) {
  write_file(source() / name_of(1005), bytes(1005));
  ASSERT_EQ(ingest_sequences().exit, 0);
  const path now = project() / "plate.[1001-1005].exr";
  ASSERT_TRUE(wait_until([&] { return is_there(now); }));

  const auto versions = names_in(project() / ".versions/plate.[1001-1005].exr");

  ASSERT_EQ(versions.size(), 2U);
  EXPECT_THAT(names_in(project() / ".versions/plate.[1001-1005].exr" / versions[0]),
              Not(Contains("plate.1005.exr")));
  EXPECT_THAT(names_in(now), Contains("plate.1005.exr"));
  EXPECT_TRUE(same_bytes(read_at_once(now / name_of(1005)), bytes(1005)));
}

TEST_F(SequenceOnDrive, IsMadeOfFramesThatWereWrittenThere) {
  for (const int number : {1, 2, 3}) {
    write_file(project() / "render" / ("beauty_" + std::to_string(number) + ".png"), bytes(number));
  }
  const path made = project() / "render/beauty_[1-3].png";
  // A file is saved a moment after it was closed.
  ASSERT_TRUE(wait_until([&] {
    return library_command("sequence", {"make", (project() / "render").string()}).exit == 0;
  }));

  EXPECT_TRUE(wait_until([&] { return names_in(project() / "render").size() == 1; }));
  EXPECT_TRUE(same_bytes(read_at_once(made / "beauty_2.png"), bytes(2)));
  EXPECT_TRUE(same_bytes(read_at_once(project() / "render/beauty_2.png"), bytes(2)));
  ASSERT_EQ(library_command("sequence", {"split", made.string()}).exit, 0);
  EXPECT_TRUE(wait_until([&] { return names_in(project() / "render").size() == 3; }));
  EXPECT_TRUE(same_bytes(read_at_once(project() / "render/beauty_2.png"), bytes(2)));
}

}  // namespace
}  // namespace lensfs::test
