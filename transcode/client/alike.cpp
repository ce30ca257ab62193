#include "transcode/client/alike.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace lensfs {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;
constexpr std::int64_t kSoundFrame = 40'000'000;  // ns; codecs pad their last block

std::string seconds(std::int64_t ns) {
  return fmt::format("{:.3f} s", static_cast<double>(ns) / kNanosecondsPerSecond);
}

std::string rate_of(const MediaFacts& facts) {
  const double rate =
      static_cast<double>(facts.rate_numerator) / static_cast<double>(facts.rate_denominator);
  return fmt::format("{:.6g} frames per second", rate);
}

std::string length_of(const MediaFacts& facts) {
  return fmt::format("{} ({} frames)", seconds(facts.picture_ns), facts.frames);
}

// "2 tracks of sound (2 + 1 channels)"
std::string sound_of(const std::vector<int>& channels) {
  if (channels.empty()) return "no sound";
  std::string each;
  for (const int count : channels) each += (each.empty() ? "" : " + ") + std::to_string(count);
  const bool one = channels.size() == 1;
  return fmt::format("{} track{} of sound ({} channel{})", channels.size(), one ? "" : "s", each,
                     one && channels.front() == 1 ? "" : "s");
}

Status differs(const char* what, const std::string& source, const std::string& brought) {
  return fail(Error(Errc::invalid, "lensfs rendition attach --force takes it all the same")
                  .with(fmt::format("{}: it has {}, its source {}", what, brought, source)));
}

Status check_sound_alone(const MediaFacts& source, const MediaFacts& brought) {
  if (brought.channels.empty()) return fail(Errc::invalid, "there is no sound in it");
  if (std::abs(source.sound_ns - brought.sound_ns) > kSoundFrame) {
    return differs("another length", seconds(source.sound_ns), seconds(brought.sound_ns));
  }
  auto first = source.channels;
  first.resize(std::min<std::size_t>(first.size(), 1));
  if (first == brought.channels) return {};
  return differs("other channels", sound_of(first), sound_of(brought.channels));
}

}  // namespace

bool takes_time(const Recipe& recipe) {
  return recipe.form == Recipe::Form::video || recipe.form == Recipe::Form::audio;
}

Status check_alike(const Recipe& recipe, const MediaFacts& source, const MediaFacts& brought) {
  if (recipe.form == Recipe::Form::audio) return check_sound_alone(source, brought);
  if (brought.frames == 0) return fail(Errc::invalid, "there is no moving picture in it");
  if (source.rate_numerator * brought.rate_denominator !=
      brought.rate_numerator * source.rate_denominator) {
    return differs("another frame rate", rate_of(source), rate_of(brought));
  }
  if (std::abs(source.frames - brought.frames) > 1) {
    return differs("another length", length_of(source), length_of(brought));
  }
  if (source.channels == brought.channels) return {};
  return differs("other sound", sound_of(source.channels), sound_of(brought.channels));
}

}  // namespace lensfs
