// Bytes: an encoded picture, where the decoders find it: the source's descriptor, or memory that
// was taken out of a container. Reads never move the descriptor's offset, so that several readers
// of one source do not disturb each other.
//
// Copies share the memory. The descriptor is not owned and must stay open as long as any copy, and
// any picture made of it, is used. Not for several threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "catalog/base/result.h"
#include "transcode/engine.h"
#include "transcode/image/pixels.h"

namespace lensfs {

class Bytes {
 public:
  [[nodiscard]] static Result<Bytes> of(const MediaSource& source);
  [[nodiscard]] static Bytes owned(std::string content);

  [[nodiscard]] std::int64_t size() const noexcept { return size_; }
  // As the asset's name has it; "" for what came out of a container.
  [[nodiscard]] const std::string& extension() const noexcept { return extension_; }

  // Fills as much of `into` as there is at `offset`; the count may be short at the end.
  [[nodiscard]] Result<std::size_t> read_at(std::int64_t offset, std::span<std::byte> into) const;
  // The first bytes, at most `limit`.
  [[nodiscard]] Result<std::string> head(std::size_t limit) const;
  // All of it, mapped or in memory, for as long as this or a copy lives; too_big over 1 GiB.
  [[nodiscard]] Result<std::span<const std::byte>> all() const;

  // For libvips; keeps a copy of this.
  [[nodiscard]] Result<VipsInput> input() const;

 private:
  struct Memory;
  int fd_ = -1;
  std::int64_t size_ = 0;
  std::string extension_;
  std::shared_ptr<Memory> memory_;
};

}  // namespace lensfs
