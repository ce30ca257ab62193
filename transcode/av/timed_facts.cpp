#include "transcode/av/timed_facts.h"

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "transcode/av/clip.h"
#include "transcode/av/decoder.h"
#include "transcode/av/geometry.h"

namespace lensfs::av {
namespace {

// What containers call it, best first.
struct Said {
  std::string_view key;
  const char* tag;
};
constexpr std::array kSaid = {
    Said{"title", "com.apple.quicktime.title"},
    Said{"title", "com.apple.quicktime.displayname"},
    Said{"title", "title"},
    Said{"artist", "artist"},
    Said{"artist", "com.apple.quicktime.artist"},
    Said{"creator", "com.apple.quicktime.author"},
    Said{"creator", "author"},
    Said{"creator", "creator"},
    Said{"creator", "composer"},
    Said{"album", "album"},
    Said{"album", "com.apple.quicktime.album"},
    Said{"track", "track"},
    Said{"genre", "genre"},
    Said{"genre", "com.apple.quicktime.genre"},
    Said{"copyright", "copyright"},
    Said{"copyright", "com.apple.quicktime.copyright"},
    Said{"description", "com.apple.quicktime.description"},
    Said{"description", "description"},
    Said{"description", "synopsis"},
    Said{"comment", "comment"},
    Said{"comment", "com.apple.quicktime.comment"},
    Said{"camera_make", "com.apple.quicktime.make"},
    Said{"camera_make", "com.android.manufacturer"},
    Said{"camera_make", "make"},
    Said{"camera_model", "com.apple.quicktime.model"},
    Said{"camera_model", "com.android.model"},
    Said{"camera_model", "model"},
    Said{"lens", "com.apple.quicktime.camera.lens_model"},
    Said{"software", "com.apple.quicktime.software"},
    Said{"software", "encoder"},
    Said{"software", "product_name"},
    Said{"reel", "reel_name"},
    Said{"scene", "scene"},
    Said{"take", "take"},
    Said{"keywords", "com.apple.quicktime.keywords"},
};
constexpr std::array kPositions = {"com.apple.quicktime.location.ISO6709", "location",
                                   "location-eng"};

const char* said(const AVDictionary* from, const char* key) {
  const AVDictionaryEntry* entry = av_dict_get(from, key, nullptr, 0);
  return entry != nullptr ? entry->value : nullptr;
}

void say_if(Facts& facts, std::string_view key, const char* value) {
  if (value != nullptr) facts.say(key, readable(value));
}

// TimedFacts: one source.
class TimedFacts {
 public:
  TimedFacts(Input& input, const Clip& clip, Facts& facts)
      : input_(input), clip_(clip), facts_(facts) {}

  void read() {
    const AVFormatContext& format = input_.format();
    facts_.say("container", format.iformat->name);
    say_duration();
    say_tags(format.metadata);
    if (clip_.video >= 0) say_picture();
    if (!clip_.sounds.empty()) say_sound();
    facts_.say("audio_tracks", static_cast<std::int64_t>(clip_.sounds.size()));
    if (clip_.timecode) facts_.say("timecode", clip_.timecode->text);
    for (unsigned index = 0; index < format.nb_streams; ++index) {
      const AVDictionary* tags = format.streams[index]->metadata;
      say_if(facts_, "reel", said(tags, "reel_name"));
      // Ogg has what others say of the whole on the track.
      if (std::string_view(format.iformat->name) == "ogg") say_tags(tags);
    }
  }

 private:
  void say_duration() {
    double seconds = static_cast<double>(input_.format().duration) / AV_TIME_BASE;
    if (input_.format().duration <= 0) seconds = seconds_of(input_, clip_);
    if (seconds > 0) facts_.say("duration", decimal(seconds, 3));
  }

