// UnitGatherer: takes what the muxer of MXF writes apart into edit units and the rest.
//
// A unit begins with its system item. All are of one size: the muxer says so itself, because it
// writes an index table for units of constant size.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "transcode/av/edit/unit_store.h"
#include "transcode/outline.h"

namespace lensfs::av {

class UnitGatherer {
 public:
  // Is told of what belongs to no unit.
  using Rest = std::function<Status(std::int64_t offset, std::string_view bytes)>;
  explicit UnitGatherer(Rest rest) : rest_(std::move(rest)) {}

  [[nodiscard]] Status packet(std::size_t which, std::int64_t offset, std::int64_t bytes);
  [[nodiscard]] Status literal(std::int64_t offset, std::string_view bytes);
  // After the last byte. not_supported where units are not of one size.
  [[nodiscard]] Status finish();
  [[nodiscard]] std::vector<SlotRun> runs() const;
  [[nodiscard]] UnitStore take() { return std::move(store_); }

 private:
  void close_unit(std::int64_t end);

  Rest rest_;
  UnitStore store_;
  std::int64_t begin_ = -1;  // of the first unit
  std::int64_t unit_ = -1;   // where the unit that is being gathered begins
  std::int64_t size_ = -1;   // of each
  bool is_even_ = true;
  std::string gathered_;  // from unit_ on; before the first unit, from 0 on
  std::vector<UnitStore::Place> places_;
};

}  // namespace lensfs::av
