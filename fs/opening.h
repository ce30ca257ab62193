// What opening a file and making one have in common: handing its bytes to the kernel.
#pragma once

#include "fs/request.h"

namespace lensfs {

// What a handle (fuse_file_info::fh) says, to this worker and to the ones after it.
inline constexpr std::uint64_t kServedHere = 0;  // reads come to this process, nothing is counted
inline constexpr std::uint64_t kCounted = 1;     // OpenFiles knows of it
inline constexpr std::uint64_t kWrites = 2;      // it may write

// Registers the file's bytes with the kernel, counts the handle, and fills in what the kernel is
// told. busy as OpenFiles::open; changed if the file has to be set apart first.
struct Handout {
  NodeId at{};
  Access access = Access::read;
  OpenFiles::Opening::Through through = OpenFiles::Opening::Through::kernel;
  enum class Sharing { no, yes } sharing = Sharing::no;  // no: rather changed than shared
  const Fd* draft = nullptr;  // its bytes, where the caller has just made them
};
[[nodiscard]] Status hand_out(Mount& mount, fuse_req_t request, const Handout& handout,
                              fuse_file_info& file);

// Set-id bits do not outlive a write by somebody else than root. The kernel writes by itself, so
// they go when it is given the file.
[[nodiscard]] Status take_set_id(Mount& mount, fuse_req_t request, NodeId at);

// Notes that the request's caller opened it, now that it is settled how; before the answer.
void note_use(Mount& mount, fuse_req_t request, NodeId at, UseAct act, fuse_file_info& file);

// Marks an open or release as counted until its reply is out, for the worker after this one.
class Pending {
 public:
  Pending(Mount& mount, const CurrentRequest& current)
      : slot_(mount.state->pending[current.thread].unique) {
    slot_.store(current.unique);
  }
  ~Pending() { slot_.store(0); }
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;

 private:
  std::atomic<std::uint64_t>& slot_;
};

// Whether an earlier worker counted this very request; asked once.
[[nodiscard]] bool was_counted(Mount& mount, const CurrentRequest& current);

// Makes another thread the one that carries out a request, for as long as it lives.
class WithRequest {
 public:
  explicit WithRequest(const CurrentRequest& current) : before_(current_request()) {
    current_request() = current;
  }
  ~WithRequest() { current_request() = before_; }
  WithRequest(const WithRequest&) = delete;
  WithRequest& operator=(const WithRequest&) = delete;

 private:
  CurrentRequest before_;
};

}  // namespace lensfs
