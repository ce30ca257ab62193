// Checks of a share that macOS may search: whether there is anybody who finds something.
#pragma once

#include <map>
#include <string>

#include "tools/cli/findings.h"

namespace lensfs {

// What testparm said of a share and of [global]; `mountpoint`: of the drive that it shares. Says
// nothing of a share that is not searched, or by another server.
void check_spotlight(const std::string& about, const std::string& mountpoint,
                     const std::map<std::string, std::string>& share,
                     const std::map<std::string, std::string>& global, Findings& findings);

}  // namespace lensfs
