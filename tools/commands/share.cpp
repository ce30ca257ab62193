// share: how a drive becomes a share on the network.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "catalog/base/fd.h"
#include "catalog/model/catalog.h"
#include "catalog/model/settings.h"
#include "fs/dead_mount.h"
#include "tools/cli/mount_status.h"
#include "tools/cli/mount_table.h"
#include "tools/cli/print.h"
#include "tools/cli/smb_share.h"
#include "tools/cli/subcommand.h"
#include "tools/commands/commands.h"
#include "tools/spotlight/translate.h"

namespace lensfs {
namespace {

namespace fs = std::filesystem;

// The drive that is meant, by its mountpoint or its library.
Result<MountedDrive> drive_at(const std::string& given) {
  std::error_code error;
  const fs::path path = fs::weakly_canonical(given, error);
  std::vector<MountedDrive> found;
  for (const MountedDrive& drive : mounted_drives()) {
    if (drive.mountpoint == path) return drive;
    if (drive.library == path) found.push_back(drive);
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    return fail(Error(Errc::usage, "the library is mounted more than once; give the mountpoint")
                    .with(given));
  }
  if (Catalog::is_library(path)) {
    return fail(
        Error(Errc::not_found,
              "the library is not mounted; \"lensfs mount\" it first, for what is shared is "
              "the drive")
            .with(given));
  }
  return fail(Error(Errc::not_found, "neither a mounted drive nor a library").with(given));
}

Status check_drive(const MountedDrive& drive) {
  if (is_left_behind(drive.mountpoint)) {
    return fail(Error(Errc::busy, "its process died; mount it again").with(drive.mountpoint));
  }
  // smbd acts as the user who is logged on.
  if (!drive.allow_other) {
    return fail(
        Error(Errc::denied,
              "only who mounted it may look at it; mount it by root, or with -o allow_other "
              "and user_allow_other in /etc/fuse.conf")
            .with(drive.mountpoint));
  }
  return {};
}

// Where the drive shows PROFILE: all of it, where it is rooted there.
Result<std::string> folder_of(const MountedDrive& drive, const std::string& profile) {
  LENSFS_TRY(const Settings settings, read_settings(drive.library));
  if (settings.renditions.profiles.find(profile) == nullptr) {
    return fail(
        Error(Errc::usage, "there is no such profile; see Resolutions in the drive").with(profile));
  }
  LENSFS_TRY(const MountStatus status, read_mount_status(drive.mountpoint));
  if (status.value("lens").value_or("original") == profile) return drive.mountpoint;
  return drive.mountpoint + "/Resolutions/" + profile;
}

std::vector<std::string> split_users(const std::vector<std::string>& given) {
  std::vector<std::string> users;
  for (const std::string& list : given) {
    std::size_t from = 0;
    for (std::size_t comma = 0; comma != std::string::npos; from = comma + 1) {
      comma = list.find(',', from);
      users.push_back(list.substr(from, comma == std::string::npos ? comma : comma - from));
    }
  }
  return users;
}

Result<SmbShare> share_of(const Invocation& invocation, const MountedDrive& drive) {
  SmbShare share;
  share.path = drive.mountpoint;
  share.name = invocation.value("name").value_or(fs::path(drive.library).filename().string());
  share.title = "LensFS";
  LENSFS_TRY(const MountStatus status, read_mount_status(drive.mountpoint));
  if (status.value("lens").value_or("original") != "original") {
    share.shows = SmbShare::Shows::renditions;
  }
  if (const auto profile = invocation.value("profile"); profile && *profile != "original") {
    LENSFS_TRY(share.path, folder_of(drive, *profile));
    share.shows = SmbShare::Shows::renditions;
    share.title += " through " + *profile;
    if (!invocation.has("name")) share.name += "-" + *profile;
  }
  share.users = split_users(invocation.values("users"));
  share.guest = invocation.has("guest");
  share.smb_only = invocation.has("smb-only");
  share.attributes = invocation.has("ea");
  share.dos_attributes = !invocation.has("no-dos-attributes");
  LENSFS_TRY(const auto port, invocation.number("spotlight"));
  if (port && (*port == 0 || *port > UINT16_MAX)) {
    return fail(Error(Errc::usage, "a port is between 1 and 65535").with("--spotlight"));
  }
  if (port) share.spotlight = static_cast<std::uint16_t>(*port);
  LENSFS_CHECK(check_share(share));
  return share;
}

// Whole or not at all; what somebody else wrote is left alone.
Status write_section(const fs::path& file, std::string_view text) {
  const auto before = read_text(file);
  if (before && before->find(kMadeByShare) == std::string::npos) {
    return fail(
        Error(Errc::exists,
              "the file was not made by \"lensfs share smb\"; choose another and include it "
              "in smb.conf")
            .with(file.native()));
  }
  return write_text(file, text);
}

// Where the mappings of searches are written; empty where nothing is searched.
Result<std::string> mappings_file(const Invocation& invocation) {
  if (!invocation.has("spotlight")) return std::string();
  fs::path file = invocation.value("mappings").value_or("");
  if (file.empty()) {
    if (!invocation.has("output")) {
      return fail(Errc::usage,
                  "--spotlight writes a file of mappings, too: say where with --mappings FILE, or "
                  "give --output FILE and it is put beside that");
    }
    file = fs::path(*invocation.value("output")).replace_extension(".spotlight.json");
  }
  std::error_code error;
  return fs::absolute(file, error).lexically_normal().string();
}

// Whole or not at all; what somebody else wrote is left alone.
Status write_mappings(const std::string& file) {
  const auto before = read_text(file);
  if (before && before->find("\"kMDItemUserTags\"") == std::string::npos) {
    return fail(Error(Errc::exists,
                      "the file was not made by \"lensfs share smb\"; choose another with "
                      "--mappings")
                    .with(file));
  }
  return write_text(file, attribute_mappings());
}

Result<ExitCode> share_smb(const Invocation& invocation, const std::vector<std::string>& words) {
  if (words.size() != 1) return fail(Errc::usage, "give one drive: its mountpoint or its library");
  LENSFS_TRY(const MountedDrive drive, drive_at(words.front()));
  LENSFS_CHECK(check_drive(drive));
  LENSFS_TRY(const SmbShare share, share_of(invocation, drive));
  LENSFS_TRY(const std::string mappings, mappings_file(invocation));
  std::string text;
  if (invocation.has("global")) text += global_section(mappings);
  text += section_of(share);
  const auto output = invocation.value("output");
  if (output) LENSFS_CHECK(write_section(*output, text));
  if (!mappings.empty()) LENSFS_CHECK(write_mappings(mappings));
  if (invocation.has("json")) {
    print_line(JsonObject()
                   .set("share", share.name)
                   .set("path", share.path)
                   .set("section", text)
                   .set("output", output.value_or(""))
                   .set("mappings", mappings)
                   .text());
  } else if (output) {
    print_line(
        fmt::format("{}: put \"include = {}\" at the end of smb.conf, then \"lensfs doctor {}\"",
                    *output, fs::absolute(*output).string(), drive.mountpoint));
  } else {
    print(text);
  }
  return ExitCode::done;
}

Result<ExitCode> run_share(const Invocation& invocation) {
  static constexpr SubCommand kAll[] = {{"smb", share_smb}};
  return run_subcommand(invocation, kAll);
}

}  // namespace

Command share_verb() {
  return {
      .name = "share",
      .summary = "write what Samba needs to share a drive",
      .description =
          "smb DRIVE prints a section of smb.conf for the drive mounted at DRIVE, or for the "
          "library "
          "DRIVE where it is mounted once. Each line says why it is there. The drive must be "
          "mounted "
          "by root or with -o allow_other.\n\n"
          "With --profile the share shows everything through a profile (720p, edit …), read only, "
          "under the same names where formats allow it; a drive that was mounted with --lens is "
          "shared so anyway. With --guest anybody may read, without a password; nobody may "
          "write.\n\n"
          "Windows shows the history of each file under \"Previous Versions\", macOS shows and "
          "sets "
          "tags, and what is deleted lies in Trash. Local programs may work on the drive at the "
          "same "
          "time; where none does, --smb-only gives clients leases and handles that survive a lost "
          "network.\n\n"
          "Listing a folder where people write costs a question to the drive for each file, "
          "because "
          "Samba asks for its DOS attributes. With --no-dos-attributes it takes as long as on a "
          "disk; archive, hidden and system bits, sparse files and times of creation that clients "
          "set are not kept then.\n\n"
          "With --spotlight PORT macOS searches the share by \"lensfs spotlight\", which has to "
          "listen at that port. A file of mappings is written that smbd reads; its name belongs "
          "into [global], see --global.\n\n"
          "With --output FILE the section is written to FILE, which \"include = FILE\" at the end "
          "of "
          "smb.conf takes in; a file that something else made is left alone. lensfs doctor checks "
          "what is running.",
      .operands = {.usage = "smb DRIVE",
                   .least = 1,
                   .most = 2,
                   .completes = Completes::directories},
      .options = {{.name = "name",
                   .help = "what the share is called; else as the library's directory",
                   .letter = 'n',
                   .value = "NAME"},
                  {.name = "users",
                   .help = "who may use it, separated by commas; @NAME is a group",
                   .letter = 'u',
                   .value = "LIST",
                   .repeat = Option::Repeat::many},
                  {.name = "profile",
                   .help = "show everything through a profile, such as 720p",
                   .letter = 'p',
                   .value = "PROFILE"},
                  {.name = "guest", .help = "for anybody, read only", .letter = 'g'},
                  {.name = "smb-only", .help = "no program of this machine writes there"},
                  {.name = "no-dos-attributes", .help = "lists faster; see above for what is lost"},
                  {.name = "ea", .help = "extended attributes for Linux clients; slows listing"},
                  {.name = "spotlight",
                   .help = "searched by lensfs spotlight, which listens at PORT",
                   .value = "PORT"},
                  {.name = "mappings",
                   .help = "where --spotlight puts its mappings; else beside --output",
                   .value = "FILE",
                   .completes = Completes::files},
                  {.name = "global", .help = "with the lines that [global] needs"},
                  {.name = "output",
                   .help = "write it to FILE",
                   .letter = 'o',
                   .value = "FILE",
                   .completes = Completes::files}},
      .examples = {{{"lensfs share smb /mnt/media -n media -u @editors -o /etc/samba/lensfs.conf",
                     "for the group editors, to be included in smb.conf"},
                    {"lensfs share smb /mnt/media -p 720p --guest",
                     "small versions, for anybody"}}},
      .run = run_share};
}

}  // namespace lensfs
