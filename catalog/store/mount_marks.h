// The marks (marks.h) that mounts of a library keep, so that others know whether files may be open.
// The keeper of a mount writes the number of its device into it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "catalog/base/fd.h"

namespace lensfs {

// Says to other processes, while the descriptor lives, that this mount of the library does.
[[nodiscard]] Result<Fd> mark_alive(const std::filesystem::path& library, const std::string& mount);
// Whether that mount of the library lives.
[[nodiscard]] bool is_alive(const std::filesystem::path& library, const std::string& mount);
// Whether any mount of the library lives, `but` excepted. What cannot be looked at counts as one.
[[nodiscard]] bool is_mounted_by_others(const std::filesystem::path& library,
                                        std::string_view but = {});
// Whether a living mount of the library has that device ("major:minor"), or has not said yet which;
// yes where that cannot be seen.
[[nodiscard]] bool is_kept(const std::filesystem::path& library, const std::string& device);
void remove_marks_of_the_dead(const std::filesystem::path& library, std::string_view but);

}  // namespace lensfs