  void say_tags(const AVDictionary* tags) {
    for (const Said& one : kSaid) say_if(facts_, one.key, said(tags, one.tag));
    for (const char* tag : kPositions) {
      const char* text = said(tags, tag);
      if (text == nullptr) continue;
      const Position position = position_from_iso6709(text);
      facts_.say("gps", position.gps);
      facts_.say("altitude", position.altitude);
    }
    say_moment(tags);
  }

  // A bext chunk has date and time apart. QuickTime's own time is in UTC and says so; of music the
  // date is that of its release.
  void say_moment(const AVDictionary* tags) {
    const char* date = said(tags, "date");
    const char* time = said(tags, "creation_time");
    if (const char* apple = said(tags, "com.apple.quicktime.creationdate")) {
      facts_.say("shot", iso_date(apple));
    }
    const bool is_clock = time != nullptr && std::string_view(time).size() <= 8;
    if (is_clock && date != nullptr) facts_.say("shot", iso_date(fmt::format("{} {}", date, time)));
    if (time != nullptr && !is_clock && !std::string_view(time).starts_with("1904")) {
      facts_.say("shot", iso_date(time));
    }
    if (date == nullptr || is_clock) return;
    if (clip_.video >= 0) {
      facts_.say("shot", iso_date(date));
    } else {
      facts_.say("year", iso_date(date).substr(0, 4));
    }
  }

  void say_picture() {
    const AVStream& stream = input_.stream(clip_.video);
    const AVCodecParameters& codec = *stream.codecpar;
    facts_.say("codec", avcodec_get_name(codec.codec_id));
    facts_.say("width", codec.width);
    facts_.say("height", codec.height);
    say_rate(stream);
    // Of what was not decoded while tracks were looked for, the first frame tells.
    if (codec.format == AV_PIX_FMT_NONE || codec.field_order == AV_FIELD_UNKNOWN) look_at_first();
    say_format(static_cast<AVPixelFormat>(codec.format), codec.bits_per_raw_sample);
    say_colour(codec.color_primaries, codec.color_trc, codec.color_space, codec.color_range);
    if (codec.field_order != AV_FIELD_UNKNOWN) {
      facts_.say("scan", codec.field_order == AV_FIELD_PROGRESSIVE ? "progressive" : "interlaced");
    }
    const Turn turn = turn_of(stream);
    if (turn.quarters != 0) facts_.say("rotation", std::int64_t{90} * turn.quarters);
    say_tags_of_track(stream.metadata);
  }

  void say_rate(const AVStream& stream) {
    const AVRational rate =
        clip_.rate.kind == FrameRate::Kind::uneven && stream.avg_frame_rate.num > 0
            ? stream.avg_frame_rate
            : clip_.rate.rate;
    if (rate.num <= 0 || rate.den <= 0) return;
    // A fraction that only an uneven rate has says less than the number.
    const bool is_odd = rate.den != 1 && rate.den != 1001;
    facts_.say("rate", rate.den == 1 ? std::to_string(rate.num)
                       : is_odd      ? decimal(av_q2d(rate), 3)
                                     : fmt::format("{}/{}", rate.num, rate.den));
  }

  void say_format(AVPixelFormat format, int bits) {
    const AVPixFmtDescriptor* described = av_pix_fmt_desc_get(format);
    if (described == nullptr) return;
    facts_.say("pixel_format", described->name);
    const bool is_palette = (described->flags & AV_PIX_FMT_FLAG_PAL) != 0;
    facts_.say("bit_depth", bits > 0 ? bits : is_palette ? 8 : described->comp[0].depth);
  }

  void say_colour(AVColorPrimaries primaries, AVColorTransferCharacteristic transfer,
                  AVColorSpace matrix, AVColorRange range) {
    if (primaries != AVCOL_PRI_UNSPECIFIED && primaries != AVCOL_PRI_RESERVED0) {
      say_if(facts_, "colour_primaries", av_color_primaries_name(primaries));
    }
    if (transfer != AVCOL_TRC_UNSPECIFIED && transfer != AVCOL_TRC_RESERVED0) {
      say_if(facts_, "colour_transfer", av_color_transfer_name(transfer));
    }
    if (matrix != AVCOL_SPC_UNSPECIFIED && matrix != AVCOL_SPC_RESERVED) {
      say_if(facts_, "colour_matrix", av_color_space_name(matrix));
    }
    if (range != AVCOL_RANGE_UNSPECIFIED) {
      say_if(facts_, "colour_range", av_color_range_name(range));
    }
  }

