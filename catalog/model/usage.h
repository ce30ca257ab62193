// Usage: who opened what. Mounts note it (fs/use_recorder.h); what was changed is in the change log
// (feed.h) and not repeated here.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "catalog/base/clock.h"
#include "catalog/db/transaction.h"
#include "catalog/model/ids.h"

namespace lensfs {

enum class UseId : std::int64_t {};

// Numbers are stored: never renumber.
enum class UseAct : int {
  read = 1,   // opened for reading alone
  write = 2,  // opened for writing
  make = 3,   // made, and written through the same handle; no use for searches
  copy = 4,   // copied by copy_file_range: what cp does
};
[[nodiscard]] std::string_view name_of(UseAct act);  // "read"

// Which way somebody came. Numbers are stored: never renumber.
enum class Door : int {
  mount = 1,
  samba = 2,    // by smbd, which comes as the user that it serves
  nfs = 3,      // by the kernel's server
  command = 4,  // of lensfs, past the mount
};
[[nodiscard]] std::string_view name_of(Door door);  // "samba"
// The door that a program of this name is.
[[nodiscard]] Door door_of(std::string_view program);

// Lenses that are no profile.
inline constexpr std::string_view kLensNone = "";
inline constexpr std::string_view kLensVersion = "version";

struct Use {
  UseId id{};
  AssetId asset{};
  Nanoseconds at = 0;    // the first time
  Nanoseconds last = 0;  // the last time
  std::int64_t times = 1;
  UseAct act = UseAct::read;
  Door door = Door::mount;
  std::int64_t uid = 0;
  std::string program{};  // empty: not known
  std::string lens{};     // empty: the file itself; kLensVersion, or a profile
  std::int64_t version = 0;
  std::optional<Nanoseconds> open_for{};  // all times together; nothing: not known (yet)
  // What the mount handed out. Nothing: the kernel read by itself and says nothing of it. What the
  // kernel had in its cache comes on top.
  std::optional<std::int64_t> bytes{};

  static constexpr std::string_view kColumns =
      "id, asset_id, at_ns, last_ns, times, act, door, uid, program, lens, version, open_ns, bytes";
  static Use from(const Row& row);  // kColumns from column 0
};

// Adds the row, whatever its `id`.
[[nodiscard]] Result<UseId> add_use(Transaction& txn, const Use& use);
// Writes anew what can have changed of it: last, times, open_for, bytes.
[[nodiscard]] Status update_use(Transaction& txn, const Use& use);
// What searches know of an asset: it was used so many times more, and last at `last`. Does nothing
// for one that is no more.
[[nodiscard]] Status note_used(Transaction& txn, AssetId asset, Nanoseconds last,
                               std::int64_t times);

struct AssetUsage {
  Nanoseconds last = 0;
  std::int64_t times = 0;
  static AssetUsage from(const Row& row);
};
// Nothing: it was never used.
[[nodiscard]] Result<std::optional<AssetUsage>> usage_of(Database& db, AssetId asset);

// Uses by when they began, the newest first; `visit` returns false to stop.
using VisitUse = std::function<bool(const Use&)>;
[[nodiscard]] Status each_use_backward(Database& db, Nanoseconds since, Nanoseconds until,
                                       const VisitUse& visit);
// Those of one asset, newest first.
[[nodiscard]] Status each_use_of(Database& db, AssetId asset, const VisitUse& visit);

// Forgets uses that ended before `before`, at most so many; how many it were. What searches ask
// stays.
[[nodiscard]] Result<std::int64_t> forget_uses(Transaction& txn, Nanoseconds before,
                                               std::int64_t most);
[[nodiscard]] Result<std::int64_t> count_uses(Database& db, Nanoseconds before);

}  // namespace lensfs
