// What Samba posts and what it takes for an answer: a small part of Elasticsearch's _search, in
// JSON. The only file beside cli/json.cpp that knows the JSON library is message.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/result.h"

namespace lensfs {

struct SpotlightAsk {
  std::string query{};   // see lucene.h
  std::size_t from = 0;  // of all hits, the first that is wanted
};

// A longer body holds no question.
inline constexpr std::size_t kMostBodyBytes = 64 * 1024;

// invalid for anything else.
[[nodiscard]] Result<SpotlightAsk> ask_from(std::string_view body);
// All of `paths` from the one on that was asked for, however many smbd wants at once: in Samba 4.17
// clients lose what comes in a second answer. smbd takes an answer without any for a failure where
// there are some: whoever asks for what lies behind the last is given the last again.
[[nodiscard]] std::string answer_to(const SpotlightAsk& ask, const std::vector<std::string>& paths);

// The answer to GET /, and what it says; invalid for what somebody else answered.
[[nodiscard]] std::string drives_text(const std::vector<std::string>& drives);
[[nodiscard]] Result<std::vector<std::string>> drives_from(std::string_view text);

}  // namespace lensfs
