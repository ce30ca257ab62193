// What a muxer writes to: a file, or somebody who looks at what is written where.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "transcode/av/handles.h"

namespace lensfs::av {

// A file that is written, with a large buffer. The descriptor is the caller's.
class FileIo {
 public:
  [[nodiscard]] static Result<std::unique_ptr<FileIo>> open(int fd);
  [[nodiscard]] AVIOContext& io() { return *io_; }
  // What went wrong at the disk, if anything did.
  [[nodiscard]] Status verdict() const;

 private:
  explicit FileIo(int fd) : fd_(fd) {}
  static int write_bytes(void* self, std::uint8_t* bytes, int size);
  static std::int64_t seek_bytes(void* self, std::int64_t offset, int whence);

  int fd_;
  std::int64_t offset_ = 0;
  std::int64_t size_ = 0;
  int disk_error_ = 0;
  Io io_;
};

// Tells of each stretch that is written, in the order of writing, as soon as it is. What comes out
// of a packet is known by where it lies in memory: the muxer hands it on without a copy.
class WatchedIo {
 public:
  // A packet's bytes: which, and where they are written.
  using Payload = std::function<Status(std::size_t which, std::int64_t offset, std::int64_t bytes)>;
  using Literal = std::function<Status(std::int64_t offset, std::string_view bytes)>;
  [[nodiscard]] static Result<std::unique_ptr<WatchedIo>> open(Payload payload, Literal literal);
  // Bytes in here are packets; the answer is their `which`. They must stay where they are.
  std::size_t add(std::string_view packets);
  [[nodiscard]] AVIOContext& io() { return *io_; }
  [[nodiscard]] std::int64_t size() const { return size_; }
  [[nodiscard]] const Status& verdict() const { return verdict_; }

 private:
  WatchedIo(Payload payload, Literal literal)
      : payload_(std::move(payload)), literal_(std::move(literal)) {}
  static int write_bytes(void* self, std::uint8_t* bytes, int size);
  static std::int64_t seek_bytes(void* self, std::int64_t offset, int whence);

  Payload payload_;
  Literal literal_;
  std::vector<std::string_view> packets_;
  std::int64_t offset_ = 0;
  std::int64_t size_ = 0;
  Status verdict_;
  Io io_;
};

}  // namespace lensfs::av
