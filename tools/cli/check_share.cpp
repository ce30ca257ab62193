#include "tools/cli/check_share.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "tools/cli/check_spotlight.h"
#include "tools/cli/run_program.h"
#include "tools/cli/smb_share.h"

namespace lensfs {
namespace {

namespace fs = std::filesystem;
using Parameters = std::map<std::string, std::string>;

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

std::string lower(std::string_view text) {
  std::string small(text);
  for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return small;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t from = text.find_first_not_of(" ,\t"); from != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(" ,\t", from), text.size());
    words.emplace_back(text.substr(from, end - from));
    from = text.find_first_not_of(" ,\t", end);
  }
  return words;
}

std::string value_of(const Parameters& share, const Parameters& global, const std::string& key,
                     std::string otherwise) {
  if (const auto own = share.find(key); own != share.end()) return own->second;
  if (const auto all = global.find(key); all != global.end()) return all->second;
  return otherwise;
}

struct Wanted {
  const char* key;
  const char* value;
  const char* otherwise;  // what Samba does without the line
  const char* why;
  enum class If { always, module } needed = If::always;
  const char* module = "";
};
// What makes a share lose or hide something.
constexpr std::array kWanted = {
    Wanted{"shadow:snapdir", ".versions", "", "\"Previous Versions\" show nothing without it",
           Wanted::If::module, "shadow_copy2"},
    Wanted{"shadow:snapdirseverywhere", "yes", "no",
           "\"Previous Versions\" are looked for at the wrong place without it", Wanted::If::module,
           "shadow_copy2"},
    Wanted{"fruit:encoding", "native", "private", "names with : * ? | would not be what they are",
           Wanted::If::module, "fruit"},
    Wanted{"fruit:metadata", "stream", "netatalk", "Finder's tags and colours would not arrive",
           Wanted::If::module, "fruit"},
    Wanted{"hide unreadable", "yes", "no", "names show of what a user may not read"},
    Wanted{"kernel share modes", "no", "no", "it does nothing on this kernel but cost time"},
};

void check_modules(const std::string& about, const std::vector<std::string>& loaded,
                   Findings& findings) {
  for (const std::string& module : words_of(kVfsObjects)) {
    if (std::find(loaded.begin(), loaded.end(), module) != loaded.end()) continue;
    findings.note(about, "the module " + module + " is not among its vfs objects",
                  fmt::format("vfs objects = {}", kVfsObjects));
  }
  const auto has = [&](const char* module) {
    return std::find(loaded.begin(), loaded.end(), module) != loaded.end();
  };
  if (has("acl_xattr")) {
    findings.wrong(about,
                   "acl_xattr keeps rules where only smbd reads them; other doors ignore them",
                   "take acl_xattr out of vfs objects");
  }
  if (has("recycle")) {
    findings.note(about, "recycle keeps what is deleted a second time, beside the drive's Trash",
                  "take recycle out of vfs objects");
  }
}

// smbd refuses the whole share where it cannot load one of its modules.
void check_installed(const std::string& about, const std::vector<std::string>& loaded,
                     Findings& findings) {
  const auto built = run_program({"smbd", "-b"});
  if (!built) return findings.wrong(about, "smbd is not installed", "apt install samba");
  const std::size_t at = built->out.find("MODULESDIR:");
  if (at == std::string::npos) return;
  std::string_view rest = std::string_view(built->out).substr(at + 11);
  const fs::path modules = fs::path(trimmed(rest.substr(0, rest.find('\n')))) / "vfs";
  for (const std::string& module : loaded) {
    std::error_code error;
    if (fs::exists(modules / (module + ".so"), error)) continue;
    if (built->out.find("vfs_" + module + "_init") != std::string::npos) continue;
    findings.wrong(about,
                   fmt::format("the module {} is not in {}; smbd will refuse the share", module,
                               modules.string()),
                   "apt install samba-vfs-modules");
  }
}

