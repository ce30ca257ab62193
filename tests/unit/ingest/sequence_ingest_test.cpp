// Ingest of numbered pictures as sequences.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "catalog/model/sequence.h"
#include "tests/support/files.h"
#include "tests/support/temp_dir.h"
#include "tools/ingest/ingest.h"

namespace lensfs {
namespace {

using test::path;
using test::write_file;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

struct Events : IngestObserver {
  void file(const FileEvent& event) override { all.push_back(event); }
  std::vector<FileEvent> all;
};

class SequenceIngest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Catalog::create(directory_ / "library"));
    auto opened = Catalog::open(directory_ / "library");
    ASSERT_TRUE(opened) << opened.error().message();
    catalog_ = std::move(*opened);
  }
  [[nodiscard]] path source() const { return directory_ / "in"; }
  void write_frame(int number, const std::string& bytes = "") const {
    write_file(source() / ("plate." + std::to_string(number) + ".exr"),
               bytes.empty() ? "frame " + std::to_string(number) : bytes);
  }
  IngestSummary ingest_source(Runs runs = Runs::sequences, Adopt adopt = Adopt::copy) {
    events_.all.clear();
    IngestProgress progress;
    const IngestRequest request{.paths = {source().string() + "/"},
                                .project = "demo",
                                .tags = {"plate"},
                                .adopt = adopt,
                                .runs = runs};
    auto summary = ingest(*catalog_, request, events_, progress, stop_.get_token());
    EXPECT_TRUE(summary) << summary.error().message();
    files_ = progress.files;
    return summary.value_or(IngestSummary{});
  }
  [[nodiscard]] std::vector<std::string> places() const {
    std::vector<std::string> names;
    auto db = catalog_->read();
    const auto project = find_project(**db, "demo");
    EXPECT_TRUE(each_place(**db, project->folder,
                           [&](const PlacedAsset& placed) { names.push_back(placed.name); }));
    return names;
  }
  [[nodiscard]] std::vector<std::string> frames(const FileEvent& event) const {
    auto db = catalog_->read();
    const Asset asset = find_asset(**db, *event.asset).value_or(Asset{});
    std::vector<std::string> bytes;
    const auto frames = frames_of(**db, asset.version);
    if (!frames) return bytes;
    for (const Frame& frame : *frames) {
      const auto object = object_of(**db, frame);
      bytes.push_back(test::read_at_once(catalog_->store().path_of(*object)).value_or("missing"));
    }
    return bytes;
  }

  test::TempDir directory_;
  std::unique_ptr<Catalog> catalog_;
  Events events_;
  std::stop_source stop_;
  std::uint64_t files_ = 0;
};

TEST_F(SequenceIngest, MakesOneAssetOfARunAndNamesItsGaps) {
  for (const int number : {1001, 1002, 1005}) write_frame(number);
  write_file(source() / "notes.txt", "notes");

  const IngestSummary summary = ingest_source();

  EXPECT_THAT(places(), UnorderedElementsAre("plate.[1001-1005].exr", "notes.txt"));
  EXPECT_EQ(summary.added, 2U);
  EXPECT_EQ(summary.sequences, 1U);
  EXPECT_EQ(files_, 4U) << "progress counts files";
  const auto sequence = std::find_if(events_.all.begin(), events_.all.end(),
                                     [](const FileEvent& event) { return event.frames != 0; });
  ASSERT_NE(sequence, events_.all.end());
  EXPECT_EQ(sequence->place, "demo/plate.[1001-1005].exr");
  EXPECT_EQ(sequence->missing, "1003-1004");
  EXPECT_THAT(frames(*sequence), ElementsAre("frame 1001", "frame 1002", "frame 1005"));
}

TEST_F(SequenceIngest, IsOffUnlessAskedFor) {
  for (const int number : {1001, 1002, 1003}) write_frame(number);

  ingest_source(Runs::files);

  EXPECT_THAT(places(), SizeIs(3));
}

TEST_F(SequenceIngest, ChangesNothingTheSecondTime) {
  for (const int number : {1001, 1002, 1003}) write_frame(number);
  ingest_source();

  const IngestSummary again = ingest_source();

  EXPECT_EQ(again.unchanged, 1U);
  EXPECT_EQ(again.added + again.new_versions + again.failed, 0U);
}

TEST_F(SequenceIngest, MakesAVersionOfFramesThatCameOrChanged) {
  for (const int number : {1001, 1002, 1003}) write_frame(number);
  ingest_source();
  write_frame(1002, "retouched");
  write_frame(1004);

  const IngestSummary again = ingest_source();

  EXPECT_EQ(again.new_versions, 1U);
  EXPECT_THAT(places(), ElementsAre("plate.[1001-1004].exr"));
  EXPECT_THAT(frames(events_.all.front()),
              ElementsAre("frame 1001", "retouched", "frame 1003", "frame 1004"));
}

TEST_F(SequenceIngest, TakesInFramesThatWereIngestedAsFiles) {
  for (const int number : {1001, 1002, 1003}) write_frame(number);
  ingest_source(Runs::files);

  ingest_source();

  EXPECT_THAT(places(), ElementsAre("plate.[1001-1003].exr"));
}

TEST_F(SequenceIngest, RemovesTheSourcesOfAllFramesWhenItMoves) {
  for (const int number : {1001, 1002, 1003}) write_frame(number);

  ingest_source(Runs::sequences, Adopt::move);

  EXPECT_THAT(test::names_in(source()), IsEmpty());
  EXPECT_THAT(frames(events_.all.front()), ElementsAre("frame 1001", "frame 1002", "frame 1003"));
}

TEST_F(SequenceIngest, KeepsTheFramesThatCouldBeRead) {
  for (const int number : {1001, 1002, 1003, 1004}) write_frame(number);
  std::filesystem::remove(source() / "plate.1003.exr");
  std::filesystem::create_directory(source() / "plate.1003.exr");

  ingest_source();

  EXPECT_THAT(places(), ElementsAre("plate.[1001-1004].exr"));
  EXPECT_EQ(events_.all.front().missing, "1003");
}

TEST_F(SequenceIngest, KeepsItsFramesInTheStore) {
  for (const int number : {1001, 1002, 1003}) write_frame(number);
  ingest_source();

  const auto report = catalog_->store().collect(
      [&](const ObjectKey& key) -> Result<bool> {
        auto db = catalog_->read();
        return is_object_named(**db, key);
      },
      0, Store::Dry::no);

  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->objects, 0U);
  EXPECT_THAT(frames(events_.all.front()), ElementsAre("frame 1001", "frame 1002", "frame 1003"));
}

}  // namespace
}  // namespace lensfs
