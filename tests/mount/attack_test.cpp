// What somebody tries who wants to see, change or stop more than they may. Every view, every
// operation and every right are in access_matrix_test.cpp; here is what goes past paths and modes.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

#include "tests/mount/access_people.h"
#include "tests/support/drive.h"
#include "tests/support/media_factory.h"
#include "tests/support/waiting.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

const Person kEditor{70002, {71002}};
const Person kStranger{70006, {}};

class Attack : public DriveTest {
 protected:
  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(add("hidden.mov", movie(5000), {.project = "secret", .tags = {"beach"}}));
    ASSERT_TRUE(add("seen.mov", movie(5000, 2), {.project = "open", .tags = {"beach"}}));
    ASSERT_TRUE(mount());
    ASSERT_EQ(set_xattr(at("Projects/secret"), "user.lensfs.access", "user:70002=write"), 0);
    std::filesystem::permissions(at("Projects/open"), std::filesystem::perms::all);
    ASSERT_TRUE(wait_until([&] { return stat_of(kStranger, "Projects/secret") == ENOENT; }));
    worker_ = worker();
    // Names that only somebody else's look put into the kernel's caches.
    ASSERT_EQ(stat_of(kEditor, "Projects/secret/hidden.mov"), 0);
  }
  void TearDown() override {
    // None of it ends the worker.
    if (worker_ > 0) {
      EXPECT_EQ(worker(), worker_);
    }
    DriveTest::TearDown();
  }
  [[nodiscard]] int stat_of(const Person& who, const path& inside) const {
    return error_for(who, [&] { return stat_error(at(inside)); });
  }
  [[nodiscard]] path open_folder() const { return at("Projects/open"); }

 private:
  pid_t worker_ = 0;
};

TEST_F(Attack, ByPathsThatLeadAroundAFolderFindsNothing) {
  for (const char* inside : {"Projects/open/../secret/hidden.mov",
                             "Projects/open/.versions/../../secret/hidden.mov",
                             "Projects/open/.versions/seen.mov/../../../secret/hidden.mov",
                             "Projects/@720p/../secret/hidden.mov",
                             "Projects/@720p/secret/hidden.mov",
                             "@original/Projects/secret/hidden.mov",
                             "Resolutions/original/Projects/secret/hidden.mov",
                             "Tags/beach/hidden.mov",
                             "Tags/beach/+/../hidden.mov",
                             "Search/tag:beach/hidden.mov",
                             "Search/tag:beach/../../Projects/secret/hidden.mov",
                             "Projects/secret/.versions",
                             "Projects/secret/.versions/hidden.mov/v1",
                             "Projects/secret/@v1/hidden.mov",
                             "Projects/secret/hidden@v1.mov",
                             "Projects/secret/hidden@w800.jpg",
                             "Projects/secret/@",
                             "Projects/SECRET/hidden.mov",
                             "Projects/secret/hidden.mov.markers.csv",
                             ".lensfs/../Projects/secret/hidden.mov",
                             "Trash/../Projects/secret/hidden.mov"}) {
    EXPECT_THAT(stat_of(kStranger, inside), AnyOf(ENOENT, ENOTDIR)) << inside;
  }
}

TEST_F(Attack, BySpellingsThatMeanSomethingToTheDriveMakesNoNames) {
  for (const char* name : {"@", "@v1", "@720p", ".versions", "+", "tag=beach", "@GMT-1"}) {
    const std::string told = told_by(kStranger, [&] {
      return ::mkdir((open_folder() / name).c_str(), 0777) == 0 ? "made" : "refused";
    });
    // What can be made is an ordinary folder, and what is typed below still asks the rules.
    EXPECT_THAT(stat_of(kStranger, path("Projects/open") / name / "../../secret/hidden.mov"),
                AnyOf(ENOENT, ENOTDIR))
        << name << " " << told;
  }
  EXPECT_THAT(stat_of(kStranger, "Projects/open/.versions/seen.mov"), 0);
}

