// Input: the packets of one source. It reads through the descriptor it was given and never opens
// anything else: files that name others (playlists, references) find nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>

#include "transcode/av/handles.h"
#include "transcode/av/words.h"
#include "transcode/engine.h"

namespace lensfs::av {

// Not for several threads. The descriptor must outlive it.
class Input {
 public:
  // What is wanted of it. `index`: times and places of packets as the container tells them, nobody
  // looks into the tracks. `words`: the tracks, and XMP among the words of the container.
  enum class Depth { tracks, index, words };
  // corrupt or not_supported, with the words of the library, where there is nothing to read.
  [[nodiscard]] static Result<std::unique_ptr<Input>> open(const MediaSource& source,
                                                           Depth depth = Depth::tracks);
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input();

  [[nodiscard]] AVFormatContext& format() { return *format_; }
  [[nodiscard]] AVStream& stream(int index) { return *format_->streams[index]; }
  [[nodiscard]] Words& words() { return words_; }

  // From now on only packets of these streams come; a cover is no packet.
  void choose(std::span<const int> streams);
  // The next packet, or null at the end. Damaged stretches are passed over; io when the disk fails.
  [[nodiscard]] Result<Packet> read();
  // These come before what read() would give next.
  void put_back(std::deque<Packet> packets);
  // Goes to the last keyframe of the stream at or before this time (in the stream's time base), or
  // as near to it as the format knows.
  [[nodiscard]] Status seek(int stream, std::int64_t time);
  // Goes to this byte, where the format can begin to be read anywhere.
  [[nodiscard]] Status seek_byte(std::int64_t offset);
  // From now on packets come with times, sizes and places, and rubbish in them: nothing is read.
  // For formats whose index is in memory by now.
  void pretend_to_read() {
    pretends_ = true;
    io_->direct = 1;  // or the library copies the rubbish
  }
  // How far reading has come, 0 … 1: by time where the duration is known, else by bytes.
  [[nodiscard]] double share() const { return share_; }

 private:
  explicit Input(const MediaSource& source) : fd_(source.fd), size_(source.size) {}
  [[nodiscard]] Status connect(const MediaSource& source, Depth depth);
  static int read_bytes(void* self, std::uint8_t* into, int size);
  static std::int64_t seek_bytes(void* self, std::int64_t offset, int whence);
  void note_share(const AVPacket& packet);

  int fd_;
  std::int64_t size_;
  std::int64_t offset_ = 0;
  std::int64_t bytes_read_ = 0;
  int disk_error_ = 0;
  bool pretends_ = false;
  double share_ = 0;
  Words words_;
  Io io_;
  AVFormatContext* format_ = nullptr;
  std::deque<Packet> put_back_;
};

}  // namespace lensfs::av
