// From a Result to exactly one fuse_reply_*. The only place where errors become errno values.
#pragma once

#include "catalog/base/result.h"
#include "fs/fuse.h"
#include "fs/view.h"

namespace lensfs {

[[nodiscard]] int errno_of(Errc code);

// How long the kernel keeps what it need not ask about again: it is told when that changes.
inline constexpr double kUntilTold = 30.0 * 24 * 3600;  // seconds

[[nodiscard]] struct stat stat_of(const Attributes& attributes);
[[nodiscard]] fuse_entry_param entry_of(NodeId node, const Attributes& attributes, Keep keep);

void reply_error(fuse_req_t request, const Error& error);
void reply_status(fuse_req_t request, const Status& status);
void reply_entry(fuse_req_t request, const Found& found);
// "No such name", which the kernel may remember.
void reply_no_entry(fuse_req_t request, Keep keep);
void reply_attributes(fuse_req_t request, const Result<Attributes>& attributes, Keep keep);

}  // namespace lensfs
