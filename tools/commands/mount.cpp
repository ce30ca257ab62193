// mount: shows a library as a drive. serve: the worker that the keeper starts; not for people.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>

#include "catalog/base/log.h"
#include "catalog/model/access_state.h"
#include "catalog/model/catalog.h"
#include "catalog/model/settings.h"
#include "fs/keeper.h"
#include "fs/mount_state.h"
#include "fs/session.h"
#include "tools/cli/library_path.h"
#include "tools/cli/print.h"
#include "tools/commands/commands.h"

namespace lensfs {
namespace {

// What -o may say.
struct MountOptions {
  bool io_uring = false;
  bool passthrough = true;
  bool read_only = false;
  bool allow_other = ::geteuid() == 0;
  bool work = true;
};

Status apply_option(std::string_view word, MountOptions& options) {
  if (word == "io_uring")
    options.io_uring = true;
  else if (word == "no_io_uring")
    options.io_uring = false;
  else if (word == "passthrough")
    options.passthrough = true;
  else if (word == "no_passthrough")
    options.passthrough = false;
  else if (word == "ro")
    options.read_only = true;
  else if (word == "rw")
    options.read_only = false;
  else if (word == "allow_other")
    options.allow_other = true;
  else if (word == "no_allow_other")
    options.allow_other = false;
  else if (word == "work")
    options.work = true;
  else if (word == "no_work")
    options.work = false;
  else
    return fail(
        Error(Errc::usage, "there is no such mount option; see lensfs mount --help").with(word));
  return {};
}

Result<MountOptions> options_of(const Invocation& invocation) {
  MountOptions options;
  for (const std::string& given : invocation.values("option")) {
    std::string_view rest = given;
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      LENSFS_CHECK(apply_option(rest.substr(0, comma), options));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
  }
  return options;
}

// The program's own path: where an upgrade will lie, too.
Result<std::string> own_path() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return fail(Errc::io, "the program's own path is not known");
  return path.string();
}

// Named beside the mountpoint, or as other commands have it.
Result<std::filesystem::path> library_of(const Invocation& invocation) {
  if (invocation.operands().size() < 2) return find_library(invocation, {});
  if (!invocation.value("library")) return std::filesystem::path(invocation.operands().front());
  return fail(Error(Errc::usage, "the library is named twice").with("--library"));
}

Result<KeeperOptions> keeper_options(const Invocation& invocation) {
  LENSFS_TRY(const MountOptions options, options_of(invocation));
  KeeperOptions keeper;
  LENSFS_TRY(const std::filesystem::path library, library_of(invocation));
  if (!Catalog::is_library(library)) {
    return fail(Error(Errc::not_found, "no library is there; make one with lensfs init")
                    .with(library.string()));
  }
  keeper.library = std::filesystem::canonical(library);
  LENSFS_TRY(const Settings settings, read_settings(keeper.library));
  if (const auto lens = invocation.value("lens")) {
    if (settings.renditions.profiles.find(*lens) == nullptr) {
      return fail(Error(Errc::not_found, "there is no such profile; see Resolutions in the drive")
                      .with(*lens));
    }
    keeper.lens = *lens;
  }
  if (const auto audience = invocation.value("as")) {
    if (const auto known = caller_from(*audience); !known) return fail(known.error());
  }
  // Absolute, but not resolved: a dead mount cannot be looked at.
  keeper.mountpoint = std::filesystem::absolute(invocation.operands().back()).lexically_normal();
  if (!keeper.mountpoint.has_filename()) keeper.mountpoint = keeper.mountpoint.parent_path();
  keeper.read_only = options.read_only;
  keeper.allow_other = options.allow_other;
  LENSFS_TRY(std::string program, own_path());
  keeper.worker = {std::move(program), "serve", "--library", keeper.library.string()};
  if (options.work) {
    keeper.renderer = {keeper.worker.front(), "work", "--library", keeper.library.string(),
                       "--for-mount"};
  }
  if (const auto audience = invocation.value("as")) {
    keeper.worker.insert(keeper.worker.end(), {"--as", *audience});
  }
  if (options.io_uring) keeper.worker.emplace_back("--io-uring");
  if (!options.passthrough) keeper.worker.emplace_back("--no-passthrough");
  if (const auto log = invocation.value("log")) {
    keeper.worker.insert(keeper.worker.end(), {"--log", std::filesystem::absolute(*log).string()});
  } else if (!invocation.has("foreground")) {
    keeper.worker.emplace_back("--system-log");
  }
  return keeper;
}

void start_log(const Invocation& invocation, bool background) {
  if (const auto file = invocation.value("log")) {
    log::start_file("lensfs", std::filesystem::absolute(*file).string(), spdlog::level::info);
  } else {
    log::start("lensfs", background ? log::Target::system_log : log::Target::standard_error,
               background ? spdlog::level::info : spdlog::level::warn);
  }
}

// Becomes a process without a terminal, whose standard streams lead nowhere.
void leave_terminal() {
  ::setsid();
  static_cast<void>(::chdir("/"));
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nowhere, stream);
}

