#include "catalog/base/hasher.h"

#ifdef LENSFS_XXHASH_DISPATCH
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

#include <algorithm>
#include <array>
#include <cstring>

namespace lensfs {
namespace {

// What a hole reads as. Large enough that the calls do not count, small enough for the L2 cache.
constexpr std::size_t kZeroBlock = 256 << 10;
alignas(64) const std::array<std::byte, kZeroBlock> kZeros{};

}  // namespace

struct Hasher::State {
  State() : xxh(XXH3_createState()) { XXH3_128bits_reset(xxh); }
  ~State() { XXH3_freeState(xxh); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  XXH3_state_t* xxh;
};

Hasher::Hasher() : state_(std::make_unique<State>()) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(std::span<const std::byte> bytes) {
  XXH3_128bits_update(state_->xxh, bytes.data(), bytes.size());
}

void Hasher::update_zeros(std::uint64_t count) {
  while (count > 0) {
    const std::uint64_t step = std::min<std::uint64_t>(count, kZeros.size());
    XXH3_128bits_update(state_->xxh, kZeros.data(), step);
    count -= step;
  }
}

ContentId Hasher::digest() const {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_->xxh));
  ContentId id;
  std::memcpy(id.bytes.data(), canonical.digest, id.bytes.size());
  return id;
}

}  // namespace lensfs
