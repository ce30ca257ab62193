#include "tests/unit/transcode/decoding.h"

#include <sys/mman.h>

namespace lensfs::test {

EngineLimits ample_limits() {
  return {.memory_bytes = 256ULL << 20,
          .cpu = std::chrono::seconds(60),
          .output_bytes = 1 << 20,
          .total = std::chrono::seconds(60),
          .quiet = std::chrono::seconds(60)};
}

Fd memory_file(std::string_view bytes) {
  Fd file(::memfd_create("test", MFD_CLOEXEC));
  EXPECT_TRUE(write_full(file.get(), std::as_bytes(std::span(bytes)), 0));
  return file;
}

std::string bytes_of(int fd) {
  std::string bytes(static_cast<std::size_t>(stat_of(fd)->st_size), '\0');
  EXPECT_TRUE(read_full(fd, std::as_writable_bytes(std::span(bytes)), 0));
  return bytes;
}

Decoded Decoding::decode(const std::string& deeds, std::size_t orders, const EngineLimits& limits) {
  const Fd source = memory_file(deeds);
  std::vector<Fd> files;
  std::vector<Order> wanted;
  for (std::size_t i = 0; i < orders; ++i) {
    files.push_back(memory_file(""));
    wanted.push_back({.recipe = {}, .output = files.back().get()});
  }
  Decoded decoded;
  decoded.answers = process_.run(
      {.fd = source.get(), .size = static_cast<std::int64_t>(deeds.size()), .extension = "deed"},
      wanted, engine_, limits, progress_, stop_.get_token());
  EXPECT_EQ(decoded.answers.size(), orders);
  for (const Fd& file : files) decoded.outputs.push_back(bytes_of(file.get()));
  return decoded;
}

std::string Decoding::made(const std::string& deed) {
  const Decoded decoded = decode(deed);
  EXPECT_TRUE(decoded.answers[0]) << decoded.answers[0].error().message();
  return decoded.outputs[0];
}

Decoding::Failure Decoding::failure(const std::string& deed, const EngineLimits& limits) {
  const Decoded decoded = decode(deed, 1, limits);
  if (decoded.answers[0]) {
    ADD_FAILURE() << deed << " did not fail: " << decoded.outputs[0];
    return {Errc::usage, ""};
  }
  return {decoded.answers[0].error().code(), decoded.answers[0].error().message()};
}

Result<MediaFacts> Decoding::probe(const std::string& source) {
  const Fd file = memory_file(source);
  return process_.probe(
      {.fd = file.get(), .size = static_cast<std::int64_t>(source.size()), .extension = "mov"},
      ample_limits(), stop_.get_token());
}

void Decoding::TearDown() {
  stop_ = std::stop_source();
  progress_ = nullptr;
  engine_ = Engine::stills;
  EXPECT_EQ(made("write 3"), "xxx");
}

}  // namespace lensfs::test
