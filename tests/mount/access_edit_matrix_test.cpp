// Every right × making, renaming and removing × every door to a file: what a view makes of it, and
// only for whom the rules let write.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <map>

#include "tests/mount/access_matrix.h"

namespace lensfs::test {
namespace {

constexpr std::array<std::string_view, 3> kEdits = {"create", "rename", "unlink"};

// What the folder of a door does with edits.
enum class Folder {
  project,  // all of them, by who may write
  term,     // a term that no rule guards: its mode lets its owner only
  guarded,  // a term with a rule: who may write makes and renames, who manages takes it off
  result,   // nothing: it shows what is elsewhere
  past,     // nothing: it is what it was
};

struct EditDoor {
  std::string_view name;
  path at;
  Folder folder = Folder::past;
  enum class File { current, past } file = File::current;
  // By the rule of the term that the door is, for the caller.
  Right term = Right::manage;
};

char edit(std::string_view operation, const path& file) {
  if (operation == "create") {
    const path fresh = file.parent_path() / ("new-" + file.filename().string());
    const int fd = ::open(fresh.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0) return outcome(errno);
    ::close(fd);
    return outcome(::unlink(fresh.c_str()) == 0 ? 0 : EIO);
  }
  if (operation == "unlink") return outcome(::unlink(file.c_str()) == 0 ? 0 : errno);
  const path other = file.parent_path() / ("moved-" + file.filename().string());
  if (::rename(file.c_str(), other.c_str()) != 0) return outcome(errno);
  return outcome(::rename(other.c_str(), file.c_str()) == 0 ? 0 : EIO);
}

class AccessEditMatrix : public AccessMatrix {
 protected:
  static constexpr int kDoors = 16;
  // Terms with rules, the doors after the others: one that says what everybody's role says, one for
  // two roles, one that leaves all but a manager the proxies.
  struct RuledTerm {
    std::string_view name;
    std::string rule;
    Right (*right)(Right role);
  };
  static const std::array<RuledTerm, 3>& ruled_terms() {
    static const std::array<RuledTerm, 3> kTerms = {{
        {"guarded", std::string(kRule) + ", other=none", [](Right role) { return role; }},
        {"delivered", "role:manager, role:editor, other=read",
         [](Right role) { return role >= Right::write ? role : Right::read; }},
        {"offline", "role:manager, other=proxy",
         [](Right role) { return role == Right::manage ? role : Right::proxy; }},
    }};
    return kTerms;
  }
  static constexpr int kFirstRuled = kDoors - 3;

  // A file for each caller and each door: what is removed by one is there for the next.
  static std::string name_of_file(std::size_t caller, int door, char guard) {
    return "spare" + std::to_string(caller) + "-" + std::to_string(door) + "-" + guard + ".txt";
  }

  void SetUp() override {
    AccessMatrix::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (const char guard : kGuards) {
      const path made = scratch() / "spares" / folder_of(guard).filename();
      for (std::size_t caller = 0; caller < kCallers.size(); ++caller) {
        for (int door = 0; door < kDoors; ++door) {
          const std::string name = name_of_file(caller, door, guard);
          write_file(made / name, name);
        }
      }
      std::vector<std::string> tags = {"beach"};
      if (guard == 't') tags.emplace_back("secret");
      ASSERT_TRUE(ingest(made.string(), {.project = guard == 'p' ? "demo" : "open", .tags = tags}));
    }
    set_rules_of_terms();
    const std::string for_all = std::string(kRule) + ", other=none";
    for (std::size_t caller = 0; caller < kCallers.size(); ++caller) {
      for (int door = 0; door < kDoors; ++door) {
        const path file = at(folder_of('a') / name_of_file(caller, door, 'a'));
        ASSERT_EQ(set_xattr(file, "user.lensfs.access", for_all), 0);
      }
    }
    // Modes keep nobody from anything: the rules are what is tried.
    using std::filesystem::perms;
    for (const char guard : kGuards) {
      std::filesystem::permissions(at(folder_of(guard)), perms::all);
      ASSERT_EQ(library_command("label", labelled(guard)).exit, 0);
    }
  }

  void set_rules_of_terms() {
    int door = kFirstRuled;
    for (const RuledTerm& term : ruled_terms()) {
      std::vector<std::string> words;
      for (const char guard : kGuards) {
        for (std::size_t caller = 0; caller < kCallers.size(); ++caller) {
          words.push_back((folder_of(guard) / name_of_file(caller, door, guard)).string());
        }
      }
      words.push_back("+" + std::string(term.name));
      ASSERT_EQ(library_command("tag", words).exit, 0);
      ASSERT_EQ(set_xattr(at("Tags") / term.name, "user.lensfs.access", term.rule), 0);
      ++door;
    }
  }

