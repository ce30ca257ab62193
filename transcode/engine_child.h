// The decoder: the child that the service forks for one request.
#pragma once

#include <sys/types.h>

#include <vector>

#include "catalog/base/fd.h"
#include "transcode/engine_service.h"
#include "transcode/protocol.h"
#include "transcode/sandbox.h"

namespace lensfs {

// What one request came with.
struct Assignment {
  Request request;
  Fd answers;
  Fd source;
  std::vector<Fd> outputs;
};

// What its parent has for it.
struct ChildPlace {
  const Engines& engines;
  const Sandbox& sandbox;
  pid_t parent = 0;
  int last_words = -1;  // becomes standard error
};

// In the child: keeps the descriptors of the request and no other, enters the sandbox, decodes,
// answers, ends the process.
[[noreturn]] void decode_and_end(const ChildPlace& place, const Assignment& assignment);

}  // namespace lensfs
