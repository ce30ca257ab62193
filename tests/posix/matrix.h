// The matrix: what each call did, as text that is the same on every file system that keeps to
// POSIX. No absolute path, inode number or clock gets into an outcome.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/fd.h"

namespace lensfs::posix {

// Runs `work` in a fresh working folder and prints "<name>: <outcome>". What throws is the outcome,
// too: a step that the check stands on did not work.
void check(const std::string& name, const std::function<std::string()>& work);

// Said: the parts, one space between them. A type and not a function because what stands in braces
// is evaluated from left to right, which what stands in parentheses is not.
struct Said : std::string {
  template <typename... Parts>
  explicit Said(const Parts&... parts) {
    std::ostringstream text;
    std::size_t number = 0;
    ((text << (number++ == 0 ? "" : " ") << parts), ...);
    assign(text.str());
  }
};

// "ok", or the name of errno, of a system call just made.
[[nodiscard]] std::string result(long returned);
[[nodiscard]] std::string octal(mode_t mode);  // the twelve bits of chmod: "0644"
[[nodiscard]] std::string yes(bool is_so);     // "yes" or "no"

// --- steps that a check stands on: they throw std::runtime_error
[[nodiscard]] Fd opened(const std::string& name, int flags, mode_t mode = 0644);
void put(const std::string& name, std::string_view bytes, mode_t mode = 0644);
void make_folder(const std::string& name, mode_t mode = 0755);
void must(long returned, const char* what);
[[nodiscard]] struct stat look_at(const std::string& name);  // lstat
[[nodiscard]] struct stat look_at(int fd);

// --- what is there
[[nodiscard]] std::string bytes_in(const std::string& name);   // or the name of errno
[[nodiscard]] std::string digest_of(const std::string& name);  // size and FNV-1a of the bytes
[[nodiscard]] std::string digest_of(int fd);
[[nodiscard]] std::string kind_of(const std::string& name);  // "file", "folder" …, or errno's name
[[nodiscard]] std::vector<std::string> names_in(const std::string& folder);  // in byte order
[[nodiscard]] std::string list_of(const std::string& folder);                // "a,b", or "-"
[[nodiscard]] std::string pattern(std::size_t size, unsigned seed = 1);  // bytes of no short period

// Which of the times of modification and of change of `name` moved while `work` ran: "mtime+ctime",
// "mtime", "ctime" or "none". Sets the time of modification to 2001 first.
[[nodiscard]] std::string moved_by(const std::string& name, const std::function<void()>& work);
void next_tick();  // until the clock that file systems read has moved on

struct User {
  uid_t uid;
  gid_t gid;
  std::vector<gid_t> groups = {};
};
inline const User kAnna{.uid = 20001, .gid = 30001};
inline const User kBert{.uid = 20002, .gid = 30002};
// Runs `work` in a child that is this user; what it said comes back.
[[nodiscard]] std::string as_user(const User& user, const std::function<std::string()>& work);
// Runs `work` in a child that is who we are.
[[nodiscard]] std::string in_child(const std::function<std::string()>& work);

// --- the families; each is one file
void check_access();
void check_copies();
void check_create();
void check_folders();
void check_links();
void check_listings();
void check_locks();
void check_mappings();
void check_modes();
void check_names();
void check_nodes();
void check_open_flags();
void check_owners();
void check_removals();
void check_renames();
void check_renamed_folders();
void check_sizes();
void check_space();
void check_symlinks();
void check_times();
void check_unlinked();
void check_writes();
void check_xattrs();

}  // namespace lensfs::posix
