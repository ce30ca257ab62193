// Walker: turns the paths of a command line into source files, tree by tree, in name order.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "tools/ingest/source.h"

namespace lensfs {

// WalkVisitor: what the walker finds. Called from the walker's thread.
class WalkVisitor {
 public:
  virtual ~WalkVisitor() = default;
  virtual void directory(const std::shared_ptr<SourceDirectory>& directory) = 0;
  virtual void file(SourceFile file) = 0;
  virtual void skipped(const std::string& path, const std::string& reason) = 0;
  virtual void failed(const std::string& path, const Error& error) = 0;
};

class Walker {
 public:
  struct Options {
    Follow follow = Follow::no;
    std::filesystem::path library;  // never walked into, nor any mount of it
    enum class Owner { source, caller } owner = Owner::caller;  // of folders
    enum class Runs { ignore, mark } runs = Runs::ignore;       // SourceFile::run
  };
  Walker(Options options, WalkVisitor& visitor, std::stop_token stop);

  // Walks one operand. Problems go to the visitor.
  void walk(const std::string& operand);

 private:
  using Identity = std::pair<std::uint64_t, std::uint64_t>;  // device, inode
  struct Level {
    std::shared_ptr<SourceDirectory> directory;
    Identity identity;
    std::vector<std::string> subdirectories;  // still to be walked, last first
  };

  void enter(std::shared_ptr<SourceDirectory> directory, const struct stat& status);
  void descend(const std::string& name);
  void look_at(Level& level, const std::string& name);
  // The files that were found in a directory; those of a run one after another.
  void visit_files();
  [[nodiscard]] std::optional<std::string> reason_to_stay_out(int fd, const struct stat& status,
                                                              std::uint64_t parent_device) const;
  [[nodiscard]] NewFolder folder_from(const std::string& name, const struct stat& status) const;

  Options options_;
  WalkVisitor& visitor_;
  std::stop_token stop_;
  Identity library_{};
  std::string library_path_;
  std::vector<Level> levels_;
  std::vector<SourceFile> found_;  // of the directory that is being read
};

}  // namespace lensfs
