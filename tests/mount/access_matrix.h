// A drive with files that rules of a project, a term or their own guard, people with every right,
// and the doors by which they come.
#pragma once

#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/xattr.h>

#include <array>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/access_rule.h"
#include "tests/mount/access_people.h"
#include "tests/support/drive.h"
#include "tests/support/versions.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {

struct Caller {
  std::string_view role;
  Person person;
  Right right;
};
inline const std::array<Caller, 6> kCallers = {{{"manager", {70001, {71001}}, Right::manage},
                                                {"editor", {70002, {71002, 5}}, Right::write},
                                                {"assistant", {70003, {71003}}, Right::read},
                                                {"reviewer", {70004, {7, 71004}}, Right::proxy},
                                                {"guest", {70005, {71005}}, Right::list},
                                                {"stranger", {70006, {}}, Right::none}}};
inline constexpr const char* kRule =
    "role:manager, role:editor, role:assistant, role:reviewer, role:guest";

// By which rule a file is guarded: that of its project, of a term it carries, or its own.
inline constexpr std::string_view kGuards = "pta";

struct Door {
  std::string_view name;
  path at;
  enum class Listed { no, yes } listed = Listed::yes;
  enum class Leads { to_file, to_past, to_made, to_trash } leads = Leads::to_file;
};

// One letter for each outcome: o done, m not there, r refused, d no such attribute, y and n for
// listed or not, e anything else.
inline char outcome(int error) {
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

inline char listed(const path& file) {
  DIR* const folder = ::opendir(file.parent_path().c_str());
  if (folder == nullptr) return errno == ENOENT ? 'n' : 'e';
  bool found = false;
  while (const dirent* const entry = ::readdir(folder)) {
    found = found || file.filename() == entry->d_name;
  }
  ::closedir(folder);
  return found ? 'y' : 'n';
}

inline int attribute_error(const path& file, const char* name) {
  std::array<char, 4096> value{};
  return ::getxattr(file.c_str(), name, value.data(), value.size()) < 0 ? errno : 0;
}

inline char tells_right(const path& file, Right right) {
  const auto value = xattr(file, "user.lensfs.right");
  if (!value) return outcome(attribute_error(file, "user.lensfs.right"));
  return *value == name_of(right) ? 'o' : 'e';
}

inline constexpr std::array<std::string_view, 10> kOperations = {
    "stat", "list", "read", "write", "tags", "hash", "names", "right", "rule", "field"};

inline char carry_out(std::string_view operation, const path& file, Right right) {
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
inline char expected(std::string_view operation, const Door& door, char guard, Right right) {
  if (right == Right::none) return operation == "list" ? 'n' : 'm';
  const bool is_made = door.leads == Door::Leads::to_made;
  const bool is_past = is_made || door.leads == Door::Leads::to_past;
  if (operation == "list") return 'y';
  if (operation == "read" || operation == "hash") {
    return right >= (is_made ? Right::proxy : Right::read) ? 'o' : 'r';
  }
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

  // Every caller carries out every operation at the doors of each guard. How many cells there were.
  static int check_cells(const std::function<std::vector<Door>(char guard)>& doors_of) {
    int cells = 0;
    std::map<char, std::vector<Door>> all;
    for (const char guard : kGuards) all[guard] = doors_of(guard);
    for (const Caller& caller : kCallers) {
      for (const auto& [guard, doors] : all) {
        for (const Door& door : doors) {
          // Somebody who may see it has just looked: what the kernel keeps must not help others.
          EXPECT_EQ(stat_error(door.at), 0) << door.at;
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
        EXPECT_EQ(got.size(), doors.size() * kOperations.size()) << got;
        std::size_t cell = 0;
        for (const Door& door : doors) {
          for (const std::string_view operation : kOperations) {
            const char is = cell < got.size() ? got[cell] : '?';
            ++cell;
            if (operation == "list" && door.listed == Door::Listed::no) continue;
            ++cells;
            EXPECT_EQ(is, expected(operation, door, guard, caller.right))
                << caller.role << ", " << operation << ", " << door.name << ", guard " << guard;
          }
        }
      }
    }
    return cells;
  }
};

}  // namespace lensfs::test
