#include "tools/ingest/walker.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>

#include "catalog/model/frame_name.h"

namespace lensfs {
namespace {

struct DirCloser {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

Result<std::vector<std::string>> names_in(int directory) {
  Fd own(::fcntl(directory, F_DUPFD_CLOEXEC, 0));
  if (!own) return last_error("open");
  const std::unique_ptr<DIR, DirCloser> stream(::fdopendir(own.get()));
  if (!stream) return last_error("list");
  (void)own.release();  // the stream closes it
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string_view name(&entry->d_name[0]);
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return last_error("list");
  std::sort(names.begin(), names.end());
  return names;
}

std::string real_path_of(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), &std::free);
  return real ? std::string(real.get()) : path;
}

const char* kind_word(mode_t mode) {
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISFIFO(mode)) return "a named pipe";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  return "neither a file nor a directory";
}

struct Operand {
  std::string directory;  // to open
  std::string name;       // in it; empty: all that is in it
  std::string shown;      // the directory as the operand named it
};

Operand split_operand(const std::string& operand) {
  const std::size_t slash = operand.rfind('/');
  const std::string last = slash == std::string::npos ? operand : operand.substr(slash + 1);
  if (last.empty() || last == "." || last == "..") {
    return {.directory = operand, .name = {}, .shown = operand};
  }
  if (slash == std::string::npos) return {.directory = ".", .name = last, .shown = {}};
  const std::string parent = slash == 0 ? "/" : operand.substr(0, slash);
  return {.directory = parent, .name = last, .shown = parent};
}

void mark_runs(std::vector<SourceFile>& files) {
  std::vector<std::string> names;
  names.reserve(files.size());
  for (const SourceFile& file : files) names.push_back(file.name);
  std::map<std::string, std::shared_ptr<SourceRun>> run_of;
  for (const FrameRun& run : frame_runs(names)) {
    const auto shared = std::make_shared<SourceRun>(SourceRun{.files = run.names.size()});
    for (const std::string& name : run.names) run_of.emplace(name, shared);
  }
  for (SourceFile& file : files) {
    if (const auto run = run_of.find(file.name); run != run_of.end()) file.run = run->second;
  }
}

std::pair<std::uint64_t, std::uint64_t> identity_of(const struct stat& status) {
  return {status.st_dev, status.st_ino};
}

}  // namespace

Walker::Walker(Options options, WalkVisitor& visitor, std::stop_token stop)
    : options_(std::move(options)), visitor_(visitor), stop_(std::move(stop)) {
  struct stat status {};
  if (::stat(options_.library.c_str(), &status) == 0) library_ = identity_of(status);
  library_path_ = real_path_of(options_.library.string());
}

void Walker::walk(const std::string& operand) {
  const Operand parts = split_operand(operand);
  auto fd = open_source_directory(AT_FDCWD, parts.directory, Follow::yes);
  if (!fd) return visitor_.failed(operand, fd.error());
  auto status = stat_of(fd->get());
  if (!status) return visitor_.failed(operand, status.error());

  auto top = std::make_shared<SourceDirectory>();
  top->fd = std::move(*fd);
  top->absolute = path_of_directory(top->fd.get(), real_path_of(parts.directory));
  top->shown = parts.shown;
  if ((top->absolute + "/").starts_with(library_path_ + "/")) {
    return visitor_.skipped(operand, "inside the library itself");
  }
  levels_.clear();
  if (parts.name.empty()) {
    if (const auto reason = reason_to_stay_out(top->fd.get(), *status, 0)) {
      return visitor_.skipped(operand, *reason);
    }
    enter(std::move(top), *status);
  } else {
    levels_.push_back(Level{std::move(top), identity_of(*status), {}});
    look_at(levels_.back(), parts.name);
    visit_files();
  }
  while (!levels_.empty() && !stop_.stop_requested()) {
    Level& level = levels_.back();
    if (level.subdirectories.empty()) {
      levels_.pop_back();
      continue;
    }
    const std::string name = std::move(level.subdirectories.back());
    level.subdirectories.pop_back();
    descend(name);
  }
  levels_.clear();
}