TEST_F(Attack, ByNamesOfAnyBytesMakesOnlyNamesThatCanBeShown) {
  for (int byte = 1; byte < 256; ++byte) {
    if (byte == '/') continue;
    write_file(open_folder() / (std::string("a") + static_cast<char>(byte) + "b"), "x");
  }
  EXPECT_EQ(error_for(kStranger, [&] { return stat_error(open_folder() / std::string(256, 'n')); }),
            ENAMETOOLONG);
  write_file(open_folder() / std::string(255, 'n'), "x");

  for (const std::string& name : names_in(open_folder())) {
    EXPECT_EQ(name.find_first_of(std::string("<>:\"/\\|?*\x7f")), std::string::npos) << name;
    for (const char byte : name) EXPECT_GE(static_cast<unsigned char>(byte), 0x20) << name;
  }
  EXPECT_TRUE(is_there(open_folder() / std::string(255, 'n')));
}

TEST_F(Attack, ByQueriesThatLookLikeAnotherLanguageFindsNothingAndHarmsNothing) {
  const std::string deep(250, '(');
  for (const std::string& query :
       {std::string("'; DROP TABLE assets; --"), std::string("\" OR 1=1 --"),
        std::string("NEAR(a b)"), std::string("name:hidden*"), std::string("hidden"),
        std::string("tag:beach OR hidden"), std::string("NOT tag:nothing"),
        std::string("a AND (b OR (c"), std::string("rating>1e999"), std::string("%s%n%x"), deep,
        std::string("\xff\xfe")}) {
    const std::string listed = told_by(kStranger, [&] {
      std::string names;
      std::error_code error;
      for (std::filesystem::directory_iterator entry(at("Search") / query, error), end;
           !error && entry != end; entry.increment(error)) {
        names += entry->path().filename().string() + " ";
      }
      return names;
    });
    EXPECT_THAT(listed, Not(HasSubstr("hidden.mov"))) << query;
  }
  EXPECT_EQ(error_for(kStranger, [&] { return open_error(at(".lensfs/searches"), O_RDONLY); }),
            EACCES);
  EXPECT_EQ(names_in(at("Projects/open")), std::vector<std::string>({"seen.mov"}));
}

TEST_F(Attack, ByAttributesIsKeptWithinTheLimits) {
  const path file = at("Projects/open/seen.mov");
  const std::string longest = "user." + std::string(250, 'n');
  EXPECT_EQ(set_xattr(file, longest, std::string(65536, 'v')), 0);
  EXPECT_EQ(set_xattr(file, longest + "n", "v"), ERANGE);
  EXPECT_EQ(set_xattr(file, "user.large", std::string(65537, 'v')), E2BIG);
  EXPECT_EQ(set_xattr(file, "user.", "v"), EINVAL);
  EXPECT_NE(set_xattr(file, "user.lensfs.", "v"), 0);
  EXPECT_NE(set_xattr(file, "user.lensfs.id", "v"), 0);
  std::string bytes("user.");
  for (int byte = 1; byte < 256; ++byte) bytes += static_cast<char>(byte);
  bytes.resize(255);
  EXPECT_EQ(set_xattr(file, bytes, std::string("\0\xff", 2)), 0);
  EXPECT_EQ(xattr_text(file, bytes), std::string("\0\xff", 2));

  // More names than a list has room for: the last are refused, or the list is; the file stays.
  int error = 0;
  for (int i = 0; i < 400 && error == 0; ++i) {
    error = set_xattr(file, "user." + std::to_string(1000 + i) + std::string(240, 'm'), "v");
  }
  EXPECT_THAT(error, AnyOf(0, ENOSPC, E2BIG));
  const ssize_t size = ::listxattr(file.c_str(), nullptr, 0);
  EXPECT_TRUE(size > 0 || errno == E2BIG) << size << " " << errno;
  EXPECT_TRUE(same_bytes(read_at_once(file), movie(5000, 2)));
}

TEST_F(Attack, ByAttributesOfTheSystemChangesNothing) {
  const path file = at("Projects/open/seen.mov");
  const auto set_as_stranger = [&](const std::string& name) {
    return error_for(kStranger, [&] { return set_xattr(file, name, "x"); });
  };
  for (const char* name : {"security.capability", "security.NTACL", "trusted.overlay.opaque",
                           "system.posix_acl_access", "user.lensfs.access", "user.lensfs.tag.x"}) {
    EXPECT_NE(set_as_stranger(name), 0) << name;
  }
}

