// LandlockRules: which files a process may still open by name once it applied them: fonts, colour
// profiles and character tables, for reading. Nothing can be opened for writing, made or removed;
// no TCP port can be reached, and no process outside be signalled where the kernel knows how.
// Descriptors that are open already are not touched.
#pragma once

#include <utility>

#include "catalog/base/fd.h"

namespace lensfs {

class LandlockRules {
 public:
  // not_supported where the kernel has no Landlock (5.13), or was started without it.
  [[nodiscard]] static Result<LandlockRules> make();
  // For the calling thread and those that it starts; cannot be undone. PR_SET_NO_NEW_PRIVS must be
  // set.
  [[nodiscard]] Status apply() const;

 private:
  explicit LandlockRules(Fd ruleset) : ruleset_(std::move(ruleset)) {}
  Fd ruleset_;
};

}  // namespace lensfs
