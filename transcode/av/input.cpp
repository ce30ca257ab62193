#include "transcode/av/input.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "transcode/av/limits.h"

extern "C" {
#include <libavutil/avstring.h>
}

namespace lensfs::av {
namespace {

// The containers we know; a demuxer that is not here is never tried.
constexpr const char* kFormats =
    "mov,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,mxf,gxf,lxf,asf,flv,ogg,dv,ivf,nut,"
    "rm,r3d,wtv,obu,gif,apng,yuv4mpegpipe,"
    "wav,w64,aiff,caf,au,mp3,aac,ac3,eac3,dts,dtshd,truehd,flac,amr,ape,wv,tta,tak,dsf,iff,mpc,"
    "mpc8,"
    "mp2,qcp,voc,oma";
constexpr int kBuffer = 64 * 1024;
// Between two seeks of ours a file is read a few times over at most (indexes, tracks that are not
// interleaved); more than this is a file that sends its reader in circles.
constexpr std::int64_t kMostReadings = 100;
constexpr int kMostBadReads = 256;  // in a row

int refuse(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) {
  return AVERROR(EPERM);
}

// The ending helps to tell formats that look alike; it is a hint for the library and no name.
std::string hint_from(const std::string& extension) {
  const bool harmless =
      extension.size() <= 8 && std::all_of(extension.begin(), extension.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      });
  return harmless && !extension.empty() ? "source." + extension : "source";
}

// What a demuxer calls an input/output error while no read of ours failed, it found in the file.
Error of_file(int code, const char* what) {
  return av_error(code == AVERROR(EIO) ? AVERROR_INVALIDDATA : code, what);
}

// Whether its container says all of a track but how pictures lie in memory, which the first one
// that is decoded for use tells anyway: to decode one here for that takes longer than all the rest.
bool is_known_without_decoding(const AVFormatContext& format, const AVStream& stream) {
  return av_match_name("mov", format.iformat->name) != 0 &&
         stream.codecpar->codec_id == AV_CODEC_ID_H264 && stream.codecpar->extradata_size > 0 &&
         stream.codecpar->width > 0 && stream.avg_frame_rate.num > 0;
}

// avformat_find_stream_info
int look_for_tracks(AVFormatContext& format) {
  std::vector<AVDictionary*> options(format.nb_streams);
  std::vector<int> delays(format.nb_streams, -1);  // of those that are known
  for (unsigned index = 0; index < format.nb_streams; ++index) {
    const AVStream& stream = *format.streams[index];
    if (!is_known_without_decoding(format, stream)) continue;
    av_dict_set(&options[index], "skip_frame", "all", 0);
    delays[index] = stream.codecpar->video_delay;
  }
  const int found = avformat_find_stream_info(&format, options.data());
  for (AVDictionary*& words : options) av_dict_free(&words);
  for (unsigned index = 0; index < delays.size(); ++index) {
    if (delays[index] >= 0) format.streams[index]->codecpar->video_delay = delays[index];
  }
  return found;
}

}  // namespace

int Input::read_bytes(void* self, std::uint8_t* into, int size) {
  auto& input = *static_cast<Input*>(self);
  if (input.pretends_) {
    const auto left = static_cast<int>(std::min<std::int64_t>(size, input.size_ - input.offset_));
    if (left <= 0) return AVERROR_EOF;
    input.offset_ += left;
    return left;
  }
  if (input.bytes_read_ > kMostReadings * (input.size_ + (1 << 20))) return AVERROR_EOF;
  ssize_t got = -1;
  do {
    got = pread(input.fd_, into, static_cast<std::size_t>(size), input.offset_);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    input.disk_error_ = errno;
    return AVERROR(EIO);
  }
  if (got == 0) return AVERROR_EOF;
  input.offset_ += got;
  input.bytes_read_ += got;
  return static_cast<int>(got);
}

std::int64_t Input::seek_bytes(void* self, std::int64_t offset, int whence) {
  auto& input = *static_cast<Input*>(self);
  const int origin = whence & ~AVSEEK_FORCE;
  if (origin == AVSEEK_SIZE) return input.size_;
  std::int64_t to = offset;
  if (origin == SEEK_CUR) to += input.offset_;
  if (origin == SEEK_END) to += input.size_;
  if (to < 0) return AVERROR(EINVAL);
  input.offset_ = to;
  return to;
}

Result<std::unique_ptr<Input>> Input::open(const MediaSource& source, Depth depth) {
  if (source.size <= 0) return fail(Errc::corrupt, "the file is empty");
  std::unique_ptr<Input> input(new Input(source));
  if (auto connected = input->connect(source, depth); !connected) {
    if (input->disk_error_ != 0) return fail(error_from_errno(input->disk_error_, "read"));
    return fail(input->words_.explain(connected.error()));
  }
  return input;
}

