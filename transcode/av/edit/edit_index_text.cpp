#include <cstring>
#include <span>

#include "transcode/av/edit/edit_index.h"

namespace lensfs::av {
namespace {

class Writer {
 public:
  void number(std::int64_t value) { bytes(&value, sizeof value); }
  template <typename T>
  void all(const std::vector<T>& values) {
    number(static_cast<std::int64_t>(values.size()));
    bytes(values.data(), values.size() * sizeof(T));
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void bytes(const void* from, std::size_t size) {
    if (size > 0) text_.append(static_cast<const char*>(from), size);
  }
  std::string text_;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}
  std::int64_t number() {
    std::int64_t value = 0;
    bytes(&value, sizeof value);
    return value;
  }
  template <typename T>
  void all(std::vector<T>& into) {
    const std::int64_t count = number();
    if (count < 0 || static_cast<std::uint64_t>(count) > rest_.size() / sizeof(T)) {
      is_wrong_ = true;
      return;
    }
    into.resize(static_cast<std::size_t>(count));
    bytes(into.data(), into.size() * sizeof(T));
  }
  [[nodiscard]] bool is_done() const { return !is_wrong_ && rest_.empty(); }

 private:
  void bytes(void* into, std::size_t size) {
    is_wrong_ = is_wrong_ || size > rest_.size();
    if (is_wrong_ || size == 0) return;
    std::memcpy(into, rest_.data(), size);
    rest_.remove_prefix(size);
  }
  std::string_view rest_;
  bool is_wrong_ = false;
};

}  // namespace

std::string EditIndex::text() const {
  Writer writer;
  writer.number(first);
  writer.number(count);
  writer.number(frames.count);
  writer.all(frames.pts);
  writer.all(frames.slots);
  writer.all(frames.keys);
  writer.number(static_cast<std::int64_t>(sounds.tracks.size()));
  for (const SoundIndex::Track& track : sounds.tracks) {
    writer.number(track.zero);
    writer.number(track.begin);
    writer.number(track.end);
    writer.all(track.anchors);
  }
  return writer.take();
}

Result<EditIndex> EditIndex::from_text(std::string_view text) {
  Reader reader(text);
  EditIndex index;
  index.first = reader.number();
  index.count = reader.number();
  index.frames.count = reader.number();
  reader.all(index.frames.pts);
  reader.all(index.frames.slots);
  reader.all(index.frames.keys);
  const std::int64_t tracks = reader.number();
  for (std::int64_t track = 0; track < tracks && track < 128; ++track) {
    SoundIndex::Track& one = index.sounds.tracks.emplace_back();
    one.zero = reader.number();
    one.begin = reader.number();
    one.end = reader.number();
    reader.all(one.anchors);
  }
  const bool is_whole = index.frames.pts.size() == index.frames.slots.size() &&
                        index.frames.pts.empty() == index.frames.keys.empty();
  if (!reader.is_done() || !is_whole) return fail(Errc::corrupt, "this is no layout");
  return index;
}

}  // namespace lensfs::av
