#include "tests/support/media_factory.h"

#include <algorithm>
#include <string_view>

namespace lensfs::test {
namespace {

std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>((value >> shift) & 0xFF));
  }
  return bytes;
}

std::string little_endian(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text.push_back(static_cast<char>((value >> (8 * i)) & 0xFF));
  return text;
}

std::string with_body(std::string header, std::size_t bytes, std::uint64_t seed) {
  header.resize(std::min(header.size(), bytes));
  return header + noise(bytes - header.size(), seed);
}

std::uint32_t rest(std::size_t bytes, std::size_t header) {
  return static_cast<std::uint32_t>(bytes > header ? bytes - header : 0);
}

}  // namespace

std::string noise(std::size_t bytes, std::uint64_t seed) {
  std::string text(bytes, '\0');
  std::uint64_t state = seed * 0x9E3779B97F4A7C15U + 1;
  for (char& byte : text) {  // xorshift64: fast, and nothing that a compressor or hash could like
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    byte = static_cast<char>(state >> 56);
  }
  return text;
}

std::string movie(std::size_t bytes, std::uint64_t seed) {
  using namespace std::string_literals;
  const std::string type = big_endian(20) + "ftypqt  "s + big_endian(0x20110700) + "qt  "s;
  return with_body(type + big_endian(rest(bytes, type.size())) + "mdat", bytes, seed);
}

std::string sound(std::size_t bytes, std::uint64_t seed) {
  const std::string header =
      "RIFF" + little_endian(rest(bytes, 8), 4) + "WAVEfmt " + little_endian(16, 4) +
      little_endian(1, 2) + little_endian(1, 2) + little_endian(8000, 4) + little_endian(16000, 4) +
      little_endian(2, 2) + little_endian(16, 2) + "data" + little_endian(rest(bytes, 44), 4);
  return with_body(header, bytes, seed);
}

std::string picture(std::size_t bytes, std::uint64_t seed) {
  using namespace std::string_literals;
  const std::string header = "\x89PNG\r\n\x1A\n"s + big_endian(13) + "IHDR" + big_endian(16) +
                             big_endian(16) + "\x08\x02\0\0\0"s;
  return with_body(header, bytes, seed);
}

}  // namespace lensfs::test
