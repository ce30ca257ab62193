// What may come to the port of `lensfs spotlight` past smbd.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/mount/access_people.h"
#include "tests/share/spotlight.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

using testing::HasSubstr;

const Person kStranger = {.uid = 70006, .groups = {}};

TEST_F(Spotlight, TellsAUserOfTheMachineOnlyWhatTheyMayRead) {
  LENSFS_NEEDS_FUSE();
  ASSERT_TRUE(add("open.txt", "1"));
  ASSERT_TRUE(add("secret.txt", "2", {.project = "demo", .tags = {"secret"}}));
  ASSERT_TRUE(add("closed/private.txt", "3"));
  ASSERT_TRUE(mount());
  ASSERT_TRUE(serve());
  ASSERT_EQ(set_xattr(at("Tags/secret"), "user.lensfs.access", "other=none"), 0);
  std::filesystem::permissions(at("Projects/demo/closed"), std::filesystem::perms(0700));

  const std::string to_root = said_to(post(all_files()));
  const std::string to_stranger = told_by(kStranger, [&] { return said_to(post(all_files())); });

  EXPECT_THAT(to_root, HasSubstr("secret.txt"));
  EXPECT_THAT(to_root, HasSubstr("private.txt"));
  EXPECT_THAT(to_stranger, HasSubstr("open.txt"));
  EXPECT_THAT(to_stranger, HasSubstr("\"value\":1,"));
  EXPECT_THAT(to_stranger, testing::Not(HasSubstr("secret")));
  EXPECT_THAT(to_stranger, testing::Not(HasSubstr("private")));
  // Nobody is left acting as somebody else.
  EXPECT_THAT(said_to(post(all_files())), HasSubstr("secret.txt"));
}

TEST_F(Spotlight, FindsWordsOfDocumentsForThoseWhoMayReadThem) {
  LENSFS_NEEDS_FUSE();
  ASSERT_TRUE(add("open.txt", "zanzibar is said here"));
  ASSERT_TRUE(add("listed.txt", "and zanzibar is said there"));
  ASSERT_EQ(library_command("work", {"--until-idle", "--quiet"}).exit, 0);
  ASSERT_TRUE(mount());
  ASSERT_TRUE(serve());
  ASSERT_EQ(set_xattr(at("Projects/demo/listed.txt"), "user.lensfs.access",
                      "group:71001=manage, other=list"),
            0);
  const std::string request =
      post(body_of("(content:zanzibar) AND path.real.fulltext:\"" + mountpoint().string() + "\""));

  const std::string to_root = said_to(request);
  const std::string to_stranger = told_by(kStranger, [&] { return said_to(request); });

  EXPECT_THAT(to_root, HasSubstr("listed.txt"));
  EXPECT_THAT(to_stranger, HasSubstr("open.txt"));
  EXPECT_THAT(to_stranger, testing::Not(HasSubstr("listed.txt")));
}

TEST_F(Spotlight, AnswersWhatMakesNoSenseWithNothingAndOverTheSameConnection) {
  LENSFS_NEEDS_FUSE();
  ASSERT_TRUE(add("open.txt", "1"));
  ASSERT_TRUE(mount());
  ASSERT_TRUE(serve());
  const Fd fd = connected();

  for (const std::string& body :
       {std::string(""), std::string("{"), std::string(60'000, '['), std::string(200'000, '['),
        body_of("nonsense ("), body_of("(file.filename:*) AND path.real.fulltext:\"/etc\""),
        body_of("(file.filename:*) AND path.real.fulltext:\"" + mountpoint().string() + "/..\""),
        body_of("(attributes.owner:0) AND path.real.fulltext:\"" + mountpoint().string() + "\"")}) {
    send_all(fd, post(body));
    const std::string said = answer(fd);
    EXPECT_THAT(said, HasSubstr("HTTP/1.1 200")) << body.substr(0, 100);
    EXPECT_THAT(said, HasSubstr("\"value\":0,")) << body.substr(0, 100);
  }
  send_all(fd, post(all_files()));
  EXPECT_THAT(answer(fd), HasSubstr("open.txt"));
}

TEST_F(Spotlight, RefusesBrowsersAndOtherRequests) {
  LENSFS_NEEDS_FUSE();
  ASSERT_TRUE(add("open.txt", "1"));
  ASSERT_TRUE(mount());
  ASSERT_TRUE(serve());

  EXPECT_THAT(said_to(post(all_files(), "Origin: http://evil.example\r\n")),
              HasSubstr("HTTP/1.1 403"));
  EXPECT_THAT(said_to("GET /_all/_search HTTP/1.1\r\nHost: x\r\n\r\n"), HasSubstr("404"));
  EXPECT_THAT(said_to("DELETE /_all HTTP/1.1\r\nHost: x\r\n\r\n"), HasSubstr("404"));
  EXPECT_THAT(said_to("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), HasSubstr(mountpoint().string()));
}

TEST_F(Spotlight, KeepsNobodyWaitingForAClientThatDoesNotFinish) {
  LENSFS_NEEDS_FUSE();
  ASSERT_TRUE(add("open.txt", "1"));
  ASSERT_TRUE(mount());
  ASSERT_TRUE(serve());
  std::vector<Fd> slow;
  for (int i = 0; i < 50; ++i) {
    slow.push_back(connected());
    send_all(slow.back(), post(std::string(100, 'x')).substr(0, i % 2 == 0 ? 40 : 150));
  }

  EXPECT_THAT(said_to(post(all_files())), HasSubstr("open.txt"));
}

TEST_F(Spotlight, LetsNoUserTakeAllConnections) {
  LENSFS_NEEDS_FUSE();
  ASSERT_TRUE(add("open.txt", "1"));
  ASSERT_TRUE(mount());
  ASSERT_TRUE(serve());

  const std::string said = told_by(kStranger, [&] {
    std::vector<Fd> held;
    for (int i = 0; i < 128; ++i) held.push_back(connected());
    // Several threads take them in, so the next one may be counted before the last of these.
    const auto refused =
        wait_until([&] { return said_to(post(all_files())).find("403") != std::string::npos; });
    return std::string(refused ? "refused" : "served");
  });

  EXPECT_EQ(said, "refused");
  EXPECT_THAT(said_to(post(all_files())), HasSubstr("open.txt"));
  EXPECT_TRUE(wait_until([&] {
    return told_by(kStranger, [&] { return said_to(post(all_files())); }).find("open.txt") !=
           std::string::npos;
  }));
}

TEST_F(Spotlight, ListensToThisMachineOnly) {
  for (const char* address : {"0.0.0.0:0", "192.168.1.1:0", "example.org:80"}) {
    const Ran ran = lensfs({"spotlight", library().string(), "--listen", address});
    EXPECT_EQ(ran.exit, 2) << address;
    EXPECT_THAT(ran.err, HasSubstr("127.0.0.1"));
  }
}

}  // namespace
}  // namespace lensfs::test
