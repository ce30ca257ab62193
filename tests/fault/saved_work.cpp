#include "tests/fault/saved_work.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "catalog/base/fd.h"
#include "tests/support/media_factory.h"
#include "tests/support/xattrs.h"

namespace lensfs::test {
namespace {

int write_and_close(Fd fd, const std::string& bytes, Durably durably) {
  if (!fd) return errno;
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t wrote = ::write(fd.get(), bytes.data() + done, bytes.size() - done);
    if (wrote < 0) return errno;
    done += static_cast<std::size_t>(wrote);
  }
  if (durably == Durably::yes && ::fsync(fd.get()) != 0) return errno;
  return error_of(::close(fd.release()));
}

// The first failure of several steps; those after it are not done.
template <typename... Steps>
int in_turn(Steps&&... steps) {
  int error = 0;
  static_cast<void>((((error = steps()) == 0) && ...));
  return error;
}

int expect_error(long returned, int wanted) {
  if (returned < 0 && errno == wanted) return 0;
  return returned < 0 ? errno : EBADMSG;
}

int expect_links(const path& at, nlink_t wanted) {
  struct stat found {};
  if (::stat(at.c_str(), &found) != 0) return errno;
  return found.st_nlink == wanted ? 0 : EBADMSG;
}

std::string numbered(const char* stem, std::uint64_t round) {
  return stem + std::to_string(round);
}

}  // namespace

std::string bytes_of_round(std::uint64_t who, std::uint64_t round) {
  std::string bytes = std::to_string(who) + "/" + std::to_string(round) + "\n";
  return bytes + noise(100 + round * 97 % 20'000, who * 1'000'003 + round);
}

int write_new(const path& at, const std::string& bytes) {
  return write_and_close(Fd(::open(at.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644)),
                         bytes, Durably::no);
}

int write_over(const path& at, const std::string& bytes, Durably durably) {
  return write_and_close(Fd(::open(at.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644)),
                         bytes, durably);
}

int append_to(const path& at, const std::string& bytes) {
  return write_and_close(Fd(::open(at.c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0644)),
                         bytes, Durably::yes);
}

int expect_bytes(const path& at, const std::string& bytes) {
  const Fd fd(::open(at.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno;
  std::string got(bytes.size() + 1, '\0');
  std::size_t size = 0;
  for (ssize_t part = 1; part > 0; size += static_cast<std::size_t>(part)) {
    part = ::read(fd.get(), got.data() + size, got.size() - size);
    if (part < 0) return errno;
    if (size == got.size()) break;
  }
  got.resize(size);
  return got == bytes ? 0 : EBADMSG;
}

int expect_absent(const path& at) {
  struct stat found {};
  return expect_error(::lstat(at.c_str(), &found), ENOENT);
}

int make_rename_remove(const path& folder, std::uint64_t who, std::uint64_t round) {
  const std::string bytes = bytes_of_round(who, round);
  const path made = folder / numbered("made", round);
  const path moved = folder / numbered("moved", round);
  return in_turn([&] { return write_new(made, bytes); }, [&] { return expect_bytes(made, bytes); },
                 [&] { return error_of(::rename(made.c_str(), moved.c_str())); },
                 [&] { return expect_absent(made); }, [&] { return expect_bytes(moved, bytes); },
                 [&] { return error_of(::unlink(moved.c_str())); },
                 [&] { return expect_absent(moved); },
                 [&] { return expect_error(::unlink(moved.c_str()), ENOENT); });
}

int make_and_remove_folders(const path& folder, std::uint64_t round) {
  const path outer = folder / numbered("outer", round);
  const path moved = folder / numbered("moved-outer", round);
  return in_turn([&] { return error_of(::mkdir(outer.c_str(), 0755)); },
                 [&] { return error_of(::mkdir((outer / "inner").c_str(), 0700)); },
                 [&] { return expect_error(::mkdir(outer.c_str(), 0755), EEXIST); },
                 [&] { return expect_error(::rmdir(outer.c_str()), ENOTEMPTY); },
                 [&] { return error_of(::rename(outer.c_str(), moved.c_str())); },
                 [&] { return error_of(::rmdir((moved / "inner").c_str())); },
                 [&] { return error_of(::rmdir(moved.c_str())); },
                 [&] { return expect_absent(moved); });
}

int link_and_unlink(const path& folder, std::uint64_t round) {
  const path one = folder / numbered("one", round);
  const path two = folder / numbered("two", round);
  return in_turn([&] { return write_new(one, "linked"); },
                 [&] { return error_of(::link(one.c_str(), two.c_str())); },
                 [&] { return expect_links(one, 2); },
                 [&] { return error_of(::unlink(one.c_str())); },
                 [&] { return expect_links(two, 1); }, [&] { return expect_bytes(two, "linked"); },
                 [&] { return error_of(::unlink(two.c_str())); });
}

int replace_by_rename(const path& folder, std::uint64_t who, std::uint64_t round) {
  const std::string bytes = bytes_of_round(who, round);
  const path fresh = folder / "document.new";
  const path document = folder / "document";
  return in_turn([&] { return write_new(fresh, bytes); },
                 [&] { return error_of(::rename(fresh.c_str(), document.c_str())); },
                 [&] { return expect_bytes(document, bytes); },
                 [&] { return expect_absent(fresh); });
}

int set_and_remove_attribute(const path& file, std::uint64_t round) {
  const std::string value = "round " + std::to_string(round);
  return in_turn([&] { return set_xattr(file, "user.once", value, XATTR_CREATE); },
                 [&] { return xattr_text(file, "user.once") == value ? 0 : EBADMSG; },
                 [&] { return remove_xattr(file, "user.once"); });
}

int append_and_read(int fd, std::uint64_t round) {
  std::array<char, 24> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%019llu\n", static_cast<unsigned long long>(round));
  const ssize_t wrote = ::write(fd, text.data(), static_cast<std::size_t>(length));
  if (wrote != length) return wrote < 0 ? errno : EBADMSG;
  std::array<char, 24> back{};
  const ssize_t got = ::pread(fd, back.data(), static_cast<std::size_t>(length),
                              static_cast<off_t>(round) * length);
  if (got < 0) return errno;
  return back == text ? 0 : EBADMSG;
}

}  // namespace lensfs::test
