// What values fields take, and what they are as quantities.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "catalog/base/text.h"
#include "catalog/model/field_type.h"

namespace lensfs {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto start = text.find_first_not_of(kSpace);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kSpace) - start + 1);
}

std::optional<double> finite(std::optional<double> value) {
  return value && std::isfinite(*value) ? value : std::nullopt;
}

// "12", "-3.5", "30000/1001".
std::optional<double> number_of(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return finite(number_from<double>(text));
  const auto above = number_from<double>(text.substr(0, slash));
  const auto below = number_from<double>(text.substr(slash + 1));
  if (!above || !below || *below == 0) return std::nullopt;
  return finite(*above / *below);
}

// The digits at the front as a number of exactly `count` digits, taken off.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view any) {
  if (text.empty() || any.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// A date that was read: from when until when, and how it is spelled.
struct ReadDate {
  Extent extent;
  std::string text;
};

constexpr double kDay = 86400;

double seconds_of(std::chrono::year_month_day date) {
  return static_cast<double>(std::chrono::sys_days(date).time_since_epoch().count()) * kDay;
}

// "Z", "+02:00", "+0200" or nothing; seconds east of UTC.
std::optional<int> take_zone(std::string_view& text, std::string& spelled) {
  if (text.empty()) return 0;
  if (take(text, "Zz")) {
    spelled += 'Z';
    return 0;
  }
  const bool west = text.front() == '-';
  if (!take(text, "+-")) return std::nullopt;
  const auto hours = take_digits(text, 2);
  take(text, ":");
  const auto minutes = text.empty() ? 0 : take_digits(text, 2);
  if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
  spelled += fmt::format("{}{:02}:{:02}", west ? '-' : '+', *hours, *minutes);
  return (west ? -1 : 1) * (*hours * 3600 + *minutes * 60);
}

// What stands behind a day: "T12:00", "T12:00:30.5+02:00".
std::optional<ReadDate> read_time(std::string_view text, double day, std::string spelled) {
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ":")) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  double at = day + *hour * 3600 + *minute * 60;
  double length = 60;
  spelled += fmt::format("T{:02}:{:02}", *hour, *minute);
  if (take(text, ":")) {
    const auto second = take_digits(text, 2);
    if (!second || *second > 60) return std::nullopt;
    at += *second;
    length = 1;
    spelled += fmt::format(":{:02}", *second);
    if (take(text, ".,")) {
      double unit = 1;
      spelled += '.';
      while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        unit /= 10;
        at += unit * (text.front() - '0');
        spelled += text.front();
        text.remove_prefix(1);
      }
      length = unit;
    }
  }
  const auto zone = take_zone(text, spelled);
  if (!zone || !text.empty()) return std::nullopt;
  return ReadDate{{at - *zone, at - *zone + length}, std::move(spelled)};
}

// A year, a month, a day or a moment; "-" or EXIF's ":" between the parts of a day.
std::optional<ReadDate> read_date(std::string_view text) {
  using std::chrono::year_month_day;
  const auto year = take_digits(text, 4);
  if (!year || *year == 0) return std::nullopt;
  const std::chrono::year y(*year);
  if (text.empty()) {
    return ReadDate{{seconds_of(y / 1 / 1), seconds_of((y + std::chrono::years(1)) / 1 / 1)},
                    fmt::format("{:04}", *year)};
  }
  if (!take(text, "-:")) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || *month < 1 || *month > 12) return std::nullopt;
  const auto ym = y / *month;
  if (text.empty()) {
    return ReadDate{{seconds_of(ym / 1), seconds_of((ym + std::chrono::months(1)) / 1)},
                    fmt::format("{:04}-{:02}", *year, *month)};
  }
  if (!take(text, "-:")) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const year_month_day date = ym / *day;
  if (!date.ok()) return std::nullopt;
  const double from = seconds_of(date);
  std::string spelled = fmt::format("{:04}-{:02}-{:02}", *year, *month, *day);
  if (text.empty()) return ReadDate{{from, from + kDay}, std::move(spelled)};
  if (!take(text, "Tt ")) return std::nullopt;
  return read_time(text, from, std::move(spelled));
}

