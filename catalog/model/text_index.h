// The words of a library: which assets say them, in fields, markers and documents. Names are not in
// here; they are matched by themselves (SetSource::named).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/asset_set.h"

namespace lensfs {

// Puts a text in the place of the one that `what` said before; empty text: nothing is said there.
// `what` is "field KEY", "marker ID" or "content".
[[nodiscard]] Status index_text(Transaction& txn, AssetId asset, std::string_view what,
                                std::string_view text);
[[nodiscard]] Status forget_texts(Transaction& txn, AssetId asset);
[[nodiscard]] Status move_texts(Transaction& txn, AssetId from, AssetId to);
[[nodiscard]] Status copy_texts(Transaction& txn, AssetId from, AssetId to);

struct WordQuery {
  std::string_view phrase;  // words in this order, beside each other
  bool prefix = false;      // the last one goes on
  bool stem = false;        // any form of the words, as English (or as `language`) has it
  bool in_markers = false;  // only what markers say
};
// Case and accents make no difference. Words of no letters or digits are found nowhere.
// What the documents say that `veil` covers counts for nothing.
[[nodiscard]] Result<SharedSet> assets_saying(Database& db, const WordQuery& query,
                                              const Veil& veil);
// What says it, as index_text was told: "marker 12".
[[nodiscard]] Result<std::vector<std::string>> texts_saying(Database& db, const WordQuery& query);

}  // namespace lensfs
