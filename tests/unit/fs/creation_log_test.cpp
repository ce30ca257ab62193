// The notes of files that are not in the catalog yet.
#include "fs/creation_log.h"

#include <gmock/gmock.h>

#include "tests/support/files.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/db/must.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CreationLogTest : public testing::Test {
 protected:
  CreationLogTest() {
    std::filesystem::create_directories(library() / "staging");
    log_.emplace(must(CreationLog::open(library(), "m1")));
  }

  [[nodiscard]] std::filesystem::path library() const { return dir_ / "library"; }
  [[nodiscard]] std::filesystem::path part(int number) const {
    return library() / "staging/new" / ("m1." + std::to_string(number));
  }
  void append(std::int64_t asset) {
    must(log_->append({.asset = static_cast<AssetId>(asset),
                       .draft = DraftId{5},
                       .folder = FolderId{6},
                       .file = {.name = "n" + std::to_string(asset),
                                .raw_name = "raw",
                                .uid = 7,
                                .gid = 8,
                                .mode = 0640},
                       .actor = {.uid = 9, .name = "ada", .origin = 10, .program = "tar"},
                       .request = {.mount = "m1", .request = 11},
                       .made = 12,
                       .changed = 13,
                       .atime = 14}));
  }
  [[nodiscard]] std::vector<std::int64_t> assets() const {
    std::vector<std::int64_t> found;
    // As the next process finds them.
    for (const DeferredFile& made : must(must(CreationLog::open(library(), "m1")).read("m1"))) {
      found.push_back(number(made.asset));
    }
    return found;
  }

  TempDir dir_;
  std::optional<CreationLog> log_;
};

TEST_F(CreationLogTest, IsReadAsItWasWritten) {
  append(4);

  const DeferredFile made = must(log_->read("m1")).at(0);

  EXPECT_EQ(
      std::tuple(made.asset, made.draft, made.folder, made.made, made.changed, made.atime),
      std::tuple(AssetId{4}, DraftId{5}, FolderId{6}, 12, 13, std::optional<Nanoseconds>(14)));
  EXPECT_EQ(
      std::tuple(made.file.name, made.file.raw_name, made.file.uid, made.file.gid, made.file.mode),
      std::tuple("n4", std::optional<std::string>("raw"), 7, 8, 0640));
  EXPECT_EQ(std::tuple(made.actor.uid, made.actor.name, made.actor.origin, made.actor.program),
            std::tuple(9, "ada", std::optional<std::int64_t>(10), "tar"));
  EXPECT_EQ(std::tuple(made.request.mount, made.request.request), std::tuple("m1", 11));
  EXPECT_THAT(CreationLog::mounts(library()), ElementsAre("m1"));
}

TEST_F(CreationLogTest, KnowsAFileAsItWasNotedLast) {
  const auto note = [&](const std::string& name) {
    DeferredFile made;
    made.asset = AssetId{1};
    made.file.name = name;
    must(log_->append(made));
  };
  note("as made");
  log_->turn_over();
  note("as changed");
  must(log_->forget_older());
  log_->turn_over();
  note("as changed again");

  const std::vector<DeferredFile> files = must(log_->read("m1"));

  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].file.name, "as changed again");
}

TEST_F(CreationLogTest, KeepsWhatCameWhileTheRestWasWritten) {
  append(1);
  append(2);
  log_->turn_over();
  append(3);
  EXPECT_THAT(assets(), ElementsAre(1, 2, 3));

  must(log_->forget_older());
  EXPECT_THAT(assets(), ElementsAre(3));

  log_->turn_over();
  must(log_->forget_older());
  EXPECT_THAT(assets(), IsEmpty());
}

TEST_F(CreationLogTest, ForgetsNothingWhereTheRestWasNotWritten) {
  append(1);
  log_->turn_over();
  append(2);
  log_->turn_over();  // the first time failed: both are to be written now
  append(3);

  must(log_->forget_older());

  EXPECT_THAT(assets(), ElementsAre(2, 3));
}

TEST_F(CreationLogTest, EndsWhereARecordIsNotWhole) {
  append(1);
  const auto whole = std::filesystem::file_size(part(0));
  append(2);
  append(3);
  std::filesystem::resize_file(part(0), 2 * whole + 20);

  EXPECT_THAT(assets(), ElementsAre(1, 2));
}

TEST_F(CreationLogTest, EndsWhereARecordIsNotWhatItWas) {
  append(1);
  const auto whole = std::filesystem::file_size(part(0));
  append(2);
  append(3);
  std::string bytes = text_in(part(0));
  bytes[whole + 20] ^= 1;
  write_file(part(0), bytes);

  EXPECT_THAT(assets(), ElementsAre(1));
}

TEST_F(CreationLogTest, IsRemovedWithItsMount) {
  append(1);

  CreationLog::remove(library(), "m1");

  EXPECT_THAT(CreationLog::mounts(library()), IsEmpty());
}

}  // namespace
}  // namespace lensfs::test
