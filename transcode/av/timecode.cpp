#include "transcode/av/timecode.h"

extern "C" {
#include <libavutil/timecode.h>
}

#include <array>
#include <cmath>
#include <cstdio>

namespace lensfs::av {
namespace {

std::optional<std::string> said_in(AVDictionary* said) {
  const AVDictionaryEntry* entry = av_dict_get(said, "timecode", nullptr, 0);
  if (entry == nullptr) return std::nullopt;
  std::string text = entry->value;
  if (!frames_of(text, AVRational{60, 1})) return std::nullopt;
  return text;
}

int rounded(AVRational rate) {
  return static_cast<int>(std::lround(av_q2d(rate)));
}

struct Parts {
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
  int frames = 0;
};

std::optional<Parts> parts_of(const std::string& text) {
  Parts parts;
  std::array<char, 3> separators{};
  int end = 0;
  const int found = std::sscanf(text.c_str(), "%2d%c%2d%c%2d%c%3d%n", &parts.hours, &separators[0],
                                &parts.minutes, &separators[1], &parts.seconds, &separators[2],
                                &parts.frames, &end);
  if (found != 7 || static_cast<std::size_t>(end) != text.size()) return std::nullopt;
  if (parts.hours < 0 || parts.hours > 23 || parts.minutes < 0 || parts.minutes > 59 ||
      parts.seconds < 0 || parts.seconds > 59 || parts.frames < 0) {
    return std::nullopt;
  }
  return parts;
}

}  // namespace

bool is_drop_frame(const std::string& text) {
  return text.find(';') != std::string::npos;
}

std::optional<std::int64_t> frames_of(const std::string& text, AVRational rate) {
  const auto parts = parts_of(text);
  const int count = rounded(rate);
  if (!parts || count < 1 || parts->frames >= count) return std::nullopt;
  const std::int64_t minutes = parts->hours * INT64_C(60) + parts->minutes;
  std::int64_t frames = (minutes * 60 + parts->seconds) * count + parts->frames;
  if (is_drop_frame(text) && count % 30 == 0) {
    frames -= (minutes - minutes / 10) * (count / 30) * 2;
  }
  return frames;
}

std::optional<Timecode> timecode_of(const AVFormatContext& format, int video) {
  const auto of_stream = [&](unsigned index) -> std::optional<std::string> {
    return said_in(format.streams[index]->metadata);
  };
  AVRational counted{0, 1};
  std::optional<std::string> text;
  for (unsigned index = 0; index < format.nb_streams; ++index) {
    const AVStream& stream = *format.streams[index];
    if (stream.codecpar->codec_tag != MKTAG('t', 'm', 'c', 'd')) continue;
    if (auto said = of_stream(index)) {
      text = said;
      if (stream.avg_frame_rate.num > 0 && stream.avg_frame_rate.den > 0) {
        counted = stream.avg_frame_rate;
      }
      break;
    }
  }
  if (video >= 0) {
    if (auto said = of_stream(static_cast<unsigned>(video))) text = said;
  }
  if (!text) text = said_in(format.metadata);
  for (unsigned index = 0; index < format.nb_streams && !text; ++index) text = of_stream(index);
  if (!text) return std::nullopt;
  return Timecode{.text = *text, .rate = counted};
}

AVRational counting_rate(const Timecode& timecode, AVRational clip_rate) {
  const int counted = rounded(timecode.rate);
  const int own = rounded(clip_rate);
  if (counted < 1 || own < 1 || counted == own || own % counted != 0) return clip_rate;
  return av_div_q(clip_rate, AVRational{own / counted, 1});
}

std::string at_rate(const Timecode& timecode, AVRational from, AVRational to) {
  const int before = rounded(from);
  const int after = rounded(to);
  auto parts = parts_of(timecode.text);
  if (!parts || before < 1 || before == after) return timecode.text;
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d:%02d%c%02d", parts->hours, parts->minutes,
                parts->seconds, is_drop_frame(timecode.text) && after % 30 == 0 ? ';' : ':',
                parts->frames * after / before);
  return text.data();
}

}  // namespace lensfs::av
