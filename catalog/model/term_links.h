// Synonyms and implications of terms.
//
// A synonym is another name under which a term is found and given: who tags with it tags with the
// term. An implication makes a term bring another with it: what carries place/oslo shows in
// country/norway too, without carrying it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/tag.h"

namespace lensfs {

[[nodiscard]] Result<std::vector<std::string>> synonyms_of(Database& db, TagId tag);  // by name
[[nodiscard]] Result<std::vector<Tag>> implied_by(Database& db, TagId tag);  // directly, by path

// Both are made as terms if need be. exists where the name is a term or another's synonym.
[[nodiscard]] Status add_synonym(Transaction& txn, const Actor& actor, std::string_view term,
                                 std::string_view name);
[[nodiscard]] Status remove_synonym(Transaction& txn, const Actor& actor,
                                    std::string_view name);  // not_found
// invalid for a term that would imply itself, directly or by way of others.
[[nodiscard]] Status add_implication(Transaction& txn, const Actor& actor, std::string_view term,
                                     std::string_view implied);
[[nodiscard]] Status remove_implication(Transaction& txn, const Actor& actor, std::string_view term,
                                        std::string_view implied);  // not_found

// The taxonomy as text, one term on a line, sub-terms indented by two spaces:
//
//   place
//     oslo = christiania, kristiania > country/norway, capital
//
// behind "=" its synonyms, behind ">" the whole terms that it implies; lines that begin with # are
// comments.
[[nodiscard]] Result<std::string> taxonomy_text(Database& db);
// Adds what the text says; nothing is taken away. invalid names the line.
[[nodiscard]] Status import_taxonomy(Transaction& txn, const Actor& actor, std::string_view text);

}  // namespace lensfs