void check_caching(const std::string& about, const Parameters& share, const Parameters& global,
                   Findings& findings) {
  const bool writes = value_of(share, global, "read only", "yes") == "No" ||
                      lower(value_of(share, global, "read only", "yes")) == "no";
  if (!writes) return;
  const bool kernel = lower(value_of(share, global, "kernel oplocks", "no")) == "yes";
  const bool leases = lower(value_of(share, global, "smb2 leases", "yes")) == "yes";
  if (!kernel && leases) {
    findings.note(about, "clients cache files and do not hear of what local programs write",
                  "leave it where nobody works on the server; else make the section again without "
                  "--smb-only");
  }
  if (lower(value_of(share, global, "store dos attributes", "yes")) == "no") {
    findings.note(
        about,
        "archive and hidden bits, sparse files and times of creation that clients set are "
        "not kept; in return folders list faster",
        "leave it where nobody misses them; else make the section again without "
        "--no-dos-attributes");
  }
}

bool is_inside(const std::string& path, const std::string& mountpoint) {
  const std::string shared = fs::path(path).lexically_normal().string();
  return shared == mountpoint || (shared + "/").starts_with(mountpoint + "/");
}

}  // namespace

SmbSections smb_sections_of(std::string_view text) {
  SmbSections sections;
  std::string section;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      section = line.substr(1, line.size() - 2);
      sections[section];
      continue;
    }
    const std::size_t equals = line.find('=');
    if (section.empty() || equals == std::string_view::npos) continue;
    sections[section][lower(trimmed(line.substr(0, equals)))] = trimmed(line.substr(equals + 1));
  }
  return sections;
}

void check_share_section(const std::string& name, const Parameters& share, const Parameters& global,
                         Findings& findings) {
  const std::string about = "share " + name;
  const std::size_t before = findings.all().size();
  const std::vector<std::string> loaded = words_of(value_of(share, global, "vfs objects", ""));
  check_modules(about, loaded, findings);
  check_installed(about, loaded, findings);
  for (const Wanted& wanted : kWanted) {
    if (wanted.needed == Wanted::If::module &&
        std::find(loaded.begin(), loaded.end(), wanted.module) == loaded.end()) {
      continue;
    }
    const std::string value = value_of(share, global, wanted.key, wanted.otherwise);
    if (lower(value) == wanted.value) continue;
    findings.wrong(about, fmt::format("{} is \"{}\": {}", wanted.key, value, wanted.why),
                   fmt::format("{} = {}", wanted.key, wanted.value));
  }
  check_caching(about, share, global, findings);
  if (findings.all().size() == before) findings.fine(about, "set up as it should be");
}

bool check_shares(const MountedDrive& drive, const std::optional<std::string>& configuration,
                  Findings& findings) {
  std::vector<std::string> words = {"testparm", "-s"};
  if (configuration) words.push_back(*configuration);
  const auto said = run_program(words);
  if (!said) {
    if (configuration) {
      findings.wrong("samba", "testparm is not installed: nothing can be said of " + *configuration,
                     "apt install samba-common-bin");
    }
    return false;
  }
  if (said->exit != 0) {
    findings.wrong("samba", "testparm refuses the configuration: " + said->err,
                   "put right what it names");
    return false;
  }
  const SmbSections sections = smb_sections_of(said->out);
  const auto global = sections.find("global");
  const Parameters none;
  bool any = false;
  for (const auto& [name, share] : sections) {
    const auto path = share.find("path");
    if (path == share.end() || !is_inside(path->second, drive.mountpoint)) continue;
    any = true;
    const Parameters& all = global == sections.end() ? none : global->second;
    check_share_section(name, share, all, findings);
    check_spotlight("share " + name, drive.mountpoint, share, all, findings);
  }
  if (any && !drive.allow_other) {
    findings.wrong(
        "mount " + drive.mountpoint,
        "only who mounted it may look at it, so smbd cannot serve anybody else",
        "mount it by root, or with -o allow_other and user_allow_other in /etc/fuse.conf");
  }
  return any;
}

}  // namespace lensfs
