// Whether `lensfs spotlight` answers on this machine; for doctor.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "catalog/base/result.h"

namespace lensfs {

// The drives for which what listens at 127.0.0.1:`port` answers. Fails where nothing listens, or
// something else, or nothing comes within some seconds.
[[nodiscard]] Result<std::vector<std::string>> searched_drives(std::uint16_t port);

}  // namespace lensfs
