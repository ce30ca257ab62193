// The marks that mounts of a library keep, staging/mounts/<id>: a mount that lives holds an
// exclusive flock on its own, so that others know whether files may be open.
#pragma once

#include <filesystem>
#include <string_view>

namespace lensfs {

// Whether any mount of the library lives, `but` excepted. What cannot be looked at counts as one.
[[nodiscard]] bool is_mounted_by_others(const std::filesystem::path& library,
                                        std::string_view but = {});

}  // namespace lensfs
