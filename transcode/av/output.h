// Output: one file of video or sound that is being written to the descriptor of an order.
//
// A failure of an output is its own: the other renditions of the same pass go on. It is kept and
// comes back from finish(); what is written after it is dropped.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "transcode/av/handles.h"

namespace lensfs::av {

enum class Container { mov, mp4, mxf, m4a, wav, aiff };

// The name of a format in a recipe: "mov", "m4a" …; nothing for others.
[[nodiscard]] std::optional<Container> container_of(const std::string& format);
[[nodiscard]] const char* extension_of(Container container);

class Output {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Output>> open(int fd, Container container);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output();

  [[nodiscard]] Container container() const { return container_; }
  // To be described (describe.h) before start().
  [[nodiscard]] AVFormatContext& format() { return *format_; }
  // A track for what this encoder makes; its number. Before start(). The stream may be described
  // further through stream().
  [[nodiscard]] Result<int> add(const AVCodecContext& encoder);
  [[nodiscard]] AVStream& stream(int track) { return *format_->streams[track]; }

  void start();
  // Takes a copy. Times are in `time_base`.
  void write(const AVPacket& packet, int track, AVRational time_base);
  [[nodiscard]] Status finish();
  [[nodiscard]] bool failed() const { return failure_.has_value(); }
  void fail_with(const Error& error);

 private:
  Output(int fd, Container container) : fd_(fd), container_(container) {}
  [[nodiscard]] Status connect();
  static int write_bytes(void* self, std::uint8_t* bytes, int size);
  static std::int64_t seek_bytes(void* self, std::int64_t offset, int whence);
  // The muxer reads its own file again to put the index in front.
  static int open_again(AVFormatContext* format, AVIOContext** io, const char* url, int flags,
                        AVDictionary** options);
  static int close_again(AVFormatContext* format, AVIOContext* io);

  int fd_;
  Container container_;
  std::int64_t offset_ = 0;
  std::int64_t size_ = 0;
  int disk_error_ = 0;
  bool started_ = false;
  std::optional<Error> failure_;
  Io io_;
  AVFormatContext* format_ = nullptr;
  Packet packet_;
};

}  // namespace lensfs::av
