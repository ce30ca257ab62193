// Checks of a library and of a drive that shows it. Nothing is changed.
#pragma once

#include <filesystem>

#include "tools/cli/findings.h"
#include "tools/cli/mount_table.h"

namespace lensfs {

void check_library(const std::filesystem::path& library, Findings& findings);
// Whether it answers, how it is served, and who may look at it.
void check_drive(const MountedDrive& drive, Findings& findings);
// What the kernel and the machine offer.
void check_machine(Findings& findings);

}  // namespace lensfs
