#include "transcode/av/render.h"

#include <array>

#include "transcode/av/graph.h"

namespace lensfs::av {

Result<Frame> render(Input& input, int stream, const Moment& moment, Size box) {
  const AVFrame& frame = *moment.frame;
  const Look look = look_of(input, stream, frame);
  const bool interlaced = look.fields == Look::Fields::interlaced;
  const Size size = fit(look.shown(), box, Sides::any);
  std::string filters = "[in]";
  if (interlaced) filters.append(kDeinterlace).append(",");
  filters += filters_for_still(look.colour, look.alpha, look.before_turn(size));
  filters += filters_of(look.turn) + "[out0]";
  LENSFS_TRY(Graph graph, Graph::make(filters, frame, AVRational{1, 1000}, 1));
  int skipped = 0;
  int time = 0;
  for (AVFrame* one : {moment.before.get(), moment.frame.get(), moment.after.get()}) {
    const bool beside = one != moment.frame.get();
    if (one == nullptr || (beside && (!interlaced || !graph.takes(*one)))) continue;
    if (one == moment.before.get()) skipped = 1;
    one->pts = ++time;
    LENSFS_CHECK(graph.push(one));
  }
  LENSFS_CHECK(graph.push(nullptr));
  return graph.pull_one(skipped);
}

}  // namespace lensfs::av
