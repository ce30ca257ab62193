// Real programs that save into a project: the right bytes, one version per save, tags kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/mount/saving.h"
#include "tests/support/waiting.h"

namespace lensfs::test {
namespace {

using testing::HasSubstr;

#define EXPECT_RAN(ran_expression)                                              \
  do {                                                                          \
    const Ran ran_ = (ran_expression);                                          \
    EXPECT_EQ(ran_.exit, 0) << #ran_expression << "\n" << ran_.out << ran_.err; \
  } while (false)

class Application : public Saving {
 protected:
  static std::string text() { return "one\ntwo\nthree\n"; }
  path note() { return saved_file("note.txt", text()); }
};

TEST_F(Application, VimWritesInPlace) {
  LENSFS_NEEDS("vim");
  const path file = note();

  EXPECT_RAN(in_folder({"vim", "-u", "NONE", "-es", "-c", "set backupcopy=yes nobackup", "-c",
                        "%s/two/2/", "-c", "wq", "note.txt"}));

  expect_saved(file, "one\n2\nthree\n", 2);
  EXPECT_THAT(names_in(project()), testing::ElementsAre("note.txt"));
}

TEST_F(Application, VimWithABackupRenames) {
  LENSFS_NEEDS("vim");
  const path file = note();

  EXPECT_RAN(in_folder({"vim", "-u", "NONE", "-es", "-c", "set backupcopy=no backup backupskip=",
                        "-c", "%s/two/2/", "-c", "wq", "note.txt"}));

  expect_saved(file, "one\n2\nthree\n", 2);
  EXPECT_TRUE(same_bytes(read_at_once(in_project("note.txt~")), text()));
}

TEST_F(Application, SedInPlace) {
  const path file = note();

  EXPECT_RAN(in_folder({"sed", "-i", "s/two/2/", "note.txt"}));

  expect_saved(file, "one\n2\nthree\n", 2);
}

TEST_F(Application, PythonOpensForReadingAndWriting) {
  LENSFS_NEEDS("python3");
  const path file = note();

  EXPECT_RAN(in_folder(
      {"python3", "-c", "f = open('note.txt', 'r+'); f.seek(4); f.write('TWO'); f.close()"}));

  expect_saved(file, "one\nTWO\nthree\n", 2);
}

TEST_F(Application, CopyOverAndAppend) {
  const path file = note();
  write_file(scratch() / "other.txt", "other\n");

  EXPECT_RAN(run({"cp", (scratch() / "other.txt").string(), file.string()}));
  expect_saved(file, "other\n", 2);
  EXPECT_RAN(in_folder({"tee", "-a", "note.txt"}, "appended\n"));

  expect_saved(file, "other\nappended\n", 3);
}

TEST_F(Application, GioSaves) {
  LENSFS_NEEDS("gio");
  const path file = note();

  EXPECT_RAN(in_folder({"gio", "save", "note.txt"}, "saved by gio\n"));

  expect_saved(file, "saved by gio\n", 2);
}

TEST_F(Application, RsyncReplacesByRename) {
  LENSFS_NEEDS("rsync");
  const path file = note();
  write_file(scratch() / "source/note.txt", "from rsync\n");

  EXPECT_RAN(run({"rsync", "-a", (scratch() / "source/").string(), project().string() + "/"}));

  expect_saved(file, "from rsync\n", 2);
  EXPECT_EQ(status_of(file).st_mtim.tv_sec,
            status_of(scratch() / "source/note.txt").st_mtim.tv_sec);
  const Ran again =
      run({"rsync", "-ai", (scratch() / "source/").string(), project().string() + "/"});
  EXPECT_THAT(again.out, testing::Not(HasSubstr("note.txt"))) << "nothing left to do";
}

TEST_F(Application, RsyncInPlace) {
  LENSFS_NEEDS("rsync");
  const path file = saved_file("clip.mov", movie(500'000, 1));
  std::string changed = movie(500'000, 1);
  changed.replace(300'000, 5, "hello");
  write_file(scratch() / "source/clip.mov", changed);

  EXPECT_RAN(run({"rsync", "-aI", "--inplace", "--no-whole-file", (scratch() / "source/").string(),
                  project().string() + "/"}));

  expect_saved(file, changed, 2);
}

// Bytes of a small JPEG; empty if it cannot be made.
std::string jpeg(const path& at) {
  const Ran made = run({"ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=size=320x240",
                        "-frames:v", "1", at.string()});
  EXPECT_EQ(made.exit, 0) << made.err;
  return read_at_once(at).value_or("");
}

TEST_F(Application, ExiftoolOverwritesTheOriginal) {
  LENSFS_NEEDS("exiftool");
  LENSFS_NEEDS("ffmpeg");
  for (const char* way : {"-overwrite_original", "-overwrite_original_in_place"}) {
    SCOPED_TRACE(way);
    const std::string name = std::string("photo") + way + ".jpg";
    const path file = saved_file(name, jpeg(scratch() / "photo.jpg"));

    EXPECT_RAN(in_folder({"exiftool", "-q", way, "-Artist=Anna", "./" + name}));

    EXPECT_TRUE(gets_versions(file, 2));
    EXPECT_THAT(in_folder({"exiftool", "-s3", "-Artist", "./" + name}).out, HasSubstr("Anna"));
    expect_tagged(file);
  }
}

TEST_F(Application, FfmpegWritesOverAnExistingName) {
  LENSFS_NEEDS("ffmpeg");
  const path file = saved_file("clip.mp4", movie(50'000, 1));

  EXPECT_RAN(in_folder({"ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i",
                        "testsrc=duration=1:size=320x240", "-movflags", "+faststart", "clip.mp4"}));

  EXPECT_TRUE(gets_versions(file, 2));
  EXPECT_THAT(
      in_folder({"ffprobe", "-v", "error", "-show_entries", "format=duration", "clip.mp4"}).out,
      HasSubstr("duration=1.0"));
  expect_tagged(file);
}

TEST_F(Application, LibreOfficeConvertsOverAnExistingName) {
  LENSFS_NEEDS("soffice");
  const path file = saved_file("letter.odt", "not yet a document");
  write_file(in_project("letter.txt"), "Dear reader\n");
  const std::string profile = "-env:UserInstallation=file://" + (scratch() / "profile").string();

  EXPECT_RAN(in_folder({"soffice", profile, "--headless", "--convert-to", "odt", "letter.txt"}));

  EXPECT_TRUE(gets_versions(file, 2));
  expect_tagged(file);
  EXPECT_RAN(in_folder({"soffice", profile, "--headless", "--convert-to", "txt:Text", "--outdir",
                        scratch().string(), "letter.odt"}));
  EXPECT_THAT(read_at_once(scratch() / "letter.txt").value_or(""), HasSubstr("Dear reader"));
}

TEST_F(Application, GitWorksInsideAProject) {
  LENSFS_NEEDS("git");
  const auto git = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"env", "GIT_CONFIG_GLOBAL=/dev/null", "git", "-c",
                                 "user.name=Anna", "-c", "user.email=anna@example.org", "-c",
                                 "init.defaultBranch=main", "-c", "safe.directory=*"});
    return in_folder(std::move(words));
  };
  EXPECT_RAN(git({"init", "-q", "film"}));
  for (int i = 0; i < 100; ++i)
    write_file(in_project("film/scenes/s" + std::to_string(i)),
               noise(500, static_cast<std::uint64_t>(i)));
  EXPECT_RAN(git({"-C", "film", "add", "-A"}));
  EXPECT_RAN(git({"-C", "film", "commit", "-qm", "first"}));
  for (int i = 0; i < 20; ++i) {
    write_file(in_project("film/scenes/s1"), "take " + std::to_string(i));
    EXPECT_RAN(git({"-C", "film", "commit", "-qam", "take"}));
  }

  EXPECT_RAN(git({"clone", "-q", "film", "copy"}));
  EXPECT_RAN(git({"-C", "film", "gc", "-q", "--prune=now"}));
  EXPECT_RAN(git({"-C", "film", "fsck", "--full", "--strict"}));
  EXPECT_RAN(git({"-C", "copy", "fsck", "--full", "--strict"}));
  EXPECT_EQ(git({"-C", "film", "status", "--porcelain"}).out, "");
  EXPECT_EQ(git({"-C", "copy", "status", "--porcelain"}).out, "");
  EXPECT_TRUE(same_bytes(read_at_once(in_project("copy/scenes/s1")), "take 19"));
}

TEST_F(Application, SqliteWorksInsideAProject) {
  LENSFS_NEEDS("sqlite3");
  for (const char* mode : {"delete", "truncate", "persist", "wal"}) {
    SCOPED_TRACE(mode);
    const std::string name = std::string(mode) + ".db";
    std::string work = "PRAGMA journal_mode=" + std::string(mode) +
                       "; CREATE TABLE t (i INTEGER PRIMARY KEY, v TEXT);";
    for (int i = 0; i < 50; ++i) work += "INSERT INTO t (v) VALUES (hex(randomblob(2000)));";

    const Ran made = in_folder({"sqlite3", name, work});
    const Ran more = in_folder(
        {"sqlite3", name, "UPDATE t SET v = 'short' WHERE i % 2; VACUUM; PRAGMA integrity_check;"});

    EXPECT_EQ(made.exit, 0) << made.err;
    EXPECT_THAT(made.out, HasSubstr(mode));
    EXPECT_EQ(more.out, "ok\n") << more.err;
    EXPECT_EQ(in_folder({"sqlite3", name, "SELECT count(*) FROM t WHERE v = 'short'"}).out, "25\n");
    EXPECT_TRUE(wait_until([&] { return !versions_of(in_project(name)).empty(); }));
  }
}

TEST_F(Application, TarUnpacksManySmallFiles) {
  LENSFS_NEEDS("tar");
  const char* const given = std::getenv("LENSFS_TAR_FILES");
  const int files = given != nullptr ? static_cast<int>(std::strtol(given, nullptr, 10)) : 2'000;
  for (int i = 0; i < files; ++i) {
    write_file(scratch() / "tree" / ("d" + std::to_string(i % 100)) / ("f" + std::to_string(i)),
               noise(100 + static_cast<std::size_t>(i) % 3000, static_cast<std::uint64_t>(i)));
  }
  const path archive = scratch() / "tree.tar";
  ASSERT_EQ(run({"tar", "-cf", archive.string(), "-C", scratch().string(), "tree"}).exit, 0);

  EXPECT_RAN(in_folder({"tar", "-xf", archive.string()}));

  EXPECT_RAN(run({"diff", "-r", (scratch() / "tree").string(), in_project("tree").string()}));
  EXPECT_RAN(in_folder({"tar", "-df", archive.string()}));
  EXPECT_RAN(in_folder({"rm", "-r", "tree"}));
  EXPECT_FALSE(is_there(in_project("tree")));
}

}  // namespace
}  // namespace lensfs::test
