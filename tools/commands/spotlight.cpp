// spotlight: answers searches that macOS sends to a Samba share; becomes lensfs-spotlight.
#include <unistd.h>

#include <array>

#include "tools/cli/library_path.h"
#include "tools/commands/commands.h"
#include "tools/spotlight/peer.h"
#include "transcode/client/program.h"

namespace lensfs {
namespace {

constexpr const char* kName = "lensfs-spotlight";

Result<ExitCode> run_spotlight(const Invocation& invocation) {
  std::string address = invocation.value("listen").value_or(kSpotlightAddress);
  LENSFS_CHECK(loopback_address(address));
  LENSFS_TRY(const auto path, find_library(invocation, invocation.operands()));
  std::string library = path.string();
  const auto file = program_beside(kName);
  if (!file) return fail(Error(Errc::not_found, "is not installed beside lensfs").with(kName));
  std::string name = kName;
  const std::array<char*, 4> words = {name.data(), library.data(), address.data(), nullptr};
  ::execv(file->c_str(), words.data());
  return last_error("start of lensfs-spotlight");
}

}  // namespace

Command spotlight_verb() {
  return {
      .name = "spotlight",
      .summary = "answer searches of macOS over a Samba share",
      .description =
          "Answers what Samba asks when somebody searches a share with Finder: names, text, tags, "
          "kinds, dates, sizes and what files say of themselves, from the catalog, at once. It "
          "listens on this machine only, and takes what Samba would ask an Elasticsearch server "
          "for. \"lensfs share smb --spotlight\" writes the lines of smb.conf; \"lensfs doctor\" "
          "says whether it answers.\n\n"
          "The share may be a whole drive of the library, a folder in its Projects, or either "
          "through a profile; in Tags and Search single terms and searches are. At most 400 "
          "files are found. Each user of this machine is answered what they may read, as the "
          "drive says; for that root has to run it, as root runs smbd. What cannot be translated "
          "finds nothing, and a line on standard error says so.\n\n"
          "SIGTERM and Ctrl-C end it.",
      .operands = {.usage = "[LIBRARY]", .most = 1, .completes = Completes::directories},
      .options = {{.name = "listen",
                   .help = "where; else 127.0.0.1:9207",
                   .letter = 'l',
                   .value = "127.0.0.1:PORT"}},
      .examples = {{{"lensfs spotlight /srv/library", "answers until it is stopped"},
                    {"lensfs -L /srv/library spotlight --listen 127.0.0.1:9300",
                     "at another port"}}},
      .run = run_spotlight};
}

}  // namespace lensfs