TEST_F(Attack, ByALinkLeadsNobodyOut) {
  const path link = open_folder() / "out";
  std::filesystem::create_symlink("/etc/hostname", link);
  std::filesystem::create_symlink("../secret/hidden.mov", open_folder() / "in");

  // The drive never follows; whoever does goes there as themselves.
  EXPECT_EQ(error_for(kStranger, [&] { return open_error(open_folder() / "in", O_RDONLY); }),
            ENOENT);
  EXPECT_EQ(xattr_error(link, "user.lensfs.hash"), ENODATA);
  EXPECT_EQ(std::filesystem::read_symlink(link), "/etc/hostname");
}

TEST_F(Attack, ByALinkAtIngestBringsInNothing) {
  write_file(scratch() / "outside/secret.txt", "outside");
  write_file(scratch() / "source/real.txt", "inside");
  std::filesystem::create_symlink("../outside/secret.txt", scratch() / "source/link.txt");
  std::filesystem::create_symlink("../outside", scratch() / "source/folder");

  ASSERT_TRUE(ingest((scratch() / "source/").string(), {.project = "taken", .tags = {}}));

  ASSERT_TRUE(wait_until([&] { return is_there(at("Projects/taken/real.txt")); }));
  EXPECT_FALSE(is_there(at("Projects/taken/folder/secret.txt")));
  const auto linked = read_at_once(at("Projects/taken/link.txt"));
  EXPECT_TRUE(!linked || *linked != "outside");
}

TEST_F(Attack, ByChangingAFileForALinkWhileItIsIngestedBringsInNothing) {
  constexpr int kRounds = 10;
  const path outside = scratch() / "outside/secret.txt";
  write_file(outside, "outside");
  const path file = scratch() / "raced/file.txt";
  const path link = scratch() / "link.txt";
  for (int round = 0; round < kRounds; ++round) {
    std::filesystem::remove(file);
    std::filesystem::remove(link);
    write_file(file, "inside");
    std::filesystem::create_symlink(outside, link);
    const std::jthread swapping([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        ::renameat2(AT_FDCWD, file.c_str(), AT_FDCWD, link.c_str(), RENAME_EXCHANGE);
      }
    });
    static_cast<void>(
        library_command("ingest", {"--project", "raced", file.parent_path().string() + "/"}));
  }

  // Which of the two it met each time is chance; what it took is not.
  using Walk = std::filesystem::recursive_directory_iterator;
  for (const auto& entry : Walk(library() / "objects")) {
    if (entry.is_regular_file()) {
      EXPECT_NE(read_at_once(entry.path()).value_or(""), "outside") << entry.path();
    }
  }
}

TEST_F(Attack, ByASecondPlaceOpensNothing) {
  // By somebody who may write in both.
  ASSERT_EQ(error_for(kEditor,
                      [&] {
                        return error_of(::link(at("Projects/secret/hidden.mov").c_str(),
                                               (open_folder() / "link.mov").c_str()));
                      }),
            0);

  EXPECT_THAT(
      error_for(kStranger, [&] { return open_error(open_folder() / "link.mov", O_RDONLY); }),
      AnyOf(ENOENT, EACCES));
  EXPECT_EQ(error_for(kStranger,
                      [&] {
                        return error_of(::link(at("Projects/secret/hidden.mov").c_str(),
                                               (open_folder() / "mine.mov").c_str()));
                      }),
            ENOENT);
}

