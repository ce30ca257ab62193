#include "tests/stress/model.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace lensfs::stress {
namespace {

std::string name_of(int error) {
  const char* const name = ::strerrorname_np(error);
  return name != nullptr ? name : std::to_string(error);
}

}  // namespace

void expect_done(long returned, const char* call, const std::string& path) {
  if (returned < 0) throw Mismatch(std::string(call) + " of " + path + ": " + name_of(errno));
}

void expect_error(long returned, int wanted, const char* call, const std::string& path) {
  if (returned < 0 && errno == wanted) return;
  throw Mismatch(std::string(call) + " of " + path + ": " +
                 (returned < 0 ? name_of(errno) : "done") + " instead of " + name_of(wanted));
}

void expect_same(std::string_view got, std::string_view wanted, const char* how,
                 const std::string& path, std::size_t offset) {
  if (got == wanted) return;
  const auto differ = std::mismatch(got.begin(), got.end(), wanted.begin(), wanted.end());
  const auto first = static_cast<std::size_t>(differ.first - got.begin());
  throw Mismatch(std::string(how) + " of " + path + " at " + std::to_string(offset) + ": " +
                 std::to_string(got.size()) + " bytes instead of " + std::to_string(wanted.size()) +
                 ", different from offset " + std::to_string(offset + first));
}

std::set<std::string> Tree::names_in(const std::string& folder) const {
  std::set<std::string> names;
  const auto look_at = [&](const std::string& path) {
    if (!is_below(path, folder)) return;
    const std::size_t start = folder.empty() ? 0 : folder.size() + 1;
    if (path.find('/', start) == std::string::npos) names.insert(path.substr(start));
  };
  for (const auto& [path, file] : files_) look_at(path);
  for (const std::string& path : folders_) look_at(path);
  return names;
}

void Tree::remove(const std::string& path) {
  const auto found = files_.find(path);
  --found->second->links;
  files_.erase(found);
}

void Tree::move(const std::string& from, const std::string& to) {
  const auto target = files_.find(to);
  if (target != files_.end()) {
    if (target->second == files_[from]) return;  // two names of one file: nothing happens
    --target->second->links;
  }
  files_[to] = files_[from];
  files_.erase(from);
}

void Tree::move_folder(const std::string& from, const std::string& to) {
  const auto moved = [&](const std::string& path) { return to + path.substr(from.size()); };
  std::map<std::string, File> files;
  for (const auto& [path, file] : files_) files[is_below(path, from) ? moved(path) : path] = file;
  std::set<std::string> folders;
  for (const std::string& path : folders_) {
    folders.insert(path == from || is_below(path, from) ? moved(path) : path);
  }
  files_ = std::move(files);
  folders_ = std::move(folders);
}

bool is_below(const std::string& path, const std::string& folder) {
  if (folder.empty()) return !path.empty();
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

std::string joined(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + "/" + name;
}

std::uint64_t digest(std::string_view bytes) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  return hash;
}

std::string random_bytes(Random& random, std::size_t size) {
  std::string bytes(size, '\0');
  std::uint64_t state = random();
  for (std::size_t at = 0; at < size; at += sizeof state) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const std::uint64_t word = state ^ (state >> 29U);
    ::memcpy(&bytes[at], &word, std::min(sizeof word, size - at));
  }
  return bytes;
}

std::string bytes_at(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  expect_done(fd.get(), "open", path);
  std::string bytes;
  static thread_local std::array<char, 131072> part{};
  for (;;) {
    const ssize_t got = ::read(fd.get(), part.data(), part.size());
    expect_done(got, "read", path);
    if (got == 0) return bytes;
    bytes.append(part.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace lensfs::stress
