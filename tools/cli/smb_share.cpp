#include "tools/cli/smb_share.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lensfs {
namespace {

constexpr std::size_t kLongestName = 80;  // Windows shows no longer one
constexpr std::array<std::string_view, 4> kReserved = {"global", "homes", "printers", "ipc$"};

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool has_any_of(std::string_view text, std::string_view of) {
  return text.find_first_of(of) != std::string_view::npos ||
         std::any_of(text.begin(), text.end(), is_control);
}

Status check_name(const std::string& name) {
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (name.empty() || name.size() > kLongestName) {
    return fail(Error(Errc::usage, "the name of a share has 1 to 80 bytes").with(name));
  }
  if (std::find(kReserved.begin(), kReserved.end(), lower) != kReserved.end()) {
    return fail(Error(Errc::usage, "Samba means something else by that name").with(name));
  }
  if (has_any_of(name, "[]%/\\:*?\"<>|+=;,")) {
    return fail(
        Error(Errc::usage, "the name of a share has none of [ ] % / \\ : * ? \" < > | + = ; ,")
            .with(name));
  }
  if (name.front() == ' ' || name.back() == ' ') {
    return fail(
        Error(Errc::usage, "the name of a share neither begins nor ends with a blank").with(name));
  }
  return {};
}

Status check_path(const std::string& path) {
  if (has_any_of(path, "%\"") || path.back() == ' ' || path.back() == '\\') {
    return fail(Error(Errc::usage,
                      "Samba would not take that path as it stands (% \" or a blank at its end); "
                      "mount the drive elsewhere")
                    .with(path));
  }
  return {};
}

Status check_user(const std::string& user) {
  if (user.empty() || has_any_of(user, "[]%/:*?\"<>|=;, ") || user == "@" || user.front() == '-') {
    return fail(Error(Errc::usage, "no name of a user or, with @, of a group").with(user));
  }
  return {};
}

// Which of two texts stands for `truth`.
std::string_view pick(bool truth, std::string_view yes, std::string_view no) {
  return truth ? yes : no;
}

std::string access_lines(const SmbShare& share) {
  if (share.guest) {
    return "\n   # Anybody may look, as the guest account; [global] needs \"map to guest = Bad "
           "User\".\n"
           "   read only = yes\n   guest ok = yes\n   guest only = yes\n";
  }
  std::string users;
  for (const std::string& user : share.users) users += (users.empty() ? "" : " ") + user;
  std::string lines =
      "\n   # Who may do what is up to the drive: files have owners, modes and, where it\n"
      "   # has them, POSIX ACLs, which the kernel checks for every user of the server.\n";
  lines +=
      share.shows == SmbShare::Shows::renditions ? "   read only = yes\n" : "   read only = no\n";
  lines += "   guest ok = no\n";
  if (!users.empty()) lines += "   valid users = " + users + "\n";
  return lines;
}

// The ones that write.
constexpr std::string_view kNewFiles = R"(
   # New files belong to a team: its group may write them.
   create mask = 0664
   directory mask = 0775
   inherit permissions = yes
)";

constexpr std::string_view kModules = R"(
   # catia and fruit: names and streams as macOS wants them; fruit must be on all shares of a server
   #   or on none. shadow_copy2: "Previous Versions". streams_xattr: streams, Finder's tags among
   #   them, as extended attributes. glusterfs_fuse: a name in other case is asked of the drive and
   #   not looked for in the whole folder; nothing of GlusterFS is needed.
   # No acl_xattr: it would keep Windows ACLs in an attribute that only smbd reads and, to make them
   #   count, give everybody everything below; who is on the drive by another door would be past all
   #   rules. Without it Samba shows owners, modes and POSIX ACLs as Windows ACLs and back.
   # No recycle: what is deleted lies in the drive's own Trash, with its versions and tags.
   vfs objects = )";

constexpr std::string_view kFruit = R"(
   fruit:encoding = native
   fruit:metadata = stream
   fruit:resource = stream
   fruit:posix_rename = yes

   # Versions are seen in each folder under .versions/@GMT-…, read only, with the time of UTC.
   shadow:snapdir = .versions
   shadow:snapdirseverywhere = yes
   shadow:format = @GMT-%Y.%m.%d-%H.%M.%S
   shadow:sort = desc
   shadow:localtime = no
)";

constexpr std::string_view kLocalToo = R"(
   # Programs on this machine may write to what clients have open. With kernel oplocks their open
   # takes a client's right to keep the file in its cache away, after it wrote back what it had; SMB2
   # leases and level 2 oplocks know nothing of local programs and are off. Byte locks are those of
   # the kernel. Price: no durable handles, so a client that loses the network opens its files anew.
   # Where nobody works on the server itself: lensfs share smb --smb-only.
   kernel oplocks = yes
   level2 oplocks = no
   posix locking = yes
)";

