#include "transcode/client/rendered_file.h"

#include <array>
#include <span>
#include <string>

#include "catalog/base/fd.h"

namespace lensfs {
namespace {

constexpr std::uint64_t kReplaced = 1;
constexpr std::uint64_t kThere = 2;  // so that no note is 0

std::uint64_t note_of(const RenderedSlot& rendered) {
  return (rendered.checksum & ~kReplaced) | kThere | (rendered.is_replaced ? kReplaced : 0);
}

}  // namespace

RenderedFile::RenderedFile(OutlineStore::Files files, SlotMap map)
    : files_(std::move(files)),
      map_(std::move(map)),
      known_(static_cast<std::size_t>(map_.count())) {}

Result<std::unique_ptr<RenderedFile>> RenderedFile::open(OutlineStore::Files files) {
  LENSFS_TRY(SlotMap map, SlotMap::read(files.layout.get()));
  LENSFS_TRY(const struct stat status, stat_of(files.bytes.get()));
  if (status.st_size != map.file_size()) {
    return fail(Errc::corrupt, "what is rendered does not have the size of its layout");
  }
  return std::unique_ptr<RenderedFile>(new RenderedFile(std::move(files), std::move(map)));
}

std::uint64_t RenderedFile::noted(std::int64_t slot) const {
  std::uint64_t note = 0;
  const auto bytes = std::as_writable_bytes(std::span(&note, 1));
  const auto size =
      read_full(files_.slots.get(), bytes, slot * static_cast<std::int64_t>(sizeof note));
  return size && *size == sizeof note ? note : 0;
}

bool RenderedFile::is_right(std::int64_t slot, std::uint64_t note) const {
  const SlotMap::Stretch where = map_.where(slot);
  std::string bytes(static_cast<std::size_t>(where.bytes), '\0');
  const auto size =
      read_full(files_.bytes.get(), std::as_writable_bytes(std::span(bytes)), where.offset);
  if (!size || *size != bytes.size()) return false;
  const RenderedSlot now{
      .slot = slot, .checksum = slot_checksum(bytes), .is_replaced = (note & kReplaced) != 0};
  return note_of(now) == note;
}

bool RenderedFile::has(std::int64_t slot) const {
  auto& known = known_[static_cast<std::size_t>(slot)];
  if (known.load() != 0) return true;
  const std::uint64_t note = noted(slot);
  if (note == 0 || !is_right(slot, note)) return false;
  if (known.exchange(note) == 0) ++present_;
  return true;
}

bool RenderedFile::has(const SlotMap::Slots& slots) const {
  for (std::int64_t slot = slots.first; slot < slots.first + slots.count; ++slot) {
    if (!has(slot)) return false;
  }
  return true;
}

Status RenderedFile::note(const RenderedSlot& rendered) {
  if (rendered.slot < 0 || rendered.slot >= map_.count()) {
    return fail(Errc::corrupt, "the decoder rendered what there is not");
  }
  const std::uint64_t note = note_of(rendered);
  LENSFS_CHECK(write_full(files_.slots.get(), std::as_bytes(std::span(&note, 1)),
                          rendered.slot * static_cast<std::int64_t>(sizeof note)));
  if (known_[static_cast<std::size_t>(rendered.slot)].exchange(note) == 0) ++present_;
  return {};
}

// What could not be read is not noted.
std::vector<std::uint64_t> RenderedFile::all_noted() const {
  std::vector<std::uint64_t> notes(known_.size());
  if (!read_full(files_.slots.get(), std::as_writable_bytes(std::span(notes)), 0)) {
    notes.assign(notes.size(), 0);
  }
  return notes;
}

RenderedFile::Noted RenderedFile::noted() const {
  Noted sum;
  for (const std::uint64_t note : all_noted()) {
    sum.slots += note != 0 ? 1 : 0;
    sum.any_replaced = sum.any_replaced || (note & kReplaced) != 0;
  }
  return sum;
}

bool RenderedFile::check_all() const {
  const std::vector<std::uint64_t> notes = all_noted();
  bool right = true;
  for (std::int64_t slot = 0; slot < map_.count(); ++slot) {
    const std::uint64_t note = notes[static_cast<std::size_t>(slot)];
    if (note != 0 && is_right(slot, note)) continue;
    right = false;
    if (known_[static_cast<std::size_t>(slot)].exchange(0) != 0) --present_;
  }
  return right;
}

std::vector<SlotMap::Slots> RenderedFile::replaced() const {
  const std::vector<std::uint64_t> notes = all_noted();
  std::vector<SlotMap::Slots> runs;
  for (std::int64_t slot = 0; slot < map_.count(); ++slot) {
    if ((notes[static_cast<std::size_t>(slot)] & kReplaced) == 0) continue;
    if (!runs.empty() && runs.back().first + runs.back().count == slot) {
      ++runs.back().count;
    } else {
      runs.push_back({.first = slot, .count = 1});
    }
  }
  return runs;
}

Result<std::string> damage_in(const std::filesystem::path& library, std::int64_t outline) {
  LENSFS_TRY(const OutlineStore outlines, OutlineStore::open(library));
  LENSFS_TRY(OutlineStore::Files files, outlines.open_files(outline));
  LENSFS_TRY(const auto file, RenderedFile::open(std::move(files)));
  std::string text;
  for (const SlotMap::Slots& run : file->replaced()) {
    if (!text.empty()) text += ' ';
    text += std::to_string(run.first);
    if (run.count > 1) text += "-" + std::to_string(run.first + run.count - 1);
  }
  return text;
}

}  // namespace lensfs
