// What is written down of names, terms and links before they change, so that the library can be
// shown as it was. history.h reads it.
//
// Each is called before the row goes or changes: the row held until the transaction's moment. Who
// changes a row instead of deleting it sets its since_ns to that moment.
#pragma once

#include <string_view>

#include "catalog/db/transaction.h"
#include "catalog/model/ids.h"
#include "catalog/model/project.h"

namespace lensfs {

[[nodiscard]] Status remember_past_place(Transaction& txn, FolderId folder, std::string_view name);
[[nodiscard]] Status remember_past_folder(Transaction& txn, FolderId folder);
[[nodiscard]] Status remember_past_tag(Transaction& txn, TagId tag);
// That an asset carried a term; and that all who carry it did.
[[nodiscard]] Status remember_past_link(Transaction& txn, AssetId asset, TagId tag);
[[nodiscard]] Status remember_past_links(Transaction& txn, TagId tag);

// A folder that is no more, as it was last. not_found.
[[nodiscard]] Result<Folder> find_past_folder(Database& db, FolderId folder);

}  // namespace lensfs
