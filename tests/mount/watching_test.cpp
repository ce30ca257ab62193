// Those who watch folders hear of what was not done through the mount.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/inotify.h>

#include <array>
#include <map>

#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/waiting.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

// Events of some folders, by inotify.
class Watch {
 public:
  explicit Watch(const path& folder) : fd_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    constexpr std::uint32_t kMask =
        IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_ATTRIB | IN_MODIFY;
    is_watching_ = ::inotify_add_watch(fd_.get(), folder.c_str(), kMask) >= 0;
  }
  [[nodiscard]] bool is_watching() const { return is_watching_; }
  // How often an event came for a name ("": the folder itself) so far.
  [[nodiscard]] int count(std::uint32_t mask, const std::string& name) {
    read_all();
    int count = 0;
    for (const auto& [event, times] : seen_) {
      if ((event.first & mask) != 0 && event.second == name) count += times;
    }
    return count;
  }
  [[nodiscard]] int total() {
    read_all();
    int count = 0;
    for (const auto& [event, times] : seen_) count += times;
    return count;
  }
  [[nodiscard]] testing::AssertionResult hears(std::uint32_t mask, const std::string& name) {
    if (wait_until([&] { return count(mask, name) > 0; })) return testing::AssertionSuccess();
    auto failed = testing::AssertionFailure() << "heard only of";
    for (const auto& [event, times] : seen_) {
      failed << " " << std::hex << event.first << ":" << event.second;
    }
    return failed;
  }

 private:
  void read_all() {
    alignas(inotify_event) std::array<char, 65536> buffer{};
    for (;;) {
      const ssize_t size = ::read(fd_.get(), buffer.data(), buffer.size());
      if (size <= 0) return;
      for (ssize_t at = 0; at < size;) {
        const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
        ++seen_[{event->mask, event->len > 0 ? event->name : ""}];
        at += static_cast<ssize_t>(sizeof *event + event->len);
      }
    }
  }
  Fd fd_;
  bool is_watching_ = false;
  std::map<std::pair<std::uint32_t, std::string>, int> seen_;
};

class Watching : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(add("clip.mov", movie(1000, 1), {.project = "demo", .tags = {"kept"}}));
    ASSERT_TRUE(add("other.mov", movie(1000, 2), {.project = "demo", .tags = {"beach"}}));
    ASSERT_TRUE(mount());
  }
};

TEST_F(Watching, AFileThatACommandTagsComesToTheTerm) {
  Watch term(at("Tags/beach"));
  Watch project(at("Projects/demo"));
  ASSERT_TRUE(term.is_watching() && project.is_watching());

  ASSERT_TRUE(tag("demo/clip.mov", {"+beach"}));

  EXPECT_TRUE(term.hears(IN_CREATE, "clip.mov"));
  EXPECT_TRUE(project.hears(IN_ATTRIB, "clip.mov"));
  EXPECT_EQ(term.count(IN_DELETE, "clip.mov"), 0);
  EXPECT_TRUE(is_there(at("Tags/beach/clip.mov")));
}

TEST_F(Watching, AFileThatACommandUntagsChangesTheTerm) {
  Watch term(at("Tags/kept"));
  ASSERT_TRUE(is_there(at("Tags/kept/clip.mov")));

  ASSERT_TRUE(tag("demo/clip.mov", {"-kept"}));

  EXPECT_TRUE(term.hears(IN_ATTRIB, ""));
  EXPECT_FALSE(is_there(at("Tags/kept/clip.mov")));
  EXPECT_TRUE(is_there(at("Projects/demo/clip.mov")));
}

TEST_F(Watching, AFileThatIsTaggedThroughTheMountComesToTheTerm) {
  Watch term(at("Tags/beach"));

  ASSERT_EQ(set_xattr(at("Projects/demo/clip.mov"), "user.lensfs.tag.beach", ""), 0);

  EXPECT_TRUE(term.hears(IN_CREATE, "clip.mov"));
}

TEST_F(Watching, WhatIsIngestedComesToItsFolders) {
  Watch projects(at("Projects"));
  Watch project(at("Projects/demo"));
  Watch tags(at("Tags"));

  ASSERT_TRUE(add("late.mov", movie(500, 9), {.project = "demo", .tags = {"night"}}));
  ASSERT_TRUE(add("day/first.mov", movie(500, 8), {.project = "second", .tags = {}}));

  EXPECT_TRUE(project.hears(IN_CREATE, "late.mov"));
  EXPECT_TRUE(tags.hears(IN_CREATE, "night"));
  EXPECT_TRUE(projects.hears(IN_CREATE, "second"));
  EXPECT_TRUE(same_bytes(read_at_once(at("Projects/demo/late.mov")), movie(500, 9)));
  EXPECT_TRUE(same_bytes(read_at_once(at("Projects/second/day/first.mov")), movie(500, 8)));
}

