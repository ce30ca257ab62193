#include "transcode/image/prepare.h"

#include <vips/vips.h>

#include <cstdlib>
#include <mutex>

#include "transcode/engine.h"

namespace lensfs {
namespace {

void ignore_message(const char* /*domain*/, GLogLevelFlags /*level*/, const char* /*text*/,
                    void* /*unused*/) {}

void start_vips_once() {
  // Read by ImageMagick and OpenMP when they are loaded, which vips_init does.
  setenv("OMP_NUM_THREADS", "1", 0);
  setenv("MAGICK_THREAD_LIMIT", "1", 0);
  setenv("MAGICK_MEMORY_LIMIT", "768MiB", 0);
  setenv("MAGICK_MAP_LIMIT", "768MiB", 0);
  setenv("MAGICK_DISK_LIMIT", "0", 0);
  if (vips_init("lensfs") != 0) return;
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  // A damaged source makes many warnings; what matters comes back as an error.
  g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING, ignore_message, nullptr);
}

}  // namespace

void start_vips() {
  static std::once_flag once;
  std::call_once(once, start_vips_once);
}

void prepare_stills() {
  start_vips();
}

}  // namespace lensfs