  // A picture that cannot be decoded tells nothing, which is no error here.
  void look_at_first() {
    constexpr int kMostPackets = 500;
    auto decoder = Decoder::open(input_, clip_.video);
    if (!decoder) return;
    const Frame frame = new_frame();
    bool found = false;
    for (int count = 0; !found && count < kMostPackets; ++count) {
      const auto packet = input_.read();
      if (!packet) return;
      if (*packet && (*packet)->stream_index != clip_.video) continue;
      if (!decoder->send(packet->get())) return;
      const auto received = decoder->receive(*frame);
      if (!received) return;
      found = *received;
      if (!*packet) break;
    }
    if (!found) return;
    say_format(static_cast<AVPixelFormat>(frame->format), 0);
    say_colour(frame->color_primaries, frame->color_trc, frame->colorspace, frame->color_range);
    facts_.say("scan", frame->interlaced_frame != 0 ? "interlaced" : "progressive");
  }

  void say_sound() {
    const AVStream& stream = input_.stream(clip_.sounds.front());
    const AVCodecParameters& codec = *stream.codecpar;
    facts_.say("audio_codec", avcodec_get_name(codec.codec_id));
    facts_.say("sample_rate", codec.sample_rate);
    facts_.say("channels", codec.ch_layout.nb_channels);
    std::array<char, 64> layout{};
    if (codec.ch_layout.order == AV_CHANNEL_ORDER_NATIVE &&
        av_channel_layout_describe(&codec.ch_layout, layout.data(), layout.size()) > 0) {
      facts_.say("channel_layout", layout.data());
    }
    const int bits = codec.bits_per_raw_sample > 0 ? codec.bits_per_raw_sample
                                                   : av_get_bits_per_sample(codec.codec_id);
    if (clip_.video < 0 && bits > 0) facts_.say("bit_depth", bits);
    say_tags_of_track(stream.metadata);
  }

  void say_tags_of_track(const AVDictionary* tags) {
    const char* language = said(tags, "language");
    if (language != nullptr && std::string_view(language) != "und") {
      facts_.say("language", readable(language));
    }
    say_moment(tags);
  }

  Input& input_;
  const Clip& clip_;
  Facts& facts_;
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// What an ID3 frame holds, as FFmpeg spells bytes that are no printable ASCII: "\\xc3".
std::string unescaped(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_escape = at + 3 < text.size() && text[at] == '\\' && text[at + 1] == 'x' &&
                           hex_digit(text[at + 2]) >= 0 && hex_digit(text[at + 3]) >= 0;
    if (!is_escape) {
      bytes += text[at];
      continue;
    }
    bytes += static_cast<char>(hex_digit(text[at + 2]) * 16 + hex_digit(text[at + 3]));
    at += 3;
  }
  return bytes;
}

std::string xmp_in(const AVDictionary* words) {
  if (const char* packet = said(words, "xmp")) return packet;
  const char* packet = said(words, "id3v2_priv.XMP");
  return packet != nullptr ? unescaped(packet) : std::string();
}

}  // namespace

Result<std::string> read_timed_facts(const MediaSource& source, Facts& facts) {
  prepare_timed();
  LENSFS_TRY(const auto input, Input::open(source, Input::Depth::words));
  LENSFS_TRY(const Clip clip, clip_of(*input));
  if (clip.video < 0 && clip.sounds.empty()) {
    return fail(Errc::not_supported, "there is neither video nor sound in it");
  }
  TimedFacts(*input, clip, facts).read();
  return xmp_in(input->format().metadata);
}

}  // namespace lensfs::av
