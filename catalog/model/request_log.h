// Exactly once: a mount notes each changing request in the transaction that carries it out. When
// the kernel sends it again because the serving process died, the note answers it.
#pragma once

#include <cstdint>
#include <string>

#include "catalog/db/transaction.h"

namespace lensfs {

struct RequestKey {
  std::string mount;         // identity of one mount
  std::int64_t request = 0;  // the kernel's number
  bool resent = false;       // the kernel says that this is a second delivery
};

// True if a resent request was carried out before its server died.
[[nodiscard]] Result<bool> is_done(Database& db, const RequestKey& key);
// Notes it, and forgets notes that are too old to be asked for.
[[nodiscard]] Status note_done(Transaction& txn, const RequestKey& key);
// Forgets all notes of a mount that has ended.
[[nodiscard]] Status forget_requests(Transaction& txn, const std::string& mount);

}  // namespace lensfs
