// Every right × every operation × every door to a file, by rules of a project, a term and a file:
// each cell as the rules say, with the kernel's caches warm from those who may see everything.
#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <map>

#include "catalog/model/access_rule.h"
#include "tests/mount/access_people.h"
#include "tests/support/drive.h"
#include "tests/support/versions.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

struct Caller {
  std::string_view role;
  Person person;
  Right right;
};
const std::array<Caller, 6> kCallers = {{{"manager", {70001, {71001}}, Right::manage},
                                         {"editor", {70002, {71002, 5}}, Right::write},
                                         {"assistant", {70003, {71003}}, Right::read},
                                         {"reviewer", {70004, {7, 71004}}, Right::proxy},
                                         {"guest", {70005, {71005}}, Right::list},
                                         {"stranger", {70006, {}}, Right::none}}};
constexpr const char* kRule =
    "role:manager, role:editor, role:assistant, role:reviewer, role:guest";

// By which rule a file is guarded: that of its project, of a term it carries, or its own.
constexpr std::string_view kGuards = "pta";

struct Door {
  std::string_view name;
  path at;
  enum class Listed { no, yes } listed = Listed::yes;
  enum class Leads { to_file, to_past, to_trash } leads = Leads::to_file;
};

// One letter for each outcome: o done, m not there, r refused, d no such attribute, y and n for
// listed or not, e anything else.
char outcome(int error) {
  switch (error) {
    case 0:
      return 'o';
    case ENOENT:
      return 'm';
    case EACCES:
    case EPERM:
    case EROFS:
      return 'r';
    case ENODATA:
      return 'd';
    default:
      return 'e';
  }
}

char listed(const path& file) {
  DIR* const folder = ::opendir(file.parent_path().c_str());
  if (folder == nullptr) return errno == ENOENT ? 'n' : 'e';
  bool found = false;
  while (const dirent* const entry = ::readdir(folder)) {
    found = found || file.filename() == entry->d_name;
  }
  ::closedir(folder);
  return found ? 'y' : 'n';
}

int attribute_error(const path& file, const char* name) {
  std::array<char, 4096> value{};
  return ::getxattr(file.c_str(), name, value.data(), value.size()) < 0 ? errno : 0;
}

char tells_right(const path& file, Right right) {
  const auto value = xattr(file, "user.lensfs.right");
  if (!value) return outcome(attribute_error(file, "user.lensfs.right"));
  return *value == name_of(right) ? 'o' : 'e';
}

constexpr std::array<std::string_view, 10> kOperations = {
    "stat", "list", "read", "write", "tags", "hash", "names", "right", "rule", "field"};

char carry_out(std::string_view operation, const path& file, Right right) {
  if (operation == "stat") return outcome(stat_error(file));
  if (operation == "list") return listed(file);
  if (operation == "read") return outcome(open_error(file, O_RDONLY));
  if (operation == "write") return outcome(open_error(file, O_WRONLY));
  if (operation == "tags") return outcome(attribute_error(file, "user.xdg.tags"));
  if (operation == "hash") return outcome(attribute_error(file, "user.lensfs.hash"));
  if (operation == "names") return outcome(::listxattr(file.c_str(), nullptr, 0) < 0 ? errno : 0);
  if (operation == "right") return tells_right(file, right);
  if (operation == "rule") return outcome(attribute_error(file, "user.lensfs.access"));
  return outcome(set_xattr(file, "user.lensfs.field.note", "x"));
}

// What the rules say of it.
char expected(std::string_view operation, const Door& door, char guard, Right right) {
  if (right == Right::none) return operation == "list" ? 'n' : 'm';
  const bool is_past = door.leads == Door::Leads::to_past;
  if (operation == "list") return 'y';
  if (operation == "read" || operation == "hash") return right >= Right::read ? 'o' : 'r';
  // What lies in the trash is written by nobody.
  if (operation == "write" && door.leads == Door::Leads::to_trash) return 'r';
  if (operation == "write" || operation == "field") {
    return right >= Right::write && !is_past ? 'o' : 'r';
  }
  if (operation == "rule") {
    if (right < Right::manage) return 'r';
    return guard == 'a' && !is_past ? 'o' : 'd';
  }
  return 'o';
}

class AccessMatrix : public DriveTest {
 protected:
  static path folder_of(char guard) {
    return guard == 'p'   ? "Projects/demo/raw"
           : guard == 't' ? "Projects/open/raw"
                          : "Projects/open/own";
  }
  static std::string file_named(std::string_view stem, char guard, std::string_view rest = "") {
    return std::string(stem) + "-" + guard + std::string(rest) + ".txt";
  }
  void command(const std::string& verb, const std::vector<std::string>& arguments) {
    const Ran ran = library_command(verb, arguments);
    ASSERT_EQ(ran.exit, 0) << verb << ": " << ran.out << ran.err;
  }