TEST_F(Attack, AsSomebodyElseInAUserNamespaceIsStillOneself) {
  const std::string told = told_by(kStranger, [&] {
    ::prctl(PR_SET_DUMPABLE, 1);  // for /proc/self to be theirs
    if (::unshare(CLONE_NEWUSER) != 0) return std::string("no namespaces");
    for (const auto& [file, text] : {std::pair{"/proc/self/setgroups", "deny"},
                                     std::pair{"/proc/self/uid_map", "70002 70006 1"},
                                     std::pair{"/proc/self/gid_map", "0 70000 1"}}) {
      const int fd = ::open(file, O_WRONLY | O_CLOEXEC);
      if (fd < 0 || ::write(fd, text, std::string_view(text).size()) < 0)
        return std::string("no map");
      ::close(fd);
    }
    if (::getuid() != 70002) return std::string("not mapped");
    return std::to_string(open_error(at("Projects/secret/hidden.mov"), O_RDONLY));
  });
  if (told.starts_with("no")) GTEST_SKIP() << told;

  EXPECT_EQ(told, std::to_string(ENOENT));
}

TEST_F(Attack, ByBitsOfOwnershipGetsNoRights) {
  struct statvfs mounted {};
  ASSERT_EQ(::statvfs(mountpoint().c_str(), &mounted), 0);
  EXPECT_TRUE((mounted.f_flag & ST_NOSUID) != 0);
  const path program = open_folder() / "id";
  std::filesystem::copy_file("/usr/bin/id", program);
  ASSERT_EQ(::chmod(program.c_str(), 06755), 0);

  const Ran ran =
      run({"setpriv", "--reuid=70006", "--regid=70000", "--clear-groups", program.string(), "-u"});

  EXPECT_EQ(ran.out, "70006\n") << ran.err;
  // Who writes to it without owning it takes the bits away.
  ASSERT_EQ(::chmod(program.c_str(), 06777), 0);
  EXPECT_EQ(error_for(kStranger,
                      [&] {
                        const int fd = ::open(program.c_str(), O_WRONLY | O_CLOEXEC);
                        return fd < 0 || ::write(fd, "x", 1) != 1 ? errno : 0;
                      }),
            0);
  EXPECT_TRUE(wait_until([&] { return (status_of(program).st_mode & 06000) == 0; }));
}

TEST_F(Attack, ByDevicesOpensNone) {
  for (const mode_t type : {mode_t{S_IFCHR}, mode_t{S_IFBLK}}) {
    EXPECT_EQ(error_of(::mknod((open_folder() / "device").c_str(), type | 0666, makedev(1, 3))),
              EPERM);
  }
  EXPECT_FALSE(is_there(open_folder() / "device"));
}

TEST_F(Attack, ByControlCallsIsRefused) {
  const Fd file(::open(at("Projects/open/seen.mov").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(file);
  int flags = FS_IMMUTABLE_FL;
  std::array<char, 4096> room{};

  EXPECT_NE(::ioctl(file.get(), FS_IOC_SETFLAGS, &flags), 0);
  for (const unsigned long call : {0UL, 0xE501UL, 0xFFFFFFFFUL}) {
    EXPECT_NE(::ioctl(file.get(), call, room.data()), 0) << call;
  }
  EXPECT_TRUE(same_bytes(read_at_once(at("Projects/open/seen.mov")), movie(5000, 2)));
}

TEST_F(Attack, OnTheDrivesOwnFilesChangesNothing) {
  for (const char* name : {"status", "requests", "jobs", "searches"}) {
    const path file = at(".lensfs") / name;
    EXPECT_NE(error_for(kStranger, [&] { return open_error(file, O_WRONLY); }), 0) << name;
    EXPECT_NE(error_of(::unlink(file.c_str())), 0) << name;
  }
  EXPECT_NE(error_of(::mkdir(at(".lensfs/new").c_str(), 0777)), 0);
  for (const char* name : {"Projects", "Tags", "Search", "Trash", "Versions"}) {
    EXPECT_NE(error_of(::rmdir(at(name).c_str())), 0) << name;
    EXPECT_NE(error_of(::rename(at(name).c_str(), at("Elsewhere").c_str())), 0) << name;
  }
}

TEST_F(Attack, OnTheLibrarysDirectoryFindsItClosed) {
  // The drive is one door; the directory below it has to be closed by its owner.
  EXPECT_EQ(error_for(kStranger, [&] { return open_error(library() / "catalog.db", O_WRONLY); }),
            EACCES);
}

}  // namespace
}  // namespace lensfs::test
