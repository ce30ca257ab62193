// Outlines: renditions that are known to the byte before they are made. All frames of an edit
// recipe have one size, and so has PCM: the file's size, its container's header and index, and
// where each frame lies are computed at once, and what lies there is rendered when it is read.
//
// Such a file consists of slots, which are rendered one at a time (a frame of video, a second of
// sound, an edit unit of MXF with all that is in it), and of what lies between them, which is
// written when the outline is made. What a slot holds depends on the source, the recipe and the
// slot's number alone: neither on the order in which slots are rendered nor on who renders them.
// The file, once all slots are there, is to the byte what make_timed() makes of the same recipe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "transcode/engine.h"

namespace lensfs {

// Slots of one size that lie one after another.
struct SlotRun {
  std::int64_t offset = 0;  // in the file, of the first
  std::int64_t bytes = 0;   // of each
  std::int64_t count = 0;
  friend bool operator==(const SlotRun&, const SlotRun&) = default;
};

// Where the slots of a file are. Slots are numbered from 0, by where they lie.
class SlotMap {
 public:
  SlotMap() = default;
  // corrupt if they overlap, are not in order, or do not lie in the file.
  [[nodiscard]] static Result<SlotMap> make(std::int64_t file_size, std::vector<SlotRun> runs);
  // The beginning of a layout file. corrupt if that is none.
  [[nodiscard]] static Result<SlotMap> read(int layout);
  // Slots for which a renderer need not decode what comes before, as the first of a picture group,
  // some way apart; rising. Who shares a file out among renderers divides it there. corrupt if
  // there are no such slots.
  [[nodiscard]] Status set_entries(std::vector<std::int64_t> entries);
  // The last entry up to that slot; 0 if there is none.
  [[nodiscard]] std::int64_t entry_before(std::int64_t slot) const;
  // The first entry after it; count() if there is none.
  [[nodiscard]] std::int64_t entry_after(std::int64_t slot) const;
  // Writes it there; the answer is where the rest of the layout file begins, which is the
  // engine's own.
  [[nodiscard]] Result<std::int64_t> write(int layout) const;

  [[nodiscard]] std::int64_t file_size() const { return file_size_; }
  [[nodiscard]] std::int64_t count() const { return count_; }
  struct Stretch {
    std::int64_t offset = 0;
    std::int64_t bytes = 0;
  };
  [[nodiscard]] Stretch where(std::int64_t slot) const;
  // The slots that hold a byte of [offset, offset + bytes): first, and how many; they may be none.
  struct Slots {
    std::int64_t first = 0;
    std::int64_t count = 0;
  };
  [[nodiscard]] Slots within(std::int64_t offset, std::int64_t bytes) const;

 private:
  std::int64_t file_size_ = 0;
  std::int64_t count_ = 0;
  std::vector<SlotRun> runs_;
  std::vector<std::int64_t> first_;  // slot of each run
  std::vector<std::int64_t> entries_;
};

// The two files of an outline, both open for reading and writing; the caller's.
struct OutlineFiles {
  int bytes = -1;   // the rendition itself, sparse
  int layout = -1;  // the SlotMap, and then what the engine wants to find again: its index of the
                    // source, parts of the container that belong to slots
};

// Makes the outline: gives `bytes` its size, writes there what is no slot, and writes the layout.
// Takes as long as opening the source and building its index, not as long as decoding it.
// not_supported and corrupt as make_timed().
[[nodiscard]] Result<Made> outline_timed(const MediaSource& source, const Recipe& recipe,
                                         const OutlineFiles& into);

// A slot that is in the file now.
struct RenderedSlot {
  std::int64_t slot = 0;
  std::uint64_t checksum = 0;  // slot_checksum() of its bytes
  bool is_replaced = false;    // the source could not be read there: it shows the frame before, or
                               // is silent
};
[[nodiscard]] std::uint64_t slot_checksum(std::string_view bytes);  // XXH3, 64 bits; never 0

using SlotTold = std::function<bool(const RenderedSlot&)>;  // yes: go on

// SlotRenderer: keeps a source open and its decoder near where it was used last. Not thread-safe.
class SlotRenderer {
 public:
  virtual ~SlotRenderer() = default;
  // Renders these slots, in order, and tells of each once its bytes are written; ends early,
  // without an error, when `tell` answers no. Others, which cost little on the way there, may be
  // rendered and told of as well: of a picture group that was decoded anyway because somebody goes
  // backwards, all. A damaged source is no error (is_replaced); io if the bytes cannot be written.
  [[nodiscard]] virtual Status render(std::int64_t first, std::int64_t count,
                                      const SlotTold& tell) = 0;
};
// `files.layout` as outline_timed() left it: corrupt if it is anything else.
[[nodiscard]] Result<std::unique_ptr<SlotRenderer>> open_slots(const MediaSource& source,
                                                               const Recipe& recipe,
                                                               const OutlineFiles& files);

// What decides the bytes beside source and recipe: the versions of the libraries that decode, scale
// and encode, and the kind of processor. One line of printable text without spaces. Slots of
// different builds must not be in one file.
[[nodiscard]] std::string engine_build();

}  // namespace lensfs
