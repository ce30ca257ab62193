// Binary: numbers as headers hold them. The caller has made sure that the bytes are there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lensfs {

enum class Endian { big, little };

[[nodiscard]] inline std::uint16_t u16_at(std::span<const std::byte> bytes, std::size_t offset,
                                          Endian endian = Endian::big) noexcept {
  const auto first = std::to_integer<unsigned>(bytes[offset]);
  const auto second = std::to_integer<unsigned>(bytes[offset + 1]);
  return static_cast<std::uint16_t>(endian == Endian::big ? first << 8U | second
                                                          : second << 8U | first);
}

[[nodiscard]] inline std::uint32_t u32_at(std::span<const std::byte> bytes, std::size_t offset,
                                          Endian endian = Endian::big) noexcept {
  const std::uint32_t first = u16_at(bytes, offset, endian);
  const std::uint32_t second = u16_at(bytes, offset + 2, endian);
  return endian == Endian::big ? first << 16U | second : second << 16U | first;
}

[[nodiscard]] inline std::uint64_t u64_at(std::span<const std::byte> bytes,
                                          std::size_t offset) noexcept {
  return std::uint64_t{u32_at(bytes, offset)} << 32U | u32_at(bytes, offset + 4);
}

}  // namespace lensfs
