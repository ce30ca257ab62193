#include "tests/share/smbd.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>

#include "tests/support/waiting.h"

namespace lensfs::test {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<in_port_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// A port that nobody listens at.
int free_port() {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket.get(), generic, size) != 0) return 0;
  if (::getsockname(socket.get(), generic, &size) != 0) return 0;
  return ntohs(address.sin_port);
}

bool listens(int port) {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

enum class Helpers { no, yes };  // of smbd, which answer what is no file

std::string global_lines(const path& at, Helpers helpers) {
  std::string text = R"([global]
   server role = standalone server
   interfaces = lo
   bind interfaces only = yes
   disable netbios = yes
   load printers = no
   disable spoolss = yes
   log level = 1
)";
  if (helpers == Helpers::no) text += "   rpc start on demand helpers = no\n";
  text += fmt::format("   passdb backend = tdbsam:{}/passdb.tdb\n   log file = {}/smbd.log\n",
                      at.string(), at.string());
  for (const char* key : {"private", "lock", "state", "cache", "pid", "ncalrpc"}) {
    std::filesystem::create_directories(at / key);
    const bool is_dir = std::string_view(key) == "private" || std::string_view(key) == "ncalrpc";
    text += fmt::format("   {} {} = {}/{}\n", key, is_dir ? "dir" : "directory", at.string(), key);
  }
  return text;
}

}  // namespace

testing::AssertionResult ShareTest::share(const std::vector<std::string>& options) {
  if (auto mounted = mount(); !mounted) return mounted;
  std::filesystem::create_directories(server_ / "local");
  std::vector<std::string> words = {"share",  "smb",   mountpoint().string(),
                                    "--name", "media", "--global"};
  words.insert(words.end(), options.begin(), options.end());
  const Ran section = lensfs(words);
  if (section.exit != 0) return testing::AssertionFailure() << section.err;
  // What comes after the section belongs to it.
  const bool is_searched =
      std::find(options.begin(), options.end(), "--spotlight") != options.end();
  write_file(configuration(),
             global_lines(server_.path(), is_searched ? Helpers::yes : Helpers::no) + section.out +
                 "   guest ok = yes\n   force user = root\n");
  port_ = free_port();
  smbd_ = std::make_unique<Child>(
      Command{.words = {"smbd", "--foreground", "-s", configuration().string(), "-p",
                        std::to_string(port_)},
              .input = {},
              .open_files = {},
              .folder = {}});
  if (wait_until([&] { return listens(port_); }, std::chrono::seconds(60))) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << "smbd does not listen: " << smbd_->out_so_far();
}

Command ShareTest::client_command(const std::string& commands, const std::string& name) const {
  return {
      .words = {"stdbuf", "-oL", "smbclient", "//127.0.0.1/" + name, "-N", "-p",
                std::to_string(port_), "-s", configuration().string(), "-t", "120", "-c", commands},
      .input = {},
      .open_files = {},
      .folder = server_ / "local"};
}

Ran ShareTest::client(const std::string& commands, const std::string& name) const {
  return run(client_command(commands, name));
}

// It outlives the smbd that started it.
void ShareTest::end_helpers() {
  const auto text = read_at_once(server_ / "pid" / "samba-dcerpcd.pid");
  const pid_t pid = text ? std::atoi(text->c_str()) : 0;
  if (pid <= 1) return;
  ::kill(pid, SIGTERM);
  EXPECT_TRUE(wait_until([&] { return !is_running(pid); }, std::chrono::seconds(30)));
}

void ShareTest::TearDown() {
  if (smbd_) {
    smbd_->send(SIGTERM);
    static_cast<void>(smbd_->wait(std::chrono::seconds(30)));
    smbd_.reset();
    end_helpers();
  }
  DriveTest::TearDown();
}

}  // namespace lensfs::test
