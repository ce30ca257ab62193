// AccessRule: who has which right on one thing, as people write it:
//
//   group:editors=write, group:clients=proxy, other=none, until=2027-01-31
//
// Subjects are user:NAME, group:NAME, role:NAME and other; a name may be a number. A role without a
// right gives its own. What a rule says to somebody: that of "user:" if it names them; else the
// highest of the groups and roles they are in; else that of "other". from= and until= are moments
// in UTC, 2027-01-31 or 2027-01-31T18:30; a day counts whole. Outside of them those whom the rule
// names, all if it names nobody, have no right, but those to whom it gives manage.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/clock.h"
#include "catalog/base/result.h"

namespace lensfs {

// Weakest first.
enum class Right : int {
  none,    // not even the name
  list,    // names, attributes, tags and fields
  proxy,   // renditions, never the original
  read,    // the original
  write,   // to change it
  manage,  // to say who may do what, and to purge
};
inline constexpr std::array<std::string_view, 6> kRights = {"none", "list",  "proxy",
                                                            "read", "write", "manage"};
[[nodiscard]] constexpr std::string_view name_of(Right right) {
  return kRights[static_cast<std::size_t>(right)];
}

// The jobs that people have, and what each may do unless a rule says otherwise.
struct RoleRight {
  std::string_view name;
  Right right;
};
inline constexpr std::array<RoleRight, 5> kRoles = {{{"manager", Right::manage},
                                                     {"editor", Right::write},
                                                     {"assistant", Right::read},
                                                     {"reviewer", Right::proxy},
                                                     {"guest", Right::list}}};
[[nodiscard]] std::optional<Right> right_of_role(std::string_view name);

struct RuleSubject {
  enum class Kind { other, user, group, role };
  Kind kind = Kind::other;
  std::string name{};
  bool operator==(const RuleSubject&) const = default;
  [[nodiscard]] std::string text() const;
};
// "user:ada"; invalid says what would be right.
[[nodiscard]] Result<RuleSubject> parse_subject(std::string_view text);
// "user:ada, group:clients": users and groups only.
[[nodiscard]] Result<std::vector<RuleSubject>> parse_members(std::string_view text);
// The number of a user or group; nothing if the system knows none of that name.
[[nodiscard]] std::optional<std::int64_t> number_of_user(std::string_view name);
[[nodiscard]] std::optional<std::int64_t> number_of_group(std::string_view name);
// invalid if the system knows no such user or group.
[[nodiscard]] Status check_known(const RuleSubject& subject);

struct AccessRule {
  struct Entry {
    RuleSubject subject;
    Right right = Right::none;
  };
  std::vector<Entry> entries{};
  std::optional<Nanoseconds> from{};   // the first moment
  std::optional<Nanoseconds> until{};  // the first moment after it

  // The same in one spelling.
  [[nodiscard]] std::string text() const;
};
// invalid says what would be right. Whether users and groups exist is not looked at.
[[nodiscard]] Result<AccessRule> parse_access_rule(std::string_view text);

}  // namespace lensfs
