// OutlineFiles on disk: what there is of renditions that are rendered when they are read,
// staging/outlines/<number>.*:
//   .bytes   the rendition, sparse: it has its true size, and holes where nothing was rendered yet
//   .layout  where its slots lie (transcode/outline.h)
//   .slots   which of them are there: 8 bytes each (transcode/client/rendered_file.h)
// and "waited", empty, whose time says when somebody last waited for a slot.
// They can be made again at any time from the catalog's row and the source.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "catalog/base/clock.h"
#include "catalog/base/fd.h"

namespace lensfs {

// Thread-safe. Numbers come from the catalog and are never used twice.
class OutlineStore {
 public:
  // Makes the directory where it can. read_only if it is not there and cannot be made.
  [[nodiscard]] static Result<OutlineStore> open(const std::filesystem::path& library);

  struct Files {
    Fd bytes;
    Fd layout;
    Fd slots;
  };
  // Empty files without names, to be filled in; they are gone when they are closed.
  [[nodiscard]] Result<Files> create() const;
  // Gives them their names; the caller's transaction makes them known. What a crash left under
  // that number goes.
  [[nodiscard]] Status keep(const Files& files, std::int64_t number) const;
  // For reading and writing, the layout for reading. not_found if they are not all there.
  [[nodiscard]] Result<Files> open_files(std::int64_t number) const;
  // Removing those that are not there is no error. Who has them open goes on with them.
  [[nodiscard]] Status remove(std::int64_t number) const;
  [[nodiscard]] Result<std::vector<std::int64_t>> numbers() const;
  struct Use {
    std::uint64_t on_disk = 0;  // bytes, of all its files
    Nanoseconds changed = 0;    // the one that was changed last
  };
  // Those that are not there count nothing.
  [[nodiscard]] Result<Use> use_of(std::int64_t number) const;
  // Somebody waits for a slot now; kept beside the outlines, so that other processes know.
  void note_waited() const;
  [[nodiscard]] Nanoseconds last_waited() const;  // 0: never
  [[nodiscard]] std::filesystem::path bytes_path(std::int64_t number) const;

  static constexpr const char* kDirectory = "outlines";  // in staging/

 private:
  OutlineStore(std::filesystem::path path, Fd directory)
      : path_(std::move(path)), directory_(std::move(directory)) {}
  std::filesystem::path path_;
  Fd directory_;
};

}  // namespace lensfs
