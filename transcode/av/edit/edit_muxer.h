// EditMuxer: libavformat's muxer, set up for an edit rendition. The outline and the file that is
// made in one go differ in where its bytes go and in what the packets hold, and in nothing else.
//
// MOV has its index in front, in room that is left for it, and begins its frames at a multiple of
// 4096 bytes.
#pragma once

#include <memory>

#include "transcode/av/edit/edit_index.h"

namespace lensfs::av {

struct MuxerSetting {
  const EditPlan* plan;
  const EditIndex* index;
  Input* source;                  // for what the file says of itself
  const AVCodecContext* picture;  // null: no video
  std::int64_t moov_bytes = 0;    // room for the index of a MOV
};

class EditMuxer {
 public:
  // `io` and what the setting points to must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<EditMuxer>> open(AVIOContext& io,
                                                               const MuxerSetting& setting);
  EditMuxer(const EditMuxer&) = delete;
  EditMuxer& operator=(const EditMuxer&) = delete;
  ~EditMuxer();

  // A frame, or `count` samples; `time` counts frames or samples. Packets are reference-counted and
  // stay the caller's.
  [[nodiscard]] Status write_picture(const AVPacket& packet, std::int64_t time);
  [[nodiscard]] Status write_sound(std::size_t track, const AVPacket& packet, std::int64_t time,
                                   std::int64_t count);
  [[nodiscard]] Status finish();

 private:
  explicit EditMuxer(const MuxerSetting& setting) : setting_(setting) {}
  [[nodiscard]] Status connect(AVIOContext& io);
  [[nodiscard]] Status add_picture();
  [[nodiscard]] Status add_sound(std::size_t track);
  [[nodiscard]] Status start();
  [[nodiscard]] Status write(const AVPacket& packet, int stream, AVRational time_base,
                             std::int64_t time, std::int64_t duration);

  MuxerSetting setting_;
  AVFormatContext* format_ = nullptr;
  Packet packet_;
};

}  // namespace lensfs::av
