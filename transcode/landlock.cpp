#include "transcode/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace lensfs {
namespace {

// What decoders read while they work, directories with all below them. What is missing is left out.
constexpr const char* kReadable[] = {
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/etc/fonts",
    "/usr/share/fontconfig",  // which the links in /etc/fonts lead to
    "/var/cache/fontconfig",
    "/usr/share/ghostscript",
    "/usr/share/poppler",
    "/usr/share/color",
    // Parts of libraries that are loaded when something needs them, and what says where they are.
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/etc/ImageMagick-6",
    "/etc/ImageMagick-7",
    "/usr/share/ImageMagick-6",
    "/usr/share/ImageMagick-7",
};

// The kernel's interface by its number. Headers are often older than the kernel, so what came after
// the first edition is spelled out here (linux/landlock.h of Linux 6.12).
constexpr int kHasRefer = 2, kHasTruncate = 3, kHasNet = 4, kHasIoctl = 5, kHasScopes = 6;
constexpr std::uint64_t kFirstEdition = (1U << 13) - 1;
constexpr std::uint64_t kRefer = 1U << 13, kTruncate = 1U << 14, kIoctlDevice = 1U << 15;
constexpr std::uint64_t kBindTcp = 1U << 0, kConnectTcp = 1U << 1;
constexpr std::uint64_t kAbstractSockets = 1U << 0, kSignals = 1U << 1;

struct RulesetAttributes {
  std::uint64_t files;
  std::uint64_t net;     // from kHasNet
  std::uint64_t scoped;  // from kHasScopes
};

// All that this kernel can refuse.
RulesetAttributes everything(int edition) {
  RulesetAttributes all{.files = kFirstEdition, .net = 0, .scoped = 0};
  if (edition >= kHasRefer) all.files |= kRefer;
  if (edition >= kHasTruncate) all.files |= kTruncate;
  if (edition >= kHasIoctl) all.files |= kIoctlDevice;
  if (edition >= kHasNet) all.net = kBindTcp | kConnectTcp;
  if (edition >= kHasScopes) all.scoped = kAbstractSockets | kSignals;
  return all;
}

std::size_t size_for(int edition) {
  if (edition >= kHasScopes) return sizeof(RulesetAttributes);
  if (edition >= kHasNet) return offsetof(RulesetAttributes, scoped);
  return offsetof(RulesetAttributes, net);
}

Status allow_reading(int ruleset, const char* path) {
  const auto there = open_path(path, O_PATH);
  if (!there) return {};
  LENSFS_TRY(const struct stat kind, stat_of(there->get()));
  landlock_path_beneath_attr rule{};
  rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
  if (S_ISDIR(kind.st_mode)) rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
  rule.parent_fd = there->get();
  if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
    return last_error("add a rule of Landlock");
  }
  return {};
}

}  // namespace

Result<LandlockRules> LandlockRules::make() {
  const auto edition = static_cast<int>(
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION));
  if (edition < 1) return fail(Errc::not_supported, "this kernel has no Landlock");
  const RulesetAttributes all = everything(edition);
  Fd ruleset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &all, size_for(edition), 0)));
  if (!ruleset) return last_error("make rules of Landlock");
  for (const char* path : kReadable) LENSFS_CHECK(allow_reading(ruleset.get(), path));
  return LandlockRules(std::move(ruleset));
}

Status LandlockRules::apply() const {
  if (::syscall(SYS_landlock_restrict_self, ruleset_.get(), 0) != 0) {
    return last_error("apply the rules of Landlock");
  }
  return {};
}

}  // namespace lensfs
