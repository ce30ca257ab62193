#include "transcode/av/handles.h"

#include <array>
#include <new>

namespace lensfs::av {
namespace {

Errc code_of(int code) {
  switch (code) {
    case AVERROR_INVALIDDATA:
    case AVERROR_EOF:
      return Errc::corrupt;
    case AVERROR(ENOMEM):
      return Errc::too_big;
    case AVERROR_DECODER_NOT_FOUND:
    case AVERROR_DEMUXER_NOT_FOUND:
    case AVERROR_ENCODER_NOT_FOUND:
    case AVERROR_PATCHWELCOME:
    case AVERROR(ENOSYS):
      return Errc::not_supported;
    case AVERROR(ENOSPC):
    case AVERROR(EDQUOT):
      return Errc::no_space;
    case AVERROR(EFBIG):
      return Errc::too_big;
    case AVERROR(EIO):
      return Errc::io;
    default:
      return Errc::corrupt;
  }
}

}  // namespace

Frame new_frame() {
  Frame frame(av_frame_alloc());
  if (!frame) throw std::bad_alloc();
  return frame;
}

Packet new_packet() {
  Packet packet(av_packet_alloc());
  if (!packet) throw std::bad_alloc();
  return packet;
}

Error av_error(int code, const char* what) {
  if (code == AVERROR(ENOMEM)) return Error(Errc::too_big, "more memory than there is").with(what);
  std::array<char, AV_ERROR_MAX_STRING_SIZE> words{};
  av_strerror(code, words.data(), words.size());
  return Error(code_of(code), what).with(words.data());
}

}  // namespace lensfs::av