TEST_F(Watching, ANewVersionIsAChangeOfItsFile) {
  write_file(scratch() / "again/shot.mov", movie(500, 9));
  ASSERT_TRUE(ingest((scratch() / "again/").string()));
  const path shot = at("Projects/demo/shot.mov");
  ASSERT_TRUE(wait_until([&] { return is_there(shot); }));
  Watch project(at("Projects/demo"));

  write_file(scratch() / "again/shot.mov", movie(600, 10));
  ASSERT_TRUE(ingest((scratch() / "again/").string()));

  EXPECT_TRUE(project.hears(IN_MODIFY, "shot.mov"));
  EXPECT_TRUE(same_bytes(read_at_once(shot), movie(600, 10)));
}

TEST_F(Watching, ManyChangesOfOneFolderAreOneEvent) {
  for (int i = 0; i < 1000; ++i) {
    write_file(scratch() / "many" / ("clip" + std::to_string(i) + ".txt"), std::to_string(i));
  }
  ASSERT_TRUE(ingest((scratch() / "many").string() + "/", {.project = "many", .tags = {}}));
  ASSERT_TRUE(wait_until([&] { return is_there(at("Projects/many/clip999.txt")); }));
  Watch term(at("Tags/beach"));

  std::vector<std::string> words = {"+beach"};
  for (int i = 0; i < 1000; ++i) {
    words.push_back("Projects/many/clip" + std::to_string(i) + ".txt");
  }
  ASSERT_EQ(library_command("tag", words).exit, 0);

  EXPECT_TRUE(term.hears(IN_ATTRIB, ""));
  EXPECT_TRUE(wait_until([&] { return names_in(at("Tags/beach")).size() == 1002; }));
  // Each batch of the log's changes may be one.
  EXPECT_LT(term.total(), 100);
}

TEST_F(Watching, NothingIsChangedByTelling) {
  Watch term(at("Tags/beach"));
  ASSERT_TRUE(tag("demo/clip.mov", {"+beach"}));
  ASSERT_TRUE(term.hears(IN_CREATE, "clip.mov"));
  const struct stat before = status_of(at("Projects/demo/clip.mov"));

  ASSERT_TRUE(tag("demo/other.mov", {"+kept"}));
  Watch kept(at("Tags/kept"));
  ASSERT_TRUE(tag("demo/other.mov", {"-kept"}));
  ASSERT_TRUE(kept.hears(IN_ATTRIB, ""));

  EXPECT_EQ(status_of(at("Projects/demo/clip.mov")).st_mtim.tv_nsec, before.st_mtim.tv_nsec);
  EXPECT_EQ(names_in(at("Trash")), std::vector<std::string>());
  EXPECT_EQ(xattr_text(at("Projects/demo/clip.mov"), "user.lensfs.version"), "1");
}

TEST_F(Watching, AFileThatOnlySomeMaySeeIsNotNamed) {
  ASSERT_EQ(set_xattr(at("Projects/demo/clip.mov"), "user.lensfs.access", "other=none"), 0);
  Watch term(at("Tags/beach"));

  ASSERT_TRUE(tag("demo/clip.mov", {"+beach"}));

  EXPECT_TRUE(term.hears(IN_ATTRIB, ""));
  EXPECT_EQ(term.count(~0U, "clip.mov"), 0);
}

TEST_F(Watching, TheMountIsNotBusyWithIt) {
  Watch term(at("Tags/beach"));
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(tag("demo/clip.mov", {i % 2 == 0 ? "+beach" : "-beach"}));
  }

  EXPECT_EQ(run(std::vector<std::string>{"umount", mountpoint().string()}).exit, 0);
  EXPECT_TRUE(wait_until([&] { return names_in(mountpoint()).empty(); }));
}

TEST_F(Watching, GoesOnWithTheNextWorker) {
  Watch term(at("Tags/beach"));
  const pid_t before = worker();
  ::kill(before, SIGKILL);
  ASSERT_TRUE(wait_until([&] { return worker() != before && worker() > 0; }));

  ASSERT_TRUE(tag("demo/clip.mov", {"+beach"}));

  EXPECT_TRUE(term.hears(IN_CREATE, "clip.mov"));
}

}  // namespace
}  // namespace lensfs::test
