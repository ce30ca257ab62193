#include "tests/stress/worker.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <numeric>
#include <sstream>

namespace lensfs::stress {
namespace {

constexpr std::size_t kSharedSize = 300'000;

struct DirCloser {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

}  // namespace

std::string shared_bytes(int number) {
  Random random(static_cast<std::uint64_t>(number) + 77);
  return random_bytes(random, kSharedSize + static_cast<std::size_t>(number) * 1111);
}

void make_shared_files(const std::string& folder) {
  expect_done(::mkdir(folder.c_str(), 0755), "mkdir", folder);
  for (int number = 0; number < kSharedFiles; ++number) {
    const std::string path = joined(folder, "s" + std::to_string(number));
    const std::string bytes = shared_bytes(number);
    const Fd fd(::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644));
    expect_done(fd.get(), "open", path);
    const ssize_t wrote = ::write(fd.get(), bytes.data(), bytes.size());
    expect_done(wrote, "write", path);
    if (static_cast<std::size_t>(wrote) != bytes.size()) throw Mismatch("short write of " + path);
  }
}

Worker::Worker(const std::string& top, int number, int workers, std::uint64_t seed)
    : top_(top),
      root_(joined(top, "p" + std::to_string(number))),
      number_(number),
      workers_(workers),
      random_(seed * 1000 + static_cast<std::uint64_t>(number)) {
  expect_done(::mkdir(root_.c_str(), 0755), "mkdir", root_);
}

std::span<const Worker::Operation> Worker::operations() {
  static constexpr std::array kOperations = {
      Operation{"create", 6, &Worker::create},
      Operation{"open", 10, &Worker::open},
      Operation{"close", 9, &Worker::close},
      Operation{"read", 14, &Worker::read},
      Operation{"write", 14, &Worker::write},
      Operation{"append", 8, &Worker::append},
      Operation{"truncate", 2, &Worker::truncate},
      Operation{"truncate an open file", 3, &Worker::truncate_open},
      Operation{"map and read", 4, &Worker::map_and_read},
      Operation{"map and write", 4, &Worker::map_and_write},
      Operation{"fallocate", 3, &Worker::allocate},
      Operation{"copy_file_range", 3, &Worker::copy_range},
      Operation{"fsync", 2, &Worker::sync},
      Operation{"stat", 6, &Worker::look},
      Operation{"read whole", 5, &Worker::read_whole},
      Operation{"mkdir", 2, &Worker::make_folder},
      Operation{"rmdir", 2, &Worker::remove_folder},
      Operation{"rename", 4, &Worker::rename},
      Operation{"rename a folder", 1, &Worker::rename_folder},
      Operation{"unlink", 4, &Worker::unlink},
      Operation{"link", 2, &Worker::link},
      Operation{"list", 3, &Worker::list},
      Operation{"read what is shared", 3, &Worker::read_shared},
      Operation{"read what others have", 2, &Worker::read_of_others},
  };
  return kOperations;
}

void Worker::step() {
  static const unsigned all =
      std::accumulate(operations().begin(), operations().end(), 0U,
                      [](unsigned sum, const Operation& one) { return sum + one.weight; });
  auto drawn = static_cast<unsigned>(random_() % all);
  for (const Operation& operation : operations()) {
    if (drawn >= operation.weight) {
      drawn -= operation.weight;
      continue;
    }
    last_ = operation.name;
    (this->*operation.run)();
    return;
  }
}

std::string Worker::any_file() {
  if (tree_.files().empty()) return "";
  const auto at = static_cast<std::ptrdiff_t>(random_() % tree_.files().size());
  return std::next(tree_.files().begin(), at)->first;
}

std::string Worker::any_folder() {
  const auto at = static_cast<std::ptrdiff_t>(random_() % tree_.folders().size());
  return *std::next(tree_.folders().begin(), at);
}

std::string Worker::new_path() {
  return joined(any_folder(), "n" + std::to_string(made_++));
}

Handle* Worker::any_handle(bool Handle::*may) {
  if (handles_.empty()) return nullptr;
  const std::size_t first = random_() % handles_.size();
  for (std::size_t i = 0; i < handles_.size(); ++i) {
    Handle& handle = handles_[(first + i) % handles_.size()];
    if (handle.*may) return &handle;
  }
  return nullptr;
}

void Worker::check_names(const std::string& folder) {
  const std::unique_ptr<DIR, DirCloser> dir(::opendir(full(folder).c_str()));
  expect_done(dir ? 0 : -1, "opendir", full(folder));
  std::set<std::string> names;
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (!names.insert(name).second) {
      throw Mismatch("list of " + full(folder) + ": " + name + " comes twice");
    }
  }
  const std::set<std::string> wanted = tree_.names_in(folder);
  if (names == wanted) return;
  std::string text = "list of " + full(folder) + ":";
  for (const std::string& name : wanted) text += names.contains(name) ? "" : " -" + name;
  for (const std::string& name : names) text += wanted.contains(name) ? "" : " +" + name;
  throw Mismatch(text);
}

void Worker::check_all() {
  last_ = "last check";
  handles_.clear();
  for (const std::string& folder : tree_.folders()) check_names(folder);
  for (const auto& [path, file] : tree_.files()) {
    expect_same(bytes_at(full(path)), file->bytes, "last check", full(path), 0);
  }
}

std::string Worker::manifest() const {
  std::ostringstream text;
  for (const auto& [path, file] : tree_.files()) {
    text << digest(file->bytes) << ' ' << file->bytes.size() << " p" << number_ << '/' << path
         << '\n';
  }
  return text.str();
}

}  // namespace lensfs::stress
