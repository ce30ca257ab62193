// What a Store is made of; for the files that implement it.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "catalog/base/clock.h"
#include "catalog/base/fd.h"
#include "catalog/store/drafts.h"
#include "catalog/store/staging.h"
#include "catalog/store/store.h"

namespace lensfs {

inline constexpr const char* kObjects = "objects";
inline constexpr const char* kStaging = "staging";
inline constexpr const char* kCollectLock = "collect.lock";
inline constexpr mode_t kObjectMode = 0444;

[[nodiscard]] Status set_mode(int file, mode_t mode);

// Set up once by Store::open and constant from then on, except where a mutex says otherwise.
struct Store::State {
  std::filesystem::path library;
  Options options;
  Clock system_clock;
  Fd objects;  // also sees the write errors of the file system, see sync()
  Result<std::unique_ptr<StagingSession>> staging = fail(Errc::read_only);
  Result<Drafts> drafts = fail(Errc::read_only);

  std::mutex syncing;  // guards `sync_failure`; rank: innermost
  std::optional<Error> sync_failure;

  std::once_flag probed;
  bool shares_extents = false;  // once `probed`

  [[nodiscard]] ContentId filtered(const ContentId& id) const {
    return options.id_filter ? options.id_filter(id) : id;
  }
  [[nodiscard]] Nanoseconds now() const {
    return options.clock != nullptr ? options.clock->now() : system_clock.now();
  }
  // A new path in staging, or why there is none.
  [[nodiscard]] Result<std::filesystem::path> new_staging_path() const;
  // no_space if `bytes` more would eat into the reserve.
  [[nodiscard]] Status room_for(std::uint64_t bytes) const;
  // Gives the staged file `from`, open as `file`, the first object name that is free; the name in
  // staging is gone then. If an object with the same bytes is found first, `from` stays and the
  // result is not fresh.
  [[nodiscard]] Result<Stored> place(const std::filesystem::path& from, int file, ObjectKey key,
                                     const std::stop_token& stop) const;
  // A new draft with the bytes of `source`.
  [[nodiscard]] Result<Fd> fill_draft(int source, std::int64_t number) const;
  // Opens collect.lock: each description is its own holder.
  [[nodiscard]] Result<Fd> open_collect_lock() const;
};

}  // namespace lensfs
