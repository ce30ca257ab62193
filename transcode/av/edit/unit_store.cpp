#include "transcode/av/edit/unit_store.h"

#include <algorithm>
#include <cstring>

namespace lensfs::av {
namespace {

// A unit's entry: its shape (1 byte), the number of differences (2), and each as offset (4), length
// (1) and bytes. Those nearer than this are one.
constexpr std::size_t kNear = 5;
constexpr std::size_t kLongest = 255;
constexpr std::size_t kMostShapes = 256;

template <typename T>
void append(std::string& to, T value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Takes numbers and bytes off a text; all zero once it was too short.
class Taker {
 public:
  explicit Taker(std::string_view text) : rest_(text) {}
  template <typename T>
  T take() {
    T value{};
    const std::string_view bytes = take(sizeof value);
    if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string_view take(std::size_t size) {
    is_short_ = is_short_ || size > rest_.size();
    if (is_short_) return {};
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  [[nodiscard]] bool is_short() const { return is_short_; }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
  bool is_short_ = false;
};

// Where two differ next from `at` on; the size if nowhere.
std::size_t differs_from(std::string_view one, std::string_view other, std::size_t at) {
  constexpr std::size_t kStep = 64;
  while (at + kStep <= one.size() && std::memcmp(&one[at], &other[at], kStep) == 0) at += kStep;
  while (at < one.size() && one[at] == other[at]) ++at;
  return at;
}

std::size_t end_of_difference(std::string_view one, std::string_view other, std::size_t begin) {
  std::size_t end = begin + 1;
  for (std::size_t at = end; at < one.size() && at < end + kNear && at - begin < kLongest; ++at) {
    if (one[at] != other[at]) end = at + 1;
  }
  return std::min(end, begin + kLongest);
}

}  // namespace

void UnitStore::add(std::string_view unit, const std::vector<Place>& places) {
  auto shape = std::find_if(shapes_.begin(), shapes_.end(), [&](const Shape& one) {
    return one.bytes.size() == unit.size() && one.places == places;
  });
  if (shape == shapes_.end()) {
    shapes_.push_back({std::string(unit), places});
    shape = std::prev(shapes_.end());
  }
  starts_.push_back(static_cast<std::uint32_t>(changes_.size()));
  append(changes_, static_cast<std::uint8_t>(shape - shapes_.begin()));
  const std::size_t count_at = changes_.size();
  std::uint16_t count = 0;
  append(changes_, count);
  for (std::size_t at = 0; (at = differs_from(unit, shape->bytes, at)) < unit.size();) {
    const std::size_t end = end_of_difference(unit, shape->bytes, at);
    append(changes_, static_cast<std::uint32_t>(at));
    append(changes_, static_cast<std::uint8_t>(end - at));
    changes_.append(unit.substr(at, end - at));
    ++count;
    at = end;
  }
  std::memcpy(&changes_[count_at], &count, sizeof count);
}

UnitStore::Unit UnitStore::unit(std::int64_t number) const {
  Taker taker(std::string_view(changes_).substr(starts_[static_cast<std::size_t>(number)]));
  const Shape& shape =
      shapes_[std::min<std::size_t>(taker.take<std::uint8_t>(), shapes_.size() - 1)];
  Unit unit{shape.bytes, &shape.places};
  for (auto count = taker.take<std::uint16_t>(); count > 0; --count) {
    const auto at = taker.take<std::uint32_t>();
    const std::string_view bytes = taker.take(std::size_t{taker.take<std::uint8_t>()});
    if (at + bytes.size() > unit.bytes.size()) break;
    std::memcpy(&unit.bytes[at], bytes.data(), bytes.size());
  }
  return unit;
}

std::string UnitStore::text() const {
  std::string text;
  append(text, std::uint64_t{shapes_.size()});
  for (const Shape& shape : shapes_) {
    // Zeros, of which a unit is full, are not kept.
    append(text, std::uint64_t{shape.bytes.size()});
    std::string pieces;
    for (std::size_t at = 0; (at = shape.bytes.find_first_not_of('\0', at)) != std::string::npos;) {
      std::size_t end = at + 1;
      for (std::size_t next = end; next < shape.bytes.size() && next < end + kNear; ++next) {
        if (shape.bytes[next] != '\0') end = next + 1;
      }
      append(pieces, static_cast<std::uint32_t>(at));
      append(pieces, static_cast<std::uint32_t>(end - at));
      pieces.append(shape.bytes, at, end - at);
      at = end;
    }
    append(text, std::uint64_t{pieces.size()});
    text += pieces;
    append(text, std::uint64_t{shape.places.size()});
    for (const Place& place : shape.places) append(text, place);
  }
  append(text, std::uint64_t{starts_.size()});
  for (const std::uint32_t start : starts_) append(text, start);
  return text + changes_;
}

Result<UnitStore> UnitStore::from_text(std::string_view text) {
  const auto wrong = [] { return fail(Errc::corrupt, "this is no layout"); };
  constexpr std::uint64_t kMostBytes = 1 << 30;
  UnitStore store;
  Taker taker(text);
  const auto shapes = taker.take<std::uint64_t>();
  for (std::uint64_t number = 0; number < shapes && number < kMostShapes; ++number) {
    Shape& shape = store.shapes_.emplace_back();
    const auto bytes = taker.take<std::uint64_t>();
    if (bytes > kMostBytes) return wrong();
    shape.bytes.resize(bytes);
    Taker pieces(taker.take(taker.take<std::uint64_t>()));
    while (pieces.left() > 0) {
      const auto at = pieces.take<std::uint32_t>();
      const std::string_view piece = pieces.take(std::size_t{pieces.take<std::uint32_t>()});
      if (pieces.is_short() || at + piece.size() > bytes) return wrong();
      std::memcpy(&shape.bytes[at], piece.data(), piece.size());
    }
    for (auto places = taker.take<std::uint64_t>(); places > 0 && !taker.is_short(); --places) {
      const Place place = taker.take<Place>();
      if (std::uint64_t{place.offset} + place.bytes > bytes) return wrong();
      shape.places.push_back(place);
    }
  }
  const auto units = taker.take<std::uint64_t>();
  if (taker.is_short() || store.shapes_.empty() || units > taker.left() / sizeof(std::uint32_t)) {
    return wrong();
  }
  const std::string_view starts = taker.take(units * sizeof(std::uint32_t));
  store.starts_.resize(units);
  std::memcpy(store.starts_.data(), starts.data(), starts.size());
  store.changes_ = taker.take(taker.left());
  for (const std::uint32_t start : store.starts_) {
    if (start >= store.changes_.size()) return wrong();
  }
  return store;
}

}  // namespace lensfs::av
