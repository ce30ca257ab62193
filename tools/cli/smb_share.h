// SmbShare: a section of smb.conf for a drive, as text. Why each line is as it is stands beside it
// in what is written, so that whoever administers the server need not look further.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/result.h"

namespace lensfs {

struct SmbShare {
  std::string name;                  // of the share, as clients see it
  std::string path;                  // absolute: a mountpoint or a folder below it
  std::string title;                 // one line that clients show
  std::vector<std::string> users{};  // "anna", "@editors"; empty: whoever may log on
  enum class Shows { originals, renditions } shows = Shows::originals;
  bool guest = false;     // anybody, without a password; read only
  bool smb_only = false;  // no program of this machine writes to what clients have open
  std::optional<std::uint16_t> spotlight{};  // where `lensfs spotlight` listens; nothing: no search
  bool attributes = false;     // extended attributes as SMB's EAs, which Linux clients use
  bool dos_attributes = true;  // what Windows keeps of a file: archive and hidden bits, sparse …
};

// usage, with what is wrong, for what smb.conf cannot say or Samba would take for something else.
[[nodiscard]] Status check_share(const SmbShare& share);
// The section. Begins with a comment that says who made it.
[[nodiscard]] std::string section_of(const SmbShare& share);
// What [global] needs beside it. `mappings`: the file of attribute_mappings()
// (spotlight/translate.h), absolute; empty: nothing is searched.
[[nodiscard]] std::string global_section(const std::string& mappings);

// The first words of a file that `lensfs share` made, and may replace.
inline constexpr std::string_view kMadeByShare = "# Made by \"lensfs share smb\"";
// The modules that the section loads.
inline constexpr std::string_view kVfsObjects =
    "catia fruit shadow_copy2 streams_xattr glusterfs_fuse";

}  // namespace lensfs
