#include "transcode/av/output.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace lensfs::av {
namespace {

constexpr int kBuffer = 256 * 1024;

struct Row {
  Container container;
  const char* name;  // in recipes, and the file's extension
  const char* muxer;
};
constexpr std::array kContainers = {
    Row{Container::mov, "mov", "mov"}, Row{Container::mp4, "mp4", "mp4"},
    Row{Container::mxf, "mxf", "mxf"}, Row{Container::m4a, "m4a", "ipod"},
    Row{Container::wav, "wav", "wav"}, Row{Container::aiff, "aiff", "aiff"}};

const Row& row_of(Container container) {
  return kContainers[static_cast<std::size_t>(container)];
}

// A file that is being written, read from its start.
struct Reader {
  int fd;
  std::int64_t offset;
};

int read_back(void* self, std::uint8_t* into, int size) {
  auto& reader = *static_cast<Reader*>(self);
  ssize_t got = -1;
  do {
    got = pread(reader.fd, into, static_cast<std::size_t>(size), reader.offset);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return AVERROR(errno);
  if (got == 0) return AVERROR_EOF;
  reader.offset += got;
  return static_cast<int>(got);
}

std::int64_t seek_back(void* self, std::int64_t offset, int whence) {
  auto& reader = *static_cast<Reader*>(self);
  if ((whence & ~AVSEEK_FORCE) != SEEK_SET) return AVERROR(ENOSYS);
  return reader.offset = offset;
}

}  // namespace

std::optional<Container> container_of(const std::string& format) {
  for (const Row& row : kContainers) {
    if (format == row.name) return row.container;
  }
  return std::nullopt;
}

const char* extension_of(Container container) {
  return row_of(container).name;
}

int Output::write_bytes(void* self, std::uint8_t* bytes, int size) {
  auto& output = *static_cast<Output*>(self);
  int done = 0;
  while (done < size) {
    const ssize_t wrote = pwrite(output.fd_, bytes + done, static_cast<std::size_t>(size - done),
                                 output.offset_ + done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) {
      output.disk_error_ = wrote < 0 ? errno : EIO;
      return AVERROR(output.disk_error_);
    }
    done += static_cast<int>(wrote);
  }
  output.offset_ += size;
  output.size_ = std::max(output.size_, output.offset_);
  return size;
}

std::int64_t Output::seek_bytes(void* self, std::int64_t offset, int whence) {
  auto& output = *static_cast<Output*>(self);
  const int origin = whence & ~AVSEEK_FORCE;
  if (origin == AVSEEK_SIZE) return output.size_;
  std::int64_t to = offset;
  if (origin == SEEK_CUR) to += output.offset_;
  if (origin == SEEK_END) to += output.size_;
  if (to < 0) return AVERROR(EINVAL);
  output.offset_ = to;
  return to;
}

int Output::open_again(AVFormatContext* format, AVIOContext** io, const char*, int flags,
                       AVDictionary**) {
  auto& output = *static_cast<Output*>(format->pb->opaque);
  if ((flags & AVIO_FLAG_WRITE) != 0) return AVERROR(EPERM);
  auto reader = std::make_unique<Reader>(Reader{output.fd_, 0});
  auto* buffer = static_cast<unsigned char*>(av_malloc(kBuffer));
  if (buffer == nullptr) return AVERROR(ENOMEM);
  *io = avio_alloc_context(buffer, kBuffer, 0, reader.get(), read_back, nullptr, seek_back);
  if (*io == nullptr) {
    av_free(buffer);
    return AVERROR(ENOMEM);
  }
  reader.release();  // the context has it until close_again
  return 0;
}

int Output::close_again(AVFormatContext*, AVIOContext* io) {
  const std::unique_ptr<Reader> reader(static_cast<Reader*>(io->opaque));
  const Io closed(io);
  return 0;
}

Result<std::unique_ptr<Output>> Output::open(int fd, Container container) {
  std::unique_ptr<Output> output(new Output(fd, container));
  LENSFS_CHECK(output->connect());
  return output;
}

Status Output::connect() {
  packet_ = new_packet();
  const int made =
      avformat_alloc_output_context2(&format_, nullptr, row_of(container_).muxer, nullptr);
  if (made < 0) return fail(av_error(made, "write"));
  auto* buffer = static_cast<unsigned char*>(av_malloc(kBuffer));
  if (buffer == nullptr) return fail(av_error(AVERROR(ENOMEM), "write"));
  io_.reset(avio_alloc_context(buffer, kBuffer, 1, this, nullptr, write_bytes, seek_bytes));
  if (!io_) return fail(av_error(AVERROR(ENOMEM), "write"));
  format_->pb = io_.get();
  format_->url = av_strdup("");
  format_->io_open = open_again;
  format_->io_close = nullptr;
  format_->io_close2 = close_again;
  // The same recipe makes the same bytes: no dates, no random ids.
  format_->flags |= AVFMT_FLAG_BITEXACT;
  return {};
}

Output::~Output() {
  avformat_free_context(format_);
}

Result<int> Output::add(const AVCodecContext& encoder) {
  AVStream* stream = avformat_new_stream(format_, nullptr);
  if (stream == nullptr) return fail(av_error(AVERROR(ENOMEM), "write"));
  const int copied = avcodec_parameters_from_context(stream->codecpar, &encoder);
  if (copied < 0) return fail(av_error(copied, "write"));
  stream->time_base = encoder.time_base;
  stream->sample_aspect_ratio = encoder.sample_aspect_ratio;
  if (encoder.codec_type == AVMEDIA_TYPE_VIDEO) stream->avg_frame_rate = encoder.framerate;
  return stream->index;
}

void Output::start() {
  if (failed()) return;
  AVDictionary* options = nullptr;
  if (container_ == Container::wav) {
    av_dict_set(&options, "rf64", "auto", 0);
    if (av_dict_get(format_->metadata, "time_reference", nullptr, 0) != nullptr) {
      av_dict_set(&options, "write_bext", "1", 0);
    }
  } else if (container_ != Container::mxf) {
    av_dict_set(&options, "movflags", "+faststart", 0);
    av_dict_set(&options, "write_btrt", "0", 0);
  }
  const int started = avformat_write_header(format_, &options);
  av_dict_free(&options);
  started_ = started >= 0;
  if (started < 0) fail_with(av_error(started, "write the head of the file"));
}

void Output::write(const AVPacket& packet, int track, AVRational time_base) {
  if (failed()) return;
  int result = av_packet_ref(packet_.get(), &packet);
  if (result >= 0) {
    packet_->stream_index = track;
    av_packet_rescale_ts(packet_.get(), time_base, stream(track).time_base);
    result = av_interleaved_write_frame(format_, packet_.get());
  }
  av_packet_unref(packet_.get());
  if (result < 0) fail_with(av_error(result, "write"));
}

Status Output::finish() {
  if (started_) {
    const int ended = av_write_trailer(format_);
    if (ended < 0) fail_with(av_error(ended, "write the end of the file"));
    avio_flush(io_.get());
    started_ = false;
  }
  if (disk_error_ != 0) return fail(error_from_errno(disk_error_, "write"));
  if (failure_) return fail(*failure_);
  return {};
}

void Output::fail_with(const Error& error) {
  if (!failure_) failure_ = error;
}

}  // namespace lensfs::av
