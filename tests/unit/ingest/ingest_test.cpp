// Ingest: what becomes of every kind of file.
#include "tools/ingest/ingest.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <map>

#include "catalog/model/project.h"
#include "catalog/model/tag.h"
#include "catalog/model/totals.h"
#include "tests/support/files.h"
#include "tests/support/temp_dir.h"

namespace lensfs {
namespace {

using test::path;
using test::write_file;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

struct Events : IngestObserver {
  void file(const FileEvent& event) override {
    all.push_back(event);
    if (hook) hook(event);
  }
  [[nodiscard]] std::map<std::string, FileStatus> by_place() const {
    std::map<std::string, FileStatus> found;
    for (const FileEvent& event : all) {
      if (!event.place.empty()) found[event.place] = event.status;
    }
    return found;
  }
  [[nodiscard]] std::map<std::string, std::string> reasons() const {
    std::map<std::string, std::string> found;
    for (const FileEvent& event : all) {
      if (!event.reason.empty()) found[path(event.path).filename().string()] = event.reason;
    }
    return found;
  }
  std::vector<FileEvent> all;
  std::function<void(const FileEvent&)> hook;
};

class Ingest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Catalog::create(directory_ / "library"));
    auto opened = Catalog::open(directory_ / "library");
    ASSERT_TRUE(opened) << opened.error().message();
    catalog_ = std::move(*opened);
    std::filesystem::create_directory(source());
  }

  [[nodiscard]] path source() const { return directory_ / "in"; }

  IngestSummary ingest_paths(std::vector<std::string> paths, IngestRequest request = {}) {
    events_.all.clear();
    request.paths = std::move(paths);
    request.project = "demo";
    IngestProgress progress;
    auto summary = ingest(*catalog_, request, events_, progress, stop_.get_token());
    EXPECT_TRUE(summary) << summary.error().message();
    return summary.value_or(IngestSummary{});
  }
  // The contents of the source folder, into the project's own folder.
  IngestSummary ingest_source(IngestRequest request = {}) {
    return ingest_paths({source().string() + "/"}, std::move(request));
  }

  [[nodiscard]] std::string bytes_of(const FileEvent& event) const {
    const auto bytes = test::read_at_once(catalog_->store().path_of(*event.object));
    return bytes.value_or("unreadable");
  }
  [[nodiscard]] Totals totals() const {
    auto reader = catalog_->read();
    return totals_of(**reader).value_or(Totals{});
  }
  [[nodiscard]] Asset asset_of(const FileEvent& event) const {
    auto reader = catalog_->read();
    return find_asset(**reader, *event.asset).value_or(Asset{});
  }
  [[nodiscard]] std::vector<std::string> folders_of_project() const {
    auto reader = catalog_->read();
    std::vector<std::string> names;
    const auto project = find_project(**reader, "demo");
    const auto folders = subfolders_of(**reader, project->folder);
    for (const Folder& folder : *folders) names.push_back(folder.name);
    return names;
  }

  test::TempDir directory_;
  std::unique_ptr<Catalog> catalog_;
  Events events_;
  std::stop_source stop_;
};

// --- trees and names

TEST_F(Ingest, KeepsTheFoldersOfATree) {
  write_file(source() / "day1/cam/a.mov", "a");
  write_file(source() / "day2/b.mov", "b");

  ingest_paths({source().string()});

  EXPECT_THAT(events_.by_place(),
              UnorderedElementsAre(Pair("demo/in/day1/cam/a.mov", FileStatus::added),
                                   Pair("demo/in/day2/b.mov", FileStatus::added)));
}

TEST_F(Ingest, TakesOnlyTheContentsOfADirectoryWithATrailingSlash) {
  write_file(source() / "a.mov", "a");

  ingest_paths({source().string() + "/"});

  EXPECT_THAT(events_.by_place(), ElementsAre(Pair("demo/a.mov", FileStatus::added)));
}

TEST_F(Ingest, KeepsEmptyFolders) {
  std::filesystem::create_directories(source() / "empty");

  ingest_source();

  EXPECT_THAT(folders_of_project(), ElementsAre("empty"));
}

TEST_F(Ingest, SpellsNamesThatAreNotLegalEverywhere) {
  write_file(source() / "take:2?.mov", "a");
  write_file(source() / "\xff\xfe.mov", "b");

  ingest_source();

  EXPECT_THAT(events_.by_place(),
              UnorderedElementsAre(Pair("demo/take%3A2%3F.mov", FileStatus::added),
                                   Pair("demo/%FF%FE.mov", FileStatus::added)));
}

