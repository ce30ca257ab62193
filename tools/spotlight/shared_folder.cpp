#include "tools/spotlight/shared_folder.h"

#include <algorithm>

#include "tools/cli/mount_status.h"

namespace lensfs {
namespace {

constexpr std::string_view kOriginal = "original";

// Takes the first part of a path off.
std::string_view take_part(std::string_view& path) {
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view part = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return part;
}

bool is_inside(std::string_view path, std::string_view folder) {
  return path == folder ||
         (path.starts_with(folder) && path.substr(folder.size()).starts_with('/'));
}

// Empty parts, "." and "..", lenses, versions and folders that narrow.
bool has_typed_part(std::string_view path) {
  while (!path.empty()) {
    const std::string_view part = take_part(path);
    if (part.empty() || part.front() == '.' || part.front() == '@' || part == "+") return true;
  }
  return false;
}

const MountedDrive* drive_of(const std::string& path, const std::vector<MountedDrive>& drives) {
  const MountedDrive* best = nullptr;
  for (const MountedDrive& drive : drives) {
    if (!is_inside(path, drive.mountpoint)) continue;
    if (best == nullptr || drive.mountpoint.size() > best->mountpoint.size()) best = &drive;
  }
  return best;
}

}  // namespace

std::string_view SharedFolder::project() const {
  std::string_view path = below;
  take_part(path);
  return kind == Kind::projects ? take_part(path) : std::string_view();
}

Result<SharedFolder> shared_folder(const std::string& path,
                                   const std::vector<MountedDrive>& drives) {
  std::string given = path;
  while (given.size() > 1 && given.ends_with('/')) given.pop_back();
  const MountedDrive* const drive = drive_of(given, drives);
  if (drive == nullptr) {
    return fail(Error(Errc::not_found, "lies in no drive of this library").with(path));
  }
  std::string_view rest = std::string_view(given).substr(drive->mountpoint.size());
  if (!rest.empty()) rest.remove_prefix(1);
  if (has_typed_part(rest)) {
    return fail(Error(Errc::not_supported, "a folder that is not searched").with(path));
  }
  SharedFolder folder{.root = drive->mountpoint};
  LENSFS_TRY(const MountStatus status, read_mount_status(drive->mountpoint));
  folder.has_lens = status.value("lens").value_or(std::string(kOriginal)) != kOriginal;
  if (std::string_view below = rest; take_part(below) == "Resolutions") {
    const std::string_view profile = take_part(below);
    if (profile.empty()) {
      return fail(Error(Errc::not_supported, "a folder that is not searched").with(path));
    }
    folder.root += "/Resolutions/" + std::string(profile);
    folder.has_lens = profile != kOriginal;
    rest = below;
  }
  folder.below = rest;
  const std::string_view view = take_part(rest);
  if (view.empty() || view == "Projects") return folder;
  if ((view != "Tags" && view != "Search") || rest.empty() || folder.has_lens) {
    return fail(Error(Errc::not_supported, "a folder that is not searched").with(path));
  }
  folder.kind = SharedFolder::Kind::flat;
  return folder;
}

}  // namespace lensfs
