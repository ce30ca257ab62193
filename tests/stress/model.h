// What must be on the drive, kept in memory: the bytes of each file, the names, the open
// descriptors.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/fd.h"

namespace lensfs::stress {

using Random = std::mt19937_64;

// Mismatch: the drive did not do what it must; says what and where.
struct Mismatch : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws unless a system call just made succeeded.
void expect_done(long returned, const char* call, const std::string& path);
void expect_error(long returned, int wanted, const char* call, const std::string& path);
void expect_same(std::string_view got, std::string_view wanted, const char* how,
                 const std::string& path, std::size_t offset);

struct Content {
  std::string bytes;
  std::size_t links = 1;
};
using File = std::shared_ptr<Content>;

// An open descriptor. Its file may have lost all its names.
struct Handle {
  Fd fd;
  File file;
  std::string opened_as;
  bool reads = false;
  bool writes = false;  // at any offset
  bool appends = false;
};

// Tree: names and what they stand for. Paths are relative to the root, which is "".
class Tree {
 public:
  Tree() { folders_.insert(""); }
  [[nodiscard]] const std::map<std::string, File>& files() const { return files_; }
  [[nodiscard]] const std::set<std::string>& folders() const { return folders_; }
  [[nodiscard]] std::set<std::string> names_in(const std::string& folder) const;
  [[nodiscard]] bool is_taken(const std::string& path) const {
    return files_.contains(path) || folders_.contains(path);
  }

  void add(const std::string& path, File file) { files_[path] = std::move(file); }
  void add_folder(const std::string& path) { folders_.insert(path); }
  void remove(const std::string& path);
  void remove_folder(const std::string& path) { folders_.erase(path); }
  void move(const std::string& from, const std::string& to);  // over a file that is there
  void move_folder(const std::string& from, const std::string& to);

 private:
  std::map<std::string, File> files_;
  std::set<std::string> folders_;
};

[[nodiscard]] bool is_below(const std::string& path, const std::string& folder);
[[nodiscard]] std::string joined(const std::string& folder, const std::string& name);
[[nodiscard]] std::uint64_t digest(std::string_view bytes);  // FNV-1a
[[nodiscard]] std::string random_bytes(Random& random, std::size_t size);
// Of the file at this path, read with read(2) to its end.
[[nodiscard]] std::string bytes_at(const std::string& path);

}  // namespace lensfs::stress