// "01:00:05:12", "01:00:05;12", "01:00:05.12"; seconds with frames as thousandths, which is enough
// to tell which comes first.
std::optional<double> timecode_of(std::string_view text, std::string& spelled) {
  const auto hours = take_digits(text, 2);
  if (!hours || !take(text, ":.")) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59 || !take(text, ":.")) return std::nullopt;
  const auto seconds = take_digits(text, 2);
  if (!seconds || *seconds > 59 || text.empty()) return std::nullopt;
  const bool drops = text.front() == ';';
  if (!take(text, ":;.,")) return std::nullopt;
  const auto frames = number_from<int>(text);
  if (!frames || *frames < 0 || *frames > 999) return std::nullopt;
  spelled = fmt::format("{:02}:{:02}:{:02}{}{:02}", *hours, *minutes, *seconds, drops ? ';' : ':',
                        *frames);
  return *hours * 3600 + *minutes * 60 + *seconds + *frames / 1000.0;
}

// "12.48", "90s", "1h2m3.5s", "00:01:30", "1:30".
std::optional<double> duration_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (const auto plain = number_of(text)) return *plain < 0 ? std::nullopt : plain;
  double total = 0;
  if (text.find(':') != std::string_view::npos) {
    for (;;) {
      const std::size_t colon = text.find(':');
      const auto part = finite(number_from<double>(text.substr(0, colon)));
      if (!part || *part < 0) return std::nullopt;
      total = total * 60 + *part;
      if (colon == std::string_view::npos) return total;
      text.remove_prefix(colon + 1);
    }
  }
  while (!text.empty()) {
    const std::size_t unit = text.find_first_not_of("0123456789.");
    if (unit == std::string_view::npos || unit == 0) return std::nullopt;
    const auto amount = number_from<double>(text.substr(0, unit));
    const char letter = text[unit];
    const double of = letter == 'd' ? kDay : letter == 'h' ? 3600 : letter == 'm' ? 60 : 1;
    if (!amount || std::string_view("dhms").find(letter) == std::string_view::npos) {
      return std::nullopt;
    }
    total += *amount * of;
    text.remove_prefix(unit + 1);
  }
  return total;
}

std::optional<bool> boolean_of(std::string_view text) {
  const std::string folded = fold_name(text);
  if (folded == "yes" || folded == "true" || folded == "1" || folded == "on") return true;
  if (folded == "no" || folded == "false" || folded == "0" || folded == "off") return false;
  return std::nullopt;
}

std::optional<double> rating_of(std::string_view text) {
  const auto stars = number_of(text);
  if (!stars || *stars < -1 || *stars > 5 || (*stars < 0 && *stars != -1)) return std::nullopt;
  return std::floor(*stars * 2) == *stars * 2 ? stars : std::nullopt;
}

tl::unexpected<Error> refuse(const FieldType& type, std::string_view value, const char* right) {
  return fail(Error(Errc::invalid, right).with(fmt::format("{} \"{}\"", type.key, value)));
}

Result<FieldValue> checked_choice(const FieldType& type, std::string_view value) {
  const std::string folded = fold_name(value);
  for (const std::string& choice : type.choices) {
    if (fold_name(choice) == folded) return FieldValue{.text = choice};
  }
  std::string all;
  for (const std::string& choice : type.choices) {
    if (all.size() > 200) {
      all += " …";
      break;
    }
    all += (all.empty() ? "" : ", ") + choice;
  }
  return fail(Error(Errc::invalid, "not one of the choices")
                  .with(fmt::format("{} \"{}\" (there are {})", type.key, value, all)));
}

