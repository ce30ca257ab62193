#include "fs/herald_process.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "fs/dead_mount.h"
#include "fs/herald_message.h"
#include "fs/kernel_message.h"

namespace lensfs {
namespace {

// Of the file handles of fuse, as the kernel encodes them: the node's number and its generation.
constexpr int kHandleType = 0x81;
using HandleBody = std::array<std::uint32_t, 3>;

// A copy of the mount that nobody else sees: being in it does not keep the mount busy.
class Inside {
 public:
  explicit Inside(const MountState& state)
      : copy_(static_cast<int>(::syscall(SYS_open_tree, AT_FDCWD, state->mountpoint,
                                         OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC))) {
    unable_ = !copy_ && errno == EPERM;
    inside_ = copy_ && device_of(copy_.get()) == state->device && ::fchdir(copy_.get()) == 0;
  }
  ~Inside() {
    if (::chdir("/") != 0) ::_exit(1);
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  [[nodiscard]] bool unable() const { return unable_; }
  [[nodiscard]] explicit operator bool() const { return inside_; }

 private:
  Fd copy_;
  bool inside_ = false;
  bool unable_ = false;
};

Fd open_folder(NodeId folder, bool& unable) {
  const auto number = static_cast<std::uint64_t>(folder);
  const HandleBody body = {static_cast<std::uint32_t>(number >> 32),
                           static_cast<std::uint32_t>(number), kGeneration};
  alignas(file_handle) std::array<unsigned char, sizeof(file_handle) + sizeof body> bytes{};
  auto* const handle = reinterpret_cast<file_handle*>(bytes.data());
  handle->handle_bytes = sizeof body;
  handle->handle_type = kHandleType;
  std::memcpy(bytes.data() + offsetof(file_handle, f_handle), body.data(), sizeof body);
  Fd opened(::open_by_handle_at(AT_FDCWD, handle, O_PATH | O_DIRECTORY | O_CLOEXEC));
  unable = !opened && errno == EPERM;
  return opened;
}

void touch(int folder, const char* name, HeraldAct act) {
  constexpr std::array<timespec, 2> kBoth = {{{0, UTIME_NOW}, {0, UTIME_NOW}}};
  constexpr std::array<timespec, 2> kWritten = {{{0, UTIME_OMIT}, {0, UTIME_NOW}}};
  const timespec* const times = act == HeraldAct::written ? kWritten.data() : kBoth.data();
  const int flags = *name == '\0' ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW;
  // What is not there any more was told of otherwise.
  if (::utimensat(folder, name, times, flags) != 0) errno = 0;
}

int make(int folder, const HeraldEvent& event) {
  const char* const name = event.name.c_str();
  if (S_ISDIR(event.type)) return ::mkdirat(folder, name, 0700);
  if (S_ISLNK(event.type)) return ::symlinkat(".", folder, name);
  return ::mknodat(folder, name, event.type | 0600, 0);
}

// Where the kernel has another idea of the name than the worker had, somebody looked meanwhile.
void act(MountState& state, int folder, const HeraldEvent& event) {
  state->herald_act = static_cast<std::uint32_t>(event.act);
  switch (event.act) {
    case HeraldAct::look:
      return;
    case HeraldAct::came:
      if (make(folder, event) == 0 || errno != EEXIST) return;
      state->herald_act = static_cast<std::uint32_t>(HeraldAct::changed);
      return touch(folder, event.name.c_str(), HeraldAct::changed);
    case HeraldAct::changed:
    case HeraldAct::written:
    case HeraldAct::touched:
      return touch(folder, event.name.c_str(), event.act);
  }
}

// An answer without the token: what was known.
std::string carry_out(MountState& state, const std::vector<HeraldEvent>& events) {
  std::string known(events.size(), kHeraldUnknown);
  const Inside inside(state);
  if (inside.unable()) known.assign(1, kHeraldUnable);
  if (!inside) return known;
  for (std::size_t i = 0; i < events.size(); ++i) {
    bool unable = false;
    state->herald_act = static_cast<std::uint32_t>(HeraldAct::look);
    const Fd folder = open_folder(events[i].folder, unable);
    if (unable) return {kHeraldUnable};
    if (!folder) continue;
    known[i] = kHeraldKnown;
    act(state, folder.get(), events[i]);
  }
  return known;
}

void herald(MountState& state, int messages) {
  state->herald_pid = ::getpid();
  std::string message(kLargestHeraldMessage, '\0');
  for (;;) {
    const ssize_t size = ::recv(messages, message.data(), message.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < static_cast<ssize_t>(sizeof(HeraldToken))) return;
    const std::string_view text(message.data(), static_cast<std::size_t>(size));
    const std::string answer =
        std::string(text.substr(0, sizeof(HeraldToken))) + carry_out(state, unpacked(text));
    // A worker that died takes no answer; the next one does not wait for it.
    static_cast<void>(::send(messages, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  }
}

}  // namespace

Result<Helper> start_herald(MountState& state) {
  put_text(state->device, device_at(std::filesystem::path(state->mountpoint)));
  return Helper::start({.name = "lensfs-herald",
                        .work = [&state](int messages) { herald(state, messages); },
                        .keeps = -1,
                        .gone = [&state] { state->herald_pid = 0; }});
}

}  // namespace lensfs
