// Queries as text, for tests.
#pragma once

#include <string>

#include "catalog/model/search.h"

namespace lensfs::test {

// "=", ":" …
[[nodiscard]] std::string compare_text(Compare compare);
// A query as text that means the same, however it was typed.
[[nodiscard]] std::string printed(const Query& query);
// A number from the environment, for runs that are longer than usual.
[[nodiscard]] std::size_t asked_for(const char* name, std::size_t otherwise);

}  // namespace lensfs::test