TEST_F(Ingest, KeepsModeAndTimeButNoSetUidBit) {
  write_file(source() / "a.mov", "a");
  ASSERT_EQ(::chmod((source() / "a.mov").c_str(), 04640), 0);
  const timespec times[2] = {{1000, 5}, {1234567, 89}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (source() / "a.mov").c_str(), &times[0], 0), 0);

  ingest_source();

  const Asset asset = asset_of(events_.all.front());
  EXPECT_EQ(asset.mode, 0640);
  EXPECT_EQ(asset.mtime, 1234567 * kNanosecondsPerSecond + 89);
}

TEST_F(Ingest, TagsEverythingItTakes) {
  write_file(source() / "a.mov", "a");

  ingest_source({.tags = {"place/oslo"}});

  auto reader = catalog_->read();
  const auto tags = tags_of(**reader, *events_.all.front().asset);
  ASSERT_EQ(tags->size(), 1U);
  EXPECT_EQ(tags->front().path, "place/oslo");
}

TEST_F(Ingest, TagsWhatAnEarlierRunTookAsWell) {
  write_file(source() / "a.mov", "a");
  ingest_source();

  ingest_source({.tags = {"late"}});

  auto reader = catalog_->read();
  EXPECT_EQ(tags_of(**reader, *events_.all.front().asset)->size(), 1U);
}

// --- content

