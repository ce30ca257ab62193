// The same matrix for renditions that are made: who may see proxies only opens these, by every
// door, and never the original.
#include <gtest/gtest.h>

#include "tests/mount/access_matrix.h"

namespace lensfs::test {
namespace {

class AccessMatrixOfMade : public AccessMatrix {
 protected:
  void SetUp() override {
    LENSFS_NEEDS("ffmpeg");
    AccessMatrix::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (const char guard : kGuards) add_picture(guard);
    const std::string for_all = std::string(kRule) + ", other=none";
    ASSERT_EQ(set_xattr(at(picture('a')), "user.lensfs.access", for_all), 0);
  }

  static path picture(char guard) {
    return folder_of(guard) / (std::string("photo-") + guard + ".jpg");
  }

  void add_picture(char guard) {
    const path made = scratch() / "pictures" / folder_of(guard).filename();
    std::filesystem::create_directories(made);
    const Ran ran =
        run({"ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i",
             std::string("testsrc2=size=64") + guard_size(guard) + ":rate=1", "-frames:v", "1",
             "-pix_fmt", "yuvj420p", (made / picture(guard).filename()).string()});
    ASSERT_EQ(ran.exit, 0) << ran.err;
    std::vector<std::string> tags = {"beach"};
    if (guard == 't') tags.emplace_back("secret");
    ASSERT_TRUE(ingest(made.string(), {.project = guard == 'p' ? "demo" : "open", .tags = tags}));
    const Ran asked =
        library_command("rendition", {"make", picture(guard).string(), "--profile", "thumb"});
    ASSERT_EQ(asked.exit, 0) << asked.err;
    ASSERT_EQ(library_command("work", {"--until-idle", "--quiet"}).exit, 0);
  }
  // Bytes that are not the same are three assets.
  static std::string guard_size(char guard) {
    return guard == 'p' ? "x48" : guard == 't' ? "x50" : "x52";
  }

  static Door made(std::string_view name, path at) {
    return {name, std::move(at), Door::Listed::yes, Door::Leads::to_made};
  }
  static Door past(std::string_view name, path at) {
    return {name, std::move(at), Door::Listed::yes, Door::Leads::to_past};
  }
};

TEST_F(AccessMatrixOfMade, IsAsTheRulesSayByEveryDoorToARendition) {
  const int cells = check_cells([&](char guard) -> std::vector<Door> {
    const path folder = at(folder_of(guard));
    const path name = picture(guard).filename();
    return {
        made("lens", folder / "@thumb" / name),
        made("resolutions", at("Resolutions/thumb") / picture(guard)),
        made("term through a lens", at("Tags/beach/@thumb") / name),
        made("term in resolutions", at("Resolutions/thumb/Tags/beach") / name),
        made("search through a lens", at("Search/tag:beach/@thumb") / name),
        {"plain path", folder / name},
        past("a lens that shows the original", folder / "@original" / name),
    };
  });

  EXPECT_GE(cells, 1000);
}

TEST_F(AccessMatrixOfMade, IsAsTheRulesSayWhileTheDriveIsRootedAtALens) {
  ASSERT_EQ(lensfs({"lens", mountpoint().string(), "thumb"}).exit, 0);

  const int cells = check_cells([&](char guard) -> std::vector<Door> {
    const path name = picture(guard).filename();
    return {
        made("plain path", at(picture(guard))),
        made("term", at("Tags/beach") / name),
        made("search", at("Search/tag:beach") / name),
        past("the original beside it", at(folder_of(guard)) / "@original" / name),
    };
  });

  EXPECT_GE(cells, 700);
}

}  // namespace
}  // namespace lensfs::test
