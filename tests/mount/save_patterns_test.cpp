// The system calls by which applications save, replayed: each gives one version and keeps the tags.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <span>

#include "catalog/base/fd.h"
#include "tests/mount/saving.h"
#include "tests/support/waiting.h"

namespace lensfs::test {
namespace {

using testing::ElementsAre;

class SavePattern : public Saving {
 protected:
  static std::string first() { return movie(50'000, 1); }
  static std::string second() { return movie(70'000, 2); }
  path document() { return saved_file("document.mov", first()); }
};

TEST_F(SavePattern, NewFileHasOneVersion) {
  const path file = in_project("new.mov");

  write_file(file, first());

  EXPECT_TRUE(gets_versions(file, 1));
  EXPECT_TRUE(same_bytes(read_at_once(file), first()));
}

TEST_F(SavePattern, TruncateAndRewrite) {
  const path file = document();

  write_file(file, second());

  expect_saved(file, second(), 2);
}

TEST_F(SavePattern, InPlace) {
  const path file = document();
  std::string wanted = first();
  wanted.replace(1000, 5, "hello");

  put(opened(file, O_RDWR), "hello", 1000);

  expect_saved(file, wanted, 2);
}

TEST_F(SavePattern, Appended) {
  const path file = document();
  {
    const Fd fd = opened(file, O_WRONLY | O_APPEND);
    ASSERT_EQ(::write(fd.get(), "more", 4), 4);
  }

  expect_saved(file, first() + "more", 2);
}

TEST_F(SavePattern, ManySmallSyncsWhileOpenAreOneVersion) {
  const path file = document();
  {
    const Fd fd = opened(file, O_WRONLY | O_TRUNC);
    for (std::size_t from = 0; from < second().size(); from += 2000) {
      put(fd, second().substr(from, 2000), static_cast<off_t>(from));
      ASSERT_EQ(::fsync(fd.get()), 0);
    }
  }

  expect_saved(file, second(), 2);
}

TEST_F(SavePattern, OpenedForWritingAndClosedIsNoVersion) {
  const path file = document();

  opened(file, O_RDWR).reset();
  write_file(in_project("after.mov"), "x");
  ASSERT_TRUE(gets_versions(in_project("after.mov"), 1));

  expect_saved(file, first(), 1);
}

TEST_F(SavePattern, SameBytesWrittenAgainAreNoVersion) {
  const path file = document();

  write_file(file, first());
  write_file(in_project("after.mov"), "x");
  ASSERT_TRUE(gets_versions(in_project("after.mov"), 1));

  expect_saved(file, first(), 1);
}

TEST_F(SavePattern, TemporaryFileSyncedAndRenamedOver) {
  const path file = document();
  const path fresh = in_project(".goutputstream-AB12CD");
  {
    const Fd fd = opened(fresh, O_CREAT | O_EXCL | O_WRONLY);
    put(fd, second(), 0);
    ASSERT_EQ(::fsync(fd.get()), 0);
  }
  rename_file(fresh, file);

  expect_saved(file, second(), 2);
  EXPECT_THAT(names_in(project()), ElementsAre("document.mov"));
}

TEST_F(SavePattern, TemporaryFileRenamedOverWhileStillOpen) {
  const path file = document();
  const path fresh = in_project("document.mov.part");
  {
    const Fd fd = opened(fresh, O_CREAT | O_EXCL | O_WRONLY);
    put(fd, second(), 0);
    rename_file(fresh, file);
  }

  expect_saved(file, second(), 2);
}

TEST_F(SavePattern, AttributesOfTheTemporaryFileWin) {
  const path file = document();
  ASSERT_EQ(set_xattr(file, "user.note", "old"), 0);
  ASSERT_EQ(set_xattr(file, "user.other", "stays"), 0);
  const path fresh = in_project(".document.mov.Xy12Zz");
  write_file(fresh, second());
  ASSERT_EQ(set_xattr(fresh, "user.note", "new"), 0);

  rename_file(fresh, file);

  expect_saved(file, second(), 2);
  EXPECT_EQ(xattr_text(file, "user.note"), "new");
  EXPECT_EQ(xattr_text(file, "user.other"), "stays");
}

TEST_F(SavePattern, OldOneMovedAsideThenWrittenThenRemoved) {
  const path file = document();
  const path aside = in_project("document.mov~");

  rename_file(file, aside);
  write_file(file, second());
  delete_file(aside);

  expect_saved(file, second(), 2);
  EXPECT_THAT(names_in(project()), ElementsAre("document.mov"));
}

TEST_F(SavePattern, WordProcessor) {
  const path file = saved_file("report.docx", first());
  const path lock = in_project("~$report.docx");
  write_file(lock, std::string(162, 'u'));
  const path fresh = in_project("~WRD0001.tmp");
  const path aside = in_project("~WRL0002.tmp");

  write_file(fresh, second());
  rename_file(file, aside);
  rename_file(fresh, file);
  delete_file(aside);
  delete_file(lock);

  expect_saved(file, second(), 2);
  EXPECT_THAT(names_in(project()), ElementsAre("report.docx"));
}

TEST_F(SavePattern, Spreadsheet) {
  const path file = saved_file("budget.xlsx", first());
  const path fresh = in_project("4F3A2B1C");

  write_file(fresh, second());
  delete_file(file);
  rename_file(fresh, file);

  expect_saved(file, second(), 2);
  EXPECT_THAT(names_in(project()), ElementsAre("budget.xlsx"));
}

TEST_F(SavePattern, FolderBesideTheFile) {
  const path file = saved_file("letter.rtf", first());
  const path folder = in_project("letter.rtf.sb-5d2f1a34-Ab12Cd");
  ASSERT_EQ(error_of(::mkdir(folder.c_str(), 0700)), 0);

  write_file(folder / "letter.rtf", second());
  rename_file(file, folder / "letter-original.rtf");
  rename_file(folder / "letter.rtf", file);
  delete_file(folder / "letter-original.rtf");
  EXPECT_EQ(error_of(::rmdir(folder.c_str())), 0);

  expect_saved(file, second(), 2);
  EXPECT_THAT(names_in(project()), ElementsAre("letter.rtf"));
}

TEST_F(SavePattern, ExchangedWithTheTemporaryFile) {
  const path file = document();
  const path fresh = in_project("document.mov.new");
  write_file(fresh, second());

  ASSERT_EQ(::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, file.c_str(), RENAME_EXCHANGE), 0);
  delete_file(fresh);

  EXPECT_TRUE(same_bytes(read_at_once(file), second()));
  EXPECT_THAT(names_in(project()), ElementsAre("document.mov"));
}

TEST_F(SavePattern, DeletedAndCreatedAgainAtOnce) {
  const path file = document();

  delete_file(file);
  write_file(file, second());

  expect_saved(file, second(), 2);
}

TEST_F(SavePattern, DeletedWhileItIsOpenHasNoNameAndAllBytes) {
  const path file = document();
  const Fd fd = opened(file, O_RDONLY);

  delete_file(file);

  struct stat status {};
  ASSERT_EQ(::fstat(fd.get(), &status), 0);
  EXPECT_EQ(status.st_nlink, 0U);
  EXPECT_EQ(static_cast<std::size_t>(status.st_size), first().size());
}

TEST_F(SavePattern, RenamedAwayAndBackIsNoVersion) {
  const path file = document();

  rename_file(file, in_project("elsewhere.mov"));
  rename_file(in_project("elsewhere.mov"), file);

  expect_saved(file, first(), 1);
}

TEST_F(SavePattern, RenamedKeepsVersionsAndTags) {
  const path file = document();
  write_file(file, second());
  ASSERT_TRUE(gets_versions(file, 2));
  const path moved = in_project("final.mov");

  rename_file(file, moved);

  expect_saved(moved, second(), 2);
}

TEST_F(SavePattern, SeveralSavesAreSeveralVersions) {
  const path file = document();
  for (std::size_t i = 2; i < 6; ++i) {
    write_file(file, movie(1000 * i, i));
    ASSERT_TRUE(gets_versions(file, i));
  }

  expect_saved(file, movie(5000, 5), 5);
  const auto versions = versions_of(file);
  for (std::size_t i = 0; i < versions.size(); ++i) {
    EXPECT_EQ(versions[i].number, static_cast<int>(i) + 1);
    EXPECT_EQ(versions[i].is_current, i == 4);
  }
}

TEST_F(SavePattern, TimesSetBeforeCloseAreKept) {
  const path file = document();
  {
    const Fd fd = opened(file, O_WRONLY | O_TRUNC);
    put(fd, second(), 0);
    const std::array<timespec, 2> times{timespec{.tv_sec = 1'000'000'001, .tv_nsec = 5},
                                        timespec{.tv_sec = 1'000'000'002, .tv_nsec = 123'456'789}};
    ASSERT_EQ(::futimens(fd.get(), times.data()), 0);
  }

  expect_saved(file, second(), 2);
  EXPECT_EQ(status_of(file).st_mtim.tv_sec, 1'000'000'002);
  EXPECT_EQ(status_of(file).st_mtim.tv_nsec, 123'456'789);
}

// As archives are unpacked: all of it while the file is being written.
class NewFile : public SavePattern {
 protected:
  static constexpr std::array<timespec, 2> kTimes{
      timespec{.tv_sec = 1'000'000'001, .tv_nsec = 5},
      timespec{.tv_sec = 1'000'000'002, .tv_nsec = 123'456'789}};

  [[nodiscard]] static Fd unpacked(const path& file) {
    Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    put(fd, first(), 0);
    EXPECT_EQ(::futimens(fd.get(), kTimes.data()), 0);
    EXPECT_EQ(::fchown(fd.get(), ::getuid(), ::getgid()), 0);
    EXPECT_EQ(::fchmod(fd.get(), 0640), 0);
    return fd;
  }
  static void expect_unpacked(const path& file, mode_t mode = 0640) {
    const struct stat status = status_of(file);
    EXPECT_EQ(status.st_mode & 07777U, mode);
    EXPECT_EQ(status.st_atim.tv_sec, 1'000'000'001);
    EXPECT_EQ(status.st_mtim.tv_sec, 1'000'000'002);
    EXPECT_EQ(status.st_mtim.tv_nsec, 123'456'789);
    EXPECT_GT(status.st_ctim.tv_sec, 1'500'000'000);
  }
};

TEST_F(NewFile, KeepsWhatIsSetWhileItIsWritten) {
  const path file = in_project("new.mov");
  {
    const Fd fd = unpacked(file);
    expect_unpacked(file);
  }
  expect_unpacked(file);
  ASSERT_TRUE(gets_versions(file, 1));
  expect_unpacked(file);

  ASSERT_TRUE(unmount());
  ASSERT_TRUE(mount());
  expect_unpacked(file);
}

TEST_F(NewFile, KeepsItThoughTheWorkerDies) {
  const path file = in_project("new.mov");
  const Fd fd = unpacked(file);

  ASSERT_EQ(::kill(worker(), SIGKILL), 0);

  expect_unpacked(file);
  EXPECT_EQ(::fchmod(fd.get(), 0604), 0);
  expect_unpacked(file, 0604);
}

TEST_F(NewFile, KeepsItThoughTheMountDies) {
  const path file = in_project("new.mov");
  {
    const Fd fd = unpacked(file);
    ASSERT_EQ(::fsync(fd.get()), 0);
    const pid_t serving = worker();
    ASSERT_EQ(::kill(keeper(), SIGKILL), 0);
    ASSERT_EQ(::kill(serving, SIGKILL), 0);
  }
  ASSERT_TRUE(mount());

  ASSERT_TRUE(gets_versions(file, 1));
  expect_unpacked(file);
}

TEST_F(NewFile, KeepsItWhenItIsBegunAnewAtOnce) {
  const path file = in_project("new.mov");
  { const Fd fd = unpacked(file); }
  { put(opened(file, O_WRONLY | O_TRUNC), second(), 0); }

  EXPECT_EQ(status_of(file).st_mode & 07777U, 0640U);
  EXPECT_TRUE(wait_until([&] { return std::filesystem::is_empty(library() / "staging/drafts"); }));
  EXPECT_EQ(status_of(file).st_mode & 07777U, 0640U);
  EXPECT_TRUE(same_bytes(read_at_once(file), second()));
}

TEST_F(NewFile, TakesWhatIsSetBetweenCloseAndSave) {
  const path file = in_project("new.mov");
  { const Fd fd = unpacked(file); }
  EXPECT_EQ(::chmod(file.c_str(), 04711), 0);
  EXPECT_EQ(::chown(file.c_str(), 7, 8), 0);
  EXPECT_EQ(status_of(file).st_mode & 07777U, 0711U);

  ASSERT_TRUE(gets_versions(file, 1));
  EXPECT_EQ(status_of(file).st_mode & 07777U, 0711U);
  EXPECT_EQ(status_of(file).st_uid, 7U);
}

TEST_F(NewFile, GivesItToTheNameThatItTakes) {
  const path old = document();
  const path file = in_project("new.mov");
  { const Fd fd = unpacked(file); }
  rename_file(file, old);

  EXPECT_EQ(status_of(old).st_mode & 07777U, 0640U);
  EXPECT_TRUE(wait_until([&] { return std::filesystem::is_empty(library() / "staging/drafts"); }));
  EXPECT_EQ(status_of(old).st_mode & 07777U, 0640U);
}

TEST_F(SavePattern, ReadersOfTheOldVersionAreNotDisturbed) {
  const path file = document();
  const Fd reader = opened(file, O_RDONLY);
  const path fresh = in_project("document.mov.new");
  write_file(fresh, second());

  rename_file(fresh, file);
  ASSERT_TRUE(gets_versions(file, 2));

  std::string old(first().size() + 1, '\0');
  const auto got = read_full(reader.get(), std::as_writable_bytes(std::span(old)), 0);
  ASSERT_TRUE(got);
  old.resize(*got);
  EXPECT_TRUE(same_bytes(old, first()));
}

TEST_F(SavePattern, ScratchFilesWorkAndHaveNoVersions) {
  const std::vector<std::string> names = {
      "~$report.docx", ".~lock.report.odt#", "a.lck",     ".prlock",
      ".DS_Store",     "._clip.mov",         "Thumbs.db", "x.tmp"};
  for (const std::string& name : names) write_file(in_project(name), "owner " + name);
  write_file(in_project("real.mov"), first());
  ASSERT_TRUE(gets_versions(in_project("real.mov"), 1));

  for (const std::string& name : names) {
    EXPECT_TRUE(same_bytes(read_at_once(in_project(name)), "owner " + name)) << name;
    EXPECT_TRUE(versions_of(in_project(name)).empty()) << name;
    EXPECT_EQ(as_user(1234, [&] { return is_there(in_project(name)) ? 0 : 1; }), 0) << name;
    delete_file(in_project(name));
  }
  EXPECT_THAT(names_in(project()), ElementsAre("real.mov"));
}

TEST_F(SavePattern, HugeSparseFileTakesLittleRoom) {
  const path file = in_project("huge.raw");
  constexpr off_t kSize = off_t{10} << 30;
  {
    const Fd fd = opened(file, O_CREAT | O_RDWR);
    ASSERT_EQ(::ftruncate(fd.get(), kSize), 0);
    for (off_t at = 0; at < kSize; at += kSize / 8) put(fd, "mark " + std::to_string(at), at + 123);
  }
  ASSERT_TRUE(gets_versions(file, 1));

  const Fd fd = opened(file, O_RDONLY);
  for (off_t at = 0; at < kSize; at += kSize / 8) {
    const std::string wanted = "mark " + std::to_string(at);
    std::string got(wanted.size(), '\0');
    ASSERT_TRUE(read_full(fd.get(), std::as_writable_bytes(std::span(got)), at + 123));
    EXPECT_EQ(got, wanted);
  }
  EXPECT_EQ(status_of(file).st_size, kSize);
  EXPECT_LT(status_of(file).st_blocks * 512, 1 << 20);
  const Ran used = run({"du", "-sm", (library() / "objects").string()});
  EXPECT_LT(std::strtol(used.out.c_str(), nullptr, 10), 5) << used.out;
}

}  // namespace
}  // namespace lensfs::test
