#include "transcode/av/glimpse.h"

extern "C" {
#include <libavutil/dovi_meta.h>
#include <libavutil/pixdesc.h>
}

#include <array>
#include <cstring>
#include <utility>

namespace lensfs::av {
namespace {

constexpr std::int64_t kMostBytes = 64 << 20;
constexpr std::int64_t kSliceBytes = 4096;
constexpr std::size_t kMostPackets = 5000;

bool is_interlaced(const AVFrame& frame, const AVCodecParameters& codec) {
  return frame.interlaced_frame != 0 || codec.field_order == AV_FIELD_TT ||
         codec.field_order == AV_FIELD_BB || codec.field_order == AV_FIELD_TB ||
         codec.field_order == AV_FIELD_BT;
}

bool has_alpha(int format) {
  const AVPixFmtDescriptor* about = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(format));
  return about != nullptr && (about->flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
}

// Dolby Vision of profile 5 has no picture that can be read without its own conversion.
bool is_closed_colour(const AVStream& stream) {
  std::size_t size = 0;
  const std::uint8_t* bytes = av_stream_get_side_data(&stream, AV_PKT_DATA_DOVI_CONF, &size);
  if (bytes == nullptr || size < sizeof(AVDOVIDecoderConfigurationRecord)) return false;
  return reinterpret_cast<const AVDOVIDecoderConfigurationRecord*>(bytes)->dv_profile == 5;
}

// Of a picture of H.264 as MOV and MP4 have it: all up to its first slice, and the beginning of
// that, which is enough for a decoder to say how the picture looks; to decode the rest takes longer
// than all else that is done with a clip when it comes in. Null where it is not that, or short.
Packet beginning_of(const AVPacket& whole, const AVCodecParameters& codec) {
  if (codec.codec_id != AV_CODEC_ID_H264 || codec.extradata_size < 7 || codec.extradata[0] != 1) {
    return {};
  }
  const int counts = (codec.extradata[4] & 3) + 1;  // bytes that say how long a part is
  std::int64_t bytes = 0;
  for (std::int64_t at = 0; at + counts < whole.size; at += counts + bytes) {
    bytes = 0;
    for (int i = 0; i < counts; ++i) bytes = bytes << 8 | whole.data[at + i];
    if (bytes <= 0 || bytes > whole.size - at - counts) return {};
    const int type = whole.data[at + counts] & 0x1f;
    if (type < 1 || type > 5) continue;
    if (bytes <= kSliceBytes) return {};
    Packet part = new_packet();
    const std::int64_t size = at + counts + kSliceBytes;
    if (av_new_packet(part.get(), static_cast<int>(size)) < 0) return {};
    std::memcpy(part->data, whole.data, static_cast<std::size_t>(size));
    for (int i = 0; i < counts; ++i) {
      part->data[at + i] = static_cast<std::uint8_t>(kSliceBytes >> 8 * (counts - 1 - i));
    }
    part->pts = whole.pts;
    part->dts = whole.dts;
    part->flags = whole.flags;
    return part;
  }
  return {};
}

Glimpse glimpse_from(Input& input, int stream, const AVFrame& frame) {
  Glimpse made{.look = look_of(input, stream, frame), .first_time = frame.pts};
  if (made.first_time == AV_NOPTS_VALUE) made.first_time = 0;
  return made;
}

}  // namespace

Size Look::shown() const {
  return turn.swaps_sides() ? Size{square.height, square.width} : square;
}

Size Look::before_turn(Size size) const {
  return turn.swaps_sides() ? Size{size.height, size.width} : size;
}

Look look_of(Input& input, int stream, const AVFrame& frame) {
  AVStream& from = input.stream(stream);
  Look look;
  look.stored = {frame.width, frame.height};
  const AVRational aspect =
      av_guess_sample_aspect_ratio(&input.format(), &from, const_cast<AVFrame*>(&frame));
  look.square = square(frame.width, frame.height, aspect);
  look.turn = turn_of(from);
  look.colour = colour_of(frame, from);
  look.fields =
      is_interlaced(frame, *from.codecpar) ? Look::Fields::interlaced : Look::Fields::progressive;
  look.alpha = has_alpha(frame.format) ? Alpha::yes : Alpha::no;
  return look;
}

Result<Glimpse> glimpse(Input& input, int stream) {
  if (is_closed_colour(input.stream(stream))) {
    return fail(Errc::not_supported, "Dolby Vision without a picture that others can read");
  }
  LENSFS_TRY(Decoder decoder, Decoder::open(input, stream));
  const Frame frame = new_frame();
  std::deque<Packet> seen;
  std::int64_t bytes = 0;
  bool found = false;
  while (!found && bytes < kMostBytes && seen.size() < kMostPackets) {
    LENSFS_TRY(Packet packet, input.read());
    const bool ours = !packet || packet->stream_index == stream;
    if (ours) LENSFS_CHECK(decoder.send(packet.get()));
    if (ours) {
      LENSFS_TRY(found, decoder.receive(*frame));
    }
    if (!packet) break;
    bytes += packet->size;
    seen.push_back(std::move(packet));
  }
  input.put_back(std::move(seen));
  if (!found) {
    LENSFS_CHECK(decoder.verdict());
    return fail(Errc::corrupt, "no frame in the first 64 MiB");
  }
  return glimpse_from(input, stream, *frame);
}

Result<Glimpse> glimpse_of_key(Input& input, int stream) {
  LENSFS_TRY(Decoder decoder, Decoder::open(input, stream));
  decoder.want_no_pixels();
  const Frame frame = new_frame();
  std::deque<Packet> seen;
  std::int64_t bytes = 0;
  bool found = false;
  while (bytes < kMostBytes && seen.size() < kMostPackets) {
    LENSFS_TRY(Packet packet, input.read());
    if (!packet) break;
    bytes += packet->size;
    const bool is_key = packet->stream_index == stream && (packet->flags & AV_PKT_FLAG_KEY) != 0;
    if (is_key) {
      const Packet part = beginning_of(*packet, *input.stream(stream).codecpar);
      LENSFS_CHECK(decoder.send(part ? part.get() : packet.get()));
    }
    seen.push_back(std::move(packet));
    if (!is_key) continue;
    // Told that nothing follows, it gives what it has.
    LENSFS_CHECK(decoder.send(nullptr));
    LENSFS_TRY(found, decoder.receive(*frame));
    break;
  }
  input.put_back(std::move(seen));
  const bool is_usable = found && !is_closed_colour(input.stream(stream));
  return is_usable ? Result<Glimpse>(glimpse_from(input, stream, *frame)) : glimpse(input, stream);
}

}  // namespace lensfs::av
