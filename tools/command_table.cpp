#include "tools/command.h"
#include "tools/commands/commands.h"

namespace lensfs {

const std::vector<Command>& all_commands() {
  static const std::vector<Command> kCommands = {
      init_verb(),      ingest_verb(),     mount_verb(), umount_verb(),   ls_verb(),
      find_verb(),      tag_verb(),        field_verb(), taxonomy_verb(), marker_verb(),
      versions_verb(),  restore_verb(),    label_verb(), access_verb(),   lens_verb(),
      rendition_verb(), sequence_verb(),   work_verb(),  jobs_verb(),     share_verb(),
      spotlight_verb(), usage_verb(),      log_verb(),   doctor_verb(),   info_verb(),
      verify_verb(),    gc_verb(),         purge_verb(), version_verb(),  serve_verb(),
      man_verb(),       completion_verb(),
  };
  return kCommands;
}

}  // namespace lensfs
