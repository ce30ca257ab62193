#include "transcode/av/describe.h"

#include <array>
#include <cmath>
#include <string>

namespace lensfs::av {
namespace {

constexpr std::array kCommon = {"title",   "artist",    "album",     "date",
                                "comment", "copyright", "reel_name", "creation_time"};
// What FFmpeg calls the parts of a bext chunk that it reads, and what it wants them to be called.
struct Named {
  const char* read;
  const char* written;
};
constexpr std::array kBroadcast = {Named{"comment", "description"},
                                   Named{"encoded_by", "originator"},
                                   Named{"originator_reference", "originator_reference"},
                                   Named{"date", "origination_date"},
                                   Named{"creation_time", "origination_time"},
                                   Named{"umid", "umid"},
                                   Named{"coding_history", "coding_history"}};

const char* said(AVDictionary* from, const char* key) {
  const AVDictionaryEntry* entry = av_dict_get(from, key, nullptr, 0);
  return entry != nullptr ? entry->value : nullptr;
}

// The reel may be named by the timecode track alone.
const char* reel_of(const AVFormatContext& source) {
  for (unsigned index = 0; index < source.nb_streams; ++index) {
    if (const char* reel = said(source.streams[index]->metadata, "reel_name")) return reel;
  }
  return said(source.metadata, "reel_name");
}

void carry_timecode(Output& output, const Clip& clip) {
  AVStream& video = output.stream(0);
  const AVRational own = video.avg_frame_rate;
  const AVRational counted = counting_rate(*clip.timecode, clip.rate.rate);
  if (output.container() == Container::mxf) {
    output.describe("timecode", at_rate(*clip.timecode, counted, own));
    return;
  }
  // The muxer makes its timecode track count at what it takes for the average rate of the video.
  video.avg_frame_rate = counted;
  output.describe("timecode", clip.timecode->text);
}

void carry_broadcast(Output& output, AVDictionary* from) {
  for (const Named& named : kBroadcast) {
    if (const char* value = said(from, named.read)) output.describe(named.written, value);
  }
}

void carry_time_reference(Output& output, const AVFormatContext& source, const Clip& clip,
                          double video_start) {
  if (const char* reference = said(source.metadata, "time_reference")) {
    output.describe("time_reference", reference);
    carry_broadcast(output, source.metadata);
    return;
  }
  if (!clip.timecode || clip.video < 0) return;
  const AVRational rate = counting_rate(*clip.timecode, clip.rate.rate);
  const auto frames = frames_of(clip.timecode->text, rate);
  if (!frames) return;
  const int samples_per_second = output.stream(0).codecpar->sample_rate;
  const std::int64_t samples =
      av_rescale_q(*frames, inverse(rate), AVRational{1, samples_per_second}) -
      std::llround(video_start * samples_per_second);
  if (samples < 0) return;
  output.describe("time_reference", std::to_string(samples));
}

}  // namespace

void describe(Output& output, const AVFormatContext& source, const Clip& clip, Subject subject,
              double video_start) {
  for (const char* key : kCommon) {
    if (const char* value = said(source.metadata, key)) output.describe(key, value);
  }
  if (subject == Subject::video) {
    if (clip.timecode) carry_timecode(output, clip);
    const char* reel = reel_of(source);
    if (reel != nullptr) {
      output.describe("reel_name", reel);
      av_dict_set(&output.stream(0).metadata, "reel_name", reel, 0);
    }
    return;
  }
  if (output.container() == Container::wav) {
    carry_time_reference(output, source, clip, video_start);
  } else if (clip.timecode) {
    output.describe("timecode", clip.timecode->text);
  }
}

void describe_sound(AVStream& track, const AVStream& source) {
  for (const char* key : {"language", "title", "handler_name"}) {
    if (const char* value = said(source.metadata, key)) {
      av_dict_set(&track.metadata, key, value, 0);
    }
  }
}

}  // namespace lensfs::av