// What the keeper says to the command that started it: "+" when it serves, else why not, with the
// error's code first.
[[noreturn]] void keep_in_background(const KeeperOptions& options, const Invocation& invocation,
                                     Fd tell) {
  const auto say = [&](std::string_view text) {
    if (::write(tell.get(), text.data(), text.size()) < 0) log::warn("nobody waits for the mount");
    tell.reset();
  };
  start_log(invocation, true);
  const Status kept = keep_mount(options, [&] {
    say("+");
    leave_terminal();
  });
  if (!kept && tell) {
    say(fmt::format("{:c}{}", static_cast<char>('A' + static_cast<int>(kept.error().code())),
                    kept.error().message()));
  }
  ::_exit(kept ? 0 : 1);
}

Status wait_for_keeper(int from) {
  std::array<char, 512> said{};
  std::size_t size = 0;
  while (size < said.size()) {
    const ssize_t got = ::read(from, said.data() + size, said.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
    if (said[0] == '+') return {};
  }
  if (size == 0) return fail(Errc::io, "the keeper of the mount ended without a word");
  static std::string text;  // an error's text must outlive it
  text.assign(said.data() + 1, size - 1);
  return fail(static_cast<Errc>(said[0] - 'A'), text.c_str());
}

Result<ExitCode> mount_in_background(const KeeperOptions& options, const Invocation& invocation) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return last_error("start the keeper");
  const Fd ours(pipe[0]);
  Fd theirs(pipe[1]);
  const pid_t child = ::fork();
  if (child < 0) return last_error("start the keeper");
  if (child == 0) keep_in_background(options, invocation, std::move(theirs));
  theirs.reset();
  if (const Status serves = wait_for_keeper(ours.get()); !serves) {
    return fail(serves.error().with(options.mountpoint.string()));
  }
  return ExitCode::done;
}

Result<ExitCode> run_mount(const Invocation& invocation) {
  LENSFS_TRY(const KeeperOptions options, keeper_options(invocation));
  if (!invocation.has("foreground")) return mount_in_background(options, invocation);
  start_log(invocation, false);
  const Status kept = keep_mount(options, [] {});
  if (!kept) return fail(kept.error().with(options.mountpoint.string()));
  return ExitCode::done;
}

// A mount does not begin with settings that make no sense, but one that people are working on is
// not taken from them because of an edit.
Result<Settings> settings_of(const Catalog& catalog, const MountState& state) {
  auto settings = read_settings(catalog.path());
  if (settings) return settings;
  if (state->init_bytes.load() == 0) return fail(settings.error());
  log::error("the built-in settings are used: {}", settings.error().message());
  return Settings();
}

Result<ExitCode> run_serve(const Invocation& invocation) {
  start_log(invocation, invocation.has("system-log"));
  LENSFS_TRY(const auto fuse_fd, invocation.number("fuse-fd"));
  LENSFS_TRY(const auto state_fd, invocation.number("state-fd"));
  LENSFS_TRY(const auto ready_fd, invocation.number("ready-fd"));
  LENSFS_TRY(const auto announce_fd, invocation.number("announce-fd"));
  LENSFS_TRY(const auto herald_fd, invocation.number("herald-fd"));
  LENSFS_TRY(const auto catalog, Catalog::open(*invocation.value("library")));
  LENSFS_TRY(const auto state, MountState::attach(Fd(static_cast<int>(*state_fd))));
  // Until here a person may be waiting to read what went wrong; from here on whoever waits for the
  // end of the output of `lensfs mount` must not wait for the end of the mount.
  if (invocation.has("system-log") || invocation.value("log")) leave_terminal();
  SessionOptions options;
  LENSFS_TRY(options.settings, settings_of(*catalog, *state));
  options.fuse_fd = static_cast<int>(*fuse_fd);
  options.ready_fd = static_cast<int>(*ready_fd);
  options.announce_fd = static_cast<int>(*announce_fd);
  options.herald_fd = static_cast<int>(herald_fd.value_or(-1));
  if (const auto audience = invocation.value("as")) {
    LENSFS_TRY(const AccessCaller caller, caller_from(*audience));
    options.audience = std::make_shared<const AccessCaller>(caller);
  }
  options.io_uring = invocation.has("io-uring");
  options.passthrough = !invocation.has("no-passthrough");
  LENSFS_CHECK(serve(*catalog, *state, options));
  return ExitCode::done;
}

}  // namespace

