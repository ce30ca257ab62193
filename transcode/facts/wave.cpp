// The chunks of WAV, RF64 and BW64 that say what was recorded: bext (EBU Tech 3285) and iXML.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstring>

#include <pugixml.hpp>

#include "catalog/base/text.h"
#include "transcode/facts/readers.h"

namespace lensfs::facts {
namespace {

constexpr std::size_t kMostChunk = std::size_t{4} << 20U;
constexpr int kMostChunks = 1000;

struct Recording {
  std::int64_t samples = -1;  // from midnight to the first one
  std::int64_t sample_rate = 0;
  // Frames of its timecode per second, from iXML.
  std::int64_t frames = 0;
  std::int64_t seconds = 1;
  bool is_drop = false;
};

template <typename Number>
Number number_at(std::string_view bytes, std::size_t at) {
  Number number{};
  if (at + sizeof number <= bytes.size()) std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

// Up to a NUL or the end of its place.
std::string text_at(std::string_view bytes, std::size_t at, std::size_t size) {
  if (at >= bytes.size()) return {};
  const std::string_view place = bytes.substr(at, size);
  return readable(place.substr(0, place.find('\0')));
}

// Recorders of Sound Devices write lines such as "sSCENE=A101" there.
void take_description(const std::string& description, Facts& facts) {
  struct Line {
    std::string_view name;
    std::string_view key;
  };
  constexpr std::array kLines = {Line{"SCENE=", "scene"}, Line{"TAKE=", "take"},
                                 Line{"TAPE=", "reel"}, Line{"NOTE=", "comment"}};
  for (const Line& line : kLines) {
    std::size_t at = description.find(line.name);
    const bool begins =
        at == 1 || (at != std::string::npos && at > 1 && description[at - 2] == '\n');
    if (!begins) continue;
    at += line.name.size();
    const std::size_t end = description.find_first_of("\r\n", at);
    facts.say(line.key,
              std::string_view(description).substr(at, end == std::string::npos ? end : end - at));
  }
}

void take_bext(std::string_view chunk, Facts& facts, Recording& recording) {
  constexpr std::size_t kOriginator = 256;
  constexpr std::size_t kDate = 320;
  constexpr std::size_t kTime = 330;
  constexpr std::size_t kReference = 338;
  if (chunk.size() < kReference + 8) return;
  const std::string description = text_at(chunk, 0, 256);
  take_description(description, facts);
  facts.correct("description", description);
  facts.correct("software", text_at(chunk, kOriginator, 32));
  const std::string shot =
      iso_date(fmt::format("{} {}", text_at(chunk, kDate, 10), text_at(chunk, kTime, 8)));
  facts.correct("shot", shot);
  const auto reference = number_at<std::uint64_t>(chunk, kReference);
  if (reference <= std::uint64_t{1} << 40U)
    recording.samples = static_cast<std::int64_t>(reference);
}

// "24000/1001", "25", "25/1", and as some write it "23.976023976024".
void take_rate(std::string_view text, Recording& recording) {
  const std::size_t slash = text.find('/');
  const auto frames = number_from<std::int64_t>(text.substr(0, slash));
  if (slash != std::string_view::npos) {
    const auto seconds = number_from<std::int64_t>(text.substr(slash + 1));
    if (!frames || !seconds || *frames <= 0 || *seconds <= 0) return;
    recording.frames = *frames;
    recording.seconds = *seconds;
  } else if (frames && *frames > 0) {
    recording.frames = *frames;
  } else if (const auto rate = number_from<double>(text); rate && *rate > 1 && *rate < 1000) {
    recording.frames = std::llround(std::ceil(*rate)) * 1000;
    recording.seconds = 1001;
  }
}

void take_ixml(std::string_view chunk, Facts& facts, Recording& recording) {
  const std::size_t end = chunk.find_last_not_of('\0');
  if (end == std::string_view::npos) return;
  chunk = chunk.substr(0, end + 1);
  pugi::xml_document document;
  if (is_deep(chunk)) return;
  if (!document.load_buffer(chunk.data(), chunk.size())) return;
  const pugi::xml_node top = document.child("BWFXML");
  const auto say = [&](std::string_view key, const pugi::xml_node& node) {
    if (const std::string value = trimmed(node.text().get()); !value.empty()) {
      facts.correct(key, value);
    }
  };
  say("scene", top.child("SCENE"));
  say("take", top.child("TAKE"));
  say("reel", top.child("TAPE"));
  say("comment", top.child("NOTE"));
  const pugi::xml_node speed = top.child("SPEED");
  take_rate(speed.child("TIMECODE_RATE").text().get(), recording);
  recording.is_drop = std::string_view(speed.child("TIMECODE_FLAG").text().get()) == "DF";
}

// Frames that are counted, without those that drop-frame counting passes over.
std::string timecode_from(const Recording& recording) {
  if (recording.samples < 0 || recording.sample_rate <= 0 || recording.frames <= 0) return {};
  const double rate =
      static_cast<double>(recording.frames) / static_cast<double>(recording.seconds);
  const auto count = std::lround(rate);
  if (count < 1 || count > 240) return {};
  auto frame = static_cast<std::int64_t>(std::floor(
      static_cast<double>(recording.samples) / static_cast<double>(recording.sample_rate) * rate +
      0.001));
  const bool is_drop = recording.is_drop && count % 30 == 0;
  if (is_drop) {
    const std::int64_t dropped = count / 30 * 2;
    const std::int64_t in_ten = count * 600 - 9 * dropped;
    const std::int64_t in_one = count * 60 - dropped;
    const std::int64_t tens = frame / in_ten;
    const std::int64_t rest = frame % in_ten;
    frame += 9 * dropped * tens;
    if (rest >= count * 60) frame += dropped * ((rest - count * 60) / in_one + 1);
  }
  const std::int64_t seconds = frame / count;
  return fmt::format("{:02}:{:02}:{:02}{}{:02}", seconds / 3600 % 24, seconds / 60 % 60,
                     seconds % 60, is_drop ? ';' : ':', frame % count);
}

}  // namespace

Status read_wave(const Bytes& bytes, Facts& facts) {
  std::array<char, 12> start{};
  LENSFS_TRY(const std::size_t length, bytes.read_at(0, std::as_writable_bytes(std::span(start))));
  const std::string_view head(start.data(), start.size());
  const bool is_wave =
      (head.starts_with("RIFF") || head.starts_with("RF64") || head.starts_with("BW64")) &&
      head.ends_with("WAVE");
  if (length < start.size() || !is_wave) return {};
  Recording recording;
  std::int64_t data_size = -1;  // of RF64, whose own field is full
  std::int64_t at = 12;
  for (int count = 0; count < kMostChunks && at + 8 <= bytes.size(); ++count) {
    std::array<char, 8> header{};
    LENSFS_TRY(const std::size_t got, bytes.read_at(at, std::as_writable_bytes(std::span(header))));
    if (got < header.size()) break;
    const std::string_view id(header.data(), 4);
    std::int64_t size = number_at<std::uint32_t>({header.data(), 8}, 4);
    if (id == "data" && size == 0xFFFFFFFF && data_size >= 0) size = data_size;
    const bool is_wanted =
        id == "bext" || id == "iXML" || id == "fmt " || id == "ds64" || id == "_PMX";
    if (is_wanted && size > 0 && size <= static_cast<std::int64_t>(kMostChunk)) {
      std::string chunk(static_cast<std::size_t>(size), '\0');
      LENSFS_TRY(const std::size_t read,
                 bytes.read_at(at + 8, std::as_writable_bytes(std::span(chunk))));
      chunk.resize(read);
      if (id == "bext") take_bext(chunk, facts, recording);
      if (id == "iXML") take_ixml(chunk, facts, recording);
      if (id == "_PMX") take_xmp(chunk, facts);
      if (id == "fmt ") recording.sample_rate = number_at<std::uint32_t>(chunk, 4);
      if (id == "ds64") {
        data_size = static_cast<std::int64_t>(number_at<std::uint64_t>(chunk, 8) & 0xFFFFFFFFFFFFU);
      }
    }
    if (size < 0 || size > bytes.size()) break;
    at += 8 + size + size % 2;
  }
  facts.say("timecode", timecode_from(recording));
  return {};
}

}  // namespace lensfs::facts
