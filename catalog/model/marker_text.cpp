// Markers as text: timecodes, names of sub-clips, CSV.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "catalog/base/text.h"
#include "catalog/model/field.h"
#include "catalog/model/marker.h"

namespace lensfs {
namespace {

// Frames that timecode counts in a second: 30 of 29.97.
std::int64_t counted_rate(const FrameClock& clock) {
  return (clock.numerator + clock.denominator - 1) / clock.denominator;
}

// SMPTE 12M drop-frame: two numbers (of 30, four of 60) are left out each minute but each tenth.
std::int64_t dropped_in_minute(const FrameClock& clock) {
  return counted_rate(clock) / 15;
}

std::string spelled(const FrameClock& clock, std::int64_t count, bool drops) {
  const std::int64_t rate = counted_rate(clock);
  if (drops) {
    const std::int64_t drop = dropped_in_minute(clock);
    const std::int64_t ten = rate * 600 - drop * 9;
    const std::int64_t minute = rate * 60 - drop;
    const std::int64_t rest = count % ten;
    count += drop * 9 * (count / ten);
    if (rest >= drop) count += drop * ((rest - drop) / minute);
  }
  const std::int64_t seconds = count / rate;
  return fmt::format("{:02}:{:02}:{:02}{}{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60,
                     drops ? ';' : ':', count % rate);
}

// The number that a timecode counts to.
std::optional<std::int64_t> counted(const FrameClock& clock, std::string_view text, bool drops) {
  std::array<std::int64_t, 4> parts{};
  for (std::size_t at = 0; at < parts.size(); ++at) {
    const std::size_t end = at == 3 ? std::string_view::npos : text.find_first_of(":.;");
    if (at < 3 && end == std::string_view::npos) return std::nullopt;
    const auto part = number_from<std::int64_t>(text.substr(0, end));
    if (!part || *part < 0 || *part > 999) return std::nullopt;
    parts[at] = *part;
    if (at < 3) text.remove_prefix(end + 1);
  }
  const std::int64_t rate = counted_rate(clock);
  if (parts[1] > 59 || parts[2] > 59 || parts[3] >= rate) return std::nullopt;
  const std::int64_t minutes = parts[0] * 60 + parts[1];
  std::int64_t count = (minutes * 60 + parts[2]) * rate + parts[3];
  if (drops) {
    const std::int64_t drop = dropped_in_minute(clock);
    if (parts[1] % 10 != 0 && parts[2] == 0 && parts[3] < drop) return std::nullopt;
    count -= drop * (minutes - minutes / 10);
  }
  return count;
}

std::string dotted(std::string timecode) {
  for (char& c : timecode) {
    if (c == ':' || c == ';') c = '.';
  }
  return timecode;
}

// The cells of the next row, taken off the text. RFC 4180.
std::vector<std::string> take_row(std::string_view& text, int& line) {
  std::vector<std::string> row(1);
  bool quoted = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n') ++line;
    if (quoted && c == '"' && at + 1 < text.size() && text[at + 1] == '"') {
      row.back() += '"';
      ++at;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && c == ',') {
      row.emplace_back();
    } else if (!quoted && c == '\n') {
      break;
    } else if (quoted || c != '\r') {
      row.back() += c;
    }
  }
  text.remove_prefix(std::min(text.size(), at + 1));
  return row;
}

constexpr std::array<std::string_view, 6> kColumns = {"start", "duration", "name",
                                                      "text",  "colour",   "author"};

using Columns = std::vector<std::size_t>;  // which of kColumns a cell is; past the end: none

Result<Columns> columns_of(const std::vector<std::string>& header) {
  Columns columns;
  bool any_start = false;
  for (const std::string& cell : header) {
    std::string name = fold_name(cell);
    if (name == "color") name = "colour";
    if (name == "comment") name = "text";
    const auto at = std::find(kColumns.begin(), kColumns.end(), name);
    columns.push_back(static_cast<std::size_t>(at - kColumns.begin()));
    any_start = any_start || name == "start";
  }
  if (any_start) return columns;
  return fail(Error(Errc::invalid,
                    "the first line names the columns: start,duration,name,text,colour,author"));
}

Result<Marker> marker_of(const FrameClock& clock, const Columns& columns,
                         const std::vector<std::string>& row) {
  Marker marker;
  const std::array<std::string*, 6> into = {nullptr,      nullptr,        &marker.name,
                                            &marker.text, &marker.colour, &marker.author};
  bool placed = false;
  for (std::size_t at = 0; at < row.size() && at < columns.size(); ++at) {
    const std::size_t column = columns[at];
    if (column == 0) {
      const auto start = frame_at(clock, row[at]);
      if (!start) {
        return fail(Error(Errc::invalid, "the start is no timecode of this file").with(row[at]));
      }
      marker.start = *start;
      placed = true;
    } else if (column == 1) {
      const auto frames = row[at].empty() ? 0 : frames_in(clock, row[at]);
      if (!frames) return fail(Error(Errc::invalid, "the duration is none").with(row[at]));
      marker.frames = *frames;
    } else if (column < into.size()) {
      *into[column] = row[at];
    }
  }
  if (!placed) return fail(Errc::invalid, "the start is missing");
  return marker;
}

}  // namespace

