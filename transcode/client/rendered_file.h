// RenderedFile: what there is of a rendition that is rendered when it is read, and of which slots.
//
// A slot counts once its bytes are in the file and its checksum is noted in the slots file: 8 bytes
// per slot, in the machine's order, 0 for one that is not there; the lowest bit tells that it is
// replaced, the others are those of slot_checksum(). Several processes may render the same file at
// once: they write the same bytes.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "catalog/store/outline_files.h"
#include "transcode/outline.h"

namespace lensfs {

// Thread-safe.
class RenderedFile {
 public:
  // corrupt if the files do not belong together.
  [[nodiscard]] static Result<std::unique_ptr<RenderedFile>> open(OutlineStore::Files files);

  [[nodiscard]] const SlotMap& map() const { return map_; }
  [[nodiscard]] int bytes() const { return files_.bytes.get(); }
  [[nodiscard]] OutlineFiles files() const {
    return {.bytes = files_.bytes.get(), .layout = files_.layout.get()};
  }
  // Whether the slot is there, be it by another process. One that was noted before this file was
  // opened is read and checked first, once: what the disk lost with the power is rendered again.
  [[nodiscard]] bool has(std::int64_t slot) const;
  [[nodiscard]] bool has(const SlotMap::Slots& slots) const;
  // Its bytes are in the file.
  [[nodiscard]] Status note(const RenderedSlot& rendered);
  [[nodiscard]] std::int64_t rendered() const { return present_.load(); }  // of those known here
  [[nodiscard]] bool is_complete() const { return rendered() == map_.count(); }
  // What is noted, by whomever, without a look at the bytes.
  struct Noted {
    std::int64_t slots = 0;
    bool any_replaced = false;
  };
  [[nodiscard]] Noted noted() const;
  // Checks every slot anew; those that are not what was noted are missing from now on.
  [[nodiscard]] bool check_all() const;
  // Runs of slots that the source has damaged.
  [[nodiscard]] std::vector<SlotMap::Slots> replaced() const;

 private:
  RenderedFile(OutlineStore::Files files, SlotMap map);
  [[nodiscard]] std::uint64_t noted(std::int64_t slot) const;
  [[nodiscard]] std::vector<std::uint64_t> all_noted() const;
  [[nodiscard]] bool is_right(std::int64_t slot, std::uint64_t note) const;

  OutlineStore::Files files_;
  SlotMap map_;
  // What was noted of each slot and found to be right; 0: not known here.
  mutable std::vector<std::atomic<std::uint64_t>> known_;
  mutable std::atomic<std::int64_t> present_{0};
};

// "12-15 40": the slots of an outline that could not be read from the original, of those that were
// rendered so far. Empty: none.
[[nodiscard]] Result<std::string> damage_in(const std::filesystem::path& library,
                                            std::int64_t outline);

}  // namespace lensfs
