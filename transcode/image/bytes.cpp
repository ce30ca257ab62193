#include "transcode/image/bytes.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace lensfs {
namespace {

// More would leave a decoder too little of the address space that a sandbox grants.
constexpr std::int64_t kMostMapped = std::int64_t{1} << 30;

Result<std::size_t> read_descriptor(int fd, std::int64_t offset, std::span<std::byte> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got =
        pread(fd, into.data() + done, into.size() - done, offset + static_cast<std::int64_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return last_error("read the source");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

// What libvips asks of a source that is too big to map.
struct Cursor {
  Bytes bytes;
  std::int64_t offset = 0;
};

gint64 read_cursor(VipsSourceCustom* /*source*/, void* into, gint64 length, Cursor* cursor) {
  if (length <= 0) return 0;
  const auto got = cursor->bytes.read_at(
      cursor->offset, {static_cast<std::byte*>(into), static_cast<std::size_t>(length)});
  if (!got) return -1;
  cursor->offset += static_cast<std::int64_t>(*got);
  return static_cast<gint64>(*got);
}

gint64 seek_cursor(VipsSourceCustom* /*source*/, gint64 offset, int whence, Cursor* cursor) {
  std::int64_t from = 0;
  if (whence == SEEK_CUR) from = cursor->offset;
  if (whence == SEEK_END) from = cursor->bytes.size();
  if (from + offset < 0) return -1;
  cursor->offset = from + offset;
  return cursor->offset;
}

}  // namespace

struct Bytes::Memory {
  std::string content;
  void* mapped = nullptr;
  std::size_t length = 0;

  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() {
    if (mapped != nullptr) munmap(mapped, length);
  }
  [[nodiscard]] std::span<const std::byte> view() const {
    if (mapped != nullptr) return {static_cast<const std::byte*>(mapped), length};
    return std::as_bytes(std::span(content));
  }
};

Result<Bytes> Bytes::of(const MediaSource& source) {
  if (source.size <= 0) return fail(Error(Errc::corrupt, "the file is empty"));
  Bytes bytes;
  bytes.fd_ = source.fd;
  bytes.size_ = source.size;
  bytes.extension_ = source.extension;
  if (source.size > kMostMapped) return bytes;
  const auto length = static_cast<std::size_t>(source.size);
  void* mapped = mmap(nullptr, length, PROT_READ, MAP_PRIVATE, source.fd, 0);
  if (mapped == MAP_FAILED) return last_error("map the source");
  bytes.memory_ = std::make_shared<Memory>();
  bytes.memory_->mapped = mapped;
  bytes.memory_->length = length;
  return bytes;
}

Bytes Bytes::owned(std::string content) {
  Bytes bytes;
  bytes.size_ = static_cast<std::int64_t>(content.size());
  bytes.memory_ = std::make_shared<Memory>();
  bytes.memory_->content = std::move(content);
  return bytes;
}

Result<std::size_t> Bytes::read_at(std::int64_t offset, std::span<std::byte> into) const {
  if (offset < 0 || offset >= size_) return std::size_t{0};
  if (!memory_) return read_descriptor(fd_, offset, into);
  const auto from = memory_->view().subspan(static_cast<std::size_t>(offset));
  const std::size_t count = std::min(from.size(), into.size());
  std::memcpy(into.data(), from.data(), count);
  return count;
}

Result<std::string> Bytes::head(std::size_t limit) const {
  std::string start(std::min(limit, static_cast<std::size_t>(size_)), '\0');
  LENSFS_TRY(const std::size_t got, read_at(0, std::as_writable_bytes(std::span(start))));
  start.resize(got);
  return start;
}

Result<std::span<const std::byte>> Bytes::all() const {
  if (!memory_) return fail(Error(Errc::too_big, "more than 1 GiB of this format"));
  return memory_->view();
}

Result<VipsInput> Bytes::input() const {
  VipsSource* source = nullptr;
  if (memory_) {
    const auto view = memory_->view();
    source = vips_source_new_from_memory(view.data(), view.size());
    if (source == nullptr) return fail(vips_failure());
    attach(G_OBJECT(source), "lensfs-bytes", *this);
    return VipsInput(source);
  }
  VipsSourceCustom* custom = vips_source_custom_new();
  auto* cursor = new Cursor{*this};
  g_object_set_data_full(G_OBJECT(custom), "lensfs-bytes", cursor,
                         [](void* owned) { delete static_cast<Cursor*>(owned); });
  g_signal_connect(custom, "read", G_CALLBACK(read_cursor), cursor);
  g_signal_connect(custom, "seek", G_CALLBACK(seek_cursor), cursor);
  return VipsInput(VIPS_SOURCE(custom));
}

}  // namespace lensfs
