#include "tools/cli/mount_status.h"

#include <filesystem>

#include "catalog/base/fd.h"

namespace lensfs {

std::optional<std::string> MountStatus::value(std::string_view key) const {
  for (const auto& [name, text] : lines) {
    if (name == key) return text;
  }
  return std::nullopt;
}

Result<MountStatus> read_mount_status(const std::string& mountpoint) {
  const auto text = read_text(std::filesystem::path(mountpoint) / ".lensfs" / "status");
  if (!text) {
    const Errc code = text.error().code();
    if (code == Errc::not_found || code == Errc::not_directory) {
      return fail(Error(Errc::not_found, "no drive is mounted here").with(mountpoint));
    }
    return fail(text.error().with(mountpoint));
  }
  MountStatus status;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    status.lines.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return status;
}

}  // namespace lensfs