Command mount_verb() {
  return {
      .name = "mount",
      .summary = "show a library as a drive",
      .description =
          "Mounts LIBRARY at MOUNTPOINT and returns when the drive answers. Files in Projects and "
          "Inbox can be made, written, renamed and deleted as on a disk; each save is a version. "
          "Moving a file into a folder of Tags tags it. Deleting moves to Trash.\n\n"
          "A process called the keeper stays behind and holds the mount; it starts another worker "
          "whenever the one that serves dies, and applications notice a short wait at most. A "
          "mountpoint that a crash left dead is cleaned up first, and files that were being "
          "written then become versions.\n\n"
          "Options for -o, separated by commas: io_uring (requests through io_uring, where the "
          "kernel offers it), no_passthrough (reads and writes go through the worker), ro (nothing "
          "can be changed through this mount; commands still change the library), allow_other, "
          "no_allow_other, no_work (no renditions are made on behalf of this mount).\n\n"
          "LIBRARY may also be given by --library or LENSFS_LIBRARY.\n\n"
          "With --lens the drive shows every file through a profile, under the same names where "
          "formats allow it, and nothing can be changed; lensfs lens changes which.\n\n"
          "With --as everybody who uses the mount, its owner included, sees and may do what that "
          "user, group or role may by the rules (lensfs access). Everything is then kept by the "
          "kernel, also where rules hide names: one mount per audience is the fastest way to serve "
          "several.\n\n"
          "What lensfs.toml in the library says of scratch files holds from the next worker on. A "
          "mount does not begin while the file makes no sense: the message names the line.\n\n"
          "Signals to the keeper: SIGTERM unmounts, SIGHUP replaces the worker.",
      .operands = {.usage = "[LIBRARY] MOUNTPOINT",
                   .least = 1,
                   .most = 2,
                   .completes = Completes::directories},
      .options = {{.name = "option",
                   .help = "mount options, separated by commas",
                   .letter = 'o',
                   .value = "OPT",
                   .repeat = Option::Repeat::many},
                  {.name = "lens",
                   .help = "show the drive through a profile, such as 720p",
                   .value = "PROFILE"},
                  {.name = "as",
                   .help = "for one audience: group:clients, user:ada, role:reviewer",
                   .value = "WHO"},
                  {.name = "foreground",
                   .help = "stay in the terminal until it is unmounted",
                   .letter = 'f'},
                  {.name = "log",
                   .help = "append messages to FILE, not to the system log",
                   .value = "FILE",
                   .completes = Completes::files}},
      .examples = {{{"lensfs mount ~/Library ~/Drive", "mount, and return"},
                    {"lensfs mount -f -o io_uring ~/Library ~/Drive",
                     "stay here, with requests through io_uring"}}},
      .run = run_mount,
  };
}

Command serve_verb() {
  return {
      .name = "serve",
      .summary = "serve a mount that a keeper holds",
      .description = "Started by the keeper of a mount.",
      .operands = {},
      .options = {{.name = "fuse-fd",
                   .help = "connection to the kernel",
                   .value = "FD",
                   .need = Option::Need::required},
                  {.name = "state-fd",
                   .help = "state of the mount",
                   .value = "FD",
                   .need = Option::Need::required},
                  {.name = "ready-fd",
                   .help = "where to say that it serves",
                   .value = "FD",
                   .need = Option::Need::required},
                  {.name = "announce-fd",
                   .help = "where to say what the kernel is to forget",
                   .value = "FD",
                   .need = Option::Need::required},
                  {.name = "herald-fd",
                   .help = "where to say what those who watch are to hear",
                   .value = "FD"},
                  {.name = "as", .help = "for whom", .value = "WHO"},
                  {.name = "io-uring", .help = "take requests through io_uring"},
                  {.name = "no-passthrough", .help = "read files in this process"},
                  {.name = "system-log", .help = "messages go to the system log"},
                  {.name = "log", .help = "append messages to FILE", .value = "FILE"}},
      .examples = {},
      .shown = Command::Shown::no,
      .run = run_serve,
  };
}

}  // namespace lensfs
