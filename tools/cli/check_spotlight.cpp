#include "tools/cli/check_spotlight.h"

#include <fmt/format.h>

#include <algorithm>

#include "catalog/base/fd.h"
#include "catalog/base/text.h"
#include "tools/spotlight/client.h"

namespace lensfs {
namespace {

using Parameters = std::map<std::string, std::string>;

std::string value_of(const Parameters& share, const Parameters& global, const char* key,
                     const char* otherwise) {
  if (const auto own = share.find(key); own != share.end()) return own->second;
  if (const auto all = global.find(key); all != global.end()) return all->second;
  return otherwise;
}

// smbd reads it once, for all shares.
void check_mappings(const std::string& about, const Parameters& global, Findings& findings) {
  const std::string file = value_of({}, global, "elasticsearch:mappings",
                                    "/usr/share/samba/mdssvc/elasticsearch_mappings.json");
  const auto text = read_text(file);
  if (!text) {
    return findings.wrong(about, "smbd searches nothing without its mappings: " + file,
                          "lensfs share smb --spotlight writes them; name the file in [global]");
  }
  if (text->find("kMDItemUserTags") == std::string::npos) {
    findings.note(about, "tags are not searched: " + file + " does not name them",
                  "lensfs share smb --spotlight writes a file that does; name it in [global] as "
                  "elasticsearch:mappings");
  }
}

}  // namespace

void check_spotlight(const std::string& about, const std::string& mountpoint,
                     const Parameters& share, const Parameters& global, Findings& findings) {
  constexpr std::string_view kElasticsearch = "elasticsearch";
  const std::string is_on = value_of(share, global, "spotlight", "No");
  const std::string address = value_of(share, global, "elasticsearch:address", "localhost");
  const bool is_ours = address == "localhost" || address.starts_with("127.");
  if (is_on == "No" || is_on == "no" || !is_ours ||
      value_of(share, global, "spotlight backend", "noindex") != kElasticsearch) {
    return;
  }
  check_mappings(about, global, findings);
  const std::string text = value_of(share, global, "elasticsearch:port", "9200");
  const auto port = number_from<std::uint16_t>(text);
  const auto drives =
      port ? searched_drives(*port)
           : Result<std::vector<std::string>>(fail(Errc::invalid, "no port has that number"));
  const std::string way_out = fmt::format(
      "lensfs spotlight LIBRARY --listen 127.0.0.1:{}, or the unit lensfs-spotlight@", text);
  if (!drives) {
    findings.wrong(about,
                   fmt::format("macOS finds nothing: port {}: {}", text, drives.error().message()),
                   way_out);
  } else if (std::find(drives->begin(), drives->end(), mountpoint) == drives->end()) {
    findings.wrong(
        about,
        fmt::format("macOS finds nothing: what answers at port {} is for another library", text),
        way_out);
  }
}

}  // namespace lensfs
