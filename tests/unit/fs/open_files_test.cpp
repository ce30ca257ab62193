// Registrations of backing files: one per node, counted, found again by the next server.
#include "fs/backing.h"

#include <gtest/gtest.h>

namespace lensfs::test {
namespace {

class Backing : public testing::Test {
 protected:
  BackingTable table() {
    return BackingTable(*state_, [this](std::int32_t id) { gone_.push_back(id); });
  }
  BackingTable::Register next() {
    return [this]() -> Result<std::int32_t> { return ++last_; };
  }
  std::unique_ptr<MountState> state_ = MountState::make().value();
  std::int32_t last_ = 0;
  std::vector<std::int32_t> gone_;
  const NodeId clip_ = node_of(VersionId{7});
};

TEST_F(Backing, IsSharedByAllHandlesOfAFile) {
  BackingTable backing = table();

  const auto one = backing.open(clip_, BackingTable::Counted::no, next());
  const auto two = backing.open(clip_, BackingTable::Counted::no, next());

  EXPECT_EQ(*one, *two);
  EXPECT_EQ(backing.registered(), 1U);
}

TEST_F(Backing, IsTheSameUnderTheNextServer) {
  std::int32_t id = 0;
  {
    BackingTable first = table();
    id = first.open(clip_, BackingTable::Counted::no, next()).value();
  }

  BackingTable second = table();

  EXPECT_EQ(second.open(clip_, BackingTable::Counted::no, next()).value(), id);
}

TEST_F(Backing, IsNotCountedTwiceForAResentOpen) {
  BackingTable backing = table();
  static_cast<void>(backing.open(clip_, BackingTable::Counted::no, next()));

  static_cast<void>(backing.open(clip_, BackingTable::Counted::already, next()));

  EXPECT_EQ((*state_)->slots[0].opens, 1U);
}

TEST_F(Backing, StaysForAWhileWhenNobodyUsesIt) {
  BackingTable backing = table();
  static_cast<void>(backing.open(clip_, BackingTable::Counted::no, next()));

  backing.release(clip_);

  EXPECT_EQ(backing.registered(), 1U);
  EXPECT_TRUE(gone_.empty());
}

TEST_F(Backing, IsLetGoOldestFirstWhenTooManyAreIdle) {
  BackingTable backing = table();

  for (int version = 1; version <= 1025; ++version) {
    const NodeId node = node_of(VersionId{version});
    static_cast<void>(backing.open(node, BackingTable::Counted::no, next()));
    backing.release(node);
  }

  EXPECT_EQ(gone_, std::vector<std::int32_t>{1});
  EXPECT_EQ(backing.registered(), 1024U);
}

TEST_F(Backing, OfAFileThatTheKernelRefusesIsAnError) {
  BackingTable backing = table();

  const auto refused = backing.open(clip_, BackingTable::Counted::no, []() -> Result<std::int32_t> {
    return fail(Errc::not_supported);
  });

  EXPECT_EQ(refused.error().code(), Errc::not_supported);
  EXPECT_EQ(backing.registered(), 0U);
}

}  // namespace
}  // namespace lensfs::test
