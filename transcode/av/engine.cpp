#include "transcode/engine.h"

#include <iconv.h>

extern "C" {
#include <libavutil/cpu.h>
}

#include <algorithm>
#include <ctime>
#include <vector>

#include "transcode/av/edit/make_edit.h"
#include "transcode/av/filmstrip.h"
#include "transcode/av/ladder.h"
#include "transcode/av/limits.h"
#include "transcode/av/sequence.h"
#include "transcode/av/still.h"
#include "transcode/av/words.h"

namespace lensfs {
namespace {

bool is_for_the_ladder(const Order& order) {
  switch (order.recipe.form) {
    case Recipe::Form::video:
    case Recipe::Form::audio:
    case Recipe::Form::waveform:
      return true;
    case Recipe::Form::still:
    case Recipe::Form::filmstrip:
    case Recipe::Form::edit:
    case Recipe::Form::facts:
      break;
  }
  return false;
}

// What takes a pass over the source for itself.
Result<Made> make_alone(const MediaSource& source, const Order& order, const Progress& progress) {
  if (order.recipe.form == Recipe::Form::still) return av::make_still(source, order);
  if (order.recipe.form == Recipe::Form::edit) return av::make_edit(source, order, progress);
  return av::make_filmstrip(source, order, progress);
}

Result<Made> make_of_frames(const MediaSource& source, const Order& order,
                            const Progress& progress) {
  if (order.recipe.form == Recipe::Form::filmstrip) {
    return av::make_sequence_filmstrip(source, order, progress);
  }
  if (order.recipe.form == Recipe::Form::still) {
    return fail(Errc::not_supported, "a still is made of one of its frames");
  }
  return fail(Errc::not_supported, "no such rendition is made of a sequence");
}

void climb(const MediaSource& source, std::span<const av::Job> jobs, const Progress& progress) {
  if (source.frames != 0) return av::make_sequence_ladder(source, jobs, progress);
  auto input = av::Input::open(source);
  if (!input) {
    for (const av::Job& job : jobs) *job.answer = fail(input.error());
    return;
  }
  const auto clip = av::clip_of(**input);
  if (!clip) {
    for (const av::Job& job : jobs) *job.answer = fail(clip.error());
    return;
  }
  av::make_ladder(**input, *clip, jobs, progress);
}

}  // namespace

void prepare_timed() {
  av::listen_to_libraries();
  // What libraries would open files for later: the time zone (dates in containers), the table of a
  // character set (names of programmes in transport streams).
  tzset();
  const iconv_t text = iconv_open("UTF-8", "ISO6937");
  if (text != reinterpret_cast<iconv_t>(-1)) iconv_close(text);
  av_max_alloc(av::kMostAtOnce);
  av_cpu_count();
}

Answers make_timed(const MediaSource& source, std::span<const Order> orders,
                   const Progress& progress) {
  prepare_timed();
  Answers answers(orders.size(), fail(Errc::interrupted, "not made"));
  std::vector<av::Job> jobs;
  double done = 0;
  const double share = 1.0 / static_cast<double>(std::max<std::size_t>(1, orders.size()));
  for (std::size_t index = 0; index < orders.size(); ++index) {
    const Order& order = orders[index];
    const bool is_silent = source.frames != 0 && order.recipe.form != Recipe::Form::video;
    if (is_for_the_ladder(order) && is_silent) {
      answers[index] = fail(Errc::not_supported, "there is no sound in it");
      continue;
    }
    if (is_for_the_ladder(order)) {
      jobs.push_back({&order, &answers[index]});
      continue;
    }
    const double from = done;
    done += share;
    const Progress part = [&progress, from, share](double inner) {
      if (progress) progress(from + inner * share);
    };
    answers[index] =
        source.frames != 0 ? make_of_frames(source, order, part) : make_alone(source, order, part);
  }
  if (jobs.empty()) return answers;
  climb(source, jobs, [&progress, done](double inner) {
    if (progress) progress(done + inner * (1 - done));
  });
  return answers;
}

}  // namespace lensfs
