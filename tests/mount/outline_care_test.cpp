// What becomes of clips for editing beside being read: completed, counted, collected, refused.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "tests/mount/outlines.h"
#include "tests/support/files.h"
#include "tests/support/process.h"

namespace lensfs::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class OutlineCare : public Outlines {
 protected:
  void settings(const std::string& text) { write_file(library() / "lensfs.toml", text); }
  json answer(const std::string& verb, std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    return json::parse(library_command(verb, std::move(arguments)).out);
  }
  // A program of that name that copies its input to its output.
  path program(const std::string& name) {
    const path made = scratch() / name;
    std::filesystem::copy_file("/bin/cat", made);
    return made;
  }
};

TEST_F(OutlineCare, WhatWasReadBecomesWholeWhileNobodyReads) {
  settings("[renditions]\ncomplete = \"read\"\n");
  add_clip("A001.mov", "640x360", "30");  // longer than what is rendered ahead of a reader
  add_clip("A002.mov");
  mount_and_work();
  const Fd file = *open_path(edit("A001.mov"), O_RDONLY);
  const std::int64_t size = stat_of(file.get())->st_size;

  const std::string part = part_of(file.get(), size / 3, static_cast<std::size_t>(size / 4));
  ASSERT_EQ(part.size(), static_cast<std::size_t>(size / 4));

  ASSERT_TRUE(wait_until([&] { return state("A001.mov") == "ready"; }, kLong));
  EXPECT_EQ(state("A002.mov"), "virtual") << "nobody read it";
  EXPECT_EQ(part_of(file.get(), size / 3, 1000), part.substr(0, 1000)) << "it is open still";
  const std::string bytes = read_at_once(edit("A001.mov")).value_or("");
  EXPECT_TRUE(bytes.substr(static_cast<std::size_t>(size / 3), part.size()) == part);
  EXPECT_EQ(library_command("verify", {}).exit, 0);
}

TEST_F(OutlineCare, OneThatWasInterruptedIsGoneOnWith) {
  settings("[renditions]\ncomplete = \"all\"\n");
  add_clip("A001.mov", "1920x1080", "8");
  ASSERT_TRUE(mount());
  const path outlines = library() / "staging/outlines";
  const auto is_begun = [&] {
    for (const auto& file : std::filesystem::directory_iterator(outlines)) {
      if (file.path().extension() == ".slots" && file.file_size() > 0) return true;
    }
    return false;
  };
  {
    Child work({.words = {lensfs_binary().string(), "work", "-L", library().string()},
                .input = {},
                .open_files = {},
                .folder = {}});
    ASSERT_TRUE(wait_until([&] { return is_there(outlines) && is_begun(); }, kLong));
    work.send(SIGKILL);
    work.wait();
  }
  EXPECT_EQ(state("A001.mov"), "virtual");

  const Ran ran = library_command("work", {"--until-idle"});

  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("made edit of A001.mov"));
  EXPECT_TRUE(wait_until([&] { return state("A001.mov") == "ready"; }, kLong));
}

TEST_F(OutlineCare, AnIndexerMayNotOpenOneBeforeItIsWhole) {
  add_clip("A001.mov");
  mount_and_work();
  const path clip = edit("A001.mov");
  const path scanner = program("clamscan");

  const Ran refused = run({scanner.string(), clip.string()});
  EXPECT_NE(refused.exit, 0);
  EXPECT_THAT(refused.err, HasSubstr("Permission denied"));
  EXPECT_EQ(run({program("player").string(), clip.string()}).exit, 0);
  ASSERT_TRUE(wait_until([&] { return state("A001.mov") == "ready"; }, kLong));

  EXPECT_TRUE(wait_until([&] { return run({scanner.string(), clip.string()}).exit == 0; }, kLong));
}

TEST_F(OutlineCare, WhoMayNotOpenOneIsTheChoiceOfTheLibrary) {
  settings("[renditions]\nrefuse = [\"my-index*\"]\n");
  add_clip("A001.mov");
  mount_and_work();
  const path clip = edit("A001.mov");

  EXPECT_NE(run({program("my-indexer").string(), clip.string()}).exit, 0);
  EXPECT_EQ(run({program("clamscan").string(), clip.string()}).exit, 0);
}

TEST_F(OutlineCare, WhatIsRenderedIsCountedAndGoesWithItsRendition) {
  add_clip("A001.mov");
  mount_and_work();
  const Fd file = *open_path(edit("A001.mov"), O_RDONLY);
  const std::int64_t size = stat_of(file.get())->st_size;
  ASSERT_FALSE(part_of(file.get(), size / 2, 100'000).empty());

  const json space = answer("info", {"--space"})["outlines"];
  EXPECT_GE(space["bytes"], size);
  EXPECT_GT(space["on_disk"], 100'000);
  EXPECT_LT(space["on_disk"], size);
  EXPECT_EQ(answer("gc", {"--grace", "0"})["outlines"], 0) << "it is needed";
  const Ran made = library_command(
      "rendition", {"make", "Projects/demo/A001.mov", "--profile", "edit", "--wait"});
  ASSERT_EQ(made.exit, 0) << made.err;

  EXPECT_EQ(answer("gc", {"--grace", "0"})["outlines"], 1);
  EXPECT_LT(answer("info", {"--space"})["outlines"]["bytes"], 4096);
  EXPECT_EQ(part_of(file.get(), size / 4, 1000).size(), 1000U) << "who has it open reads on";
}

}  // namespace
}  // namespace lensfs::test
