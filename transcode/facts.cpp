#include "transcode/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <tuple>
#include <utility>

#include <nlohmann/json.hpp>

#include "catalog/base/text.h"

namespace lensfs {
namespace {

using Json = nlohmann::json;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\0';
}

// Cut at a character.
std::string_view cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t size = most;
  while (size > 0 && (static_cast<unsigned char>(text[size]) >> 6U) == 2) --size;
  return text.substr(0, size);
}

}  // namespace

std::string readable(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string converted;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      converted += c;
    } else {
      converted += static_cast<char>(0xC0U | (byte >> 6U));
      converted += static_cast<char>(0x80U | (byte & 0x3FU));
    }
  }
  return converted;
}

std::string trimmed(std::string_view text, std::size_t most) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  std::string kept(cut(text, most));
  const auto is_control = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
  };
  kept.erase(std::remove_if(kept.begin(), kept.end(), is_control), kept.end());
  return kept;
}

void Facts::correct(std::string_view key, std::string_view value) {
  std::string kept = trimmed(value);
  if (kept.empty() || !is_utf8(kept) || !is_fact_key(key)) return;
  fields.insert_or_assign(std::string(key), std::move(kept));
}

void Facts::say(std::string_view key, std::string_view value) {
  if (!fields.contains(key)) correct(key, value);
}

void Facts::add_keyword(std::string_view keyword) {
  std::string word = trimmed(keyword);
  std::replace(word.begin(), word.end(), ',', ';');
  std::replace(word.begin(), word.end(), '\n', ' ');
  if (word.empty() || !is_utf8(word)) return;
  std::string& list = fields["keywords"];
  if ((", " + list + ", ").find(", " + word + ", ") != std::string::npos) return;
  if (list.size() + word.size() + 2 > kLongestFact) return;
  list += (list.empty() ? "" : ", ") + word;
}

void Facts::add_words(std::string_view words) {
  if (text.size() >= kLongestWords) return;
  const std::string more = trimmed(words, kLongestWords);
  if (more.empty() || !is_utf8(more)) return;
  if (!text.empty()) text += ' ';
  text = std::string(cut(text + more, kLongestWords));
}

void Facts::add(const Facts& other) {
  for (const auto& [key, value] : other.fields) say(key, value);
  tags.insert(tags.end(), other.tags.begin(), other.tags.end());
  markers.insert(markers.end(), other.markers.begin(), other.markers.end());
  add_words(other.text);
}

std::string Facts::json() const {
  Json whole = {{"fields", fields}, {"tags", tags}, {"text", text}};
  for (const FactMarker& marker : markers) {
    whole["markers"].push_back({{"start", marker.start},
                                {"frames", marker.frames},
                                {"rate", {marker.rate_frames, marker.rate_seconds}},
                                {"name", marker.name},
                                {"text", marker.text},
                                {"author", marker.author}});
  }
  return whole.dump(-1, ' ', false, Json::error_handler_t::replace);
}

namespace {

constexpr std::int64_t kMostFrames = std::int64_t{1} << 53U;

std::int64_t count_in(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return -1;
  const auto count = found->get<std::int64_t>();
  return count > kMostFrames ? -1 : count;
}

std::string text_in(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return {};
  return readable(trimmed(found->get_ref<const std::string&>()));
}

std::optional<FactMarker> marker_from(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  FactMarker marker{.start = count_in(json, "start"),
                    .frames = count_in(json, "frames"),
                    .name = text_in(json, "name"),
                    .text = text_in(json, "text"),
                    .author = text_in(json, "author")};
  if (marker.start < 0 || marker.frames < 0) return std::nullopt;
  const auto rate = json.find("rate");
  const bool is_pair = rate != json.end() && rate->is_array() && rate->size() == 2 &&
                       (*rate)[0].is_number_integer() && (*rate)[1].is_number_integer();
  if (!is_pair) return marker;
  marker.rate_frames = (*rate)[0].get<std::int64_t>();
  marker.rate_seconds = (*rate)[1].get<std::int64_t>();
  const bool is_rate = marker.rate_frames > 0 && marker.rate_seconds > 0;
  if (!is_rate) std::tie(marker.rate_frames, marker.rate_seconds) = std::pair(0, 1);
  return marker;
}

}  // namespace

