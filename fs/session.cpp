#include "fs/session.h"

#include <fmt/format.h>
#include <linux/fuse.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "catalog/base/log.h"
#include "catalog/model/file.h"
#include "catalog/model/ingest.h"
#include "fs/announcer.h"
#include "fs/clips.h"
#include "fs/fuse.h"
#include "fs/herald.h"
#include "fs/mount.h"
#include "fs/ops.h"
#include "fs/recovery.h"
#include "fs/request.h"

namespace lensfs {

namespace {

// Since protocol 7.40; not in older headers.
constexpr std::uint64_t kResendBit = std::uint64_t{1} << 63;
constexpr std::int32_t kNotifyResend = 7;
// FUSE_DEV_IOC_BACKING_CLOSE
constexpr unsigned long kBackingClose = _IOW(229, 2, std::uint32_t);

struct SessionDeleter {
  void operator()(fuse_session* session) const { fuse_session_destroy(session); }
};
using Session = std::unique_ptr<fuse_session, SessionDeleter>;

bool want(fuse_conn_info* conn, std::uint64_t flag) {
  return fuse_set_feature_flag(conn, flag);
}

// Backing files on overlayfs are one file system further down than the kernel allows by default.
std::uint32_t stack_depth_of(const Catalog& catalog) {
  struct statfs info {};
  if (::statfs(catalog.path().c_str(), &info) != 0) return 0;
  return info.f_type == OVERLAYFS_SUPER_MAGIC ? 1 : 0;
}

void settle_passthrough(fuse_conn_info* conn, Mount& mount) {
  std::string why;
  if (!mount.options.passthrough) {
    why = "off: switched off by an option";
  } else if (::geteuid() != 0) {
    why = "off: needs CAP_SYS_ADMIN; mount as root";
  } else if (!want(conn, FUSE_CAP_PASSTHROUGH)) {
    why = "off: the kernel has none; 6.9 or later is needed";
  } else {
    conn->max_backing_stack_depth = stack_depth_of(mount.catalog);
    mount.passthrough = true;
    why = "on";
  }
  put_text(mount.state->passthrough, why);
}

void settle_ring(fuse_conn_info* conn, Mount& mount) {
#ifdef FUSE_CAP_OVER_IO_URING
  const char* ring = "off: not asked for; mount with -o io_uring";
  if (mount.options.io_uring) {
    ring = want(conn, FUSE_CAP_OVER_IO_URING)
               ? "on"
               : "off: the kernel does not offer it; 6.14 or later with fuse.enable_uring=1";
  }
#else
  static_cast<void>(conn);
  const char* ring = "off: this libfuse has none";
#endif
  put_text(mount.state->io_uring, ring);
}

void on_init(void* userdata, fuse_conn_info* conn) {
  Mount& mount = *static_cast<Mount*>(userdata);
  settle_passthrough(conn, mount);
  settle_ring(conn, mount);
  for (const std::uint64_t flag :
       {std::uint64_t{FUSE_CAP_READDIRPLUS}, std::uint64_t{FUSE_CAP_READDIRPLUS_AUTO},
        std::uint64_t{FUSE_CAP_PARALLEL_DIROPS}, std::uint64_t{FUSE_CAP_ASYNC_READ},
        std::uint64_t{FUSE_CAP_EXPORT_SUPPORT}, std::uint64_t{FUSE_CAP_ATOMIC_O_TRUNC},
        std::uint64_t{FUSE_CAP_NO_OPENDIR_SUPPORT}}) {
    static_cast<void>(want(conn, flag));
  }
  // Without it every write through passthrough would cost a request for security.capability.
  static_cast<void>(want(conn, FUSE_CAP_HANDLE_KILLPRIV_V2));
  fuse_unset_feature_flag(conn, FUSE_CAP_SPLICE_READ);  // headers are looked at in memory
}

// The kernel's first request. A later worker answers it again from memory, so that libfuse knows
// what was settled; the kernel ignores that answer.
Status settle_init(fuse_session* session, MountState& state) {
  fuse_buf buffer{};
  const std::uint32_t saved = state->init_bytes.load();
  if (saved != 0) {
    buffer.mem = state->init;
    buffer.size = saved;
    fuse_session_process_buf(session, &buffer);
    return {};
  }
  int received = 0;
  do {
    received = fuse_session_receive_buf(session, &buffer);
  } while (received == -EINTR);
  if (received <= 0) return fail(error_from_errno(-received, "take over the mount"));
  if (buffer.size <= sizeof state->init) {
    std::memcpy(state->init, buffer.mem, buffer.size);
    state->init_bytes.store(static_cast<std::uint32_t>(buffer.size));
  }
  fuse_session_process_buf(session, &buffer);
  std::free(buffer.mem);  // NOLINT: allocated by libfuse with malloc
  return {};
}

// Asks the kernel to deliver again what an earlier worker took and did not answer.
void ask_for_unanswered(int fuse_fd) {
  fuse_out_header header{};
  header.len = sizeof header;
  header.error = kNotifyResend;
  if (::write(fuse_fd, &header, sizeof header) < 0) {
    log::warn("the kernel cannot resend requests: {}", std::strerror(errno));
  }
}

void serve_requests(fuse_session* session, std::size_t thread) {
  fuse_buf buffer{};
  CurrentRequest& current = current_request();
  current.thread = thread;
  while (fuse_session_exited(session) == 0) {
    const int received = fuse_session_receive_buf(session, &buffer);
    if (received == -EINTR || received == -EAGAIN) continue;
    if (received <= 0) break;  // unmounted
    const auto* header = static_cast<const fuse_in_header*>(buffer.mem);
    current.resent = (header->unique & kResendBit) != 0;
    current.unique = header->unique & ~kResendBit;
    fuse_session_process_buf(session, &buffer);
    current.unique = 0;
  }
  std::free(buffer.mem);  // NOLINT: allocated by libfuse with malloc
  fuse_session_exit(session);
}

Result<Session> make_session(Mount& mount, const SessionOptions& options) {
  fuse_lowlevel_ops ops = operations();
  ops.init = on_init;
  std::vector<const char*> words = {"lensfs"};
  if (options.io_uring) words.insert(words.end(), {"-o", "io_uring"});
  fuse_args args = FUSE_ARGS_INIT(0, nullptr);
  for (const char* word : words) fuse_opt_add_arg(&args, word);
  Session session(fuse_session_new(&args, &ops, sizeof ops, &mount));
  fuse_opt_free_args(&args);
  if (!session) return fail(Errc::io, "libfuse could not make a session");
  const std::string at = fmt::format("/dev/fd/{}", options.fuse_fd);
  if (fuse_session_mount(session.get(), at.c_str()) != 0) {
    return fail(Errc::io, "libfuse could not take over the mount");
  }
  return session;
}

// The notes that resent requests are answered from need not outlive their mount.
void forget_notes(Catalog& catalog, const MountState& state) {
  const std::string mount = state->mount_id;
  const Status gone = catalog.write([&](Transaction& txn) { return forget_requests(txn, mount); });
  if (!gone) log::warn("request notes stay: {}", gone.error().message());
}

// A new mount follows the log from its end: the kernel knows nothing yet.
Status begin_following(Catalog& catalog, MountState& state) {
  LENSFS_TRY(const auto db, catalog.read());
  LENSFS_TRY(const ChangeId last, last_change(*db));
  state->followed.store(number(last));
  return {};
}

void unregister_backing(int fuse_fd, std::int32_t backing_id) {
  auto id = static_cast<std::uint32_t>(backing_id);
  if (::ioctl(fuse_fd, kBackingClose, &id) != 0) {
    log::warn("a backing file stays registered: {}", std::strerror(errno));
  }
}

// One thread per core at the least, so that a slow request does not hold up the others.
void run_threads(fuse_session* session, unsigned wanted) {
  const unsigned count = std::min<unsigned>(
      wanted != 0 ? wanted : std::max(4U, std::thread::hardware_concurrency()), kMostThreads);
  std::vector<std::jthread> threads;
  for (unsigned thread = 1; thread < count; ++thread) {
    threads.emplace_back([session, thread] { serve_requests(session, thread); });
  }
  serve_requests(session, 0);
}

// Takes up what was being written before, and makes room for what comes. A library that cannot be
// written is served all the same.
void begin_writing(Mount& mount) {
  if (const Status taken = NewFiles::take_up(mount.catalog, mount.state->mount_id); !taken) {
    log::error("new files cannot be taken up: {}", taken.error().message());
  }
  const auto recovered =
      recover_drafts(mount.catalog, mount.state->mount_id, mount.open_files, mount.saver);
  if (!recovered) log::error("drafts cannot be recovered: {}", recovered.error().message());
  const auto nameless = [&]() -> Status {
    LENSFS_TRY(const auto db, mount.catalog.read());
    LENSFS_TRY(const std::vector<Asset> assets, nameless_assets(*db));
    for (const Asset& asset : assets) {
      mount.files.note_nameless(node_of(asset.file));
      LENSFS_TRY(const std::vector<LostFile> lost, lost_files_of(*db, asset.id));
      for (const LostFile& file : lost) mount.files.note_nameless(node_of(file.file));
    }
    return {};
  };
  if (const Status noted = nameless(); !noted) log::error("{}", noted.error().message());
  const auto inbox = mount.catalog.write([&](Transaction& txn) {
    return ensure_project(txn, {},
                          {.name = std::string(kInboxName),
                           .uid = mount.tree.context().uid,
                           .gid = mount.tree.context().gid,
                           .mode = 01777});
  });
  if (!inbox) log::warn("there is no inbox: {}", inbox.error().message());
  mount.catalog.keep_room();
  if (mount.passthrough && mount.tree.context().drafts != nullptr) {
    if (const Status begun = mount.new_files.start(); !begun) {
      log::warn("each new file is a transaction: {}", begun.error().message());
    }
  }
  mount.saver.start();
  mount.reclaimer.start();
}

}  // namespace

Status serve(Catalog& catalog, MountState& state, const SessionOptions& options) {
  const bool taking_over = state->init_bytes.load() != 0;
  Tree tree(catalog, state, options.settings);
  if (const Status rooted = tree.root_at(state->lens); !rooted) {
    return fail(rooted.error().with("there is no such profile").with(state->lens));
  }
  tree.access().set_audience(options.audience);
  const std::int64_t origin = origin_of(state->mount_id);
  tree.set_origin(origin);
  OpenFiles open_files(state, [&](std::int32_t id) { unregister_backing(options.fuse_fd, id); });
  Saver saver(tree, open_files);
  WorkingFiles files(tree, open_files, saver, state->mount_id);
  OpenObjects objects(files);
  open_files.on_moved([&](NodeId file) { objects.forget(file); });
  Reclaimer reclaimer(catalog, open_files, state->mount_id);
  NewFiles new_files(tree, open_files, state->mount_id);
  Announcements caches(options.announce_fd);
  Herald herald(tree, options.herald_fd);
  Notifier notifier(tree, state, caches, herald);
  saver.on_saved([&] { notifier.wake(); });
  new_files.on_written([&] { notifier.wake(Notifier::When::soon); });
  notifier.on_gone([&](NodeId file) { reclaimer.gone(file); });
  AwaitedRenditions awaited(catalog, tree.lens().settings());
  BroughtFiles brought(catalog, tree.lens(), [&] { notifier.wake(); });
  Clips clips(catalog, tree.lens().settings());
  SidecarFiles sidecars(tree);
  UseRecorder uses(catalog, options.settings.usage, tree.lens().settings(), state->restarts.load());
  Mount mount{catalog,  state,   tree,  open_files, files,    objects, new_files, saver,  reclaimer,
              notifier, awaited, clips, brought,    sidecars, uses,    origin,    options};
  LENSFS_TRY(const Session session, make_session(mount, options));
  LENSFS_CHECK(settle_init(session.get(), state));
  state->worker_pid.store(::getpid());
  ::signal(SIGIO, SIG_IGN);  // is_open_for_writing
  begin_writing(mount);
  if (!taking_over) LENSFS_CHECK(begin_following(catalog, state));
  LENSFS_CHECK(notifier.start());
  awaited.start();
  brought.start();
  uses.start();
  if (taking_over) ask_for_unanswered(options.fuse_fd);
  if (options.ready_fd >= 0 && ::write(options.ready_fd, "+", 1) < 0) {
    log::warn("nobody waits for the mount");
  }
  log::info("serving mountpoint={} passthrough={} io_uring={} restarts={}", state->mountpoint,
            state->passthrough, state->io_uring, state->restarts.load());
  run_threads(session.get(), options.threads);
  new_files.finish();
  awaited.finish();
  brought.finish();
  clips.finish();
  saver.finish();
  reclaimer.finish();
  uses.finish();
  forget_notes(catalog, state);
  return {};
}

}  // namespace lensfs
