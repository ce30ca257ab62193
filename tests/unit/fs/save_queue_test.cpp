// What waits to be saved, and when it is its turn.
#include "fs/save_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lensfs::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr NodeId kFile{77};

class SaveQueueTest : public testing::Test {
 protected:
  std::vector<int> taken() {
    std::vector<int> drafts;
    for (const SaveQueue::Due& due : queue_.take({})) {
      drafts.push_back(static_cast<int>(due.draft));
    }
    return drafts;
  }

  SaveQueue queue_;
};

TEST_F(SaveQueueTest, GivesWhatWasClosedInARowTogetherAndEachOnce) {
  for (const int draft : {1, 2, 1, 3}) queue_.add(DraftId{draft});

  EXPECT_THAT(taken(), ElementsAre(1, 2, 3));
}

TEST_F(SaveQueueTest, HoldsBackWhatIsReadUntilItIsClosed) {
  queue_.add_when_closed(kFile, DraftId{1});
  queue_.add(DraftId{2});
  EXPECT_THAT(taken(), ElementsAre(2));

  queue_.closed(kFile);
  queue_.closed(kFile);
  EXPECT_THAT(taken(), ElementsAre(1));
}

TEST_F(SaveQueueTest, LetsNothingWaitForItsTimeAtTheEnd) {
  queue_.again({.draft = DraftId{1}});
  queue_.wait_for_content({.draft = DraftId{2}});
  queue_.add(DraftId{3});
  EXPECT_THAT(taken(), ElementsAre(3));

  queue_.finish();
  EXPECT_THAT(taken(), ElementsAre(1, 2));
  queue_.again({.draft = DraftId{1}});
  EXPECT_THAT(taken(), IsEmpty()) << "the next mount takes it up";
}

}  // namespace
}  // namespace lensfs::test
