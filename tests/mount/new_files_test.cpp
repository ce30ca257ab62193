// Files that were made a moment ago: the catalog has them a little later, and nobody can tell.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "tests/support/drive.h"
#include "tests/support/versions.h"
#include "tests/support/waiting.h"

namespace lensfs::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class NewFiles : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(mount());
    ASSERT_EQ(error_of(::mkdir(at("Projects/demo").c_str(), 0755)), 0);
    // The first ones of a mount go the ordinary way.
    for (int number = 0; number < 3; ++number) make("first" + std::to_string(number));
  }
  [[nodiscard]] path file(const std::string& name) const { return at("Projects/demo") / name; }
  void make(const std::string& name) const {
    const Fd fd(::open(file(name).c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0640));
    ASSERT_TRUE(fd) << name;
    ASSERT_EQ(::write(fd.get(), name.data(), name.size()), static_cast<ssize_t>(name.size()));
  }
};

TEST_F(NewFiles, AreKnownToCommandsAtOnce) {
  for (int number = 0; number < 20; ++number) {
    const std::string name = "clip" + std::to_string(number) + ".mov";
    make(name);
    EXPECT_THAT(library_command("find", {"name:" + name}).out, HasSubstr(name));
  }
}

TEST_F(NewFiles, AreListedAndHaveTheirAttributes) {
  for (int number = 0; number < 20; ++number) {
    const std::string name = "clip" + std::to_string(number) + ".mov";
    make(name);
    EXPECT_THAT(names_in(at("Projects/demo")), Contains(name));
    make(name + ".2");
    const struct stat status = status_of(file(name + ".2"));
    EXPECT_EQ(status.st_mode, static_cast<mode_t>(S_IFREG | 0640));
    EXPECT_EQ(status.st_nlink, 1U);
    EXPECT_EQ(status.st_size, static_cast<off_t>(name.size() + 2));
  }
}

TEST_F(NewFiles, AreWhatElseIsDoneWith) {
  make("a");
  EXPECT_EQ(error_of(::rename(file("a").c_str(), file("b").c_str())), 0);
  make("c");
  EXPECT_EQ(error_of(::link(file("c").c_str(), file("d").c_str())), 0);
  make("e");
  EXPECT_EQ(error_of(::unlink(file("e").c_str())), 0);
  make("f");
  EXPECT_EQ(error_of(::truncate(file("f").c_str(), 0)), 0);
  make("g");
  EXPECT_EQ(text_in(file("g")), "g");

  EXPECT_FALSE(is_there(file("a")));
  EXPECT_EQ(status_of(file("c")).st_nlink, 2U);
  EXPECT_FALSE(is_there(file("e")));
  EXPECT_EQ(status_of(file("f")).st_size, 0);
}

TEST_F(NewFiles, MoveTheTimeOfTheirFolderForwardAndNeverBack) {
  const auto time_of_folder = [&] {
    const timespec time = status_of(at("Projects/demo")).st_mtim;
    return std::pair(time.tv_sec, time.tv_nsec);
  };
  auto before = time_of_folder();
  for (int number = 0; number < 20; ++number) {
    make("n" + std::to_string(number));
    const auto after = time_of_folder();
    EXPECT_GT(after, before);
    static_cast<void>(names_in(at("Tags")));  // they go into the catalog
    EXPECT_EQ(time_of_folder(), after);
    before = after;
  }
}

TEST_F(NewFiles, OutliveTheWholeMount) {
  constexpr int kFiles = 50;
  for (int number = 0; number < kFiles; ++number) make("n" + std::to_string(number));
  const pid_t serving = worker();
  ASSERT_EQ(::kill(keeper(), SIGKILL), 0);
  ASSERT_EQ(::kill(serving, SIGKILL), 0);

  ASSERT_TRUE(mount());

  for (int number = 0; number < kFiles; ++number) {
    const std::string name = "n" + std::to_string(number);
    EXPECT_EQ(text_in(file(name)), name);
    EXPECT_TRUE(gets_versions(file(name), 1));
  }
  ASSERT_TRUE(unmount());
  EXPECT_THAT(names_in(library() / "staging/new"), IsEmpty());
}

TEST_F(NewFiles, ThatAreStillWrittenKeepNoOtherFromTheCatalog) {
  const Fd written(::open(file("written").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0640));
  ASSERT_TRUE(written);
  for (int number = 0; number < 5; ++number) {
    const std::string name = "clip" + std::to_string(number) + ".mov";
    make(name);
    EXPECT_THAT(library_command("find", {"name:" + name}).out, HasSubstr(name));
    const mode_t mode = 0600 + static_cast<mode_t>(number);
    EXPECT_EQ(error_of(::fchmod(written.get(), mode)), 0);
    EXPECT_EQ(status_of(file("written")).st_mode, S_IFREG | mode);
  }
}

TEST_F(NewFiles, OutliveTheWholeMountWhileTheyAreWritten) {
  constexpr int kFiles = 100;
  std::vector<Fd> written;
  const auto name_of = [](int number) { return "w" + std::to_string(number); };
  for (int number = 0; number < kFiles; ++number) {
    const std::string name = name_of(number);
    written.emplace_back(::open(file(name).c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0640));
    ASSERT_TRUE(written.back());
    ASSERT_EQ(::write(written.back().get(), name.data(), name.size()),
              static_cast<ssize_t>(name.size()));
    ASSERT_EQ(error_of(::fchmod(written.back().get(), 0600)), 0);
    make("n" + std::to_string(number));
  }
  const pid_t serving = worker();
  ASSERT_EQ(::kill(keeper(), SIGKILL), 0);
  ASSERT_EQ(::kill(serving, SIGKILL), 0);
  written.clear();

  ASSERT_TRUE(mount());

  for (int number = 0; number < kFiles; ++number) {
    EXPECT_EQ(text_in(file(name_of(number))), name_of(number));
    EXPECT_EQ(status_of(file(name_of(number))).st_mode, static_cast<mode_t>(S_IFREG | 0600));
    EXPECT_TRUE(is_there(file("n" + std::to_string(number))));
  }
}

TEST_F(NewFiles, OfTwoMountsShareNoName) {
  const path other = scratch() / "other";
  std::filesystem::create_directories(other);
  ASSERT_EQ(lensfs({"mount", library().string(), other.string(), "-o", "no_work"}).exit, 0);
  constexpr int kNames = 200;
  std::array<int, 2> made{};
  const auto make_all = [&](const path& folder, int& count) {
    for (int number = 0; number < kNames; ++number) {
      const Fd fd(::open((folder / ("n" + std::to_string(number))).c_str(),
                         O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644));
      if (fd) {
        ++count;
      } else {
        EXPECT_EQ(errno, EEXIST);
      }
    }
  };
  {
    const std::jthread one([&] { make_all(at("Projects/demo"), made[0]); });
    const std::jthread two([&] { make_all(other / "Projects/demo", made[1]); });
  }

  EXPECT_EQ(made[0] + made[1], kNames);
  EXPECT_THAT(names_in(at("Projects/demo")), SizeIs(kNames + 3));
  EXPECT_EQ(names_in(other / "Projects/demo"), names_in(at("Projects/demo")));
  EXPECT_EQ(lensfs({"umount", other.string()}).exit, 0);
}

}  // namespace
}  // namespace lensfs::test