  static std::vector<std::string> labelled(char guard) {
    std::vector<std::string> words;
    for (std::size_t caller = 0; caller < kCallers.size(); ++caller) {
      for (int door = 0; door < kDoors; ++door) {
        words.push_back((folder_of(guard) / name_of_file(caller, door, guard)).string());
      }
    }
    words.emplace_back("approved");
    return words;
  }

  [[nodiscard]] std::vector<EditDoor> doors_of(std::size_t caller, char guard) const {
    const path folder = at(folder_of(guard));
    int door = 0;
    const auto next = [&] { return name_of_file(caller, door++, guard); };
    const auto with_version = [](std::string name) { return name.insert(name.size() - 4, "@v1"); };
    std::vector<EditDoor> doors;
    doors.push_back({"plain path", folder / next(), Folder::project});
    doors.push_back({"term", at("Tags/beach") / next(), Folder::term});
    doors.push_back({"narrowed", at("Tags/beach/kind=document") / next(), Folder::result});
    doors.push_back({"search", at("Search/tag:beach") / next(), Folder::result});
    doors.push_back({"moment", folder / last_moment(guard) / next()});
    doors.push_back({"term at a moment", at("Tags/beach") / last_moment(guard) / next()});
    doors.push_back({"label", folder / "@approved" / next()});
    doors.push_back({"library by label", at("Versions/approved") / folder_of(guard) / next()});
    doors.push_back(
        {"version", folder / with_version(next()), Folder::project, EditDoor::File::past});
    doors.push_back({"history", folder / ".versions" / next() / "v1.txt"});
    doors.push_back({"lens", folder / "@720p" / next()});
    doors.push_back({"resolutions", at("Resolutions/720p") / folder_of(guard) / next()});
    doors.push_back({"term through a lens", at("Tags/beach/@720p") / next()});
    for (const RuledTerm& term : ruled_terms()) {
      doors.push_back({term.name, at("Tags") / term.name / next(), Folder::guarded,
                       EditDoor::File::current, term.right(kCallers[caller].right)});
    }
    return doors;
  }

  // What is made is up to the folder, what is there to the file as well.
  static char expected_edit(std::string_view operation, const EditDoor& door, char guard,
                            Right right) {
    const bool makes = operation == "create";
    if (door.folder == Folder::guarded) return expected_in_term(operation, door.term, right);
    if (right == Right::none && !(makes && sees_folder(door, guard))) return 'm';
    if (door.folder == Folder::project) {
      if (makes) return guard != 'p' || right >= Right::write ? 'o' : 'r';
      return door.file == EditDoor::File::current && right >= Right::write ? 'o' : 'r';
    }
    return 'r';
  }
  // A new file is bound by the term alone, and what was made there may be thrown away again. To
  // take the term off what stays elsewhere would take its rule off.
  static char expected_in_term(std::string_view operation, Right term, Right right) {
    const Right lowest = operation == "create" ? term : std::min(term, right);
    if (lowest == Right::none) return 'm';
    const bool takes_off = operation == "unlink";
    return lowest >= (takes_off ? Right::manage : Right::write) ? 'o' : 'r';
  }
  // Whether a stranger is in the folder of a door, with nothing to be seen there.
  static bool sees_folder(const EditDoor& door, char guard) {
    if (door.name == "label") return false;
    if (door.name == "library by label" || door.name == "history" || door.name == "narrowed")
      return false;
    const bool is_below_a_term = door.name.starts_with("term") || door.folder == Folder::result;
    return is_below_a_term || guard != 'p';
  }
};

TEST_F(AccessEditMatrix, IsAsTheViewsAndTheRulesSayInEveryCell) {
  int cells = 0;
  for (std::size_t caller = 0; caller < kCallers.size(); ++caller) {
    for (const char guard : kGuards) {
      const std::vector<EditDoor> doors = doors_of(caller, guard);
      for (const EditDoor& door : doors) ASSERT_EQ(stat_error(door.at), 0) << door.at;
      const std::string got = told_by(kCallers[caller].person, [&] {
        std::string letters;
        for (const EditDoor& door : doors) {
          for (const std::string_view operation : kEdits) letters += edit(operation, door.at);
        }
        return letters;
      });
      ASSERT_EQ(got.size(), doors.size() * kEdits.size()) << got;
      std::size_t cell = 0;
      for (const EditDoor& door : doors) {
        for (const std::string_view operation : kEdits) {
          EXPECT_EQ(got[cell], expected_edit(operation, door, guard, kCallers[caller].right))
              << kCallers[caller].role << ", " << operation << ", " << door.name << ", guard "
              << guard;
          ++cell;
          ++cells;
        }
      }
    }
  }
  EXPECT_GE(cells, 700);
}

}  // namespace
}  // namespace lensfs::test
