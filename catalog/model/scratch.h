// Scratch names: lock files, temporary files and what file managers drop. Such files work at once
// and for everybody in their folder, but are never versioned, tagged, searched or counted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lensfs {

class ScratchNames {
 public:
  // Globs as in model/glob.h, matched case-blind.
  explicit ScratchNames(std::vector<std::string> globs);
  [[nodiscard]] bool matches(std::string_view name) const;

  // What is scratch unless lensfs.toml says otherwise.
  [[nodiscard]] static const std::vector<std::string>& defaults();

 private:
  std::vector<std::string> globs_;  // folded
};

}  // namespace lensfs
