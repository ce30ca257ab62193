#include "transcode/av/ladder.h"

#include <algorithm>
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "transcode/av/describe.h"
#include "transcode/av/progress.h"
#include "transcode/av/sound_part.h"
#include "transcode/av/starts.h"
#include "transcode/av/video_part.h"
#include "transcode/av/waveform.h"

namespace lensfs::av {
namespace {

// A file on its way.
struct Work {
  Job job;
  std::unique_ptr<Output> output;
  std::optional<std::size_t> rung;
  std::vector<SoundEncoding*> sounds;
};

class Ladder {
 public:
  Ladder(Input& input, const Clip& clip) : input_(input), clip_(clip) {}

  void run(std::span<const Job> jobs, const Progress& progress);

 private:
  [[nodiscard]] Status prepare_video(std::span<const Job> jobs);
  [[nodiscard]] Status prepare(const Job& job);
  [[nodiscard]] Status add_video(Work& work);
  [[nodiscard]] Status add_sounds(Work& work);
  [[nodiscard]] Result<SoundPart*> sound_of(int stream);
  void choose_tracks();
  [[nodiscard]] Status pass_all(Meter& meter);
  [[nodiscard]] Status pass(const AVPacket& packet);
  [[nodiscard]] Status finish_parts();
  [[nodiscard]] bool all_failed() const;
  [[nodiscard]] Result<Made> answer(Work& work);
  [[nodiscard]] Result<Made> draw(const Job& job);

