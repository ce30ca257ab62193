// XMP sidecars that nobody stored (view_sidecar.h) become files when somebody is about to write,
// move or remove one: with the bytes that it showed, so that what is written then is an edit of
// these, and nothing of it is ever lost.
#pragma once

#include "fs/request.h"

namespace lensfs {

// Makes the name a real file, where it is such a sidecar in a project folder. Whether it was.
// denied for who may not write there.
[[nodiscard]] Result<bool> make_sidecar_real(fuse_req_t request, NodeId folder,
                                             std::string_view name);

}  // namespace lensfs
