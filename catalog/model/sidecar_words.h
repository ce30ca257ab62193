// What the two halves of sidecar.h share; not for others.
#pragma once

#include <string>
#include <string_view>

#include "catalog/model/asset.h"
#include "catalog/model/marker.h"
#include "catalog/xmp/mapping.h"

namespace lensfs {

// What a keyword of a sidecar is as a term; what cannot be one stays what the sidecar says.
[[nodiscard]] Result<std::string> term_from_sidecar(std::string keyword);
// In what its markers count; not known of what has no frames.
[[nodiscard]] Result<xmp::FrameRate> rate_of(Database& db, const Asset& asset);

}  // namespace lensfs
