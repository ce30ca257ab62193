#include "fs/mount_state.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

namespace lensfs {
namespace {

constexpr std::uint64_t kMagic = 0x4c656e7346535f31;  // "LensFS_1"
constexpr std::uint32_t kLayoutVersion = 5;

Result<MountStateLayout*> map(int fd) {
  void* const memory =
      ::mmap(nullptr, sizeof(MountStateLayout), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) return last_error("map the mount's state");
  return static_cast<MountStateLayout*>(memory);
}

}  // namespace

Result<std::unique_ptr<MountState>> MountState::make() {
  Fd fd(::memfd_create("lensfs-mount", MFD_CLOEXEC));
  if (!fd) return last_error("make the mount's state");
  if (::ftruncate(fd.get(), sizeof(MountStateLayout)) != 0) {
    return last_error("make the mount's state");
  }
  LENSFS_TRY(MountStateLayout* const layout, map(fd.get()));
  layout->magic = kMagic;
  layout->layout_version = kLayoutVersion;
  layout->keeper_pid = ::getpid();
  return std::unique_ptr<MountState>(new MountState(std::move(fd), layout));
}

Result<std::unique_ptr<MountState>> MountState::attach(Fd fd) {
  LENSFS_TRY(const struct stat info, stat_of(fd.get()));
  if (static_cast<std::uint64_t>(info.st_size) != sizeof(MountStateLayout)) {
    return fail(Errc::invalid, "the mount was made by another version; unmount and mount again");
  }
  LENSFS_TRY(MountStateLayout* const layout, map(fd.get()));
  std::unique_ptr<MountState> state(new MountState(std::move(fd), layout));
  if (layout->magic != kMagic || layout->layout_version != kLayoutVersion) {
    return fail(Errc::invalid, "the mount was made by another version; unmount and mount again");
  }
  return state;
}

MountState::~MountState() {
  ::munmap(layout_, sizeof(MountStateLayout));
}

Status MountState::append(std::string_view spec) {
  const std::uint64_t used = layout_->path_log_used.load();
  const auto size = static_cast<std::uint32_t>(spec.size());
  if (used + sizeof size + size > kPathLogBytes) {
    return fail(Errc::no_space, "too many different folders were typed since the mount began");
  }
  std::memcpy(layout_->path_log + used, &size, sizeof size);
  std::memcpy(layout_->path_log + used + sizeof size, spec.data(), size);
  layout_->path_log_used.store(used + sizeof size + size);  // counts only once it is whole
  return {};
}

void MountState::each(const std::function<void(std::string_view)>& visit) {
  const std::uint64_t used = layout_->path_log_used.load();
  for (std::uint64_t at = 0; at < used;) {
    std::uint32_t size = 0;
    std::memcpy(&size, layout_->path_log + at, sizeof size);
    visit({layout_->path_log + at + sizeof size, size});
    at += sizeof size + size;
  }
}

}  // namespace lensfs
