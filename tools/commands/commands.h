// One function per verb; each is defined in the file of its name.
#pragma once

#include "tools/command.h"

namespace lensfs {

[[nodiscard]] Command access_verb();
[[nodiscard]] Command completion_verb();
[[nodiscard]] Command doctor_verb();
[[nodiscard]] Command field_verb();
[[nodiscard]] Command find_verb();
[[nodiscard]] Command gc_verb();
[[nodiscard]] Command info_verb();
[[nodiscard]] Command ingest_verb();
[[nodiscard]] Command init_verb();
[[nodiscard]] Command jobs_verb();
[[nodiscard]] Command label_verb();
[[nodiscard]] Command lens_verb();
[[nodiscard]] Command log_verb();
[[nodiscard]] Command ls_verb();
[[nodiscard]] Command man_verb();
[[nodiscard]] Command marker_verb();
[[nodiscard]] Command mount_verb();
[[nodiscard]] Command purge_verb();
[[nodiscard]] Command rendition_verb();
[[nodiscard]] Command restore_verb();
[[nodiscard]] Command sequence_verb();
[[nodiscard]] Command serve_verb();
[[nodiscard]] Command share_verb();
[[nodiscard]] Command spotlight_verb();
[[nodiscard]] Command tag_verb();
[[nodiscard]] Command taxonomy_verb();
[[nodiscard]] Command umount_verb();
[[nodiscard]] Command usage_verb();
[[nodiscard]] Command verify_verb();
[[nodiscard]] Command version_verb();
[[nodiscard]] Command versions_verb();
[[nodiscard]] Command work_verb();

}  // namespace lensfs
