#include "catalog/model/access_rule.h"

#include <gmock/gmock.h>

#include "tests/unit/db/must.h"

namespace lensfs::test {
namespace {

constexpr Nanoseconds kSecond = kNanosecondsPerSecond;

TEST(AccessRuleText, IsReadAndWrittenInOneSpelling) {
  const AccessRule rule = must(parse_access_rule(
      " group:editors = write,group:clients=proxy , other=none,until=2027-01-31"));

  EXPECT_EQ(rule.entries.size(), 3U);
  EXPECT_EQ(rule.text(), "group:editors=write, group:clients=proxy, other=none, until=2027-01-31");
  EXPECT_EQ(must(parse_access_rule(rule.text())).text(), rule.text());
}

TEST(AccessRuleText, GivesARoleItsOwnRight) {
  EXPECT_EQ(must(parse_access_rule("role:reviewer, role:editor=read")).text(),
            "role:reviewer=proxy, role:editor=read");
}

TEST(AccessRuleText, CountsADayWholeAndAMinuteFromItsBeginning) {
  const AccessRule days = must(parse_access_rule("from=1970-01-02, until=1970-01-03"));
  EXPECT_EQ(days.from, 86'400 * kSecond);
  EXPECT_EQ(days.until, 3 * 86'400 * kSecond);

  const AccessRule minutes = must(parse_access_rule("other=read, until=1970-01-01T00:05"));
  EXPECT_EQ(minutes.until, 300 * kSecond);
  EXPECT_EQ(minutes.text(), "other=read, until=1970-01-01T00:05");
}

TEST(AccessRuleText, ThatMakesNoSenseIsInvalidAndSaysWhatWouldBeRight) {
  for (const char* text :
       {"", ",", "other", "everybody=read", "user:=read", "group:a b=read", "other=all",
        "role:boss=read", "user:ada=read, user:ada=write", "until=2027-02-30", "from=tomorrow",
        "from=2027-01-02, until=2027-01-01", "user:ada"}) {
    EXPECT_EQ(error_code(parse_access_rule(text)), Errc::invalid) << text;
  }
  EXPECT_THAT(parse_access_rule("other=all").error().message(),
              testing::HasSubstr("none, list, proxy, read, write and manage"));
}

TEST(AccessRuleText, TakesNumbersForUsersThatHaveNoName) {
  EXPECT_EQ(number_of_user("70001"), 70001);
  EXPECT_EQ(number_of_user("root"), 0);
  EXPECT_EQ(number_of_user("nobody-of-that-name"), std::nullopt);
}

}  // namespace
}  // namespace lensfs::test
