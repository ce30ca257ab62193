// Hashing of content. The store takes the function as a value so that a test can weaken it and
// force collisions; everything else uses xxh3_128.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include "catalog/base/content_id.h"

namespace lensfs {

// Hasher: XXH3-128 over bytes that come in pieces. Not thread-safe; one per file.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void update(std::span<const std::byte> bytes);
  void update_zeros(std::uint64_t count);  // a hole: as if `count` zero bytes came in
  [[nodiscard]] ContentId digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What turns a finished digest into the id in use: identity, or in tests something with few values.
using IdFilter = std::function<ContentId(const ContentId&)>;

}  // namespace lensfs
