// What threads of an application do to a project folder, with every result checked: each step gives
// 0 or errno, EBADMSG where what is there is not what must be.
#pragma once

#include <cstdint>
#include <string>

#include "tests/support/files.h"

namespace lensfs::test {

// Bytes that say which file and which round they belong to; a little longer each round, up to a
// limit.
[[nodiscard]] std::string bytes_of_round(std::uint64_t who, std::uint64_t round);

// --- whole steps on one file
[[nodiscard]] int write_new(const path& at, const std::string& bytes);  // O_EXCL, close
enum class Durably { no, yes };                                         // fsync before close?
[[nodiscard]] int write_over(const path& at, const std::string& bytes, Durably durably);  // O_TRUNC
[[nodiscard]] int append_to(const path& at, const std::string& bytes);  // fsync, close
[[nodiscard]] int expect_bytes(const path& at, const std::string& bytes);
[[nodiscard]] int expect_absent(const path& at);

// --- rounds of a load; each leaves the folder as it found it
[[nodiscard]] int make_rename_remove(const path& folder, std::uint64_t who, std::uint64_t round);
[[nodiscard]] int make_and_remove_folders(const path& folder, std::uint64_t round);
[[nodiscard]] int link_and_unlink(const path& folder, std::uint64_t round);
[[nodiscard]] int replace_by_rename(const path& folder, std::uint64_t who, std::uint64_t round);
[[nodiscard]] int set_and_remove_attribute(const path& file, std::uint64_t round);
// Appends to a descriptor that stays open and reads back what it appended.
[[nodiscard]] int append_and_read(int fd, std::uint64_t round);

}  // namespace lensfs::test
