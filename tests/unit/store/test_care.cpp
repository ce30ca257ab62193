// Walking, verifying and collecting.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <string>
#include <vector>

#include "catalog/store/object_name.h"
#include "tests/unit/store/library.h"

namespace lensfs {
namespace {

using test::bytes_in;
using test::content;
using test::FakeClock;
using test::file_with;
using test::keep_bytes;
using test::Library;
using test::objects_in;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// --- walking

TEST(Objects, AreVisitedInTheOrderOfTheirNames) {
  Library library;
  std::vector<std::string> names;
  for (std::size_t n = 0; n < 50; ++n) {
    names.push_back(
        object_name(keep_bytes(library.store(), library.source(), content(n)).value().key));
  }
  std::sort(names.begin(), names.end());

  std::vector<std::string> visited;
  for (const ObjectKey& key : objects_in(library.store())) visited.push_back(object_name(key));

  EXPECT_EQ(visited, names);
}

TEST(Objects, AreToldFromStrangers) {
  Library library;
  const Stored stored = keep_bytes(library.store(), library.source(), "bytes").value();
  const auto objects = library.path() / "objects";
  const std::string name = object_name(stored.key);
  file_with(objects / "README", "");
  file_with(objects / (name + ".bak"), "");
  std::filesystem::create_directory(objects / (name + ".1"));
  std::filesystem::create_symlink("/etc/passwd", objects / (name + ".2"));

  std::vector<ObjectKey> keys;
  std::vector<std::string> strangers;
  const Status walked = library.store().each_object(
      [&](const ObjectKey& key) -> Status {
        keys.push_back(key);
        return {};
      },
      [&](const std::string& stranger) { strangers.push_back(stranger); });

  EXPECT_TRUE(walked);
  EXPECT_THAT(keys, ElementsAre(stored.key));
  EXPECT_THAT(strangers, ElementsAre(name + ".1", name + ".2", name + ".bak", "README"));
}

TEST(Objects, AreNoLongerVisitedAfterAVisitFailed) {
  Library library;
  for (std::size_t n = 0; n < 3; ++n) {
    ASSERT_TRUE(keep_bytes(library.store(), library.source(), content(n)));
  }
  int visits = 0;

  const Status walked = library.store().each_object([&](const ObjectKey&) -> Status {
    ++visits;
    return fail(Errc::interrupted);
  });

  EXPECT_EQ(walked.error().code(), Errc::interrupted);
  EXPECT_EQ(visits, 1);
}

// --- verifying

class Verifying : public testing::Test {
 protected:
  // Writes `bytes` into the object behind the store's back.
  void damage(std::string_view bytes) {
    const auto path = library.store().path_of(stored.key);
    std::filesystem::permissions(path, std::filesystem::perms(0644));
    file_with(path, bytes);
  }
  Status verified() { return library.store().verify(stored.key, {}, {}); }

  Library library;
  const Stored stored = keep_bytes(library.store(), library.source(), "healthy bytes").value();
};

TEST_F(Verifying, IsContentWithWhatWasKept) {
  std::uint64_t done = 0;

  EXPECT_TRUE(library.store().verify(stored.key, {}, [&](std::uint64_t n) { done += n; }));

  EXPECT_EQ(done, stored.key.size);
}

TEST_F(Verifying, FindsAFlippedBit) {
  damage("healthy bytEs");

  EXPECT_EQ(verified().error().code(), Errc::corrupt);
  EXPECT_THAT(verified().error().message(),
              AllOf(HasSubstr(Store::relative_path(stored.key).native()), HasSubstr("damaged")));
}

TEST_F(Verifying, FindsMissingBytes) {
  damage("healthy");

  EXPECT_EQ(verified().error().code(), Errc::corrupt);
  EXPECT_THAT(verified().error().message(), HasSubstr("7 bytes"));
}

TEST_F(Verifying, FindsAMissingObject) {
  std::filesystem::remove(library.store().path_of(stored.key));

  EXPECT_EQ(verified().error().code(), Errc::not_found);
}

TEST_F(Verifying, StopsWhenAsked) {
  std::stop_source stop;
  stop.request_stop();

  EXPECT_EQ(library.store().verify(stored.key, stop.get_token(), {}).error().code(),
            Errc::interrupted);
}

// --- collecting

constexpr Nanoseconds kHour = 3600 * kNanosecondsPerSecond;

class Collecting : public testing::Test {
 protected:
  Collecting() : library({.clock = &clock, .patience = 0}) {}