Result<FrameClock> clock_of(Database& db, AssetId asset) {
  FrameClock clock;
  const auto rate = find_field(db, asset, "rate");
  if (!rate && !is_missing(rate)) return fail(rate.error());
  if (rate) {
    const std::size_t slash = rate->value.find('/');
    const auto above = number_from<double>(std::string_view(rate->value).substr(0, slash));
    const auto below = slash == std::string::npos
                           ? std::optional(1.0)
                           : number_from<double>(std::string_view(rate->value).substr(slash + 1));
    if (above && below && *above > 0 && *below > 0 && *above / *below <= 1000) {
      // 29.97 means 30000/1001, as 23.976 and 59.94 do.
      const double exact = *above / *below;
      const double whole = static_cast<double>(static_cast<std::int64_t>(exact + 0.5));
      const bool ntsc = exact < whole && exact > whole * 0.9985;
      clock.numerator = static_cast<std::int64_t>(ntsc ? whole * 1000 : exact * 1000 + 0.5);
      clock.denominator = ntsc ? 1001 : 1000;
    }
  }
  const auto timecode = find_field(db, asset, "timecode");
  if (!timecode && !is_missing(timecode)) return fail(timecode.error());
  if (timecode) {
    clock.drops = timecode->value.find(';') != std::string::npos && counted_rate(clock) % 30 == 0;
    clock.first = counted(clock, timecode->value, clock.drops).value_or(0);
  }
  return clock;
}

std::string timecode_of(const FrameClock& clock, std::int64_t frame) {
  return spelled(clock, clock.first + frame, clock.drops);
}

std::optional<std::int64_t> frame_at(const FrameClock& clock, std::string_view text) {
  if (const auto plain = number_from<std::int64_t>(text)) {
    return *plain < 0 ? std::nullopt : plain;
  }
  const auto count = counted(clock, text, clock.drops);
  if (!count || *count < clock.first) return std::nullopt;
  return *count - clock.first;
}

std::optional<std::int64_t> frames_in(const FrameClock& clock, std::string_view text) {
  if (const auto plain = number_from<std::int64_t>(text)) {
    return *plain < 0 ? std::nullopt : plain;
  }
  return counted(clock, text, false);
}

std::string length_of(const FrameClock& clock, std::int64_t frames) {
  return spelled(clock, frames, false);
}

std::string subclip_name(const FrameClock& clock, std::string_view name, const Marker& marker) {
  const NameParts parts = split_name(name);
  return fmt::format("{}@{}+{}{}", parts.stem, dotted(timecode_of(clock, marker.start)),
                     dotted(length_of(clock, std::max<std::int64_t>(1, marker.frames))),
                     parts.extension);
}

std::string markers_csv(const FrameClock& clock, const std::vector<Marker>& markers) {
  std::string text = "start,duration,name,text,colour,author\r\n";
  for (const Marker& marker : markers) {
    text += fmt::format("{},{},{},{},{},{}\r\n", timecode_of(clock, marker.start),
                        length_of(clock, marker.frames), csv_cell(marker.name),
                        csv_cell(marker.text), csv_cell(marker.colour), csv_cell(marker.author));
  }
  return text;
}

Result<std::vector<Marker>> markers_from_csv(const FrameClock& clock, std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  int line = 1;
  LENSFS_TRY(const Columns columns, columns_of(take_row(text, line)));
  std::vector<Marker> markers;
  while (!text.empty()) {
    const int at = line;
    const std::vector<std::string> row = take_row(text, line);
    if (row.size() == 1 && row.front().empty()) continue;
    auto marker = marker_of(clock, columns, row);
    if (!marker) return fail(marker.error().with(fmt::format("line {}", at)));
    markers.push_back(*std::move(marker));
  }
  return markers;
}

}  // namespace lensfs
