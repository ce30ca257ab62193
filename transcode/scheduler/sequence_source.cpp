#include "transcode/scheduler/sequence_source.h"

#include <algorithm>
#include <charconv>

namespace lensfs {
Result<SequenceSource> SequenceSource::open(const Store& store, const MediaSource& manifest) {
  LENSFS_TRY(std::vector<NewFrame> frames, read_manifest(manifest.fd));
  return SequenceSource(store, manifest, std::move(frames));
}

Result<SourceFrame> SequenceSource::frame(std::size_t index) const {
  const NewFrame& wanted = frames_[index];
  LENSFS_TRY(Fd file, store_->open_object(wanted.object));
  return SourceFrame{.file = std::move(file),
                     .size = static_cast<std::int64_t>(wanted.object.size),
                     .slot = number(wanted.number) - number(frames_.front().number)};
}

Result<std::size_t> SequenceSource::frame_for(const Recipe& still) const {
  if (still.at.empty()) return frames_.size() / 2;
  if (still.at.front() != 'f') return fail(Errc::not_supported, "name a frame of it: f12");
  std::size_t index = 0;
  std::from_chars(still.at.data() + 1, still.at.data() + still.at.size(), index);
  if (index < frames_.size()) return index;
  return fail(
      Error(Errc::not_supported, "so many frames it has not").with(std::to_string(frames_.size())));
}

Answers SequenceSource::run_still(Engines& engines, const Order& order, const Progress& progress,
                                  const std::stop_token& stop) const {
  const auto index = frame_for(order.recipe);
  if (!index) return {fail(index.error())};
  const auto shown = frame(*index);
  if (!shown) return {fail(shown.error())};
  Order of_frame = order;
  of_frame.recipe.at.clear();
  const MediaSource media{
      .fd = shown->file.get(), .size = shown->size, .extension = manifest_.extension};
  return engines.run(media, std::span(&of_frame, 1), Engine::stills, progress, stop);
}

Answers SequenceSource::run(Engines& engines, std::span<const Order> orders, Engine engine,
                            const Progress& progress, const std::stop_token& stop) const {
  if (engine == Engine::stills) {
    Answers answers;
    for (const Order& order : orders) {
      for (auto& answer : run_still(engines, order, progress, stop)) {
        answers.push_back(std::move(answer));
      }
    }
    return answers;
  }
  MediaSource media = manifest_;
  media.frames = frames_.size();
  media.frame = [this](std::size_t index) { return frame(index); };
  return engines.run(media, orders, engine, progress, stop);
}

}  // namespace lensfs
