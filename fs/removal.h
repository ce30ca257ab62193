// Removal: what becomes of a file when a name of it goes, by unlink or by a rename over it.
#pragma once

#include "fs/mount.h"

namespace lensfs {

class Removal {
 public:
  explicit Removal(Mount& mount) : mount_(mount) {}

  // Before: whether the file of that name is being written just now. A missing one is not.
  [[nodiscard]] Result<Writing> look_at(Editing& editing, NodeId folder, std::string_view name);
  // In the transaction: what has no name and is not open is dropped with it.
  [[nodiscard]] Status removed(Editing& editing, const Asset& asset);
  // After the commit.
  [[nodiscard]] Status finish();

 private:
  Mount& mount_;
  std::optional<WorkingFiles::Dropped> dropped_;
};

// The spelling under which the drive shows a name that an application gave.
[[nodiscard]] std::string shown_spelling(std::string_view name);

}  // namespace lensfs
