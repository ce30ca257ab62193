// Every right × every operation × every door to a file, by rules of a project, a term and a file:
// each cell as the rules say, with the kernel's caches warm from those who may see everything.
#include "tests/mount/access_matrix.h"

#include <gtest/gtest.h>

namespace lensfs::test {
namespace {

TEST_F(AccessMatrix, IsAsTheRulesSayInEveryCell) {
  const int cells = check_cells([&](char guard) { return doors(guard); });

  EXPECT_GE(cells, 1000);
  RecordProperty("cells", cells);
}

// All names below a folder, typed folders that are listed nowhere included.
void walk(const path& folder, int depth, std::string& into) {
  DIR* const at = depth > 0 ? ::opendir(folder.c_str()) : nullptr;
  if (at == nullptr) return;
  std::vector<std::string> folders;
  while (const dirent* const entry = ::readdir(at)) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    into += name + "\n";
    struct stat status {};
    if (::lstat((folder / name).c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
      folders.push_back(name);
    }
  }
  ::closedir(at);
  for (const std::string& name : folders) walk(folder / name, depth - 1, into);
}

std::string names_below(const path& root) {
  std::string names;
  walk(root, 7, names);
  for (const char* typed : {"Search/tag:beach", "Search/kind:document", "Projects/open/.versions",
                            "Tags/beach/.versions", "Tags/beach/+", "Projects/@approved"}) {
    walk(root / typed, 4, names);
  }
  return names;
}

TEST_F(AccessMatrix, LeaksNoNameAnywhereToAStrangerWhoComesAfterOthers) {
  const auto& editor = kCallers[1].person;
  const auto& stranger = kCallers[5].person;
  const auto walked = [&] { return names_below(mountpoint()); };
  const std::string seen_by_editor = told_by(editor, walked);
  ASSERT_NE(seen_by_editor.find("clip-p"), std::string::npos);
  ASSERT_NE(seen_by_editor.find("gone-a"), std::string::npos);

  for (int round = 0; round < 3; ++round) {
    const std::string seen = told_by(stranger, walked);
    for (const char* secret : {"clip-", "gone-", "demo", "secret", "approved", "@GMT"}) {
      EXPECT_EQ(seen.find(secret), std::string::npos) << secret << " in round " << round;
    }
    EXPECT_EQ(told_by(editor, walked), seen_by_editor);
  }
}

TEST_F(AccessMatrix, CountsNothingThatIsHidden) {
  ASSERT_TRUE(add("seen/open-1.mov", "x", {.project = "open", .tags = {"beach"}}));
  ASSERT_EQ(set_xattr(at(folder_of('p') / "clip-p.txt"), "user.lensfs.field.scene", "12"), 0);
  const auto& stranger = kCallers[5].person;
  const auto facets = [&](const char* folder) {
    return told_by(stranger, [&] {
      std::string names;
      walk(at(folder), 1, names);
      return names;
    });
  };

  EXPECT_EQ(facets("Tags/beach"), "+\nopen-1.mov\n");
  EXPECT_EQ(facets("Tags/beach/+"), "");  // one file: nothing to narrow by
  EXPECT_EQ(facets("Search/tag:beach"), "+\nopen-1.mov\n");
  for (const char* typed :
       {"Tags/beach/kind=document", "Tags/beach/scene=12", "Tags/beach/project=demo",
        "Tags/beach/+/scene", "Tags/secret", "Versions/approved", "Projects/demo"}) {
    EXPECT_EQ(error_for(stranger, [&] { return stat_error(at(typed)); }), ENOENT) << typed;
  }
}

}  // namespace
}  // namespace lensfs::test
