// Engines make renditions: bytes out of bytes. They run in a sandboxed process that has nothing but
// the descriptors it was given: an engine opens no path, starts no program and keeps nothing
// between orders. All that a source claims about itself is to be doubted.
//
// One call makes all renditions of one source that are wanted, so that it is decoded once.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "catalog/base/fd.h"
#include "catalog/base/result.h"
#include "catalog/model/recipe.h"

namespace lensfs {

// One frame of a sequence. The descriptor is as that of a source; its bytes hold until the next
// frame is asked for.
struct SourceFrame {
  Fd file;
  std::int64_t size = 0;
  std::int64_t slot = 0;  // by how many frames it comes after the first
};

// The bytes to work from. The descriptor is open for reading, regular and seekable; it is the
// caller's. Its file offset may be moved: use pread or seek first.
struct MediaSource {
  int fd = -1;
  std::int64_t size = 0;
  std::string extension;  // of the asset's name, lower case, without a dot: a hint, no more
  // Of a sequence, whose bytes above are a manifest of no use to an engine: how many frames there
  // are, and the way to one, from 0. An error of one frame says nothing of the others.
  std::size_t frames = 0;
  std::function<Result<SourceFrame>(std::size_t)> frame{};
};

// One rendition that is wanted. `output` is an empty file, open for reading and writing and
// seekable; the caller's.
struct Order {
  Recipe recipe;
  int output = -1;
};

// What was made.
struct Made {
  std::string extension;  // that the rendition's format has: "jpg", "png", "mov"; no dot
  int width = 0;          // pixels, as shown; 0: not a picture
  int height = 0;
  std::int64_t frames = 0;       // of a video
  std::int64_t duration_ns = 0;  // of what takes time
};

// What a source that takes time says of itself; of its pictures only the first one was decoded.
struct MediaFacts {
  int width = 0;  // pixels, as shown; 0: no moving picture
  int height = 0;
  // Pictures per second, as av/rate.h takes them; 0/1: no moving picture.
  std::int64_t rate_numerator = 0;
  std::int64_t rate_denominator = 1;
  std::int64_t frames = 0;      // at that rate
  std::int64_t picture_ns = 0;  // how long the moving picture is
  std::int64_t sound_ns = 0;    // how long the first track of sound is
  std::vector<int> channels{};  // of each track of sound
};

// Says how far it got, 0 … 1 over all orders together; called at most a few times a second.
using Progress = std::function<void(double)>;

// The answer for each order, in their order. Errors are for people: not_supported says why this
// source has no such rendition ("no picture in it", "needs a font that is not there"); corrupt says
// what the decoder said of a damaged source; too_big that it passes a limit. An output whose order
// failed may hold anything.
using Answers = std::vector<Result<Made>>;

// Which of those below.
enum class Engine : std::uint8_t { stills, timed, facts };

// transcode/image: pictures, pages and designs. Takes orders of form still.
[[nodiscard]] Answers make_stills(const MediaSource& source, std::span<const Order> orders,
                                  const Progress& progress);
// Loads what every picture needs (libraries, modules, tables), so that the processes that are
// forked for each request have it. The only part that may open files. Leaves no thread behind.
void prepare_stills();
// transcode/av: what takes time. Takes orders of every form.
[[nodiscard]] Answers make_timed(const MediaSource& source, std::span<const Order> orders,
                                 const Progress& progress);
void prepare_timed();  // as prepare_stills
// transcode/facts: what a file says of itself, as JSON (facts.h). Takes the order facts. What says
// nothing, or is of no format that is known, has none, which is no error.
[[nodiscard]] Answers make_facts(const MediaSource& source, std::span<const Order> orders,
                                 const Progress& progress);
void prepare_facts();  // as prepare_stills
// What the source is, for any that make_timed() takes. May have to read all of it, where the format
// does not say how long its tracks are.
[[nodiscard]] Result<MediaFacts> probe_timed(const MediaSource& source, const Progress& progress);

}  // namespace lensfs
