// Dates as queries have them: as exact as they are written, or so long ago.
#include <cmath>

#include "catalog/base/text.h"
#include "catalog/model/search_internal.h"

namespace lensfs {
namespace {

constexpr double kDay = 86400;
constexpr double kNanoseconds = 1e9;
constexpr double kMostSeconds = 9e9;  // that nanoseconds in 64 bits hold

}  // namespace

std::optional<Extent> moment_extent(FieldForm form, std::string_view text) {
  const double now = static_cast<double>(Clock().now()) / kNanoseconds;
  const double today = std::floor(now / kDay) * kDay;
  if (text == "today") return Extent{today, today + kDay};
  if (text == "yesterday") return Extent{today - kDay, today};
  if (form == FieldForm::date && text.starts_with('-')) {
    const auto ago = duration_from(text.substr(1));
    if (!ago) return std::nullopt;
    const double at = now - static_cast<double>(*ago) / kNanoseconds;
    return Extent{at, at};
  }
  return extent_of(form, text);
}

std::optional<Moments> moments_from(std::string_view text) {
  const auto extent = moment_extent(FieldForm::date, text);
  if (!extent || std::abs(extent->from) > kMostSeconds || std::abs(extent->until) > kMostSeconds) {
    return std::nullopt;
  }
  return Moments{static_cast<Nanoseconds>(extent->from * kNanoseconds),
                 static_cast<Nanoseconds>(extent->until * kNanoseconds)};
}

}  // namespace lensfs