  ObjectKey kept(std::string_view bytes) {
    return keep_bytes(library.store(), library.source(), bytes).value().key;
  }
  Result<CollectReport> collect(Nanoseconds grace, Store::Dry dry = Store::Dry::no) {
    return library.store().collect(
        [this](const ObjectKey& key) -> Result<bool> {
          return std::find(referenced.begin(), referenced.end(), key) != referenced.end();
        },
        grace, dry);
  }
  // As if all objects had been added so long ago.
  void pass(Nanoseconds time) { clock.time = Clock().now() + time; }

  FakeClock clock;
  Library library;
  std::vector<ObjectKey> referenced;
};

TEST_F(Collecting, RemovesWhatNothingNames) {
  const ObjectKey needed = kept("needed");
  const ObjectKey garbage = kept("garbage");
  referenced = {needed};
  pass(2 * kHour);

  const CollectReport report = collect(kHour).value();

  EXPECT_EQ(report.objects, 1);
  EXPECT_EQ(report.bytes, garbage.size);
  EXPECT_THAT(objects_in(library.store()), ElementsAre(needed));
}

TEST_F(Collecting, SparesWhatIsYoung) {
  const ObjectKey young = kept("young");
  pass(kHour / 2);

  const CollectReport report = collect(kHour).value();

  EXPECT_EQ(report.objects, 0);
  EXPECT_EQ(report.kept_young, 1);
  EXPECT_THAT(objects_in(library.store()), ElementsAre(young));
}

TEST_F(Collecting, SparesWhatSeemsToComeFromTheFuture) {
  kept("made while the clock was wrong");
  pass(-2 * kHour);

  EXPECT_EQ(collect(kHour).value().kept_young, 1);
}

TEST_F(Collecting, OnlyCountsWhenDry) {
  kept("garbage");
  pass(2 * kHour);

  EXPECT_EQ(collect(kHour, Store::Dry::yes).value().objects, 1);

  EXPECT_EQ(objects_in(library.store()).size(), 1);
}

TEST_F(Collecting, KeepsAwayWhileSomebodyHolds) {
  kept("garbage");
  pass(2 * kHour);
  const auto other = library.opened_again();

  {
    const auto hold = other->hold();
    ASSERT_TRUE(hold);
    EXPECT_EQ(collect(kHour).error().code(), Errc::busy);
    EXPECT_EQ(objects_in(library.store()).size(), 1);
  }

  EXPECT_EQ(collect(kHour).value().objects, 1);
}

TEST_F(Collecting, AllowsManyHolds) {
  const auto first = library.store().hold();
  const auto second = library.store().hold();

  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
}

TEST_F(Collecting, AsksAgainUnderTheLock) {
  const ObjectKey key = kept("named a moment ago");
  pass(2 * kHour);
  int questions = 0;

  const auto report = library.store().collect(
      [&](const ObjectKey&) -> Result<bool> { return ++questions == 2; }, kHour, Store::Dry::no);

  EXPECT_EQ(report.value().objects, 0);
  EXPECT_THAT(objects_in(library.store()), ElementsAre(key));
}

TEST_F(Collecting, EndsWithWhatTheCatalogSaid) {
  const ObjectKey key = kept("bytes");
  pass(2 * kHour);

  const auto report = library.store().collect(
      [](const ObjectKey&) -> Result<bool> { return fail(Errc::io); }, kHour, Store::Dry::no);

  EXPECT_EQ(report.error().code(), Errc::io);
  EXPECT_THAT(objects_in(library.store()), ElementsAre(key));
}

TEST_F(Collecting, OfSomeObjectsAsksForNoGraceAndTouchesNoOthers) {
  const ObjectKey purged = kept("purged");
  const ObjectKey needed = kept("needed");
  const ObjectKey other = kept("other");

  const CollectReport report =
      library.store()
          .collect_these(std::vector{purged, needed},
                         [&](const ObjectKey& key) { return Result<bool>(key == needed); })
          .value();

  EXPECT_EQ(report.objects, 1);
  EXPECT_EQ(report.bytes, purged.size);
  EXPECT_THAT(objects_in(library.store()), UnorderedElementsAre(needed, other));
}

TEST_F(Collecting, LeavesOpenFilesReadable) {
  const ObjectKey key = kept("still read");
  pass(2 * kHour);
  const auto open = library.store().open_object(key);

  ASSERT_EQ(collect(kHour).value().objects, 1);

  EXPECT_EQ(test::bytes_of(open->get()), "still read");
  EXPECT_EQ(library.store().open_object(key).error().code(), Errc::not_found);
}

TEST_F(Collecting, MakesRoomForTheSameContentAgain) {
  const ObjectKey key = kept("again");
  pass(2 * kHour);
  ASSERT_TRUE(collect(kHour));

  EXPECT_EQ(kept("again"), key);

  EXPECT_EQ(bytes_in(library.store(), key), "again");
}

}  // namespace
}  // namespace lensfs
