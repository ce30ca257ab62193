// Several at one share: clients, local programs, and a worker that dies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/share/smbd.h"
#include "tests/support/waiting.h"

namespace lensfs::test {
namespace {

using testing::HasSubstr;

class SharedByMany : public ShareTest {
 protected:
  // A client that waits for changes in a folder; ready once the server watches for it.
  [[nodiscard]] std::unique_ptr<Child> watcher(const std::string& folder) const {
    return std::make_unique<Child>(client_command("notify " + folder));
  }
  // Does `change` until the watcher has heard of `name`: nothing tells when it begins to watch.
  template <typename Change>
  [[nodiscard]] static bool hears(const Child& watcher, const std::string& name, Change change) {
    int attempt = 0;
    return wait_until(
               [&] {
                 if (attempt++ % 1000 == 0) change();
                 return watcher.out_so_far().find(name) != std::string::npos;
               },
               std::chrono::seconds(60))
        .has_value();
  }
};

TEST_F(SharedByMany, AClientSeesWhatAnotherChanges) {
  LENSFS_NEEDS_SAMBA();
  ASSERT_TRUE(add("clip.mov", "bytes"));
  ASSERT_TRUE(share());
  write_file(local("from-other.txt"), "new");
  const auto first = watcher("Projects/demo");

  EXPECT_TRUE(hears(*first, "from-other.txt", [&] {
    EXPECT_EQ(client("put from-other.txt Projects/demo/from-other.txt").exit, 0);
  })) << first->out_so_far();
}

TEST_F(SharedByMany, AClientSeesWhatALocalProgramChanges) {
  LENSFS_NEEDS_SAMBA();
  ASSERT_TRUE(add("clip.mov", "bytes"));
  ASSERT_TRUE(share());
  const auto first = watcher("Projects/demo");

  EXPECT_TRUE(hears(*first, "local.txt", [&] { write_file(at("Projects/demo/local.txt"), "new"); }))
      << first->out_so_far();
}

TEST_F(SharedByMany, AClientSeesWhatACommandTags) {
  LENSFS_NEEDS_SAMBA();
  ASSERT_TRUE(add("clip.mov", "bytes"));
  ASSERT_TRUE(add("other.mov", "other bytes", {.project = "demo", .tags = {"beach"}}));
  ASSERT_TRUE(share());
  const auto first = watcher("Tags/beach");

  bool is_on = false;
  EXPECT_TRUE(hears(*first, "clip.mov", [&] {
    is_on = !is_on;
    EXPECT_TRUE(tag("demo/clip.mov", {is_on ? "+beach" : "-beach"}));
  })) << first->out_so_far();
}

TEST_F(SharedByMany, AClientSeesWhatIsIngested) {
  LENSFS_NEEDS_SAMBA();
  ASSERT_TRUE(add("clip.mov", "bytes"));
  ASSERT_TRUE(share());
  const auto first = watcher("Projects/demo");

  int files = 0;
  EXPECT_TRUE(hears(*first, "late", [&] {
    const std::string number = std::to_string(++files);
    EXPECT_TRUE(add("late" + number + ".mov", "bytes " + number));
  })) << first->out_so_far();
}

TEST_F(SharedByMany, ALinkLeadsNoClientOutOfTheShare) {
  LENSFS_NEEDS_SAMBA();
  ASSERT_TRUE(add("clip.mov", "bytes"));
  ASSERT_TRUE(share());
  std::filesystem::create_symlink("/etc/hostname", at("Projects/demo/out"));
  std::filesystem::create_symlink("clip.mov", at("Projects/demo/in"));

  EXPECT_NE(client("get Projects/demo/out got").exit, 0);
  EXPECT_NE(client("get Projects/demo/../../../../etc/hostname got").exit, 0);
  EXPECT_EQ(client("get Projects/demo/in got").exit, 0);
}

TEST_F(SharedByMany, ASessionGoesOnWhenTheWorkerIsKilled) {
  LENSFS_NEEDS_SAMBA();
  ASSERT_TRUE(add("clip.mov", "bytes"));
  ASSERT_TRUE(share());
  write_file(local("new.txt"), "written after the worker died");
  const pid_t before = worker();

  // Only a session that reads its commands runs those of the shell.
  Command session = client_command("");
  session.words.resize(session.words.size() - 2);
  session.input = "cd Projects/demo\nget clip.mov first\n!kill -9 " + std::to_string(before) +
                  "\nget clip.mov second\nput new.txt\nls\n";
  const Ran ran = run(session);

  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_NE(worker(), before);
  EXPECT_TRUE(same_bytes(read_at_once(local("second")), "bytes"));
  EXPECT_TRUE(
      same_bytes(read_at_once(at("Projects/demo/new.txt")), "written after the worker died"));
}

TEST_F(SharedByMany, GuestsReadAndDoNotWrite) {
  LENSFS_NEEDS_SAMBA();
  ASSERT_TRUE(add("clip.mov", "bytes"));
  ASSERT_TRUE(share({"--guest"}));
  write_file(local("evil"), "overwritten");

  EXPECT_EQ(client("get Projects/demo/clip.mov got").exit, 0);
  EXPECT_NE(client("put evil Projects/demo/clip.mov").exit, 0);
  EXPECT_NE(client("del Projects/demo/clip.mov").out, "");
  EXPECT_TRUE(same_bytes(read_at_once(at("Projects/demo/clip.mov")), "bytes"));
}

TEST_F(SharedByMany, AProxyShareShowsTheDriveThroughAProfile) {
  LENSFS_NEEDS_SAMBA();
  ASSERT_TRUE(add("notes.txt", "no media"));
  ASSERT_TRUE(share({"--profile", "720p"}));

  const Ran ran = client("cd Projects/demo; ls; get notes.txt");

  EXPECT_EQ(ran.exit, 0) << ran.out << ran.err;
  EXPECT_TRUE(same_bytes(read_at_once(local("notes.txt")), "no media"));
  EXPECT_NE(client("put notes.txt Projects/demo/other.txt").exit, 0);
}

}  // namespace
}  // namespace lensfs::test
