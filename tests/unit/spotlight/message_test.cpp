// What Samba posts, what it gets, and who it is.
#include "tools/spotlight/message.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tools/spotlight/peer.h"

namespace lensfs::test {
namespace {

using nlohmann::json;
using Paths = std::vector<std::string>;

// As Samba 4.17 writes it.
constexpr const char* kBody =
    R"({    "from": 50,    "size": 50,    "_source": ["path.real"],    "query": {        )"
    R"("query_string": {            "query": "(file.filename:x\\+x) AND )"
    R"(path.real.fulltext:\"/mnt/media\""        }    }})";

TEST(SpotlightAsk, IsReadAsSambaWritesIt) {
  const auto ask = ask_from(kBody);

  ASSERT_TRUE(ask);
  EXPECT_EQ(ask->query, R"((file.filename:x\+x) AND path.real.fulltext:"/mnt/media")");
  EXPECT_EQ(ask->from, 50U);
}

TEST(SpotlightAsk, IsNothingElse) {
  for (const char* body :
       {"", "{", "[]", "null", "7", R"({"query":7})", R"({"query":{"query_string":[]}})",
        R"({"query":{"query_string":{"query":7}}})",
        R"({"from":-1,"query":{"query_string":{"query":"a"}}})",
        R"({"from":"1","query":{"query_string":{"query":"a"}}})",
        "{\"query\":{\"query_string\":{\"query\":\"a\xff\"}}}"}) {
    EXPECT_FALSE(ask_from(body)) << body;
  }
  EXPECT_FALSE(ask_from(std::string(kMostBodyBytes, '[')));
  EXPECT_FALSE(ask_from(std::string(kMostBodyBytes + 1, ' ')));
}

std::vector<std::string> paths_in(const std::string& answer) {
  std::vector<std::string> paths;
  const json read = json::parse(answer, nullptr, false);
  for (const auto& hit : read["hits"]["hits"]) paths.push_back(hit["_source"]["path"]["real"]);
  return paths;
}

TEST(SpotlightAnswer, HoldsAllFromTheOneThatWasAskedFor) {
  const Paths paths = {"/a", "/b", "/c \"d\""};

  EXPECT_EQ(paths_in(answer_to({"", 0}, paths)), paths);
  EXPECT_EQ(paths_in(answer_to({"", 2}, paths)), (Paths{"/c \"d\""}));
  EXPECT_EQ(json::parse(answer_to({"", 2}, paths))["hits"]["total"]["value"], 3);
}

TEST(SpotlightAnswer, IsNeverEmptyWhereThereAreHits) {
  const std::vector<std::string> paths = {"/a", "/b"};

  EXPECT_EQ(paths_in(answer_to({"", 9}, paths)), (std::vector<std::string>{"/b"}));
  EXPECT_TRUE(paths_in(answer_to({"", 0}, {})).empty());
  EXPECT_EQ(json::parse(answer_to({"", 0}, {}))["hits"]["total"]["value"], 0);
}

TEST(SpotlightDrives, AreReadAsTheyAreWritten) {
  const std::vector<std::string> drives = {"/mnt/media", "/mnt/my drive"};

  EXPECT_EQ(drives_from(drives_text(drives)).value_or(std::vector<std::string>()), drives);
  for (const char* other : {"", "{}", "[]", R"({"drives":7})", "<html>"}) {
    EXPECT_FALSE(drives_from(other)) << other;
  }
}

sockaddr_in address(const char* ip, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, ip, &address.sin_addr);
  return address;
}

TEST(SpotlightPeer, IsWhoHasTheOtherEndOpen) {
  const char* const table =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout\n"
      "   0: 0100007F:23F7 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
      "1\n"
      "   1: 0100007F:8DB4 0100007F:23F7 01 00000000:00000000 00:00000000 00000000  1001        0 "
      "2\n"
      "   2: 0100007F:23F7 0100007F:8DB4 01 00000000:00000000 00:00000000 00000000     0        0 "
      "3\n"
      "   3: 0100007F:8DB5 0100007F:23F7 06 00000000:00000000 03:00000000 00000000     0        0 "
      "0\n"
      "   4: 0100007F:8DB6 0100007F:23F7 04 00000000:00000000 00:00000000 00000000     0        0 "
      "0\n"
      "   5: 0100007F:8DB7 0200007F:23F7 01 00000000:00000000 00:00000000 00000000     0        0 "
      "4\n";
  const sockaddr_in own = address("127.0.0.1", 0x23F7);

  EXPECT_EQ(user_of_peer_in(table, address("127.0.0.1", 0x8DB4), own), 1001U);
  // Closed sockets are nobody's, though they show the number of root.
  EXPECT_FALSE(user_of_peer_in(table, address("127.0.0.1", 0x8DB5), own));
  EXPECT_FALSE(user_of_peer_in(table, address("127.0.0.1", 0x8DB6), own));
  EXPECT_FALSE(user_of_peer_in(table, address("127.0.0.1", 0x8DB7), own));
  EXPECT_FALSE(user_of_peer_in(table, address("127.0.0.1", 0x9999), own));
  EXPECT_FALSE(user_of_peer_in("", address("127.0.0.1", 0x8DB4), own));
}

TEST(SpotlightAddress, IsOfThisMachineOnly) {
  for (const char* text : {"127.0.0.1:9207", "127.0.0.53:0"}) {
    EXPECT_TRUE(loopback_address(text)) << text;
  }
  for (const char* text :
       {"", "9207", "127.0.0.1", "0.0.0.0:9207", "192.168.1.1:9207", ":9207", "localhost:9207",
        "127.0.0.1:70000", "127.0.0.1:x", "[::1]:9207", "128.0.0.1:1"}) {
    EXPECT_FALSE(loopback_address(text)) << text;
  }
}

}  // namespace
}  // namespace lensfs::test
