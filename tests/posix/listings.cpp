// readdir: each entry once, none lost, while names come and go; telldir and seekdir; types and
// inodes.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

struct DirCloser {
  void operator()(DIR* dir) const { ::closedir(dir); }
};
using Dir = std::unique_ptr<DIR, DirCloser>;

Dir opened_folder(const char* name) {
  Dir dir(::opendir(name));
  must(dir ? 0 : -1, "opendir");
  return dir;
}

std::string numbered(const char* stem, int number) {
  return stem + std::to_string(100000 + number);
}

// "d" with this many files.
void fill(int count) {
  make_folder("d");
  for (int i = 0; i < count; ++i) put("d/" + numbered("f", i), "");
}

// How often each name came, "." and ".." included.
std::map<std::string, int> read_on(DIR* dir) {
  std::map<std::string, int> seen;
  while (const dirent* entry = ::readdir(dir)) ++seen[entry->d_name];
  return seen;
}

int doubled(const std::map<std::string, int>& seen) {
  return static_cast<int>(
      std::count_if(seen.begin(), seen.end(), [](const auto& one) { return one.second > 1; }));
}

void check_contents() {
  for (const int count : {0, 1, 2, 100, 3000}) {
    check(Said{"readdir/entries", count}, [=] {
      fill(count);
      const auto seen = read_on(opened_folder("d").get());
      return Said{seen.size(), "doubled", doubled(seen), seen.contains("."), seen.contains("..")};
    });
  }
  check("readdir/long names, many pages", [] {
    make_folder("d");
    for (int i = 0; i < 200; ++i) put("d/" + numbered(std::string(200, 'n').c_str(), i), "");
    const auto seen = read_on(opened_folder("d").get());
    return Said{seen.size(), doubled(seen)};
  });
  check("readdir/types and inodes are those of lstat", [] {
    make_folder("d");
    put("d/file", "");
    make_folder("d/folder");
    must(::symlink("x", "d/symlink"), "symlink");
    must(::mkfifo("d/fifo", 0644), "mkfifo");
    const Dir dir = opened_folder("d");
    std::set<std::string> lines;
    while (const dirent* entry = ::readdir(dir.get())) {
      const std::string name = entry->d_name;
      if (name == "..") continue;
      const bool same = look_at("d/" + name).st_ino == entry->d_ino;
      lines.insert(name + ":" + std::to_string(int{entry->d_type}) + ":" + yes(same));
    }
    std::string outcome;
    for (const std::string& line : lines) outcome += line + ",";
    return outcome;
  });
  check("readdir/rewound", [] {
    fill(50);
    const Dir dir = opened_folder("d");
    const auto first = read_on(dir.get());
    put("d/later", "");
    ::rewinddir(dir.get());
    const auto second = read_on(dir.get());
    return Said{first.size(), second.size(), second.count("later")};
  });
  check("readdir/a removed folder", [] {
    make_folder("d");
    const Dir dir = opened_folder("d");
    must(::rmdir("d"), "rmdir");
    return read_on(dir.get()).empty() ? "nothing" : "something";
  });
  check("readdir/of a file", [] {
    put("a", "x");
    return result(::opendir("a") == nullptr ? -1 : 0);
  });
  check("readdir/two at once", [] {
    fill(500);
    const Dir one = opened_folder("d");
    const Dir two = opened_folder("d");
    std::size_t same = 0;
    std::size_t all = 0;
    for (;; ++all) {
      const dirent* const a = ::readdir(one.get());
      const std::string name = a != nullptr ? a->d_name : "";
      const dirent* const b = ::readdir(two.get());
      if (a == nullptr || b == nullptr) break;
      same += name == b->d_name ? 1U : 0U;
    }
    return Said{all, same};
  });
}

