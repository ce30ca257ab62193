// UnitStore: what a container writes between the packets of each edit unit. Units are alike but for
// a few bytes (timecode, counters), so one is kept whole for each shape, and of the others what
// differs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/result.h"

namespace lensfs::av {

class UnitStore {
 public:
  // Bytes of a packet within a unit.
  struct Place {
    std::uint32_t track = 0;  // 0: the picture
    std::uint32_t offset = 0;
    std::uint32_t bytes = 0;
    friend bool operator==(const Place&, const Place&) = default;
  };
  // The next unit: the whole of it, zeros where packets lie.
  void add(std::string_view unit, const std::vector<Place>& places);

  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(starts_.size()); }
  // A unit as it was added.
  struct Unit {
    std::string bytes;
    const std::vector<Place>* places;
  };
  [[nodiscard]] Unit unit(std::int64_t number) const;

  [[nodiscard]] std::string text() const;
  // corrupt for what text() does not give.
  [[nodiscard]] static Result<UnitStore> from_text(std::string_view text);

 private:
  struct Shape {
    std::string bytes;
    std::vector<Place> places;
  };
  // A difference: where, how many bytes, and these.
  std::vector<Shape> shapes_;
  std::vector<std::uint32_t> starts_;  // of each unit's differences in changes_
  std::string changes_;
};

}  // namespace lensfs::av
