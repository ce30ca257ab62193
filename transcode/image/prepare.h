// Prepare: libraries loaded and limited, once per process; see prepare_stills (engine.h).
#pragma once

namespace lensfs {

// Sets up libvips for one thread, no cache and nothing on disk. Called by everything that decodes;
// only the first call does anything.
void start_vips();

}  // namespace lensfs
