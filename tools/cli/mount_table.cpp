#include "tools/cli/mount_table.h"

#include "catalog/base/fd.h"

namespace lensfs {
namespace {

constexpr std::size_t kLongestTable = 16 << 20;

// Blanks and backslashes are written as \ and three octal digits.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 3 >= text.size()) {
      plain += text[at];
      continue;
    }
    int code = 0;
    for (std::size_t digit = 1; digit <= 3; ++digit) code = code * 8 + (text[at + digit] - '0');
    plain += static_cast<char>(code);
    at += 3;
  }
  return plain;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(at), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

bool has_option(std::string_view options, std::string_view wanted) {
  for (const std::string_view option : split(options, ',')) {
    if (option == wanted) return true;
  }
  return false;
}

}  // namespace

// id parent device root MOUNTPOINT OPTIONS [fields…] - TYPE SOURCE SUPER-OPTIONS
std::vector<MountedDrive> mounted_drives_in(std::string_view text) {
  std::vector<MountedDrive> drives;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string_view::npos) continue;
    const auto before = split(line.substr(0, dash), ' ');
    const auto after = split(line.substr(dash + 3), ' ');
    if (before.size() < 6 || after.size() < 3 || after[0] != "fuse.lensfs") continue;
    drives.push_back({.library = unescaped(after[1]),
                      .mountpoint = unescaped(before[4]),
                      .allow_other = has_option(after[2], "allow_other"),
                      .read_only = has_option(before[5], "ro")});
  }
  return drives;
}

std::vector<MountedDrive> mounted_drives() {
  const auto text = read_text("/proc/self/mountinfo", kLongestTable);
  return text ? mounted_drives_in(*text) : std::vector<MountedDrive>();
}

}  // namespace lensfs
