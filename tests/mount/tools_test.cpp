// Programs that people use work on the drive as on any other disk, and end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using testing::HasSubstr;

class Tools : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    write_file(scratch() / "in/day1/clip.mov", movie(100'000));
    write_file(scratch() / "in/day1/sound.wav", sound(44 + 16'000));
    write_file(scratch() / "in/day2/a name with spaces.txt", "text\n");
    ASSERT_TRUE(ingest((scratch() / "in/").string(), {.project = "demo", .tags = {"kept"}}));
    ASSERT_TRUE(mount());
  }
};

TEST_F(Tools, Ffprobe) {
  LENSFS_NEEDS("ffprobe");

  const Ran ran = run({"ffprobe", "-hide_banner", at("Tags/kept/sound.wav").string()});

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("pcm_s16le"));
}

TEST_F(Tools, File) {
  LENSFS_NEEDS("file");

  const Ran ran = run({"file", "--brief", at("Projects/demo/day1/clip.mov").string()});

  EXPECT_THAT(ran.out, HasSubstr("QuickTime"));
}

TEST_F(Tools, RsyncWithAttributes) {
  LENSFS_NEEDS("rsync");
  ASSERT_EQ(set_xattr(at("Projects/demo/day1/clip.mov"), "user.note", "hello"), 0);
  const path copy = scratch() / "copy";

  const Ran ran = run({"rsync", "-aX", at("Projects/demo").string() + "/", copy.string() + "/"});

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(run({"diff", "-r", copy.string(), (scratch() / "in").string()}).out, "");
  EXPECT_EQ(xattr_text(copy / "day1/clip.mov", "user.note"), "hello");
  EXPECT_EQ(xattr_text(copy / "day1/clip.mov", "user.xdg.tags"), "kept");
  const Ran again = run({"rsync", "-aXi", at("Projects/demo").string() + "/", copy.string() + "/"});
  EXPECT_EQ(again.out, "") << "a second run finds nothing to do";
}

TEST_F(Tools, Find) {
  LENSFS_NEEDS("find");

  const Ran ran = run({"find", at("Projects").string(), "-type", "f", "-name", "*.mov"});

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out, at("Projects/demo/day1/clip.mov").string() + "\n");
}

TEST_F(Tools, Tar) {
  LENSFS_NEEDS("tar");
  const path copy = scratch() / "copy";
  std::filesystem::create_directory(copy);

  const Ran pack = run(
      {"tar", "-C", at("Projects/demo").string(), "-cf", (scratch() / "demo.tar").string(), "."});
  const Ran unpack = run({"tar", "-C", copy.string(), "-xf", (scratch() / "demo.tar").string()});

  EXPECT_EQ(pack.exit, 0) << pack.err;
  EXPECT_EQ(pack.err, "") << "no file changed as it was read";
  EXPECT_EQ(unpack.exit, 0) << unpack.err;
  EXPECT_EQ(run({"diff", "-r", copy.string(), (scratch() / "in").string()}).out, "");
}

TEST_F(Tools, DiskUsage) {
  LENSFS_NEEDS("du");

  const Ran apparent =
      run({"du", "-s", "--apparent-size", "-B1", at("Tags/kept/clip.mov").string()});
  const Ran used = run({"du", "-s", "-B1", at("Projects/demo").string()});
  const Ran all = run({"du", "-s", mountpoint().string()});

  EXPECT_THAT(apparent.out, testing::StartsWith("100000\t"));
  EXPECT_GE(std::stol("0" + used.out), 100'000);
  EXPECT_EQ(all.exit, 0) << all.err;
}

TEST_F(Tools, CopyAndCompare) {
  const path copy = scratch() / "copy";

  const Ran copied = run({"cp", "-a", at("Projects/demo").string(), copy.string()});

  EXPECT_EQ(copied.exit, 0) << copied.err;
  EXPECT_EQ(run({"diff", "-r", at("Projects/demo").string(), copy.string()}).exit, 0);
}

TEST_F(Tools, Checksum) {
  LENSFS_NEEDS("xxhsum");

  const Ran ran = run({"xxhsum", "-H2", at("Projects/demo/day1/clip.mov").string()});

  EXPECT_THAT(ran.out, testing::StartsWith(
                           xattr_text(at("Projects/demo/day1/clip.mov"), "user.lensfs.hash")));
}

}  // namespace
}  // namespace lensfs::test
