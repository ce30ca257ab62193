// What a rendition says of itself, taken over from its source: timecode, reel, title, languages.
#pragma once

#include "transcode/av/clip.h"
#include "transcode/av/output.h"

namespace lensfs::av {

enum class Subject { video, sound };

// Before the head of the file is written, after its tracks were added. The video of it begins at
// `video_start` seconds, or would, had it one. A WAV gets the time of day as samples
// (time_reference), from the source's own or from its timecode.
void describe(AVFormatContext& output, Container container, const AVFormatContext& source,
              const Clip& clip, Subject subject, double video_start);
// Language and name of a track.
void describe_sound(AVStream& track, const AVStream& source);

}  // namespace lensfs::av
