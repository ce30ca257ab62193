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

void say(AVFormatContext& output, const char* key, const char* value) {
  av_dict_set(&output.metadata, key, value, 0);
}

void carry_timecode(AVFormatContext& output, Container container, const Clip& clip) {
  AVStream& video = *output.streams[0];
  const AVRational own = video.avg_frame_rate;
  const AVRational counted = counting_rate(*clip.timecode, clip.rate.rate);
  if (container == Container::mxf) {
    say(output, "timecode", at_rate(*clip.timecode, counted, own).c_str());
    return;
  }
  // The muxer makes its timecode track count at what it takes for the average rate of the video.
  video.avg_frame_rate = counted;
  say(output, "timecode", clip.timecode->text.c_str());
}

void carry_broadcast(AVFormatContext& output, AVDictionary* from) {
  for (const Named& named : kBroadcast) {
    if (const char* value = said(from, named.read)) say(output, named.written, value);
  }
}

void carry_time_reference(AVFormatContext& output, const AVFormatContext& source, const Clip& clip,
                          double video_start) {
  if (const char* reference = said(source.metadata, "time_reference")) {
    say(output, "time_reference", reference);
    carry_broadcast(output, source.metadata);
    return;
  }
  if (!clip.timecode || clip.video < 0) return;
  const AVRational rate = counting_rate(*clip.timecode, clip.rate.rate);
  const auto frames = frames_of(clip.timecode->text, rate);
  if (!frames) return;
  const int samples_per_second = output.streams[0]->codecpar->sample_rate;
  const std::int64_t samples =
      av_rescale_q(*frames, inverse(rate), AVRational{1, samples_per_second}) -
      std::llround(video_start * samples_per_second);
  if (samples < 0) return;
  say(output, "time_reference", std::to_string(samples).c_str());
}

}  // namespace

void describe(AVFormatContext& output, Container container, const AVFormatContext& source,
              const Clip& clip, Subject subject, double video_start) {
  for (const char* key : kCommon) {
    if (const char* value = said(source.metadata, key)) say(output, key, value);
  }
  if (subject == Subject::video) {
    if (clip.timecode) carry_timecode(output, container, clip);
    const char* reel = reel_of(source);
    if (reel != nullptr) {
      say(output, "reel_name", reel);
      av_dict_set(&output.streams[0]->metadata, "reel_name", reel, 0);
    }
    return;
  }
  if (container == Container::wav) {
    carry_time_reference(output, source, clip, video_start);
  } else if (clip.timecode) {
    say(output, "timecode", clip.timecode->text.c_str());
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