Result<Facts> Facts::from_json(std::string_view text) {
  const Json whole = Json::parse(text, nullptr, false);
  if (!whole.is_object()) return fail(Errc::corrupt, "facts that are no JSON");
  Facts facts;
  if (const auto fields = whole.find("fields"); fields != whole.end() && fields->is_object()) {
    for (const auto& [key, value] : fields->items()) {
      if (value.is_string()) facts.say(key, value.get_ref<const std::string&>());
    }
  }
  if (const auto tags = whole.find("tags"); tags != whole.end() && tags->is_array()) {
    for (const Json& tag : *tags) {
      if (facts.tags.size() == kMostFactTags || !tag.is_string()) continue;
      std::string term = trimmed(tag.get_ref<const std::string&>());
      if (!term.empty()) facts.tags.push_back(std::move(term));
    }
  }
  if (const auto markers = whole.find("markers"); markers != whole.end() && markers->is_array()) {
    for (const Json& json : *markers) {
      auto marker = marker_from(json);
      const bool is_one = marker && facts.markers.size() < kMostFactMarkers;
      if (is_one) facts.markers.push_back(*std::move(marker));
    }
  }
  if (const auto words = whole.find("text"); words != whole.end() && words->is_string()) {
    facts.add_words(words->get_ref<const std::string&>());
  }
  return facts;
}

namespace {

// The next number of exactly or at most so many digits.
std::optional<int> digits(std::string_view& text, std::size_t most) {
  int value = 0;
  std::size_t count = 0;
  while (count < most && count < text.size() && text[count] >= '0' && text[count] <= '9') {
    value = value * 10 + (text[count++] - '0');
  }
  if (count == 0) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

void skip(std::string_view& text, std::string_view any) {
  if (!text.empty() && any.find(text.front()) != std::string_view::npos) text.remove_prefix(1);
}

// "+02:00", "+0200", "Z", or nothing.
std::string offset_of(std::string_view text) {
  if (text.starts_with("Z") || text.starts_with("z")) return "Z";
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return {};
  const char sign = text.front();
  text.remove_prefix(1);
  const auto hours = digits(text, 2);
  skip(text, ":");
  const auto minutes = digits(text, 2);
  if (!hours || *hours > 14) return {};
  return fmt::format("{}{:02}:{:02}", sign, *hours, minutes.value_or(0));
}

}  // namespace

std::string iso_date(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  const auto year = digits(text, 4);
  skip(text, ":-/.");
  const auto month = digits(text, 2);
  skip(text, ":-/.");
  const auto day = digits(text, 2);
  if (!year || *year < 1800 || *year > 9999) return {};
  if (!month || *month < 1 || *month > 12) return month ? std::string() : fmt::format("{}", *year);
  if (!day || *day < 1 || *day > 31) return fmt::format("{:04}-{:02}", *year, *month);
  std::string date = fmt::format("{:04}-{:02}-{:02}", *year, *month, *day);
  skip(text, "T t");
  skip(text, " ");
  const auto hour = digits(text, 2);
  skip(text, ":-.");
  const auto minute = digits(text, 2);
  if (!hour || *hour > 23 || !minute || *minute > 59) return date;
  skip(text, ":-");
  const auto second = digits(text, 2);
  if (second && *second > 60) return date;
  date += fmt::format("T{:02}:{:02}:{:02}", *hour, *minute, second.value_or(0));
  if (text.starts_with(".")) {
    text.remove_prefix(1);
    static_cast<void>(digits(text, 9));  // parts of a second tell nobody anything
  }
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return date + offset_of(text);
}

std::string decimal(double value, int places) {
  if (!std::isfinite(value)) return {};
  std::string text = fmt::format("{:.{}f}", value, places);
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

Position position_from_iso6709(std::string_view text) {
  const std::string whole(text.substr(0, 64));
  double latitude = 0;
  double longitude = 0;
  double altitude = 0;
  const int found = std::sscanf(whole.c_str(), "%lf%lf%lf", &latitude, &longitude, &altitude);
  if (found < 2 || std::fabs(latitude) > 90 || std::fabs(longitude) > 180) return {};
  return {.gps = fmt::format("{:.6f},{:.6f}", latitude, longitude),
          .altitude = found > 2 ? decimal(altitude, 2) : std::string()};
}

}  // namespace lensfs