FieldValue joined_list(std::string_view value) {
  FieldValue joined;
  for (const std::string& item : list_items(value)) {
    joined.text += (joined.text.empty() ? "" : ", ") + item;
  }
  return joined;
}

// What an undeclared field's text may be as a quantity: its first moment where it is a date.
std::optional<double> any_quantity(std::string_view text) {
  if (const auto number = number_of(text)) return number;
  if (text.size() < 7) return std::nullopt;
  const auto date = read_date(text);
  return date ? std::optional(date->extent.from) : std::nullopt;
}

}  // namespace

std::vector<std::string> list_items(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(",;");
    const std::string_view item = trimmed(text.substr(0, end));
    if (!item.empty() && std::find(items.begin(), items.end(), item) == items.end()) {
      items.emplace_back(item);
    }
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return items;
}

Result<FieldValue> checked_value(const FieldType& type, std::string_view value) {
  const std::string_view bare = trimmed(value);
  switch (type.form) {
    case FieldForm::any:
      return FieldValue{std::string(value), any_quantity(bare)};
    case FieldForm::text:
      return FieldValue{std::string(value), {}};
    case FieldForm::list:
      return joined_list(value);
    case FieldForm::vocabulary:
      return checked_choice(type, bare);
    case FieldForm::number: {
      const auto number = number_of(bare);
      if (!number) return refuse(type, value, "give a number such as 12 or -3.5");
      return FieldValue{std::string(bare), number};
    }
    case FieldForm::date: {
      auto date = read_date(bare);
      if (!date)
        return refuse(type, value, "give a date such as 2026-05-01 or 2026-05-01T12:00:00+02:00");
      return FieldValue{std::move(date->text), date->extent.from};
    }
    case FieldForm::timecode: {
      std::string spelled;
      const auto at = timecode_of(bare, spelled);
      if (!at) return refuse(type, value, "give a timecode such as 01:00:05:12");
      return FieldValue{std::move(spelled), at};
    }
    case FieldForm::duration: {
      const auto seconds = duration_of(bare);
      if (!seconds) return refuse(type, value, "give a duration such as 12.5, 90s or 00:01:30");
      return FieldValue{fmt::format("{}", *seconds), seconds};
    }
    case FieldForm::rating: {
      const auto stars = rating_of(bare);
      if (!stars) return refuse(type, value, "give -1 (rejected) or 0 to 5 stars");
      return FieldValue{fmt::format("{}", *stars), stars};
    }
    case FieldForm::boolean: {
      const auto yes = boolean_of(bare);
      if (!yes) return refuse(type, value, "give yes or no");
      return FieldValue{*yes ? "yes" : "no", *yes ? 1.0 : 0.0};
    }
  }
  return fail(Errc::invalid, "a form of field that is not known");
}

std::optional<Extent> extent_of(FieldForm form, std::string_view text) {
  const std::string_view bare = trimmed(text);
  const auto point = [](std::optional<double> at) {
    return at ? std::optional(Extent{*at, std::nextafter(*at, HUGE_VAL)}) : std::nullopt;
  };
  std::string spelled;
  switch (form) {
    case FieldForm::text:
    case FieldForm::list:
    case FieldForm::vocabulary:
      return std::nullopt;
    case FieldForm::number:
      return point(number_of(bare));
    case FieldForm::rating:
      return point(number_of(bare));
    case FieldForm::duration:
      return point(duration_of(bare));
    case FieldForm::timecode:
      return point(timecode_of(bare, spelled));
    case FieldForm::boolean: {
      const auto yes = boolean_of(bare);
      return point(yes ? std::optional(*yes ? 1.0 : 0.0) : std::nullopt);
    }
    case FieldForm::date: {
      const auto date = read_date(bare);
      return date ? std::optional(date->extent) : std::nullopt;
    }
    case FieldForm::any: {
      if (const auto number = number_of(bare)) return point(number);
      const auto date = bare.size() < 7 ? std::nullopt : read_date(bare);
      return date ? std::optional(date->extent) : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace lensfs