  Input& input_;
  const Clip& clip_;
  Starts starts_;
  std::optional<VideoPart> video_;
  std::optional<Error> video_error_;
  std::list<SoundPart> sounds_;
  std::list<Work> works_;
  std::vector<Job> waveforms_;
};

void Ladder::run(std::span<const Job> jobs, const Progress& progress) {
  starts_ = starts_of(input_, clip_, std::nullopt);
  if (auto prepared = prepare_video(jobs); !prepared) video_error_ = prepared.error();
  for (const Job& job : jobs) {
    if (auto prepared = prepare(job); !prepared) *job.answer = fail(prepared.error());
  }
  if (works_.empty() && waveforms_.empty()) return;
  choose_tracks();
  for (Work& work : works_) work.output->start();
  Meter meter(progress);
  const Status passed = pass_all(meter);
  for (Work& work : works_) {
    if (!passed) work.output->fail_with(passed.error());
    *work.job.answer = answer(work);
  }
  for (const Job& job : waveforms_) {
    *job.answer = passed ? draw(job) : Result<Made>(fail(passed.error()));
  }
}

Status Ladder::prepare_video(std::span<const Job> jobs) {
  const bool wanted = std::any_of(jobs.begin(), jobs.end(), [](const Job& job) {
    return job.order->recipe.form == Recipe::Form::video;
  });
  if (!wanted) return {};
  if (clip_.video < 0) return fail(Errc::not_supported, "there is no video in it");
  LENSFS_TRY(const Glimpse seen, glimpse(input_, clip_.video));
  starts_ = starts_of(input_, clip_, seen.first_time);
  LENSFS_TRY(VideoPart part, VideoPart::make(input_, clip_.video, seen, clip_.rate.kind));
  video_.emplace(std::move(part));
  return {};
}

Status Ladder::prepare(const Job& job) {
  const Recipe& recipe = job.order->recipe;
  const bool is_video = recipe.form == Recipe::Form::video;
  if (is_video && video_error_) return fail(*video_error_);
  if (!is_video && clip_.sounds.empty()) {
    return fail(Errc::not_supported, "there is no sound in it");
  }
  if (recipe.form == Recipe::Form::waveform) {
    LENSFS_TRY(SoundPart* const sound, sound_of(clip_.sounds.front()));
    sound->peaks();
    waveforms_.push_back(job);
    return {};
  }
  const auto container =
      container_of(recipe.format == "auto" ? (is_video ? "mov" : "m4a") : recipe.format);
  if (!container) return fail(Error(Errc::invalid, "no such format").with(recipe.format));
  LENSFS_TRY(auto output, Output::open(job.order->output, *container));
  works_.push_back(Work{.job = job, .output = std::move(output), .rung = {}, .sounds = {}});
  Work& work = works_.back();
  Status added = is_video ? add_video(work) : Status();
  if (added) added = add_sounds(work);
  if (added) {
    const AVRational rate = clip_.rate.rate;
    const Start start = start_for(starts_, *container, rate);
    describe(work.output->format(), *container, input_.format(), clip_,
             is_video ? Subject::video : Subject::sound,
             static_cast<double>(start.slots) / av_q2d(rate));
  } else {
    // What was made for it stays in the parts and feeds nothing but this output, which failed.
    work.output->fail_with(added.error());
  }
  return {};
}

Status Ladder::add_video(Work& work) {
  const Recipe& recipe = work.job.order->recipe;
  const Container container = work.output->container();
  const VideoSettings settings{
      .container = container,
      .size = fit(video_->look().shown(), {recipe.width, recipe.height}, Sides::even),
      .rate = container == Container::mxf ? mxf_rate(clip_.rate.rate) : clip_.rate.rate,
      .tags = tags_after(video_->look().colour),
      .quality = recipe.quality};
  LENSFS_TRY(work.rung,
             video_->rung_for(settings, start_for(starts_, container, settings.rate).slots));
  return video_->rung(*work.rung).feed(*work.output).map([](int) {});
}

Status Ladder::add_sounds(Work& work) {
  const Recipe& recipe = work.job.order->recipe;
  const bool is_video = recipe.form == Recipe::Form::video;
  const std::size_t count = is_video ? clip_.sounds.size() : 1;
  const Start start = start_for(starts_, work.output->container(), clip_.rate.rate);
  for (std::size_t index = 0; index < count; ++index) {
    auto sound = sound_of(clip_.sounds[index]);
    if (!sound && is_video) continue;  // a broken track does not cost the pictures
    if (!sound) return fail(sound.error());
    LENSFS_TRY(
        SoundEncoding* const encoding,
        (*sound)->encoding_for(
            {.container = work.output->container(), .kbit_per_pair = is_video ? 0 : recipe.quality},
            {.zero_us = start.zero_us, .seconds = seconds_of(input_, clip_)}));
    LENSFS_TRY(const int track, encoding->feed(*work.output));
    describe_sound(work.output->stream(track), input_.stream(clip_.sounds[index]));
    work.sounds.push_back(encoding);
  }
  return {};
}

Result<SoundPart*> Ladder::sound_of(int stream) {
  for (SoundPart& sound : sounds_) {
    if (sound.stream() == stream) return &sound;
  }
  LENSFS_TRY(SoundPart part, SoundPart::make(input_, stream));
  sounds_.push_back(std::move(part));
  return &sounds_.back();
}

void Ladder::choose_tracks() {
  std::vector<int> tracks;
  if (video_) tracks.push_back(clip_.video);
  for (const SoundPart& sound : sounds_) tracks.push_back(sound.stream());
  input_.choose(tracks);
}

Status Ladder::pass_all(Meter& meter) {
  while (!all_failed()) {
    LENSFS_TRY(const Packet packet, input_.read());
    if (!packet) break;
    LENSFS_CHECK(pass(*packet));
    meter.show(input_.share());
  }
  return finish_parts();
}

Status Ladder::pass(const AVPacket& packet) {
  if (video_ && packet.stream_index == clip_.video) return video_->take(&packet);
  for (SoundPart& sound : sounds_) {
    if (sound.stream() == packet.stream_index) return sound.take(&packet);
  }
  return {};
}

Status Ladder::finish_parts() {
  if (video_) LENSFS_CHECK(video_->take(nullptr));
  for (SoundPart& sound : sounds_) LENSFS_CHECK(sound.take(nullptr));
  for (SoundPart& sound : sounds_) {
    LENSFS_CHECK(sound.finish([&](const SoundEncoding& encoding) -> std::optional<std::int64_t> {
      if (encoding.settings().container != Container::mxf) return std::nullopt;
      for (const Work& work : works_) {
        const bool feeds =
            std::find(work.sounds.begin(), work.sounds.end(), &encoding) != work.sounds.end();
        if (feeds && work.rung) return video_->rung(*work.rung).end_ns();
      }
      return std::nullopt;
    }));
  }
  return {};
}

bool Ladder::all_failed() const {
  return waveforms_.empty() && std::all_of(works_.begin(), works_.end(),
                                           [](const Work& work) { return work.output->failed(); });
}

Result<Made> Ladder::answer(Work& work) {
  LENSFS_CHECK(work.output->finish());
  Made made{.extension = extension_of(work.output->container())};
  for (const SoundEncoding* sound : work.sounds) {
    made.duration_ns = std::max(made.duration_ns, sound->duration_ns());
  }
  if (work.rung) {
    const Rung& rung = video_->rung(*work.rung);
    made.width = rung.settings().size.width;
    made.height = rung.settings().size.height;
    made.frames = rung.frames();
    made.duration_ns = std::max(made.duration_ns, rung.end_ns());
  } else {
    LENSFS_TRY(const SoundPart* const sound, sound_of(clip_.sounds.front()));
    LENSFS_CHECK(sound->verdict());
  }
  return made;
}

Result<Made> Ladder::draw(const Job& job) {
  LENSFS_TRY(SoundPart* const sound, sound_of(clip_.sounds.front()));
  LENSFS_CHECK(sound->verdict());
  return write_waveform(sound->peaks(), *job.order);
}

}  // namespace

void make_ladder(Input& input, const Clip& clip, std::span<const Job> jobs,
                 const Progress& progress) {
  Ladder(input, clip).run(jobs, progress);
}

}  // namespace lensfs::av
