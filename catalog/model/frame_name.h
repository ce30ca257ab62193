// How numbered pictures are called, and the sequence that they are: "plate.1001.exr" …
// "plate.1240.exr" is "plate.[1001-1240].exr". Text alone; nothing here knows whether there are
// such files.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/ids.h"

namespace lensfs {

inline constexpr std::string_view kSequenceKind = "sequence";  // of an asset that is one

// Fewer files are files, not a sequence.
inline constexpr std::size_t kFewestFrames = 3;

// FrameName: the parts of a frame's name; views into it.
struct FrameName {
  std::string_view head;       // all before the number, "plate."
  std::string_view digits;     // as written, "1001"
  std::string_view extension;  // as written, with its dot: one of exr dpx tif tiff png jpg jpeg tga
                               // cin dng
  FrameNumber number{};
};
// Nothing if it is no frame's: fewer than three digits without ".", "_", "-" or a space before
// them, "_v001" (a version), or a number of more than 28 bits.
[[nodiscard]] std::optional<FrameName> frame_name(std::string_view name);

// SequenceName: the parts of a sequence's name; views into it.
struct SequenceName {
  std::string_view head;
  std::string_view extension;
  // What its renditions are called: the head without what separates it from the number.
  [[nodiscard]] std::string_view stem() const;
};
[[nodiscard]] std::optional<SequenceName> sequence_name(std::string_view name);
// The name of the sequence from one frame to another of it.
[[nodiscard]] std::string name_of_sequence(const FrameName& first, const FrameName& last);

// FrameRun: names that make one sequence, in the order of their numbers.
struct FrameRun {
  std::vector<std::string> names;
};
// All runs of at least so many in the names of one folder. Where two names have one number
// ("a.01.exr", "a.001.exr") the longer one is the frame.
[[nodiscard]] std::vector<FrameRun> frame_runs(const std::vector<std::string>& names,
                                               std::size_t fewest = kFewestFrames);

// The numbers that are missing between the first and the last: "1050-1052, 1060"; "" if none is.
// In rising order; after the 20th gap: "…".
[[nodiscard]] std::string missing_frames(const std::vector<FrameNumber>& there);

}  // namespace lensfs
