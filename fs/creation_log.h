// CreationLog: the files that a mount made and that are not in the catalog yet, written where they
// outlive its processes: staging/new/<mount>.0 and .1. One of the two takes new records while those
// of the other go into the catalog. Not synced: like any file that was made and not synced, they
// may be lost when the power goes.
//
// A record: its length, its number, a checksum, then the numbers and texts of a DeferredFile; a
// later one of the same file replaces it. Not thread-safe.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/fd.h"
#include "catalog/model/new_file.h"

namespace lensfs {

class CreationLog {
 public:
  // Opens, or makes, the files of a mount.
  [[nodiscard]] static Result<CreationLog> open(const std::filesystem::path& library,
                                                const std::string& mount);
  // Removes them; for the end of a mount, and when all that they held is in the catalog.
  static void remove(const std::filesystem::path& library, const std::string& mount);
  // The mounts that have some.
  [[nodiscard]] static std::vector<std::string> mounts(const std::filesystem::path& library);

  [[nodiscard]] Status append(const DeferredFile& made);
  // What was appended so far is about to go into the catalog; what comes goes to the other file,
  // if that is empty.
  void turn_over();
  // What came before turn_over() is in the catalog. Cheap.
  [[nodiscard]] Status forget_older();
  // The files that both hold, in the order of their numbers; a record that was not written whole
  // ends its part.
  [[nodiscard]] Result<std::vector<DeferredFile>> read(const std::string& mount) const;

 private:
  struct Part {
    Fd file;
    std::int64_t size = 0;
  };
  std::array<Part, 2> parts_;
  std::uint32_t records_ = 0;
  std::size_t current_ = 0;
  std::size_t older_ = 0;  // == current_: there is none
};

}  // namespace lensfs
