// What went in comes out: through every folder, by every way to read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "tests/support/drive.h"
#include "tests/support/media_factory.h"

namespace lensfs::test {
namespace {

class ReadBack : public DriveTest {
 protected:
  // Every folder that shows a file of project demo tagged "kept".
  [[nodiscard]] std::vector<path> views_of(const std::string& name) const {
    return {at("Projects/demo") / name, at("Tags/kept") / name, at("Search/tag:kept") / name,
            at("Tags/kept/project=demo") / name};
  }
};

TEST_F(ReadBack, GivesEveryByteThroughEveryFolder) {
  const std::vector<std::pair<std::string, std::string>> sources = {
      {"empty.mov", ""},
      {"one.mov", "x"},
      {"page.wav", sound(4096)},
      {"page-and-one.wav", sound(4097)},
      {"big.mov", movie(3'000'001)},
      {"zeros.bin", std::string(100'000, '\0')},
  };
  for (const auto& [name, bytes] : sources) write_file(scratch() / "in" / name, bytes);
  ASSERT_TRUE(ingest((scratch() / "in/").string(), {.project = "demo", .tags = {"kept"}}));

  ASSERT_TRUE(mount());

  for (const auto& [name, bytes] : sources) {
    for (const path& file : views_of(name)) {
      EXPECT_EQ(status_of(file).st_size, static_cast<off_t>(bytes.size())) << file;
      EXPECT_TRUE(same_bytes(read_at_once(file), bytes)) << file;
      EXPECT_TRUE(same_bytes(read_mapped(file), bytes)) << file;
      EXPECT_TRUE(same_bytes(read_direct(file), bytes)) << file;
      EXPECT_TRUE(same_bytes(read_scattered(file, 5), bytes)) << file;
    }
  }
}

TEST_F(ReadBack, WorksByteByByte) {
  const std::string bytes = movie(50'000);
  ASSERT_TRUE(add("clip.mov", bytes, {.project = "demo", .tags = {"kept"}}));

  ASSERT_TRUE(mount());

  for (const path& file : views_of("clip.mov")) {
    EXPECT_TRUE(same_bytes(read_byte_by_byte(file), bytes)) << file;
  }
}

TEST_F(ReadBack, WorksForEightReadersAtOnce) {
  const std::string bytes = movie(4'000'037);
  ASSERT_TRUE(add("clip.mov", bytes, {.project = "demo", .tags = {"kept"}}));
  ASSERT_TRUE(mount());
  const std::vector<path> views = views_of("clip.mov");
  std::array<testing::AssertionResult, 8> answers = {
      testing::AssertionSuccess(), testing::AssertionSuccess(), testing::AssertionSuccess(),
      testing::AssertionSuccess(), testing::AssertionSuccess(), testing::AssertionSuccess(),
      testing::AssertionSuccess(), testing::AssertionSuccess()};

  std::vector<std::jthread> readers;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    readers.emplace_back([&, i] {
      answers[i] = same_bytes(i % 3 == 0 ? read_mapped(views[i % views.size()])
                                         : read_scattered(views[i % views.size()], i),
                              bytes);
    });
  }
  readers.clear();

  for (const auto& answer : answers) EXPECT_TRUE(answer);
}

TEST_F(ReadBack, MixesWaysToReadOneOpenFile) {
  const std::string bytes = movie(300'000);
  ASSERT_TRUE(add("clip.mov", bytes));
  ASSERT_TRUE(mount());
  const path file = at("Projects/demo/clip.mov");

  const auto first = read_direct(file);
  const auto second = read_mapped(file);
  const auto third = read_byte_by_byte(file);

  EXPECT_TRUE(same_bytes(first, bytes));
  EXPECT_TRUE(same_bytes(second, bytes));
  EXPECT_TRUE(same_bytes(third, bytes));
}

TEST_F(ReadBack, KeepsTheFolderTreeOfWhatWasIngested) {
  write_file(scratch() / "in/day1/cam-a/clip.mov", movie(1000, 1));
  write_file(scratch() / "in/day1/cam-b/clip.mov", movie(1000, 2));
  write_file(scratch() / "in/notes.txt", "notes");
  ASSERT_TRUE(ingest((scratch() / "in/").string()));

  ASSERT_TRUE(mount());

  EXPECT_EQ(files_below(at("Projects/demo")), files_below(scratch() / "in"));
  EXPECT_TRUE(same_bytes(read_at_once(at("Projects/demo/day1/cam-b/clip.mov")), movie(1000, 2)));
}

TEST_F(ReadBack, WorksWithoutPassthrough) {
  const std::string bytes = movie(700'001);
  ASSERT_TRUE(add("clip.mov", bytes, {.project = "demo", .tags = {"kept"}}));

  ASSERT_TRUE(mount({.options = {"no_passthrough"}, .open_files = {}}));

  EXPECT_THAT(status("passthrough"), testing::StartsWith("off"));
  for (const path& file : views_of("clip.mov")) {
    EXPECT_TRUE(same_bytes(read_at_once(file), bytes)) << file;
    EXPECT_TRUE(same_bytes(read_mapped(file), bytes)) << file;
    EXPECT_TRUE(same_bytes(read_direct(file), bytes)) << file;
  }
}

TEST_F(ReadBack, ShowsAFolderOfRealMediaByteForByte) {
  const path media = real_media();
  if (media.empty()) GTEST_SKIP() << "no real media here";
  ASSERT_TRUE(ingest(media.string() + "/", {.project = "media", .tags = {"kept"}}));

  ASSERT_TRUE(mount());

  const std::vector<path> files = files_below(media);
  EXPECT_EQ(files_below(at("Projects/media")).size(), files.size());
  for (const path& file : files) {
    const std::string bytes = read_at_once(media / file).value_or("");
    EXPECT_TRUE(same_bytes(read_at_once(at("Projects/media") / file), bytes)) << file;
    EXPECT_TRUE(same_bytes(read_mapped(at("Projects/media") / file), bytes)) << file;
    EXPECT_TRUE(same_bytes(read_direct(at("Projects/media") / file), bytes)) << file;
  }
  EXPECT_EQ(names_in(at("Tags/kept")).size(), files.size() + 1);  // and "+"
}

}  // namespace
}  // namespace lensfs::test
