// What the end of a decoder means for the orders that it left unanswered.
#pragma once

#include <cstdint>
#include <string>

#include "transcode/client/engine_process.h"

namespace lensfs {

// Of a decoder that ended by itself.
[[nodiscard]] Error verdict(const Ended& ended, const EngineLimits& limits);
// Of one that was killed for this.
[[nodiscard]] Error over_limit(const std::string& what);
// "2 GiB", "1 byte": exact, in the largest unit that is.
[[nodiscard]] std::string size_in_words(std::uint64_t bytes);
[[nodiscard]] std::string time_in_words(std::chrono::milliseconds time);  // "60 s", "250 ms"

}  // namespace lensfs