constexpr std::string_view kSmbOnly = R"(
   # Made with --smb-only: clients keep files in their caches (leases) and their handles survive a
   # lost network (durable handles), and neither hears of what a local program does. No program on
   # this machine may write to files that a client has open.
   kernel oplocks = no
   posix locking = no
   durable handles = yes
)";

constexpr std::string_view kLocks =
    R"(   # flock for share modes is no longer in Linux; it would keep nobody out.
   kernel share modes = no
   strict sync = yes
)";

// Listing files costs a request to the drive for each attribute that Samba asks of each file.
constexpr std::string_view kBrowsing = R"(
   # Nobody writes here, so there are no DOS attributes to ask for: listing asks the drive nothing
   # that it has not told before.
)";
constexpr std::string_view kWithoutDos = R"(
   # Made with --no-dos-attributes: listing asks the drive nothing that it has not told before, and
   # takes as long as on a disk. What clients set of archive, hidden and system bits, sparse files
   # and times of creation is not kept.
)";
constexpr std::string_view kWithDos = R"(
   # DOS attributes must be kept where people write (archive bits, sparse files); that is a
   # request for each file listed, see --no-dos-attributes. EAs are two more, and only Linux
   # clients use them: macOS and Windows have streams.
   store dos attributes = yes
)";
constexpr std::string_view kNoDos = R"(   store dos attributes = no
   map archive = no
   map hidden = no
   map system = no
   map readonly = no
)";

std::string listing_lines(const SmbShare& share, bool writes) {
  std::string lines(writes ? (share.dos_attributes ? kWithDos : kWithoutDos) : kBrowsing);
  if (!writes || !share.dos_attributes) lines += kNoDos;
  return lines + fmt::format("   ea support = {}\n", pick(writes && share.attributes, "yes", "no"));
}

// Renditions may have to be made while they are read.
constexpr std::string_view kReading = R"(
   # The bytes of originals are on this machine's disk: smbd sends them from there itself.
   use sendfile = yes
   aio read size = 0
)";
constexpr std::string_view kReadingRenditions = R"(
   # A rendition may be rendered while it is read; such a read must not hold up the whole client.
   use sendfile = no
   aio read size = 1
)";

std::string spotlight_lines(std::uint16_t port) {
  return fmt::format(R"(
   # Searches of Finder are answered from the catalog by "lensfs spotlight", which listens on this
   # machine only. Samba asks it as it would ask Elasticsearch, and shows a user what they may read.
   spotlight = yes
   spotlight backend = elasticsearch
   elasticsearch:address = 127.0.0.1
   elasticsearch:port = {}
   elasticsearch:use tls = no
   elasticsearch:max results = 400
)",
                     port);
}

}  // namespace

Status check_share(const SmbShare& share) {
  LENSFS_CHECK(check_name(share.name));
  LENSFS_CHECK(check_path(share.path));
  if (share.guest && !share.users.empty()) {
    return fail(Errc::usage, "a share for guests is for everybody; --users makes no sense there");
  }
  for (const std::string& user : share.users) LENSFS_CHECK(check_user(user));
  return {};
}

std::string section_of(const SmbShare& share) {
  const bool writes = !share.guest && share.shows == SmbShare::Shows::originals;
  std::string text = fmt::format("{} for {}; it will be replaced when that is run again.\n[{}]\n",
                                 kMadeByShare, share.path, share.name);
  text +=
      fmt::format("   comment = {}\n   path = {}\n   browseable = yes\n", share.title, share.path);
  text += access_lines(share);
  text += "   # What a user may not read is not shown.\n   hide unreadable = yes\n";
  text += "   access based share enum = yes\n";
  if (writes) text += kNewFiles;
  text.append(kModules).append(kVfsObjects).append("\n").append(kFruit);
  text += listing_lines(share, writes);
  text += share.smb_only || !writes ? kSmbOnly : kLocalToo;
  text += kLocks;
  text += share.shows == SmbShare::Shows::renditions ? kReadingRenditions : kReading;
  if (share.spotlight) text += spotlight_lines(*share.spotlight);
  return text;
}

std::string global_section(const std::string& mappings) {
  std::string text = R"([global]
   # For the shares that "lensfs share smb" makes. fruit:copyfile lets Finder copy on the server,
   # where bytes that are there already are not copied at all; map to guest is for guest shares.
   fruit:copyfile = yes
   fruit:aapl = yes
   map to guest = Bad User
   unix extensions = no
)";
  if (!mappings.empty()) {
    text += fmt::format(R"(
   # What the attributes that Finder asks for are called; tags are not in Samba's own file. What is
   # unknown is left out of a search, which would else find nothing.
   elasticsearch:mappings = {}
   elasticsearch:ignore unknown attribute = yes
   elasticsearch:ignore unknown type = yes
)",
                        mappings);
  }
  return text + "\n";
}

}  // namespace lensfs