  void SetUp() override {
    DriveTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (const char guard : kGuards) {
      const std::string project = guard == 'p' ? "demo" : "open";
      std::vector<std::string> tags = {"beach"};
      if (guard == 't') tags.emplace_back("secret");
      const path below = folder_of(guard).filename();
      for (const char* stem : {"clip", "gone"}) {
        ASSERT_TRUE(add(below / file_named(stem, guard), std::string("first ") + stem + guard,
                        {.project = project, .tags = tags}));
      }
      command("label", {(folder_of(guard) / file_named("clip", guard)).string(), "approved"});
    }
    for (std::size_t at = 0; at + 1 < kCallers.size(); ++at) {
      const std::string group = "group:" + std::to_string(71001 + at);
      command("access", {"roles", std::string(kCallers[at].role), group});
    }
    ASSERT_TRUE(mount());
    for (const char guard : kGuards) {
      const path file = at(folder_of(guard) / file_named("clip", guard));
      write_file(file, "second");
      ASSERT_TRUE(gets_versions(file, 2));
    }
    set_rules();
    for (const char guard : kGuards) {
      std::filesystem::remove(at(folder_of(guard) / file_named("gone", guard)));
    }
  }

  void set_rules() {
    const std::string for_all = std::string(kRule) + ", other=none";
    ASSERT_EQ(set_xattr(at("Projects/demo"), "user.lensfs.access", kRule), 0);
    ASSERT_EQ(set_xattr(at("Tags/secret"), "user.lensfs.access", for_all), 0);
    for (const char* stem : {"clip", "gone"}) {
      const path file = at(folder_of('a') / file_named(stem, 'a'));
      ASSERT_EQ(set_xattr(file, "user.lensfs.access", for_all), 0);
    }
  }

  [[nodiscard]] std::string last_moment(char guard) const {
    const auto tokens = names_in(at(folder_of(guard)) / ".versions");
    return tokens.empty() ? "@none" : tokens.back();
  }

  [[nodiscard]] std::vector<Door> doors(char guard) const {
    using Listed = Door::Listed;
    using Leads = Door::Leads;
    const path folder = at(folder_of(guard));
    const std::string name = file_named("clip", guard);
    const std::string moment = last_moment(guard);
    const path below = folder_of(guard);
    const auto past = Leads::to_past;
    return {
        {"plain path", folder / name},
        {"term", at("Tags/beach") / name},
        {"narrowed", at("Tags/beach/kind=document") / name},
        {"search", at("Search/tag:beach") / name},
        {"search by name", at("Search/name:clip-*") / name},
        {"suffix", at("Tags/beach") / suffixed(guard), Listed::no},
        {"moment", folder / moment / name, Listed::yes, past},
        {"term at a moment", at("Tags/beach") / moment / name, Listed::yes, past},
        {"label", folder / "@approved" / name, Listed::yes, past},
        {"library by label", at("Versions/approved") / below / name, Listed::yes, past},
        {"version", folder / file_named("clip", guard, "@v1"), Listed::no, past},
        {"history", folder / ".versions" / name / "v1.txt", Listed::no, past},
        {"lens", folder / "@720p" / name, Listed::yes, past},
        {"resolutions", at("Resolutions/720p") / below / name, Listed::yes, past},
        {"term through a lens", at("Tags/beach/@720p") / name, Listed::yes, past},
        {"trash", at("Trash") / file_named("gone", guard), Listed::yes, Leads::to_trash},
    };
  }

  [[nodiscard]] std::string suffixed(char guard) const {
    const std::string id =
        xattr_text(at(folder_of(guard) / file_named("clip", guard)), "user.lensfs.id");
    return file_named("clip", guard, "~" + id);
  }
};

TEST_F(AccessMatrix, IsAsTheRulesSayInEveryCell) {
  int cells = 0;
  std::map<char, std::vector<Door>> all;
  for (const char guard : kGuards) all[guard] = doors(guard);
  for (const Caller& caller : kCallers) {
    for (const auto& [guard, doors] : all) {
      for (const Door& door : doors) {
        // Somebody who may see it has just looked: what the kernel keeps must not help others.
        ASSERT_EQ(stat_error(door.at), 0) << door.at;
        static_cast<void>(listed(door.at));
      }
      const std::string got = told_by(caller.person, [&doors = doors, &caller] {
        std::string letters;
        for (const Door& door : doors) {
          for (const std::string_view operation : kOperations) {
            letters += carry_out(operation, door.at, caller.right);
          }
        }
        return letters;
      });
      ASSERT_EQ(got.size(), doors.size() * kOperations.size()) << got;
      std::size_t cell = 0;
      for (const Door& door : doors) {
        for (const std::string_view operation : kOperations) {
          const char is = got[cell++];
          if (operation == "list" && door.listed == Door::Listed::no) continue;
          ++cells;
          EXPECT_EQ(is, expected(operation, door, guard, caller.right))
              << caller.role << ", " << operation << ", " << door.name << ", guard " << guard;
        }
      }
    }
  }
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
