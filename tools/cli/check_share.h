// Checks of a Samba server that shares a drive.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "tools/cli/findings.h"
#include "tools/cli/mount_table.h"

namespace lensfs {

// What `testparm -s` prints: parameters by section, names in small letters as testparm spells them.
using SmbSections = std::map<std::string, std::map<std::string, std::string>>;
[[nodiscard]] SmbSections smb_sections_of(std::string_view testparm_output);

// Every share of the configuration that lies in `drive`. `configuration`: an smb.conf, or nothing
// for the one that Samba was built to read. False if there is none of this drive.
bool check_shares(const MountedDrive& drive, const std::optional<std::string>& configuration,
                  Findings& findings);
// One share, given what testparm said of it and of [global].
void check_share_section(const std::string& name, const std::map<std::string, std::string>& share,
                         const std::map<std::string, std::string>& global, Findings& findings);

}  // namespace lensfs
