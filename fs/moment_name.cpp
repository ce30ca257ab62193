#include "fs/moment_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "catalog/base/text.h"
#include "catalog/model/history.h"
#include "catalog/model/label.h"

namespace lensfs {
namespace {

constexpr std::size_t kAuthorLimit = 64;  // bytes of a name's author that a history shows

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The numbers of a text of the form "dddd-dd-dd…": '#' stands for a digit, each run is a number.
std::optional<std::array<int, 6>> numbers_in(std::string_view text, std::string_view form) {
  if (text.size() != form.size()) return std::nullopt;
  std::array<int, 6> numbers{};
  std::size_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (form[i] != '#') {
      if (text[i] != form[i]) return std::nullopt;
      ++run;
      continue;
    }
    if (!is_digit(text[i])) return std::nullopt;
    numbers[run] = numbers[run] * 10 + (text[i] - '0');
  }
  return numbers;
}

// Seconds since 1970 of a date that exists.
std::optional<std::int64_t> second_of(const std::array<int, 6>& numbers) {
  std::tm date{};
  date.tm_year = numbers[0] - 1900;
  date.tm_mon = numbers[1] - 1;
  date.tm_mday = numbers[2];
  date.tm_hour = numbers[3];
  date.tm_min = numbers[4];
  date.tm_sec = numbers[5];
  std::tm wanted = date;
  const std::time_t second = ::timegm(&date);
  const bool exists = date.tm_mon == wanted.tm_mon && date.tm_mday == wanted.tm_mday &&
                      date.tm_hour == wanted.tm_hour && date.tm_min == wanted.tm_min &&
                      date.tm_sec == wanted.tm_sec;
  if (!exists || numbers[0] < 1970 || numbers[0] > 2200) return std::nullopt;
  return second;
}

std::tm date_of(std::int64_t second) {
  std::tm date{};
  const std::time_t time = second;
  ::gmtime_r(&time, &date);
  return date;
}

struct Form {
  std::string_view form;
  std::int64_t seconds;  // how long what it names lasts
};
constexpr std::array<Form, 4> kForms = {{{"GMT-####.##.##-##.##.##", 1},
                                         {"####-##-##", 24 * 60 * 60},
                                         {"####-##-##T##.##", 60},
                                         {"####-##-##T##.##.##", 1}}};

}  // namespace

std::optional<Nanoseconds> moment_in(std::string_view typed) {
  for (const Form& form : kForms) {
    std::string_view text = typed;
    std::string_view pattern = form.form;
    if (pattern.starts_with("GMT-")) {
      if (!text.starts_with("GMT-")) continue;
      text.remove_prefix(4);
      pattern.remove_prefix(4);
    }
    const auto numbers = numbers_in(text, pattern);
    if (!numbers) continue;
    const auto second = second_of(*numbers);
    if (!second) return std::nullopt;
    return (*second + form.seconds) * kNanosecondsPerSecond - 1;
  }
  return std::nullopt;
}

Result<TypedWhen> typed_when(Database& db, std::string_view typed) {
  if (const auto at = moment_in(typed)) {
    LENSFS_TRY(const Nanoseconds began, library_began(db));
    if (*at < began) return fail(Errc::not_found);
    LENSFS_TRY(const Nanoseconds last, last_moment(db));
    if (*at <= last) return TypedWhen{.when = {.at = *at, .label = {}}};
    return TypedWhen{.when = {.at = std::max(last, began), .label = {}}, .keep = Keep::no};
  }
  LENSFS_TRY(const bool known, is_label(db, typed));
  if (!known) return fail(Errc::not_found);
  return TypedWhen{.when = {.at = 0, .label = std::string(typed)}, .keep = Keep::no};
}

std::string gmt_token(std::int64_t second) {
  const std::tm date = date_of(second);
  return fmt::format("@GMT-{:04}.{:02}.{:02}-{:02}.{:02}.{:02}", date.tm_year + 1900,
                     date.tm_mon + 1, date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec);
}

std::string name_of(const Version& version, std::string_view extension) {
  const std::tm date = date_of(version.created / kNanosecondsPerSecond);
  std::string author = version.author.substr(0, kAuthorLimit);
  if (!is_utf8(author)) author = "unknown";
  std::string stem =
      fmt::format("v{:03} {:04}-{:02}-{:02} {:02}.{:02}.{:02}", version.number, date.tm_year + 1900,
                  date.tm_mon + 1, date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec);
  if (!author.empty()) stem += " " + author;
  return shortened_name(legal_name(stem.append(extension)));
}

std::optional<std::int64_t> number_in(std::string_view name) {
  if (name.size() < 2 || name[0] != 'v') return std::nullopt;
  const std::string_view rest = name.substr(1);
  const std::size_t end = rest.find_first_not_of("0123456789");
  if (end != std::string_view::npos && rest[end] != ' ' && rest[end] != '.') return std::nullopt;
  return number_from<std::int64_t>(rest.substr(0, end));
}

std::optional<Selected> selected_version(std::string_view name) {
  const std::size_t at = name.rfind("@v");
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  const std::string_view rest = name.substr(at + 2);
  const std::size_t end = std::min(rest.find_first_not_of("0123456789"), rest.size());
  if (end == 0 || (end < rest.size() && rest[end] != '.')) return std::nullopt;
  const auto number = number_from<std::int64_t>(rest.substr(0, end));
  if (!number) return std::nullopt;
  return Selected{std::string(name.substr(0, at)).append(rest.substr(end)), *number};
}

}  // namespace lensfs
