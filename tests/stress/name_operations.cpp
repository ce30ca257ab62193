// What a worker does to names, and what it reads of others.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

#include "tests/stress/worker.h"

namespace lensfs::stress {
namespace {

constexpr std::size_t kMostFolders = 20;

struct DirCloser {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

}  // namespace

void Worker::make_folder() {
  if (tree_.folders().size() >= kMostFolders) return remove_folder();
  const std::string path = up_to(9) == 0 ? any_folder() : new_path();
  const int made = ::mkdir(full(path).c_str(), 0755);
  if (tree_.is_taken(path)) return expect_error(made, EEXIST, "mkdir", full(path));
  expect_done(made, "mkdir", full(path));
  tree_.add_folder(path);
}

void Worker::remove_folder() {
  const std::string path = any_folder();
  if (path.empty()) return;
  const int removed = ::rmdir(full(path).c_str());
  if (!tree_.names_in(path).empty()) return expect_error(removed, ENOTEMPTY, "rmdir", full(path));
  expect_done(removed, "rmdir", full(path));
  tree_.remove_folder(path);
}

void Worker::rename() {
  const std::string from = any_file();
  if (from.empty()) return;
  const std::string to = up_to(2) == 0 ? any_file() : new_path();
  expect_done(::rename(full(from).c_str(), full(to).c_str()), "rename", full(from) + " to " + to);
  if (from != to) tree_.move(from, to);
}

void Worker::rename_folder() {
  const std::string from = any_folder();
  if (from.empty()) return;
  const std::string to = up_to(2) == 0 ? any_folder() : new_path();
  if (to.empty()) return;
  const int renamed = ::rename(full(from).c_str(), full(to).c_str());
  const std::string what = full(from) + " to " + to;
  if (is_below(to, from)) return expect_error(renamed, EINVAL, "rename", what);
  if (from != to && !tree_.names_in(to).empty())
    return expect_error(renamed, ENOTEMPTY, "rename", what);
  expect_done(renamed, "rename", what);
  if (from == to) return;
  tree_.remove_folder(to);
  tree_.move_folder(from, to);
}

void Worker::unlink() {
  const std::string path = any_file();
  if (path.empty()) return;
  expect_done(::unlink(full(path).c_str()), "unlink", full(path));
  tree_.remove(path);
  if (up_to(3) == 0) expect_error(::unlink(full(path).c_str()), ENOENT, "unlink", full(path));
}

void Worker::link() {
  const std::string from = any_file();
  if (from.empty()) return;
  const std::string to = up_to(5) == 0 ? any_file() : new_path();
  const int linked = ::link(full(from).c_str(), full(to).c_str());
  if (tree_.is_taken(to)) return expect_error(linked, EEXIST, "link", full(from) + " to " + to);
  expect_done(linked, "link", full(from) + " to " + to);
  const File file = tree_.files().at(from);
  ++file->links;
  tree_.add(to, file);
}

void Worker::list() {
  check_names(any_folder());
}

void Worker::read_shared() {
  static const std::vector<std::string> wanted = [] {
    std::vector<std::string> all;
    for (int i = 0; i < kSharedFiles; ++i) all.push_back(shared_bytes(i));
    return all;
  }();
  const std::size_t number = random_() % kSharedFiles;
  const std::string path = joined(top_, "shared/s" + std::to_string(number));
  const std::size_t from = up_to(wanted[number].size());
  std::string got(1 + up_to(100'000), '\0');
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  expect_done(fd.get(), "open", path);
  const ssize_t size = ::pread(fd.get(), got.data(), got.size(), static_cast<off_t>(from));
  expect_done(size, "pread", path);
  const std::size_t room = got.size();
  got.resize(static_cast<std::size_t>(size));
  expect_same(got, std::string_view(wanted[number]).substr(from, room), "pread", path, from);
}

// Names come and go there: only failures that this does not explain count.
void Worker::read_of_others() {
  const std::string folder =
      joined(top_, "p" + std::to_string(random_() % static_cast<std::uint64_t>(workers_)));
  const std::unique_ptr<DIR, DirCloser> dir(::opendir(folder.c_str()));
  if (!dir && errno == ENOENT) return;
  expect_done(dir ? 0 : -1, "opendir", folder);
  std::size_t skip = 5;  // not random: another process may not decide what comes next here
  while (const dirent* entry = ::readdir(dir.get())) {
    if (skip-- > 0) continue;
    const Fd fd(::openat(::dirfd(dir.get()), entry->d_name, O_RDONLY | O_CLOEXEC));
    if (!fd && errno == ENOENT) return;
    expect_done(fd.get(), "open", joined(folder, entry->d_name));
    char byte = 0;
    const ssize_t got = ::pread(fd.get(), &byte, 1, 100);
    if (got < 0 && errno == EISDIR) return;
    expect_done(got, "pread", joined(folder, entry->d_name));
    return;
  }
}

}  // namespace lensfs::stress
