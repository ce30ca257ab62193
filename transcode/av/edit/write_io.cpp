#include "transcode/av/edit/write_io.h"

#include <algorithm>
#include <cerrno>
#include <span>

#include "catalog/base/fd.h"

namespace lensfs::av {
namespace {

constexpr int kBuffer = 1 << 20;
constexpr int kSmallBuffer = 32 << 10;

std::int64_t moved(std::int64_t here, std::int64_t size, std::int64_t offset, int whence) {
  const int origin = whence & ~AVSEEK_FORCE;
  if (origin == AVSEEK_SIZE) return size;
  if (origin == SEEK_CUR) return here + offset;
  if (origin == SEEK_END) return size + offset;
  return offset;
}

// As AVIOContext::seek: where it goes to, or how long the file is.
std::int64_t seek(std::int64_t& here, std::int64_t size, std::int64_t offset, int whence) {
  const std::int64_t to = moved(here, size, offset, whence);
  if ((whence & ~AVSEEK_FORCE) == AVSEEK_SIZE) return to;
  if (to < 0) return AVERROR(EINVAL);
  return here = to;
}

template <typename Self>
Io new_io(Self* self, int size, int (*write)(void*, std::uint8_t*, int),
          std::int64_t (*seek)(void*, std::int64_t, int)) {
  auto* buffer = static_cast<unsigned char*>(av_malloc(static_cast<std::size_t>(size)));
  if (buffer == nullptr) return {};
  Io io(avio_alloc_context(buffer, size, 1, self, nullptr, write, seek));
  if (!io) av_free(buffer);
  return io;
}

}  // namespace

Result<std::unique_ptr<FileIo>> FileIo::open(int fd) {
  std::unique_ptr<FileIo> file(new FileIo(fd));
  file->io_ = new_io(file.get(), kBuffer, write_bytes, seek_bytes);
  if (!file->io_) return fail(av_error(AVERROR(ENOMEM), "write"));
  return file;
}

int FileIo::write_bytes(void* self, std::uint8_t* bytes, int size) {
  auto& file = *static_cast<FileIo*>(self);
  const std::span all(reinterpret_cast<const std::byte*>(bytes), static_cast<std::size_t>(size));
  if (const Status wrote = write_full(file.fd_, all, file.offset_); !wrote) {
    file.disk_error_ = wrote.error().system_error() != 0 ? wrote.error().system_error() : EIO;
    return AVERROR(file.disk_error_);
  }
  file.offset_ += size;
  file.size_ = std::max(file.size_, file.offset_);
  return size;
}

std::int64_t FileIo::seek_bytes(void* self, std::int64_t offset, int whence) {
  auto& file = *static_cast<FileIo*>(self);
  return seek(file.offset_, file.size_, offset, whence);
}

Status FileIo::verdict() const {
  if (disk_error_ != 0) return fail(error_from_errno(disk_error_, "write"));
  return {};
}

Result<std::unique_ptr<WatchedIo>> WatchedIo::open(Payload payload, Literal literal) {
  std::unique_ptr<WatchedIo> watched(new WatchedIo(std::move(payload), std::move(literal)));
  watched->io_ = new_io(watched.get(), kSmallBuffer, write_bytes, seek_bytes);
  if (!watched->io_) return fail(av_error(AVERROR(ENOMEM), "write"));
  watched->io_->direct = 1;
  return watched;
}

std::size_t WatchedIo::add(std::string_view packets) {
  packets_.push_back(packets);
  return packets_.size() - 1;
}

int WatchedIo::write_bytes(void* self, std::uint8_t* bytes, int size) {
  auto& watched = *static_cast<WatchedIo*>(self);
  const std::string_view all(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  const auto holds = [&](std::string_view packets) {
    return all.data() >= packets.data() && all.data() < packets.data() + packets.size();
  };
  const auto packets = std::find_if(watched.packets_.begin(), watched.packets_.end(), holds);
  Status told = packets == watched.packets_.end()
                    ? watched.literal_(watched.offset_, all)
                    : watched.payload_(static_cast<std::size_t>(packets - watched.packets_.begin()),
                                       watched.offset_, size);
  if (!told && watched.verdict_) watched.verdict_ = std::move(told);
  if (!watched.verdict_) return AVERROR(EIO);
  watched.offset_ += size;
  watched.size_ = std::max(watched.size_, watched.offset_);
  return size;
}

std::int64_t WatchedIo::seek_bytes(void* self, std::int64_t offset, int whence) {
  auto& watched = *static_cast<WatchedIo*>(self);
  return seek(watched.offset_, watched.size_, offset, whence);
}

}  // namespace lensfs::av
