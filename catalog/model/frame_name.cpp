#include "catalog/model/frame_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "catalog/base/text.h"

namespace lensfs {
namespace {

constexpr std::string_view kExtensions = " exr dpx tif tiff png jpg jpeg tga cin dng ";
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kSeparators = "._- ";
constexpr std::size_t kEnoughDigits = 3;
constexpr std::size_t kBrackets = 3;  // "[", "-" and "]"
constexpr std::size_t kMostGaps = 20;
constexpr std::string_view kWithoutName = "sequence";

bool is_separator(char c) {
  return kSeparators.find(c) != std::string_view::npos;
}

bool is_of_pictures(std::string_view name) {
  return kExtensions.find(" " + lower_extension(name) + " ") != std::string_view::npos;
}

// "shot_v" of "shot_v001": the number is a version's.
bool counts_versions(std::string_view head) {
  if (head.empty() || (head.back() != 'v' && head.back() != 'V')) return false;
  return head.size() == 1 || is_separator(head[head.size() - 2]);
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of(kDigits) == std::string_view::npos;
}

}  // namespace

std::optional<FrameName> frame_name(std::string_view name) {
  if (!is_of_pictures(name)) return std::nullopt;
  const NameParts parts = split_name(name);
  const std::size_t last = parts.stem.find_last_not_of(kDigits);
  const std::size_t from = last == std::string_view::npos ? 0 : last + 1;
  FrameName frame{.head = parts.stem.substr(0, from),
                  .digits = parts.stem.substr(from),
                  .extension = parts.extension};
  if (frame.digits.empty() || counts_versions(frame.head)) return std::nullopt;
  const bool separated = !frame.head.empty() && is_separator(frame.head.back());
  if (frame.digits.size() < kEnoughDigits && !separated) return std::nullopt;
  if (name.size() + frame.digits.size() + kBrackets > kNameLimit) return std::nullopt;
  const auto number = number_from<std::int64_t>(frame.digits);
  if (!number || *number >= std::int64_t{1} << kFrameBits) return std::nullopt;
  frame.number = static_cast<FrameNumber>(*number);
  return frame;
}

std::string_view SequenceName::stem() const {
  const std::size_t last = head.find_last_not_of(kSeparators);
  return last == std::string_view::npos ? kWithoutName : head.substr(0, last + 1);
}

std::optional<SequenceName> sequence_name(std::string_view name) {
  if (!is_of_pictures(name)) return std::nullopt;
  const NameParts parts = split_name(name);
  if (!parts.stem.ends_with(']')) return std::nullopt;
  const std::size_t open = parts.stem.rfind('[');
  if (open == std::string_view::npos) return std::nullopt;
  const std::string_view range = parts.stem.substr(open + 1, parts.stem.size() - open - 2);
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos || !is_number(range.substr(0, dash)) ||
      !is_number(range.substr(dash + 1))) {
    return std::nullopt;
  }
  return SequenceName{.head = parts.stem.substr(0, open), .extension = parts.extension};
}

std::string name_of_sequence(const FrameName& first, const FrameName& last) {
  return fmt::format("{}[{}-{}]{}", first.head, first.digits, last.digits, first.extension);
}

std::vector<FrameRun> frame_runs(const std::vector<std::string>& names, std::size_t fewest) {
  std::map<std::pair<std::string_view, std::string_view>, std::map<FrameNumber, std::string_view>>
      found;
  for (const std::string& name : names) {
    const auto frame = frame_name(name);
    if (!frame) continue;
    const auto [there, is_new] =
        found[{frame->head, frame->extension}].try_emplace(frame->number, name);
    if (!is_new && name.size() > there->second.size()) there->second = name;
  }
  std::vector<FrameRun> runs;
  for (const auto& [parts, frames] : found) {
    if (frames.size() < fewest) continue;
    FrameRun& run = runs.emplace_back();
    for (const auto& [number, name] : frames) run.names.emplace_back(name);
  }
  return runs;
}

std::string missing_frames(const std::vector<FrameNumber>& there) {
  std::string text;
  std::size_t gaps = 0;
  for (std::size_t at = 1; at < there.size(); ++at) {
    const std::int64_t from = number(there[at - 1]) + 1;
    const std::int64_t to = number(there[at]) - 1;
    if (from > to) continue;
    if (!text.empty()) text += ", ";
    if (++gaps > kMostGaps) return text + "…";
    text += from == to ? fmt::format("{}", from) : fmt::format("{}-{}", from, to);
  }
  return text;
}

}  // namespace lensfs
