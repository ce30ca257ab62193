// What a decoder cannot do.
#include "transcode/sandbox.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "tests/unit/transcode/decoding.h"

namespace lensfs::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class SandboxTest : public Decoding {
 protected:
  void SetUp() override {
    if (const Status can = check_sandbox(); !can) GTEST_SKIP() << can.error().message();
  }
  void expect_forbidden(const std::string& deed, const std::string& call) {
    const Failure failed = failure(deed);
    EXPECT_EQ(failed.code, Errc::denied) << deed;
    EXPECT_THAT(failed.message, HasSubstr("did what its sandbox forbids")) << deed;
    EXPECT_THAT(failed.message, HasSubstr(call)) << deed;
  }
};

TEST_F(SandboxTest, HasTheDescriptorsOfItsRequestOnly) {
  const Fd of_the_client(::open("/dev/null", O_RDONLY));  // NOLINT: kept open over an exec

  EXPECT_EQ(made("descriptors"), "0 1 2 3 4 5 ");
}

TEST_F(SandboxTest, KnowsNothingOfTheClientsEnvironment) {
  ::setenv("LENSFS_TEST_SECRET", "42", 1);

  EXPECT_THAT(made("environment"), Not(HasSubstr("LENSFS_TEST_SECRET")));
}

TEST_F(SandboxTest, OpensNoFile) {
  EXPECT_EQ(made("read-file /etc/passwd"), "EACCES");
  EXPECT_EQ(made("read-file /proc/self/environ"), "EACCES");
  EXPECT_EQ(made("read-file ."), "EACCES");
}

TEST_F(SandboxTest, ReadsFonts) {
  if (!std::filesystem::exists("/usr/share/fonts")) GTEST_SKIP() << "there are none";

  EXPECT_EQ(made("read-file /usr/share/fonts"), "ok");
}

TEST_F(SandboxTest, OpensNothingForWriting) {
  EXPECT_EQ(made("write-file /tmp/lensfs-escaped"), "EACCES");
  EXPECT_EQ(made("write-file /dev/null"), "EACCES");
  EXPECT_EQ(made("write-file /usr/share/fonts/lensfs-escaped"), "EACCES");
  EXPECT_FALSE(std::filesystem::exists("/tmp/lensfs-escaped"));
}

TEST_F(SandboxTest, CannotWriteToItsSource) {
  EXPECT_EQ(made("write-source"), "EBADF");
}

TEST_F(SandboxTest, HasNoNetwork) {
  EXPECT_EQ(made("socket"), "EACCES");
}

TEST_F(SandboxTest, CannotKillItsParent) {
  EXPECT_EQ(made("kill-parent"), "EPERM");
}

TEST_F(SandboxTest, HasThreads) {
  EXPECT_EQ(made("threads"), "4");
}

TEST_F(SandboxTest, StartsNoProcess) {
  expect_forbidden("fork", "system call clone");
  expect_forbidden("exec", "");
}

TEST_F(SandboxTest, LooksIntoNoProcess) {
  expect_forbidden("ptrace", "");
}

TEST_F(SandboxTest, NamesTheCallThatIsForbidden) {
  expect_forbidden("call " + std::to_string(SYS_listen), "system call listen");
  expect_forbidden("call 1000", "system call 1000");
}

TEST_F(SandboxTest, MakesNoFilterOfItsOwn) {
  expect_forbidden("call " + std::to_string(SYS_seccomp), "system call seccomp");
}

TEST(Sandbox, IsRefusedWithOtherThreadsRunning) {
  const auto sandbox = Sandbox::make(MissingParts::go_without);
  ASSERT_TRUE(sandbox);
  const std::jthread other([](const std::stop_token& stop) {
    while (!stop.stop_requested()) std::this_thread::yield();
  });

  const Status entered = sandbox->enter({}, ::getppid());

  ASSERT_FALSE(entered);
  EXPECT_EQ(entered.error().code(), Errc::busy);
}

}  // namespace
}  // namespace lensfs::test
