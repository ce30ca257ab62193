// lensfs-transcode: decodes what people put in, apart from everything else.
#include "transcode/engine_service.h"

namespace {

void prepare() {
  lensfs::prepare_stills();
  lensfs::prepare_timed();
  lensfs::prepare_facts();
}

}  // namespace

int main(int count, char** words) {
  return lensfs::run_engine_program(
      std::span<const char* const>(words, static_cast<std::size_t>(count)).subspan(1),
      {.prepare = prepare,
       .make_stills = lensfs::make_stills,
       .make_timed = lensfs::make_timed,
       .make_facts = lensfs::make_facts,
       .probe_timed = lensfs::probe_timed,
       .outline_timed = lensfs::outline_timed,
       .open_slots = lensfs::open_slots,
       .build = lensfs::engine_build});
}
