#include "catalog/store/mount_marks.h"

#include <unistd.h>

#include "catalog/store/marks.h"

namespace lensfs {
namespace {

using Life = Marks::Life;

Marks marks_of(const std::filesystem::path& library) {
  return {library, Marks::Of::mounts};
}

}  // namespace

Result<Fd> mark_alive(const std::filesystem::path& library, const std::string& mount) {
  return marks_of(library).mark_alive(mount);
}

bool is_alive(const std::filesystem::path& library, const std::string& mount) {
  return marks_of(library).life_of(mount) == Life::alive;
}

bool is_mounted_by_others(const std::filesystem::path& library, std::string_view but) {
  bool any = false;
  const bool listed = marks_of(library).each([&](const std::filesystem::path& mark, Life life) {
    any = any || (mark.filename() != but && life != Life::dead);
  });
  return any || !listed;
}

bool is_kept(const std::filesystem::path& library, const std::string& device) {
  const Marks marks = marks_of(library);
  if (::access(marks.directory().c_str(), R_OK | X_OK) != 0) return true;
  bool kept = false;
  static_cast<void>(marks.each([&](const std::filesystem::path& mark, Life life) {
    if (life != Life::alive) return;
    const std::string its = read_text(mark).value_or("");
    kept = kept || its.empty() || its == device;
  }));
  return kept;
}

void remove_marks_of_the_dead(const std::filesystem::path& library, std::string_view but) {
  marks_of(library).remove_those_of_the_dead(but);
}

}  // namespace lensfs