void check_changes() {
  check("readdir/each found once while all are removed", [] {
    fill(1000);
    const Dir dir = opened_folder("d");
    std::map<std::string, int> seen;
    while (const dirent* entry = ::readdir(dir.get())) {
      if (++seen[entry->d_name] == 1 && entry->d_name[0] == 'f') {
        must(::unlink(("d/" + std::string(entry->d_name)).c_str()), "unlink");
      }
    }
    return Said{seen.size(), doubled(seen), list_of("d"), result(::rmdir("d"))};
  });
  check("readdir/removed in batches, as rm does", [] {
    fill(2500);
    int rounds = 0;
    for (; !names_in("d").empty(); ++rounds) {
      const std::vector<std::string> names = names_in("d");
      for (std::size_t i = 0; i < std::min<std::size_t>(1000, names.size()); ++i) {
        must(::unlink(("d/" + names[i]).c_str()), "unlink");
      }
    }
    return Said{rounds, result(::rmdir("d"))};
  });
  check("readdir/old names once each while others are made", [] {
    fill(500);
    const Dir dir = opened_folder("d");
    std::map<std::string, int> seen;
    int made = 0;
    while (const dirent* entry = ::readdir(dir.get())) {
      ++seen[entry->d_name];
      if (made < 500) put("d/" + numbered("new", made++), "");
    }
    const auto old = std::count_if(seen.begin(), seen.end(),
                                   [](const auto& one) { return one.first[0] == 'f'; });
    return Said{old, doubled(seen), names_in("d").size()};
  });
  check("readdir/names that stay once each while others go", [] {
    fill(1000);
    const Dir dir = opened_folder("d");
    std::map<std::string, int> seen;
    int gone = 0;
    while (const dirent* entry = ::readdir(dir.get())) {
      ++seen[entry->d_name];
      if (gone < 1000) must(::unlink(("d/" + numbered("f", gone)).c_str()), "unlink");
      gone += 2;
    }
    int odd = 0;
    for (int i = 1; i < 1000; i += 2) odd += seen[numbered("f", i)] == 1 ? 1 : 0;
    return Said{odd, names_in("d").size()};
  });
  check("readdir/names that stay once each while others are renamed", [] {
    fill(600);
    const Dir dir = opened_folder("d");
    std::map<std::string, int> seen;
    int moved = 0;
    while (const dirent* entry = ::readdir(dir.get())) {
      ++seen[entry->d_name];
      if (moved < 600)
        must(::rename(("d/" + numbered("f", moved)).c_str(), ("d/" + numbered("g", moved)).c_str()),
             "rename");
      moved += 2;
    }
    int odd = 0;
    for (int i = 1; i < 600; i += 2) odd += seen[numbered("f", i)] == 1 ? 1 : 0;
    return Said{odd, names_in("d").size()};
  });
  check("readdir/while another process makes and removes", [] {
    fill(300);
    const pid_t child = ::fork();
    must(child, "fork");
    if (child == 0) {
      for (int i = 0; i < 2000; ++i) {
        const std::string name = "d/" + numbered("x", i % 50);
        const Fd fd(::open(name.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
        ::unlink(name.c_str());
      }
      ::_exit(0);
    }
    int right = 0;
    for (int round = 0; round < 20; ++round) {
      auto seen = read_on(opened_folder("d").get());
      int stayed = 0;
      for (int i = 0; i < 300; ++i) stayed += seen[numbered("f", i)] == 1 ? 1 : 0;
      right += stayed == 300 && doubled(seen) == 0 ? 1 : 0;
    }
    int status = 0;
    must(::waitpid(child, &status, 0), "waitpid");
    return std::to_string(right);
  });
}

void check_positions() {
  check("telldir/seek back to each entry", [] {
    fill(300);
    const Dir dir = opened_folder("d");
    std::vector<std::pair<long, std::string>> places;
    for (long place = ::telldir(dir.get());; place = ::telldir(dir.get())) {
      const dirent* const entry = ::readdir(dir.get());
      if (entry == nullptr) break;
      places.emplace_back(place, entry->d_name);
    }
    std::size_t right = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto& [place, name] = places[i * 7 % places.size()];
      ::seekdir(dir.get(), place);
      const dirent* const entry = ::readdir(dir.get());
      right += entry != nullptr && name == entry->d_name ? 1U : 0U;
    }
    return Said{places.size(), right};
  });
  check("telldir/goes on after removals before and after", [] {
    fill(400);
    const Dir dir = opened_folder("d");
    std::set<std::string> seen;
    for (int i = 0; i < 200; ++i) seen.insert(::readdir(dir.get())->d_name);
    const long place = ::telldir(dir.get());
    for (int i = 0; i < 400; i += 4) must(::unlink(("d/" + numbered("f", i)).c_str()), "unlink");
    ::seekdir(dir.get(), place);
    int again = 0;
    while (const dirent* entry = ::readdir(dir.get()))
      again += seen.insert(entry->d_name).second ? 0 : 1;
    int stayed = 0;
    for (int i = 0; i < 400; ++i) stayed += i % 4 != 0 && seen.count(numbered("f", i)) == 1 ? 1 : 0;
    return Said{stayed, again};
  });
}

}  // namespace

void check_listings() {
  check_contents();
  check_changes();
  check_positions();
}

}  // namespace lensfs::posix
