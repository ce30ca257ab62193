#include "tools/cli/check_library.h"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>

#include "catalog/base/fd.h"
#include "catalog/db/migrations.h"
#include "catalog/model/catalog.h"
#include "catalog/model/settings.h"
#include "catalog/store/marks.h"
#include "fs/dead_mount.h"
#include "tools/cli/mount_status.h"
#include "tools/cli/print.h"

namespace lensfs {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kTooLittleRoom = std::uint64_t{1} << 30;
constexpr std::uint64_t kLittleRoom = std::uint64_t{10} << 30;
constexpr long kSmbMagic = 0xfe534d42;
constexpr long kCifsMagic = 0xff534d42;

void check_schema(const fs::path& library, const std::string& about, Findings& findings) {
  auto db = Database::open(library / "catalog.db", Database::Mode::read_only, Database::Create::no);
  const auto version = db ? schema_version(*db) : Result<std::int64_t>(fail(db.error()));
  const auto newest = static_cast<std::int64_t>(kMigrations.size());
  if (!version) {
    return findings.wrong(about, "the catalog cannot be read: " + version.error().message(),
                          "look at the rights of catalog.db; else restore it from a backup");
  }
  if (*version > newest) {
    return findings.wrong(about,
                          fmt::format("its schema is {}, this program knows {}", *version, newest),
                          "use the newer LensFS that made it");
  }
  if (*version < newest) {
    return findings.note(
        about,
        fmt::format("its schema is {} and becomes {} when it is next used", *version, newest),
        "nothing; a backup is made first");
  }
  findings.fine(about, fmt::format("schema {}", *version));
}

void check_room(const fs::path& library, const std::string& about, Findings& findings) {
  struct statfs disk {};
  if (::statfs(library.c_str(), &disk) != 0) return;
  if (disk.f_type == NFS_SUPER_MAGIC || disk.f_type == kSmbMagic || disk.f_type == kCifsMagic) {
    findings.wrong(
        about, "it lies on a network file system, whose locks and syncs are not to be relied on",
        "move it to a disk of this machine");
  }
  const std::uint64_t room = disk.f_bavail * static_cast<std::uint64_t>(disk.f_bsize);
  const std::string text = size_text(room) + " free";
  constexpr const char* kWay =
      "lensfs info --space says what takes room, lensfs purge gives some back";
  if (room < kTooLittleRoom) return findings.wrong(about, text, kWay);
  if (room < kLittleRoom) return findings.note(about, text, kWay);
  findings.fine(about, text);
}

// Directories in staging/ whose process is gone: what it was taking in.
std::size_t orphaned_sessions(const fs::path& library) {
  std::size_t count = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(library / "staging", error)) {
    const auto lock = open_path(entry.path() / "lock", O_RDWR | O_CLOEXEC);
    if (!lock) continue;
    if (lock_file(lock->get(), LockMode::exclusive, Wait::no)) ++count;
  }
  return count;
}

void check_staging(const fs::path& library, const std::string& about, Findings& findings) {
  if (const std::size_t orphans = orphaned_sessions(library); orphans > 0) {
    findings.note(about, fmt::format("{} interrupted processes left files in staging", orphans),
                  "the next command that stores something removes them; lensfs gc does");
  }
  std::size_t dead = 0;
  const auto count = [&](const fs::path&, Marks::Life life) {
    if (life == Marks::Life::dead) ++dead;
  };
  if (!Marks(library, Marks::Of::mounts).each(count)) return;
  if (dead > 0) {
    findings.note(about, fmt::format("{} mounts ended without saying so", dead),
                  "the next lensfs mount saves what was being written there");
  }
}

// "6.12" or later has all that is used; passthrough is since 6.9.
bool has_passthrough(const utsname& system) {
  unsigned major = 0;
  unsigned minor = 0;
  if (std::sscanf(system.release, "%u.%u", &major, &minor) != 2) return false;  // NOLINT
  return major > 6 || (major == 6 && minor >= 9);
}

}  // namespace

void check_library(const fs::path& library, Findings& findings) {
  const std::string about = "library " + library.string();
  if (!Catalog::is_library(library)) {
    return findings.wrong(about, "there is none", "lensfs init makes one");
  }
  check_schema(library, about, findings);
  check_room(library, about, findings);
  if (::access((library / "objects").c_str(), R_OK | W_OK | X_OK) != 0) {
    findings.note(about, "you may not write it", "run this as who owns the library");
  } else {
    check_staging(library, about, findings);
  }
  if (const auto settings = read_settings(library); !settings) {
    findings.wrong(about, settings.error().message(), "put right the line that it names");
  }
}

void check_drive(const MountedDrive& drive, Findings& findings) {
  const std::string about = "mount " + drive.mountpoint;
  if (is_left_behind(drive.mountpoint)) {
    return findings.wrong(about, "its process died and left it",
                          fmt::format("lensfs umount {}, or mount it again", drive.mountpoint));
  }
  const auto status = read_mount_status(drive.mountpoint);
  if (!status) {
    return findings.wrong(about, "it does not answer: " + status.error().message(),
                          "look at its log: journalctl -t lensfs");
  }
  findings.fine(about, "worker " + status->value("worker").value_or("?") + " answers");
  const std::string passthrough = status->value("passthrough").value_or("");
  if (passthrough.starts_with("on")) {
    findings.fine(about, "passthrough on");
  } else {
    findings.note(about, "passthrough " + passthrough,
                  "files are read through the worker until then");
  }
  if (const std::string restarts = status->value("restarts").value_or("0"); restarts != "0") {
    findings.note(about, "its worker was started again " + restarts + " times",
                  "look at its log: journalctl -t lensfs");
  }
}

void check_machine(Findings& findings) {
  utsname system{};
  ::uname(&system);
  const std::string release = system.release;
  if (has_passthrough(system)) {
    findings.fine("kernel", release + " has FUSE passthrough");
  } else {
    findings.note("kernel", release + " has no FUSE passthrough",
                  "Linux 6.9 or later reads and writes at the speed of the disk");
  }
  if (::access("/dev/fuse", F_OK) != 0) {
    findings.wrong("kernel", "there is no /dev/fuse",
                   "modprobe fuse; in a container, give it the device");
  }
  // By proc(5): anything but 1 lets people link to files that they may not read.
  const auto links = read_text("/proc/sys/fs/protected_hardlinks");
  if (links && !links->starts_with('1')) {
    findings.note("links",
                  "whoever may write to a folder that root ingests can link to files there "
                  "that they may not read, and have them taken in",
                  "sysctl fs.protected_hardlinks=1");
  }
  if (::geteuid() == 0) return;
  const auto fuse = read_text("/etc/fuse.conf");
  const bool allowed = fuse && ("\n" + *fuse).find("\nuser_allow_other") != std::string::npos;
  if (!allowed) {
    findings.note("fuse", "a drive that a user mounts is for that user alone",
                  "put user_allow_other into /etc/fuse.conf to share one");
  }
}

}  // namespace lensfs
