// SequenceSource: the frames of a sequence, from its manifest, for the engines.
#pragma once

#include <span>
#include <vector>

#include "catalog/model/sequence.h"
#include "transcode/client/engines.h"

namespace lensfs {

class SequenceSource {
 public:
  // Reads the manifest. corrupt if it is none.
  [[nodiscard]] static Result<SequenceSource> open(const Store& store, const MediaSource& manifest);

  // As Engines::run. A still is one of a frame: the one in the middle, or that which the recipe
  // names, counted from 0.
  [[nodiscard]] Answers run(Engines& engines, std::span<const Order> orders, Engine engine,
                            const Progress& progress, const std::stop_token& stop) const;

 private:
  SequenceSource(const Store& store, const MediaSource& manifest, std::vector<NewFrame> frames)
      : store_(&store), manifest_(manifest), frames_(std::move(frames)) {}
  [[nodiscard]] Result<SourceFrame> frame(std::size_t index) const;
  [[nodiscard]] Result<std::size_t> frame_for(const Recipe& still) const;
  [[nodiscard]] Answers run_still(Engines& engines, const Order& order, const Progress& progress,
                                  const std::stop_token& stop) const;

  const Store* store_;
  MediaSource manifest_;
  std::vector<NewFrame> frames_;
};

}  // namespace lensfs