Status Input::connect(const MediaSource& source, Depth depth) {
  auto* buffer = static_cast<unsigned char*>(av_malloc(kBuffer));
  if (buffer == nullptr) return fail(av_error(AVERROR(ENOMEM), "open"));
  io_.reset(avio_alloc_context(buffer, kBuffer, 0, this, read_bytes, nullptr, seek_bytes));
  format_ = avformat_alloc_context();
  if (!io_ || format_ == nullptr) return fail(av_error(AVERROR(ENOMEM), "open"));
  format_->pb = io_.get();
  format_->opaque = &words_;
  format_->io_open = refuse;
  format_->max_streams = kMostStreams;
  format_->flags |= AVFMT_FLAG_CUSTOM_IO;
  if (depth == Depth::index) format_->flags |= AVFMT_FLAG_NOPARSE;
  const std::string hint = hint_from(source.extension);
  const AVInputFormat* kind = nullptr;
  const int probed = av_probe_input_buffer2(io_.get(), &kind, hint.c_str(), format_, 0, 0);
  if (probed < 0 || av_match_list(kind->name, kFormats, ',') <= 0) {
    return fail(Errc::not_supported, "no kind of video or sound that is known here");
  }
  AVDictionary* options = nullptr;
  av_dict_set(&options, "format_whitelist", kFormats, 0);
  av_dict_set(&options, "protocol_whitelist", "", 0);
  if (depth == Depth::words) av_dict_set(&options, "export_xmp", "1", 0);
  const int opened = avformat_open_input(&format_, hint.c_str(), kind, &options);
  av_dict_free(&options);
  if (opened < 0) return fail(of_file(opened, "open"));
  if (depth == Depth::index) return {};
  const int found = look_for_tracks(*format_);
  if (found < 0) return fail(of_file(found, "look for tracks"));
  return {};
}

Input::~Input() {
  put_back_.clear();
  avformat_close_input(&format_);
}

void Input::choose(std::span<const int> streams) {
  for (unsigned index = 0; index < format_->nb_streams; ++index) {
    const bool wanted =
        std::find(streams.begin(), streams.end(), static_cast<int>(index)) != streams.end();
    format_->streams[index]->discard = wanted ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
}

Result<Packet> Input::read() {
  if (!put_back_.empty()) {
    Packet packet = std::move(put_back_.front());
    put_back_.pop_front();
    return packet;
  }
  Packet packet = new_packet();
  for (int bad = 0; bad < kMostBadReads;) {
    const int got = av_read_frame(format_, packet.get());
    if (got == AVERROR_EOF) break;
    if (disk_error_ != 0) return fail(error_from_errno(disk_error_, "read"));
    if (got == AVERROR(ENOMEM)) return fail(av_error(got, "read"));
    if (got < 0) {
      ++bad;
      continue;
    }
    const AVStream& from = *format_->streams[packet->stream_index];
    if (from.discard != AVDISCARD_ALL) {
      note_share(*packet);
      return packet;
    }
    av_packet_unref(packet.get());
  }
  return Packet();
}

void Input::put_back(std::deque<Packet> packets) {
  for (auto& packet : put_back_) packets.push_back(std::move(packet));
  put_back_ = std::move(packets);
}

Status Input::seek(int stream, std::int64_t time) {
  put_back_.clear();
  bytes_read_ = 0;
  const int sought = av_seek_frame(format_, stream, time, AVSEEK_FLAG_BACKWARD);
  if (disk_error_ != 0) return fail(error_from_errno(disk_error_, "read"));
  if (sought < 0) return fail(of_file(sought, "seek"));
  return {};
}

Status Input::seek_byte(std::int64_t offset) {
  put_back_.clear();
  bytes_read_ = 0;
  const int sought = av_seek_frame(format_, -1, offset, AVSEEK_FLAG_BYTE);
  if (disk_error_ != 0) return fail(error_from_errno(disk_error_, "read"));
  if (sought < 0) return fail(of_file(sought, "seek"));
  return {};
}

void Input::note_share(const AVPacket& packet) {
  const AVStream& from = *format_->streams[packet.stream_index];
  const std::int64_t time = packet.dts != AV_NOPTS_VALUE ? packet.dts : packet.pts;
  double share = 0;
  if (format_->duration > 0 && time != AV_NOPTS_VALUE) {
    const std::int64_t start = format_->start_time == AV_NOPTS_VALUE ? 0 : format_->start_time;
    const double seconds = static_cast<double>(time) * av_q2d(from.time_base);
    share = (seconds * AV_TIME_BASE - static_cast<double>(start)) /
            static_cast<double>(format_->duration);
  } else {
    share = static_cast<double>(offset_) / static_cast<double>(size_);
  }
  share_ = std::clamp(share, share_, 1.0);
}

}  // namespace lensfs::av