void Walker::descend(const std::string& name) {
  const std::shared_ptr<SourceDirectory> parent = levels_.back().directory;
  const std::string shown = joined(parent->shown, name);
  auto fd = open_source_directory(parent->fd.get(), name, options_.follow);
  if (!fd) return visitor_.failed(shown, fd.error());
  auto status = stat_of(fd->get());
  if (!status) return visitor_.failed(shown, status.error());
  if (const auto reason = reason_to_stay_out(fd->get(), *status, levels_.back().identity.first)) {
    return visitor_.skipped(shown, *reason);
  }

  auto directory = std::make_shared<SourceDirectory>();
  directory->fd = std::move(*fd);
  directory->shown = shown;
  directory->absolute = joined(parent->absolute, name);
  directory->parent = parent;
  directory->folder = folder_from(name, *status);
  enter(std::move(directory), *status);
}

void Walker::enter(std::shared_ptr<SourceDirectory> directory, const struct stat& status) {
  auto names = names_in(directory->fd.get());
  if (!names) return visitor_.failed(directory->shown, names.error());
  visitor_.directory(directory);
  levels_.push_back(Level{std::move(directory), identity_of(status), {}});
  Level& level = levels_.back();
  for (const std::string& name : *names) {
    if (stop_.stop_requested()) return;
    look_at(level, name);
  }
  visit_files();
  std::reverse(level.subdirectories.begin(), level.subdirectories.end());
}

void Walker::look_at(Level& level, const std::string& name) {
  SourceFile file{.directory = level.directory, .name = name};
  if (::fstatat(level.directory->fd.get(), name.c_str(), &file.seen, AT_SYMLINK_NOFOLLOW) != 0) {
    return visitor_.failed(file.shown(), error_from_errno(errno, "stat"));
  }
  if (S_ISLNK(file.seen.st_mode)) {
    if (options_.follow == Follow::no) return visitor_.skipped(file.shown(), "a symbolic link");
    if (::fstatat(level.directory->fd.get(), name.c_str(), &file.seen, 0) != 0) {
      return visitor_.failed(file.shown(), error_from_errno(errno, "follow"));
    }
    file.follow = Follow::yes;
  }
  if (S_ISDIR(file.seen.st_mode)) {
    level.subdirectories.push_back(name);
  } else if (S_ISREG(file.seen.st_mode)) {
    found_.push_back(std::move(file));
    if (options_.runs == Options::Runs::ignore) visit_files();
  } else {
    visitor_.skipped(file.shown(), kind_word(file.seen.st_mode));
  }
}

void Walker::visit_files() {
  std::vector<SourceFile> files = std::exchange(found_, {});
  if (options_.runs == Options::Runs::mark) mark_runs(files);
  for (SourceFile& file : files) visitor_.file(std::move(file));
}

std::optional<std::string> Walker::reason_to_stay_out(int fd, const struct stat& status,
                                                      std::uint64_t parent_device) const {
  const Identity identity = identity_of(status);
  if (identity == library_) return "the library itself";
  const auto same = [&](const Level& level) { return level.identity == identity; };
  if (std::any_of(levels_.begin(), levels_.end(), same)) return "a loop: it leads back up";
  if (status.st_dev == parent_device) return std::nullopt;
  std::array<char, 4096> library{};
  const ssize_t length = ::fgetxattr(fd, "user.lensfs.library", library.data(), library.size());
  if (length < 0) return std::nullopt;
  const std::string path(library.data(), static_cast<std::size_t>(length));
  if (path == library_path_) return "a mount of the library itself";
  return std::nullopt;
}

NewFolder Walker::folder_from(const std::string& name, const struct stat& status) const {
  Spelling spelling = spelled(name);
  const bool keep = options_.owner == Options::Owner::source;
  return {.name = std::move(spelling.name),
          .raw_name = std::move(spelling.raw),
          .uid = keep ? status.st_uid : ::geteuid(),
          .gid = keep ? status.st_gid : ::getegid(),
          .mode = status.st_mode & 0777U,
          .mtime = from_timespec(status.st_mtim)};
}

}  // namespace lensfs
