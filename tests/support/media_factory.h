// Media made on the spot: small files that look real to programs that sniff the first bytes, with
// a body that depends on a seed, so that no two are alike unless a test wants that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace lensfs::test {

// Exactly `bytes` long; the same seed gives the same bytes. A file too short for its header is cut.
[[nodiscard]] std::string movie(std::size_t bytes, std::uint64_t seed = 1);    // QuickTime boxes
[[nodiscard]] std::string sound(std::size_t bytes, std::uint64_t seed = 1);    // WAV, playable
[[nodiscard]] std::string picture(std::size_t bytes, std::uint64_t seed = 1);  // PNG signature
[[nodiscard]] std::string noise(std::size_t bytes, std::uint64_t seed = 1);    // no known type

}  // namespace lensfs::test
