// The manifest of a sequence as text (store/FORMAT.md).
#include <fmt/format.h>

#include <span>

#include "catalog/base/fd.h"
#include "catalog/base/text.h"
#include "catalog/model/sequence.h"
#include "catalog/store/object_name.h"

namespace lensfs {
namespace {

constexpr std::string_view kHead = "lensfs sequence 1\n";
constexpr std::int64_t kLargest = std::int64_t{256} << 20U;  // a manifest, in bytes
constexpr std::size_t kLeastObject = 34;                     // 32 digits, "-" and a size

std::string_view take_word(std::string_view& line) {
  const std::size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line = space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
  return word;
}

std::optional<ObjectKey> object_from(std::string_view word) {
  if (word.size() < kLeastObject) return std::nullopt;
  return key_from_name(fmt::format("{}/{}/{}", word.substr(0, 2), word.substr(2, 2), word));
}

}  // namespace

std::string PlannedSequence::manifest() const {
  std::string text(kHead);
  for (const NewFrame& frame : frames) {
    text += fmt::format("{} {} {}\n", lensfs::number(frame.number),
                        Store::relative_path(frame.object).filename().native(), frame.name);
  }
  return text;
}

Result<std::vector<NewFrame>> frames_in_manifest(std::string_view text) {
  if (!text.starts_with(kHead)) return fail(Errc::corrupt, "no manifest of a sequence");
  text.remove_prefix(kHead.size());
  std::vector<NewFrame> frames;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return fail(Errc::corrupt, "a manifest ends in a line");
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const auto number = number_from<std::int64_t>(take_word(line));
    const auto object = object_from(take_word(line));
    if (!number || *number < 0 || !object)
      return fail(Errc::corrupt, "a line of a manifest is no frame");
    frames.push_back({.number = static_cast<FrameNumber>(*number),
                      .object = *object,
                      .name = std::string(line)});
  }
  return frames;
}

Result<std::vector<NewFrame>> read_manifest(int file) {
  LENSFS_TRY(const struct stat status, stat_of(file));
  if (status.st_size > kLargest) return fail(Errc::too_big, "the manifest");
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  LENSFS_TRY(const std::size_t size, read_full(file, std::as_writable_bytes(std::span(text)), 0));
  text.resize(size);
  LENSFS_TRY(std::vector<NewFrame> frames, frames_in_manifest(text));
  if (frames.empty()) return fail(Errc::corrupt, "the manifest names no frame");
  return frames;
}

}  // namespace lensfs
