#include "fs/program_names.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <climits>
#include <filesystem>
#include <fstream>

namespace lensfs {
namespace {

namespace files = std::filesystem;

// A process that asked this long ago still runs the same program.
constexpr std::chrono::milliseconds kSame{5};

// The process that a thread is of.
std::string process_of(const files::path& thread) {
  constexpr std::string_view kField = "Tgid:";
  std::ifstream status(thread / "status");
  std::string line;
  while (std::getline(status, line)) {
    if (!line.starts_with(kField)) continue;
    const std::size_t digits = line.find_first_of("0123456789");
    return digits == std::string::npos ? std::string() : line.substr(digits);
  }
  return {};
}

bool is_interpreter(std::string_view program) {
  constexpr std::array<std::string_view, 10> kAll = {"python", "perl", "ruby", "node",    "bash",
                                                     "dash",   "php",  "java", "busybox", "wine"};
  return std::any_of(kAll.begin(), kAll.end(),
                     [&](std::string_view one) { return program.starts_with(one); });
}

// Where the program lies that the process or thread runs; empty if that is not to be seen.
std::string_view file_of_program(std::int64_t process, std::array<char, PATH_MAX>& buffer) {
  std::array<char, 40> link{};
  const auto end = fmt::format_to_n(link.data(), link.size() - 1, "/proc/{}/exe", process);
  *end.out = '\0';
  const ssize_t size = ::readlink(link.data(), buffer.data(), buffer.size());
  return size < 0 ? std::string_view()
                  : std::string_view(buffer.data(), static_cast<std::size_t>(size));
}

std::string name_of_program(std::int64_t process) {
  constexpr std::string_view kDeleted = " (deleted)";
  std::vector<std::string> names = names_of_program(process);
  if (names.empty()) return {};
  if (names.front().ends_with(kDeleted)) {
    names.front().resize(names.front().size() - kDeleted.size());
  }
  // An interpreter by itself is known by its own name, with a version or without.
  const bool is_script = names.size() > 1 && is_interpreter(names.front()) &&
                         !is_interpreter(names.back()) && !names.back().empty();
  return is_script ? names.back() : names.front();
}

}  // namespace

std::string program_of(std::int64_t process) {
  using std::chrono::steady_clock;
  struct Known {
    std::int64_t process = 0;
    std::string file;
    std::string name;
    steady_clock::time_point seen{};
  };
  thread_local std::array<Known, 8> known;
  thread_local std::size_t next = 0;
  if (process <= 0) return {};
  const auto now = steady_clock::now();
  for (const Known& one : known) {
    if (one.process == process && now - one.seen < kSame) return one.name;
  }
  std::array<char, PATH_MAX> buffer;  // NOLINT: what counts of it is written
  const std::string_view file = file_of_program(process, buffer);
  if (file.empty()) return name_of_program(process);  // nothing tells when it runs another
  for (Known& one : known) {
    if (one.process != process || one.file != file) continue;
    one.seen = now;
    return one.name;
  }
  Known& oldest = known[next++ % known.size()];
  oldest = {process, std::string(file), name_of_program(process), now};
  return oldest.name;
}

std::vector<std::string> names_of_program(std::int64_t process) {
  std::vector<std::string> names;
  if (process <= 0) return names;
  const files::path all = "/proc";
  const std::string leader = process_of(all / std::to_string(process));
  if (leader.empty()) return names;
  std::error_code error;
  const files::path program = files::read_symlink(all / leader / "exe", error);
  if (!error) names.push_back(program.filename().native());
  std::ifstream comm(all / leader / "comm");
  std::string name;
  if (std::getline(comm, name)) names.push_back(name);
  return names;
}

}  // namespace lensfs
