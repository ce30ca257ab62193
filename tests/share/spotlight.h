// `lensfs spotlight` beside a drive, asked by a real smbd or past it.
#pragma once

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/share/smbd.h"
#include "tests/support/waiting.h"

namespace lensfs::test {

using Paths = std::vector<std::string>;

// Asks smbd as a Mac does, by the bindings that come with Samba: a line of JSON for each query.
inline constexpr const char* kMac = R"(
import json, sys, time
from samba import credentials
from samba.dcerpc import mdssvc
from samba.param import LoadParm
from samba.samba3 import mdscli
lp = LoadParm()
lp.load(sys.argv[1])
lp.set("smb ports", sys.argv[2])
who = credentials.Credentials()
who.guess(lp)
who.set_anonymous()
pipe = mdssvc.mdssvc("ncacn_np:127.0.0.1[/pipe/mdssvc]", lp, who)
share = mdscli.conn(pipe, sys.argv[3], "/mac")
for query in sys.argv[5:]:
    try:
        search = share.search(pipe, query, share.sharepath() + sys.argv[4])
    except Exception as error:
        print(json.dumps("refused"))
        continue
    found, until, quiet = [], time.time() + 20, 0
    while time.time() < until and quiet < 10:
        more = search.get_results(pipe)
        found += more
        quiet = 0 if more else quiet + 1
        time.sleep(0.05)
    print(json.dumps(found))
    search.close(pipe)
share.disconnect(pipe)
)";

class Spotlight : public ShareTest {
 protected:
  void TearDown() override {
    if (service_) {
      service_->send(SIGTERM);
      EXPECT_EQ(service_->wait(std::chrono::seconds(30)).exit, 0);
      service_.reset();
    }
    ShareTest::TearDown();
  }

  testing::AssertionResult serve() {
    service_ =
        std::make_unique<Child>(Command{.words = {lensfs_binary().string(), "spotlight",
                                                  library().string(), "--listen", "127.0.0.1:0"},
                                        .input = {},
                                        .open_files = {},
                                        .folder = {}});
    const std::string said = "listening port=";
    if (!wait_until([&] { return service_->out_so_far().ends_with("\n"); })) {
      return testing::AssertionFailure() << "does not listen";
    }
    port_ = std::atoi(service_->out_so_far().substr(said.size()).c_str());
    return testing::AssertionSuccess();
  }

  // --- by smbd
  testing::AssertionResult share_searched(std::vector<std::string> options = {}) {
    options.insert(options.end(), {"--spotlight", std::to_string(port_), "--mappings",
                                   (scratch() / "mappings.json").string()});
    return share(options);
  }
  // What each query finds, below `folder` ("/Projects/demo") of the share.
  std::vector<Paths> searched(const Paths& queries, const std::string& folder = "") {
    Paths words = {"/usr/bin/python3",         "-c",    kMac,  configuration().string(),
                   std::to_string(smb_port()), "media", folder};
    words.insert(words.end(), queries.begin(), queries.end());
    const Ran ran = run(words);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    std::vector<Paths> all;
    for (std::size_t at = 0; at < ran.out.size();) {
      const std::size_t end = ran.out.find('\n', at);
      const auto line = nlohmann::json::parse(ran.out.substr(at, end - at), nullptr, false);
      all.push_back(line.is_array() ? line.get<Paths>() : Paths{"refused"});
      at = end + 1;
    }
    all.resize(queries.size());
    return all;
  }

  // --- past smbd
  [[nodiscard]] Fd connected() const {
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<in_port_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
  }
  static void send_all(const Fd& fd, const std::string& text) {
    static_cast<void>(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL));
  }
  // One whole answer; what came, where the connection ended.
  static std::string answer(const Fd& fd) {
    std::string text;
    char part[4096];
    for (ssize_t size = 0; (size = ::recv(fd.get(), part, sizeof part, 0)) > 0;) {
      text.append(part, static_cast<std::size_t>(size));
      const std::size_t body = text.find("\r\n\r\n");
      const std::size_t length = text.find("Content-Length: ");
      if (body == std::string::npos || length == std::string::npos) continue;
      if (text.size() >= body + 4 + std::strtoul(text.c_str() + length + 16, nullptr, 10)) break;
    }
    return text;
  }
  static std::string post(const std::string& body, const std::string& headers = "") {
    return fmt::format(
        "POST /_all/_search HTTP/1.1\r\nHost: server\r\nContent-Type: application/json\r\n{}"
        "Content-Length: {}\r\n\r\n{}",
        headers, body.size(), body);
  }
  [[nodiscard]] std::string said_to(const std::string& request) const {
    const Fd fd = connected();
    send_all(fd, request);
    return answer(fd);
  }
  [[nodiscard]] static std::string body_of(const std::string& lucene) {
    return nlohmann::json(
               {{"from", 0}, {"size", 50}, {"query", {{"query_string", {{"query", lucene}}}}}})
        .dump();
  }
  [[nodiscard]] std::string all_files() const {
    return body_of("(file.filename:*) AND path.real.fulltext:\"" + mountpoint().string() + "\"");
  }

  std::unique_ptr<Child> service_;
  int port_ = 0;
};

#define LENSFS_NEEDS_MAC()                                                            \
  LENSFS_NEEDS_SAMBA();                                                               \
  if (run({"/usr/bin/python3", "-c", "import samba.samba3.mdscli"}).exit != 0)        \
    GTEST_SKIP() << "needs Samba's bindings for Python";                              \
  if (run({"smbd", "-b"}).out.find("HAVE_SPOTLIGHT_BACKEND_ES") == std::string::npos) \
  GTEST_SKIP() << "smbd was built without it"

}  // namespace lensfs::test
