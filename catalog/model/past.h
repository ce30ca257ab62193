// What is written down of names before they change, so that the library can be shown as it was.
// history.h reads it.
#pragma once

#include <string_view>

#include "catalog/db/transaction.h"
#include "catalog/model/ids.h"

namespace lensfs {

// To be called before the row goes or changes: it held until the transaction's moment.
[[nodiscard]] Status remember_past_place(Transaction& txn, FolderId folder, std::string_view name);
[[nodiscard]] Status remember_past_folder(Transaction& txn, FolderId folder);

}  // namespace lensfs
