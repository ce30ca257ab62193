#include "catalog/model/access_rule.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <ctime>

#include "catalog/base/text.h"

namespace lensfs {
namespace {

constexpr Nanoseconds kDay = Nanoseconds{86'400} * kNanosecondsPerSecond;
constexpr std::size_t kLongestName = 255;
constexpr const char* kSubjects = "a subject is user:NAME, group:NAME, role:NAME or other";

Error wrong(const char* text, std::string_view about) {
  return Error(Errc::invalid, text).with(about);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\r";
  const std::size_t from = text.find_first_not_of(kSpace);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kSpace) - from + 1);
}

// Takes what stands before the next comma.
std::string_view take_part(std::string_view& text) {
  const std::size_t comma = text.find(',');
  const std::string_view part = text.substr(0, comma);
  text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  return trimmed(part);
}

struct Moment {
  Nanoseconds at = 0;
  bool is_day = false;
};

std::optional<Moment> moment_from(const std::string& text) {
  const bool is_day = text.size() == 10;
  if (!is_day && text.size() != 16) return std::nullopt;
  std::tm time{};
  const char* const end = ::strptime(text.c_str(), is_day ? "%Y-%m-%d" : "%Y-%m-%dT%H:%M", &time);
  if (end == nullptr || *end != '\0') return std::nullopt;
  const std::tm typed = time;
  const std::time_t at = ::timegm(&time);
  if (time.tm_mday != typed.tm_mday || time.tm_mon != typed.tm_mon) return std::nullopt;
  constexpr std::time_t kMost = INT64_MAX / kNanosecondsPerSecond - 86'400;
  if (at < 0 || at > kMost) return std::nullopt;
  return Moment{at * kNanosecondsPerSecond, is_day};
}

std::string text_of(Nanoseconds at) {
  const std::time_t seconds = at / kNanosecondsPerSecond;
  std::tm time{};
  ::gmtime_r(&seconds, &time);
  std::array<char, 32> text{};
  const bool is_day = at % kDay == 0;
  ::strftime(text.data(), text.size(), is_day ? "%Y-%m-%d" : "%Y-%m-%dT%H:%M", &time);
  return text.data();
}

Result<Right> parse_right(std::string_view text) {
  const auto at = std::find(kRights.begin(), kRights.end(), text);
  if (at != kRights.end()) return static_cast<Right>(at - kRights.begin());
  return fail(
      wrong("there is no such right; the rights are none, list, proxy, read, write and"
            " manage",
            text));
}

Status add_date(AccessRule& rule, std::string_view key, std::string_view value) {
  const auto moment = moment_from(std::string(value));
  if (!moment) {
    return fail(wrong("not a date; write 2027-01-31 or 2027-01-31T18:30 (UTC)", value));
  }
  auto& date = key == "from" ? rule.from : rule.until;
  if (date) return fail(wrong("given twice", key));
  const bool whole_day = key == "until" && moment->is_day;
  date = moment->at + (whole_day ? kDay : 0);
  return {};
}

Status add_entry(AccessRule& rule, std::string_view who, std::optional<std::string_view> what) {
  LENSFS_TRY(RuleSubject subject, parse_subject(who));
  AccessRule::Entry entry{.subject = std::move(subject)};
  if (what) {
    LENSFS_TRY(entry.right, parse_right(*what));
  } else {
    const auto own = right_of_role(entry.subject.name);
    if (entry.subject.kind != RuleSubject::Kind::role || !own) {
      return fail(wrong("which right? Write SUBJECT=RIGHT", who));
    }
    entry.right = *own;
  }
  for (const AccessRule::Entry& known : rule.entries) {
    if (known.subject == entry.subject) return fail(wrong("given twice", who));
  }
  rule.entries.push_back(std::move(entry));
  return {};
}

}  // namespace

std::optional<Right> right_of_role(std::string_view name) {
  for (const RoleRight& role : kRoles) {
    if (role.name == name) return role.right;
  }
  return std::nullopt;
}

std::string RuleSubject::text() const {
  switch (kind) {
    case Kind::user:
      return "user:" + name;
    case Kind::group:
      return "group:" + name;
    case Kind::role:
      return "role:" + name;
    case Kind::other:
      break;
  }
  return "other";
}