TEST_F(Ingest, StoresBytesAsTheyAre) {
  const std::string small(70'000, 's');
  const std::string large(3 << 20, 'l');
  write_file(source() / "1.mov", small);
  write_file(source() / "2.mov", large);
  write_file(source() / "3.mov", small + "other");

  ingest_source({.jobs = 1});

  std::map<std::string, std::string> bytes;
  for (const FileEvent& event : events_.all) bytes[event.place] = bytes_of(event);
  EXPECT_EQ(bytes["demo/1.mov"], small);
  EXPECT_EQ(bytes["demo/2.mov"], large);
  EXPECT_EQ(bytes["demo/3.mov"], small + "other");
}

TEST_F(Ingest, TakesEmptyFilesAsAssets) {
  write_file(source() / "empty.txt", "");

  const IngestSummary summary = ingest_source();

  EXPECT_EQ(summary.added, 1U);
  EXPECT_EQ(asset_of(events_.all.front()).size, 0);
}

TEST_F(Ingest, KeepsTheHolesOfSparseFiles) {
  const path file = source() / "sparse.raw";
  write_file(file, "start");
  ASSERT_EQ(::truncate(file.c_str(), 64 << 20), 0);

  ingest_source();

  const struct stat stored =
      test::status_of(catalog_->store().path_of(*events_.all.front().object));
  EXPECT_EQ(stored.st_size, 64 << 20);
  EXPECT_LT(stored.st_blocks * 512, 1 << 20);
}

TEST_F(Ingest, StoresTheSameContentOnceForTwoAssets) {
  write_file(source() / "a.mov", std::string(5000, 'x'));
  write_file(source() / "b.mov", std::string(5000, 'x'));

  const IngestSummary summary = ingest_source();

  EXPECT_EQ(summary.added, 2U);
  EXPECT_EQ(summary.known_content, 1U);
  EXPECT_EQ(totals().objects, 1);
  EXPECT_EQ(totals().assets, 2);
}

TEST_F(Ingest, MakesOneAssetWithTwoPlacesOfAHardLink) {
  write_file(source() / "a.mov", "a");
  std::filesystem::create_hard_link(source() / "a.mov", source() / "b.mov");

  const IngestSummary summary = ingest_source();

  EXPECT_EQ(summary.added, 1U);
  EXPECT_EQ(summary.linked, 1U);
  EXPECT_EQ(totals().assets, 1);
  EXPECT_EQ(totals().places, 2);
}

// --- again

TEST_F(Ingest, LeavesAloneWhatHasItsPlaceAlready) {
  write_file(source() / "a.mov", "a");
  ingest_source();

  const IngestSummary summary = ingest_source();

  EXPECT_EQ(summary.unchanged, 1U);
  EXPECT_EQ(totals().versions, 1);
}

// The change time of a file cannot be set, so this takes a file that has not changed for long.
TEST_F(Ingest, DoesNotReadAgainWhatLooksAsItDid) {
  const std::string old_file = LENSFS_SOURCE "/LICENSE";
  ingest_paths({old_file});
  ASSERT_TRUE(events_.all.front().object);

  ingest_paths({old_file});

  EXPECT_EQ(events_.all.front().status, FileStatus::unchanged);
  EXPECT_FALSE(events_.all.front().object) << "it was read";
}

TEST_F(Ingest, ReadsAgainWhatHasAnotherPlaceNow) {
  ingest_paths({LENSFS_SOURCE "/tools/cmake"});

  ingest_paths({LENSFS_SOURCE "/tools/cmake/"});

  EXPECT_EQ(events_.by_place().count("demo/Defaults.cmake"), 1U);
  EXPECT_EQ(events_.by_place().begin()->second, FileStatus::added);
}

TEST_F(Ingest, MakesANewVersionOfAFileThatChanged) {
  write_file(source() / "a.mov", "first");
  ingest_source();
  const AssetId asset = *events_.all.front().asset;
  write_file(source() / "a.mov", "second");

  ingest_source();

  EXPECT_THAT(events_.by_place(), ElementsAre(Pair("demo/a.mov", FileStatus::new_version)));
  EXPECT_EQ(events_.all.front().asset, asset);
  EXPECT_EQ(bytes_of(events_.all.front()), "second");
}

TEST_F(Ingest, NeverMakesTwoOperandsVersionsOfEachOther) {
  write_file(directory_ / "x/a.mov", "one");
  write_file(directory_ / "y/a.mov", "two");

  const IngestSummary summary =
      ingest_paths({(directory_ / "x/a.mov").string(), (directory_ / "y/a.mov").string()});

  EXPECT_EQ(summary.added, 1U);
  EXPECT_EQ(summary.failed, 1U);
  EXPECT_EQ(totals().versions, 1);
}

TEST_F(Ingest, ReportsAFileWhoseNameAFolderHas) {
  write_file(source() / "clip/a.mov", "a");
  ingest_source();
  std::filesystem::remove_all(source() / "clip");
  write_file(source() / "clip", "now a file");

  const IngestSummary summary = ingest_source();

  EXPECT_EQ(summary.failed, 1U);
  EXPECT_THAT(events_.reasons()["clip"], HasSubstr("folder"));
}

// --- what is not a plain file

TEST_F(Ingest, SkipsLinksPipesAndSockets) {
  write_file(source() / "a.mov", "a");
  std::filesystem::create_symlink("a.mov", source() / "link");
  ASSERT_EQ(::mkfifo((source() / "pipe").c_str(), 0600), 0);
  const Fd listener(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (source() / "socket").string().copy(&address.sun_path[0], sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
            0);

  const IngestSummary summary = ingest_source();

  EXPECT_EQ(summary.added, 1U);
  EXPECT_EQ(summary.failed, 0U);
  EXPECT_THAT(events_.reasons(),
              UnorderedElementsAre(Pair("link", "a symbolic link"), Pair("pipe", "a named pipe"),
                                   Pair("socket", "a socket")));
}

TEST_F(Ingest, SkipsDevices) {
  if (::mknod((source() / "null").c_str(), S_IFCHR | 0600, makedev(1, 3)) != 0) {
    GTEST_SKIP() << "making a device needs root";
  }

  ingest_source();

  EXPECT_THAT(events_.reasons(), ElementsAre(Pair("null", "a device")));
}

TEST_F(Ingest, FollowsLinksWhenAskedToAndStopsAtLoops) {
  write_file(directory_ / "elsewhere/b.mov", "b");
  write_file(source() / "a.mov", "a");
  std::filesystem::create_symlink("a.mov", source() / "link.mov");
  std::filesystem::create_symlink(directory_ / "elsewhere", source() / "folder");
  std::filesystem::create_symlink("..", directory_ / "elsewhere/up");
  std::filesystem::create_symlink(".", source() / "loop");

  ingest_source({.follow = Follow::yes});

  const auto places = events_.by_place();
  EXPECT_EQ(places.count("demo/a.mov"), 1U);
  EXPECT_EQ(places.count("demo/link.mov"), 1U);
  EXPECT_EQ(places.count("demo/folder/b.mov"), 1U);
  EXPECT_THAT(events_.reasons()["loop"], HasSubstr("loop"));
}

TEST_F(Ingest, ReportsALinkThatLeadsNowhere) {
  std::filesystem::create_symlink("nothing", source() / "dangling");

  const IngestSummary summary = ingest_source({.follow = Follow::yes});

  EXPECT_EQ(summary.failed, 1U);
}

TEST_F(Ingest, NeverTakesTheLibraryIntoItself) {
  write_file(directory_ / "a.mov", "a");

  ingest_paths({directory_.path().string()});

  EXPECT_EQ(totals().assets, 1);
  EXPECT_THAT(events_.reasons()["library"], HasSubstr("library"));
}

TEST_F(Ingest, NeverTakesAnObjectOfTheLibrary) {
  ingest_paths({(directory_ / "library/catalog.db").string()});

  EXPECT_EQ(totals().assets, 0);
}

// --- what goes wrong

TEST_F(Ingest, ReportsAnOperandThatIsMissingAndTakesTheOthers) {
  write_file(source() / "a.mov", "a");

  const IngestSummary summary =
      ingest_paths({(source() / "none").string(), (source() / "a.mov").string()});

  EXPECT_EQ(summary.added, 1U);
  EXPECT_EQ(summary.failed, 1U);
}

TEST_F(Ingest, TakesAFileWithoutPermissionsOnlyAsRoot) {
  write_file(source() / "a.mov", "a");
  ASSERT_EQ(::chmod((source() / "a.mov").c_str(), 0), 0);

  const IngestSummary summary = ingest_source();

  if (::geteuid() == 0) {
    EXPECT_EQ(asset_of(events_.all.front()).mode, 0);
  } else {
    EXPECT_EQ(summary.failed, 1U);
  }
}

TEST_F(Ingest, EndsWithoutTakingMoreWhenItIsStopped) {
  for (int i = 0; i < 1500; ++i) write_file(source() / std::to_string(i), std::to_string(i));
  events_.hook = [this](const FileEvent&) { stop_.request_stop(); };

  const IngestSummary stopped = ingest_source();
  stop_ = {};
  events_.hook = {};
  const IngestSummary rest = ingest_source();

  EXPECT_TRUE(stopped.interrupted);
  EXPECT_LT(stopped.added, 1500U);
  EXPECT_EQ(stopped.added, rest.unchanged);
  EXPECT_EQ(stopped.added + rest.added, 1500U);
}

TEST_F(Ingest, LeavesNothingInStaging) {
  write_file(source() / "a.mov", "a");
  ingest_source();
  catalog_.reset();

  std::vector<std::string> left;
  for (const auto& entry : std::filesystem::directory_iterator(directory_ / "library/staging")) {
    if (entry.is_directory()) left.push_back(entry.path().filename().string());
  }
  EXPECT_THAT(left, ElementsAre("drafts"));
}

// --- move and link

TEST_F(Ingest, RemovesTheSourceOfAMoveOnceItIsSafe) {
  write_file(source() / "a.mov", "moved");

  ingest_source({.adopt = Adopt::move});

  EXPECT_FALSE(test::is_there(source() / "a.mov"));
  EXPECT_EQ(bytes_of(events_.all.front()), "moved");
  EXPECT_EQ(events_.all.front().method, CopyMethod::rename);
}

TEST_F(Ingest, ComparesBeforeItRemovesASourceThatIsKnown) {
  write_file(source() / "a.mov", "known");
  ingest_source();

  const IngestSummary summary = ingest_source({.adopt = Adopt::move});

  EXPECT_EQ(summary.unchanged, 1U);
  EXPECT_FALSE(test::is_there(source() / "a.mov"));
}

TEST_F(Ingest, SharesTheFileOfALink) {
  write_file(source() / "a.mov", "shared");

  ingest_source({.adopt = Adopt::link});

  EXPECT_EQ(test::inode_of(source() / "a.mov"),
            test::inode_of(catalog_->store().path_of(*events_.all.front().object)));
}

TEST_F(Ingest, CopiesAFileThatSomebodyIsWritingInsteadOfSharingIt) {
  write_file(source() / "a.mov", "busy");
  const auto writer = open_path(source() / "a.mov", O_WRONLY);
  ASSERT_TRUE(writer);

  ingest_source({.adopt = Adopt::link});

  EXPECT_NE(test::inode_of(source() / "a.mov"),
            test::inode_of(catalog_->store().path_of(*events_.all.front().object)));
}

}  // namespace
}  // namespace lensfs
