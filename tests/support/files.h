// Files as applications meet them: every way to read, to list and to fail.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/result.h"

namespace lensfs::test {

using std::filesystem::path;

// errno of a system call just made, 0 if it did not fail.
[[nodiscard]] int error_of(long result);

void write_file(const path& at, std::string_view bytes);  // makes the folders above, too

// Ways to read a whole file; each gives the bytes or what failed.
[[nodiscard]] Result<std::string> read_at_once(const path& at);
// The same, or what the error says.
[[nodiscard]] std::string text_in(const path& at);
[[nodiscard]] Result<std::string> read_byte_by_byte(const path& at);
[[nodiscard]] Result<std::string> read_mapped(const path& at);
[[nodiscard]] Result<std::string> read_direct(const path& at);  // O_DIRECT, aligned
// Pieces of odd lengths, in an order that depends on `seed`, put together.
[[nodiscard]] Result<std::string> read_scattered(const path& at, std::uint64_t seed);

// Succeeds if both are there and equal; says where they differ, not what they hold.
[[nodiscard]] testing::AssertionResult same_bytes(const Result<std::string>& got,
                                                  std::string_view wanted);

// Names in a folder in byte order, without "." and "..". Fails the test if it cannot be listed.
[[nodiscard]] std::vector<std::string> names_in(const path& folder);
struct Entry {
  std::string name;
  std::uint64_t inode = 0;
  unsigned char type = 0;  // DT_REG …
};
[[nodiscard]] std::vector<Entry> entries_in(const path& folder);
// All regular files below a folder, relative to it, in byte order. Links are not followed.
[[nodiscard]] std::vector<path> files_below(const path& folder);

[[nodiscard]] bool is_there(const path& at);  // lstat works
// Of a path that must be there: fails the test and gives zeros otherwise.
[[nodiscard]] struct stat status_of(const path& at);
[[nodiscard]] std::uint64_t inode_of(const path& at);

// Runs `work` in a child that is this user; its result (0 … 255) comes back, -1 if it died.
[[nodiscard]] int as_user(uid_t user, const std::function<int()>& work);

}  // namespace lensfs::test
