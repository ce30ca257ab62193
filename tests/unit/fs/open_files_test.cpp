// Open files: counted, registered once per node, found again by the next server, not saved while
// they are written.
#include "fs/open_files.h"

#include <gtest/gtest.h>

namespace lensfs::test {
namespace {

using Counted = OpenFiles::Opening::Counted;
constexpr OpenFiles::Opening kOnce{.access = Access::read, .counted = Counted::no};
constexpr OpenFiles::Opening kAgain{.access = Access::read, .counted = Counted::already};
constexpr OpenFiles::Opening kToWrite{.access = Access::write, .counted = Counted::no};

class OpenFile : public testing::Test {
 protected:
  OpenFiles table() {
    return OpenFiles(*state_, [this](std::int32_t id) { gone_.push_back(id); });
  }
  OpenFiles::Register next() {
    return [this](const OpenFiles::InUse&) -> Result<OpenFiles::Registration> {
      ++last_;
      return OpenFiles::Registration{.backing_id = last_,
                                     .inode = 100 + static_cast<std::uint64_t>(last_)};
    };
  }
  std::unique_ptr<MountState> state_ = MountState::make().value();
  std::int32_t last_ = 0;
  std::vector<std::int32_t> gone_;
  const NodeId clip_ = node_of(FileId{7});
};

TEST_F(OpenFile, IsSharedByAllHandlesOfAFile) {
  OpenFiles backing = table();

  const auto one = backing.open(clip_, kOnce, next());
  const auto two = backing.open(clip_, kOnce, next());

  EXPECT_EQ(*one, *two);
  EXPECT_EQ(backing.registered(), 1U);
}

TEST_F(OpenFile, IsTheSameUnderTheNextServer) {
  std::int32_t id = 0;
  {
    OpenFiles first = table();
    id = first.open(clip_, kOnce, next()).value();
  }

  OpenFiles second = table();

  EXPECT_EQ(second.open(clip_, kOnce, next()).value(), id);
}

TEST_F(OpenFile, IsNotCountedTwiceForAResentOpen) {
  OpenFiles backing = table();
  static_cast<void>(backing.open(clip_, kOnce, next()));

  static_cast<void>(backing.open(clip_, kAgain, next()));

  EXPECT_EQ((*state_)->slots[0].opens, 1U);
}

TEST_F(OpenFile, StaysForAWhileWhenNobodyUsesIt) {
  OpenFiles backing = table();
  static_cast<void>(backing.open(clip_, kOnce, next()));

  backing.release(clip_, Access::read);

  EXPECT_EQ(backing.registered(), 1U);
  EXPECT_TRUE(gone_.empty());
}

TEST_F(OpenFile, IsLetGoOldestFirstWhenTooManyAreIdle) {
  OpenFiles backing = table();

  for (int version = 1; version <= 4097; ++version) {
    const NodeId node = node_of(FileId{version});
    static_cast<void>(backing.open(node, kOnce, next()));
    backing.release(node, Access::read);
  }

  EXPECT_EQ(gone_, std::vector<std::int32_t>{1});
  EXPECT_EQ(backing.registered(), 4096U);
}

TEST_F(OpenFile, ThatIsOpenedAgainAndAgainStays) {
  OpenFiles backing = table();
  const NodeId other = node_of(FileId{8});
  static_cast<void>(backing.open(other, kOnce, next()));
  backing.release(other, Access::read);

  for (int time = 1; time <= 5000; ++time) {
    static_cast<void>(backing.open(clip_, kOnce, next()));
    backing.release(clip_, Access::read);
  }

  EXPECT_TRUE(gone_.empty());
  EXPECT_EQ(last_, 2) << "registered once each";
}

TEST_F(OpenFile, ThatWasUsedLastGoesLast) {
  OpenFiles backing = table();
  const auto use = [&](std::int64_t file) {
    const NodeId node = node_of(FileId{file});
    static_cast<void>(backing.open(node, kOnce, next()));
    backing.release(node, Access::read);
  };
  for (std::int64_t file = 1; file <= 4096; ++file) use(file);

  use(1);
  use(4097);

  EXPECT_EQ(gone_, std::vector<std::int32_t>{2});
}

TEST_F(OpenFile, OfAFileThatTheKernelRefusesIsAnError) {
  OpenFiles backing = table();

  const auto refused =
      backing.open(clip_, kOnce, [](const OpenFiles::InUse&) -> Result<OpenFiles::Registration> {
        return fail(Errc::not_supported);
      });

  EXPECT_EQ(refused.error().code(), Errc::not_supported);
  EXPECT_EQ(backing.registered(), 0U);
}

TEST_F(OpenFile, IsNotSavedWhileSomebodyWritesToIt) {
  OpenFiles files = table();
  const std::uint64_t before = files.write_opens();
  static_cast<void>(files.open(clip_, kToWrite, next()));

  EXPECT_FALSE(files.begin_saving(clip_, before));
  EXPECT_EQ(files.release(clip_, Access::write).writers, 0U);

  // It was written since: what was hashed before is not what it holds.
  EXPECT_FALSE(files.begin_saving(clip_, before));
  EXPECT_TRUE(files.begin_saving(clip_, files.write_opens()));
}

TEST_F(OpenFile, IsNotWrittenWhileItIsSaved) {
  OpenFiles files = table();
  ASSERT_TRUE(files.begin_saving(clip_, files.write_opens()));

  EXPECT_EQ(files.open(clip_, kToWrite, next()).error().code(), Errc::busy);
  EXPECT_EQ(files.intend_to_write(clip_).error().code(), Errc::busy);
  EXPECT_TRUE(files.open(clip_, kOnce, next()).has_value());
}

TEST_F(OpenFile, TellsWhoWaitsForItsSaving) {
  OpenFiles files = table();
  bool told = false;
  EXPECT_FALSE(files.after_saving(clip_, [&] { told = true; }));
  ASSERT_TRUE(files.begin_saving(clip_, files.write_opens()));
  EXPECT_TRUE(files.after_saving(clip_, [&] { told = true; }));

  files.end_saving(clip_);

  EXPECT_TRUE(told);
}

TEST_F(OpenFile, ThatIsAboutToBeWrittenIsNotSaved) {
  OpenFiles files = table();
  {
    const auto intent = files.intend_to_write(clip_);
    ASSERT_TRUE(intent.has_value());

    EXPECT_FALSE(files.begin_saving(clip_, files.write_opens()));
  }

  EXPECT_TRUE(files.begin_saving(clip_, files.write_opens()));
}

TEST_F(OpenFile, IsNotSavedAsItWasBeforeAnIntentEnded) {
  OpenFiles files = table();
  std::uint64_t hashed = 0;
  {
    const auto intent = files.intend_to_write(clip_);
    hashed = files.write_opens();  // while it is truncated, say
  }

  EXPECT_FALSE(files.begin_saving(clip_, hashed));
  EXPECT_TRUE(files.begin_saving(clip_, files.write_opens()));
}

TEST_F(OpenFile, IsRegisteredAnewWhenItsBytesMoved) {
  OpenFiles files = table();
  const std::int32_t before = files.open(clip_, kOnce, next()).value();
  files.release(clip_, Access::read);

  files.moved(clip_);

  EXPECT_EQ(gone_, std::vector<std::int32_t>{before});
  EXPECT_NE(files.open(clip_, kOnce, next()).value(), before);
}

TEST_F(OpenFile, IsOpenedOnlyWhenItsBytesHaveMoved) {
  OpenFiles files = table();
  const std::int32_t before = files.open(clip_, kOnce, next()).value();
  files.release(clip_, Access::read);
  bool told = false;
  {
    const auto move = files.begin_move(clip_);
    ASSERT_TRUE(move.has_value());
    EXPECT_EQ(gone_, std::vector<std::int32_t>{before});

    EXPECT_EQ(files.open(clip_, kOnce, next()).error().code(), Errc::busy);
    EXPECT_TRUE(files.after_saving(clip_, [&] { told = true; }));
    EXPECT_FALSE(told);
  }

  EXPECT_TRUE(told);
  EXPECT_NE(files.open(clip_, kOnce, next()).value(), before);
}

TEST_F(OpenFile, DoesNotMoveWhileItIsReadThroughTheKernel) {
  OpenFiles files = table();
  static_cast<void>(files.open(clip_, kOnce, next()));

  EXPECT_FALSE(files.begin_move(clip_).has_value());
}

TEST_F(OpenFile, ToBeServedByTheWorkerIsNotRegistered) {
  OpenFiles files = table();
  constexpr OpenFiles::Opening kByWorker{.access = Access::write,
                                         .through = OpenFiles::Opening::Through::worker};
  const std::int32_t before = files.open(clip_, kOnce, next()).value();
  EXPECT_EQ(files.open(clip_, kByWorker, next()).error().code(), Errc::busy);
  files.release(clip_, Access::read);

  EXPECT_EQ(files.open(clip_, kByWorker, next()).value(), 0);
  EXPECT_EQ(gone_, std::vector<std::int32_t>{before});
  EXPECT_EQ(files.open(clip_, kOnce, next()).value(), 0) << "all handles read the same way";
}

TEST_F(OpenFile, TellsWhetherAnotherHasTheSameBytesOpen) {
  OpenFiles files = table();
  const NodeId twin = node_of(FileId{8});
  std::vector<bool> answers;
  const auto same = [&](const OpenFiles::InUse& in_use) -> Result<OpenFiles::Registration> {
    answers.push_back(in_use(55));
    return OpenFiles::Registration{.backing_id = 1, .inode = 55};
  };

  static_cast<void>(files.open(clip_, kOnce, same));
  static_cast<void>(files.open(twin, kOnce, same));
  files.release(clip_, Access::read);
  files.release(twin, Access::read);
  static_cast<void>(files.open(node_of(FileId{9}), kOnce, same));

  EXPECT_EQ(answers, (std::vector{false, true, false}));
}

TEST_F(OpenFile, ChangesBehindItsReadersOnlyWhereNobodyElseHasTheSameBytesOpen) {
  OpenFiles files = table();
  const NodeId twin = node_of(FileId{8});
  const auto same = [](const OpenFiles::InUse&) -> Result<OpenFiles::Registration> {
    return OpenFiles::Registration{.backing_id = 1, .inode = 55};
  };
  static_cast<void>(files.open(clip_, kOnce, same));
  static_cast<void>(files.open(twin, kOnce, same));
  std::uint64_t seen = 0;
  const auto change = [&] {
    return files.change_behind(
        clip_,
        [&]() -> Result<std::vector<NodeId>> {
          return std::vector{clip_, twin};
        },
        [&](std::uint64_t inode) -> Status {
          seen = inode;
          return {};
        });
  };
  EXPECT_EQ(change().error().code(), Errc::busy);
  files.release(twin, Access::read);
  EXPECT_TRUE(change().has_value());

  EXPECT_EQ(seen, 55U);
  EXPECT_EQ(files.registered(), 1U) << "the twin is registered anew when it is opened next";
}

}  // namespace
}  // namespace lensfs::test
