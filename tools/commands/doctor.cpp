// doctor: what is wrong with a library, its drives and their shares, and the way out.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "catalog/model/catalog.h"
#include "tools/cli/check_library.h"
#include "tools/cli/check_share.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

namespace fs = std::filesystem;

std::string_view word_for(Finding::Is is) {
  switch (is) {
    case Finding::Is::fine:
      return "ok";
    case Finding::Is::note:
      return "note";
    case Finding::Is::wrong:
      break;
  }
  return "WRONG";
}

void show(const Invocation& invocation, const Finding& finding) {
  if (invocation.has("json")) {
    JsonObject json =
        JsonObject()
            .set("state", word_for(finding.is) == "WRONG" ? "wrong" : word_for(finding.is))
            .set("about", finding.about)
            .set("text", finding.text);
    if (!finding.way_out.empty()) json.set("way_out", finding.way_out);
    print_line(json.text());
    return;
  }
  print_line(fmt::format("{:<6} {}: {}", word_for(finding.is), shown_text(finding.about),
                         shown_text(finding.text)));
  if (!finding.way_out.empty()) print_line(fmt::format("       → {}", shown_text(finding.way_out)));
}

// Examined: what the operands name; with none, all that is mounted.
struct Examined {
  std::vector<fs::path> libraries;
  std::vector<MountedDrive> drives;
};

void add_library(const fs::path& library, Examined& examined) {
  auto& all = examined.libraries;
  if (std::find(all.begin(), all.end(), library) == all.end()) all.push_back(library);
}

Result<Examined> examined_by(const Invocation& invocation) {
  const std::vector<MountedDrive> mounted = mounted_drives();
  Examined examined;
  std::vector<std::string> given = invocation.operands();
  if (const auto library = invocation.value("library")) given.push_back(*library);
  for (const std::string& path : given) {
    std::error_code error;
    // A dead mount cannot be resolved.
    const fs::path typed = fs::absolute(path).lexically_normal();
    const fs::path resolved = fs::weakly_canonical(path, error);
    const std::size_t before = examined.drives.size();
    for (const MountedDrive& drive : mounted) {
      if (drive.mountpoint != typed && drive.mountpoint != resolved && drive.library != resolved)
        continue;
      examined.drives.push_back(drive);
      add_library(drive.library, examined);
    }
    if (examined.drives.size() > before) continue;
    if (!Catalog::is_library(resolved)) {
      return fail(Error(Errc::not_found, "neither a library nor a mounted drive").with(path));
    }
    add_library(resolved, examined);
  }
  if (!given.empty()) return examined;
  examined.drives = mounted;
  for (const MountedDrive& drive : mounted) add_library(drive.library, examined);
  return examined;
}

Result<ExitCode> run_doctor(const Invocation& invocation) {
  LENSFS_TRY(const Examined examined, examined_by(invocation));
  Findings findings;
  check_machine(findings);
  for (const fs::path& library : examined.libraries) check_library(library, findings);
  bool any_share = false;
  const auto configuration = invocation.value("smb-conf");
  for (const MountedDrive& drive : examined.drives) {
    check_drive(drive, findings);
    any_share = check_shares(drive, configuration, findings) || any_share;
  }
  if (configuration && !any_share) {
    findings.wrong("samba", *configuration + " shares none of these drives",
                   "lensfs share smb writes a section for one");
  }
  bool any_wrong = false;
  for (const Finding& finding : findings.all()) {
    show(invocation, finding);
    any_wrong = any_wrong || finding.is == Finding::Is::wrong;
  }
  return any_wrong ? ExitCode::damaged : ExitCode::done;
}

}  // namespace

Command doctor_verb() {
  return {
      .name = "doctor",
      .summary = "say what is wrong, and the way out",
      .description =
          "Checks the machine, the libraries and drives that are named (without any: all that are "
          "mounted), and the Samba shares of these drives: kernel and passthrough, schema, free "
          "space, what interrupted processes left, settings, mounts whose process died, who may "
          "look "
          "at a drive, and, as testparm shows it, whether each share has the modules and "
          "parameters "
          "it needs and smbd the modules. Nothing is changed.\n\n"
          "\"ok\" is as it should be, \"note\" works but could be better, \"WRONG\" does not work "
          "or "
          "loses something; then the exit status is 5. The line below says what to do.",
      .operands = {.usage = "[LIBRARY|MOUNTPOINT…]", .completes = Completes::directories},
      .options = {{.name = "smb-conf",
                   .help = "check FILE, not the server's own smb.conf",
                   .value = "FILE",
                   .completes = Completes::files}},
      .examples = {{{"lensfs doctor", "all that is mounted here"},
                    {"lensfs doctor /mnt/media --smb-conf test.conf", "one drive and its share"}}},
      .run = run_doctor};
}

}  // namespace lensfs
