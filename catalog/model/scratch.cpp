#include "catalog/model/scratch.h"

#include <algorithm>

#include "catalog/base/text.h"
#include "catalog/model/glob.h"

namespace lensfs {

ScratchNames::ScratchNames(std::vector<std::string> globs) : globs_(std::move(globs)) {
  for (std::string& glob : globs_) glob = fold_name(glob);
}

bool ScratchNames::matches(std::string_view name) const {
  const std::string folded = fold_name(name);
  return std::any_of(globs_.begin(), globs_.end(),
                     [&](const std::string& glob) { return matches_glob(glob, folded); });
}

const std::vector<std::string>& ScratchNames::defaults() {
  static const std::vector<std::string> kDefaults = {
      // locks of applications
      "*.prlock", "*.lck", "~$*", ".~lock.*#",
      // file managers and indexers
      ".DS_Store", "._*", ".Spotlight-V100", ".Trashes", ".fseventsd", ".TemporaryItems", ".apdisk",
      "Thumbs.db", "desktop.ini",
      // on their way to another name
      "*.tmp", "*.part", "*.crdownload", ".goutputstream-*", ".fuse_hidden*", ".nfs*",
      // editors
      "*.swp", "*.swpx", "*.swx", "4913"};
  return kDefaults;
}

}  // namespace lensfs