Result<RuleSubject> parse_subject(std::string_view text) {
  if (text == "other") return RuleSubject{};
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return fail(wrong(kSubjects, text));
  const std::string_view kind = text.substr(0, colon);
  const std::string_view name = text.substr(colon + 1);
  const bool is_plain = std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '=' || c == ':' || c == '\x7f';
  });
  if (name.empty() || name.size() > kLongestName || !is_plain || !is_utf8(name)) {
    return fail(wrong(kSubjects, text));
  }
  if (kind == "user") return RuleSubject{RuleSubject::Kind::user, std::string(name)};
  if (kind == "group") return RuleSubject{RuleSubject::Kind::group, std::string(name)};
  if (kind != "role") return fail(wrong(kSubjects, text));
  if (!right_of_role(name)) {
    return fail(
        wrong("there is no such role; the roles are manager, editor, assistant, reviewer"
              " and guest",
              name));
  }
  return RuleSubject{RuleSubject::Kind::role, std::string(name)};
}

Result<std::vector<RuleSubject>> parse_members(std::string_view text) {
  std::vector<RuleSubject> members;
  while (!text.empty()) {
    const std::string_view part = take_part(text);
    if (part.empty()) continue;
    LENSFS_TRY(RuleSubject subject, parse_subject(part));
    if (subject.kind != RuleSubject::Kind::user && subject.kind != RuleSubject::Kind::group) {
      return fail(wrong("a role is given to user:NAME and group:NAME", part));
    }
    if (std::find(members.begin(), members.end(), subject) == members.end()) {
      members.push_back(std::move(subject));
    }
  }
  return members;
}

std::optional<std::int64_t> number_of_user(std::string_view name) {
  std::array<char, 8192> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  const std::string text(name);
  if (::getpwnam_r(text.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 &&
      found != nullptr) {
    return found->pw_uid;
  }
  const auto number = number_from<std::uint32_t>(name);
  return number ? std::optional<std::int64_t>(*number) : std::nullopt;
}

std::optional<std::int64_t> number_of_group(std::string_view name) {
  std::vector<char> buffer(std::size_t{64} << 10);
  group entry{};
  group* found = nullptr;
  const std::string text(name);
  if (::getgrnam_r(text.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 &&
      found != nullptr) {
    return found->gr_gid;
  }
  const auto number = number_from<std::uint32_t>(name);
  return number ? std::optional<std::int64_t>(*number) : std::nullopt;
}

Status check_known(const RuleSubject& subject) {
  if (subject.kind == RuleSubject::Kind::user && !number_of_user(subject.name)) {
    return fail(wrong("the system knows no such user; give the number", subject.name));
  }
  if (subject.kind == RuleSubject::Kind::group && !number_of_group(subject.name)) {
    return fail(wrong("the system knows no such group; give the number", subject.name));
  }
  return {};
}

std::string AccessRule::text() const {
  std::vector<std::string> parts;
  for (const Entry& entry : entries) {
    parts.push_back(fmt::format("{}={}", entry.subject.text(), name_of(entry.right)));
  }
  if (from) parts.push_back("from=" + text_of(*from));
  if (until) {
    const bool whole_day = *until % kDay == 0;
    parts.push_back("until=" + text_of(whole_day ? *until - kDay : *until));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

Result<AccessRule> parse_access_rule(std::string_view text) {
  AccessRule rule;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view part = take_part(rest);
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    const std::string_view key = trimmed(part.substr(0, equals));
    std::optional<std::string_view> value;
    if (equals != std::string_view::npos) value = trimmed(part.substr(equals + 1));
    if (value && (key == "from" || key == "until")) {
      LENSFS_CHECK(add_date(rule, key, *value));
    } else {
      LENSFS_CHECK(add_entry(rule, key, value));
    }
  }
  if (rule.entries.empty() && !rule.from && !rule.until) {
    return fail(
        wrong("a rule says who may what, as in group:clients=proxy, other=none; the rights"
              " are none, list, proxy, read, write and manage",
              text.empty() ? "nothing" : text));
  }
  if (rule.from && rule.until && *rule.from >= *rule.until) {
    return fail(wrong("ends before it begins", text));
  }
  return rule;
}

}  // namespace lensfs
