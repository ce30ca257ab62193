// What is neither file nor folder: fifos, sockets, devices.
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "tests/posix/matrix.h"

namespace lensfs::posix {
namespace {

void check_fifos() {
  for (const mode_t mode : {0600U, 0644U, 0666U, 04755U}) {
    check("mkfifo/mode " + octal(mode), [=] {
      const std::string outcome = result(::mkfifo("f", mode));
      return Said{outcome, kind_of("f"), octal(look_at("f").st_mode), look_at("f").st_nlink,
                  look_at("f").st_size};
    });
  }
  check("mkfifo/existing", [] {
    put("f", "x");
    return result(::mkfifo("f", 0644));
  });
  check("mkfifo/bytes pass through", [] {
    must(::mkfifo("f", 0644), "mkfifo");
    const Fd both = opened("f", O_RDWR | O_NONBLOCK);
    must(::write(both.get(), "hello", 5), "write");
    std::array<char, 8> bytes{};
    const long got = ::read(both.get(), bytes.data(), bytes.size());
    return Said{got, bytes.data(), look_at("f").st_size};
  });
  check("mkfifo/between processes", [] {
    must(::mkfifo("f", 0644), "mkfifo");
    const pid_t child = ::fork();
    must(child, "fork");
    if (child == 0) {
      const Fd writer(::open("f", O_WRONLY | O_CLOEXEC));
      ::_exit(::write(writer.get(), "from the child", 14) == 14 ? 0 : 1);
    }
    const Fd reader = opened("f", O_RDONLY);
    std::string bytes(20, '\0');
    bytes.resize(static_cast<std::size_t>(::read(reader.get(), bytes.data(), bytes.size())));
    return bytes;
  });
  check("mkfifo/writer without reader", [] {
    must(::mkfifo("f", 0644), "mkfifo");
    const Fd fd(::open("f", O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    return result(fd.get());
  });
  check("mkfifo/goes on when its name is gone", [] {
    must(::mkfifo("f", 0644), "mkfifo");
    const Fd both = opened("f", O_RDWR | O_NONBLOCK);
    must(::unlink("f"), "unlink");
    must(::write(both.get(), "hello", 5), "write");
    std::array<char, 8> bytes{};
    return Said{::read(both.get(), bytes.data(), bytes.size()), look_at(both.get()).st_nlink};
  });
  check("mkfifo/renamed", [] {
    must(::mkfifo("f", 0644), "mkfifo");
    must(::rename("f", "g"), "rename");
    return Said{kind_of("f"), kind_of("g")};
  });
  check("mkfifo/moves the times of the folder", [] {
    make_folder("d");
    return moved_by("d", [] { must(::mkfifo("d/f", 0644), "mkfifo"); });
  });
}

sockaddr_un address(const char* name) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::strncpy(at.sun_path, name, sizeof at.sun_path - 1);
  return at;
}

int bound(const Fd& fd, const char* name) {
  const sockaddr_un at = address(name);
  sockaddr any{};
  static_assert(sizeof at > sizeof any);
  return ::bind(fd.get(), static_cast<const sockaddr*>(static_cast<const void*>(&at)), sizeof at);
}

int connected(const Fd& fd, const char* name) {
  const sockaddr_un at = address(name);
  return ::connect(fd.get(), static_cast<const sockaddr*>(static_cast<const void*>(&at)),
                   sizeof at);
}

void check_sockets() {
  check("socket/bind makes a node", [] {
    const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const std::string outcome = result(bound(fd, "s"));
    return Said{outcome, kind_of("s"), octal(look_at("s").st_mode)};
  });
  check("socket/connect and talk", [] {
    const Fd server(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    must(bound(server, "s"), "bind");
    must(::listen(server.get(), 1), "listen");
    const Fd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    must(connected(client, "s"), "connect");
    const Fd peer(::accept4(server.get(), nullptr, nullptr, SOCK_CLOEXEC));
    must(::send(client.get(), "hello", 5, 0), "send");
    std::array<char, 8> bytes{};
    return Said{::recv(peer.get(), bytes.data(), bytes.size(), 0), bytes.data()};
  });
  check("socket/bind to an existing name", [] {
    put("s", "x");
    const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return result(bound(fd, "s"));
  });
  check("socket/connect after its end", [] {
    {
      const Fd server(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
      must(bound(server, "s"), "bind");
    }
    const Fd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return Said{result(connected(client, "s")), kind_of("s"), result(::unlink("s"))};
  });
  check("socket/open", [] {
    const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    must(bound(fd, "s"), "bind");
    const Fd file(::open("s", O_RDONLY | O_CLOEXEC));
    return result(file.get());
  });
}

void check_devices() {
  check("mknod/file", [] {
    const std::string outcome = result(::mknod("a", S_IFREG | 0640, 0));
    return Said{outcome, kind_of("a"), octal(look_at("a").st_mode), look_at("a").st_size};
  });
  check("mknod/file, written", [] {
    must(::mknod("a", S_IFREG | 0640, 0), "mknod");
    put("a", "hello");
    return bytes_in("a");
  });
  check("mknod/fifo", [] { return Said{result(::mknod("a", S_IFIFO | 0640, 0)), kind_of("a")}; });
  check("mknod/socket", [] {
    return Said{result(::mknod("a", S_IFSOCK | 0640, 0)), kind_of("a")};
  });
  check("mknod/character device by root", [] {
    const std::string outcome = result(::mknod("a", S_IFCHR | 0640, ::makedev(1, 3)));
    return Said{outcome, kind_of("a")};
  });
  check("mknod/block device by root", [] {
    const std::string outcome = result(::mknod("a", S_IFBLK | 0640, ::makedev(7, 0)));
    return Said{outcome, kind_of("a")};
  });
  check("mknod/character device by a user", [] {
    return as_user(kAnna, [] { return result(::mknod("a", S_IFCHR | 0640, ::makedev(1, 3))); });
  });
  check("mknod/folder", [] { return result(::mknod("a", S_IFDIR | 0755, 0)); });
  check("mknod/existing", [] {
    put("a", "x");
    return result(::mknod("a", S_IFREG | 0640, 0));
  });
  check("mknod/umask", [] {
    ::umask(077);
    must(::mknod("a", S_IFREG | 0666, 0), "mknod");
    return octal(look_at("a").st_mode);
  });
}

}  // namespace

void check_nodes() {
  check_fifos();
  check_sockets();
  check_devices();
}

}  // namespace lensfs::posix
