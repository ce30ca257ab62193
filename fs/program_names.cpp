#include "fs/program_names.h"

#include <filesystem>
#include <fstream>

namespace lensfs {
namespace {

namespace files = std::filesystem;

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

}  // namespace

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
