// TimeNode: a folder seen through a lens of time, or one that shows versions as such. When: through
// which lens: a moment, or a label.
//
// What a moment shows never changes (purging excepted), so the kernel may keep it. What a label
// shows is today's, at the labelled versions, and changes with it.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "catalog/base/clock.h"
#include "catalog/base/result.h"
#include "fs/node_id.h"

namespace lensfs {

struct When {
  Nanoseconds at = 0;  // the moment, all that was committed in it included
  std::string label;   // not empty: this label instead

  auto operator<=>(const When&) const = default;
  [[nodiscard]] bool is_label() const { return !label.empty(); }
};

struct TimeNode {
  enum class Kind : char {
    library = 'L',   // the drive's root
    projects = 'P',  // /Projects
    folder = 'F',    // a folder of a project
    tags = 'G',      // /Tags
    term = 'T',      // a term
    versions = 'V',  // ".versions" of a folder; it has no When
    history = 'H',   // ".versions/<name>": the versions of an asset; it has no When
  };
  Kind kind = Kind::library;
  std::int64_t row = 0;  // of the folder, term or asset; of `versions` the node of its folder
  When when{};

  auto operator<=>(const TimeNode&) const = default;
  // One line of text that says it all, and back (invalid for anything else).
  [[nodiscard]] std::string spec() const;
  [[nodiscard]] static Result<TimeNode> from_spec(std::string_view spec);
  [[nodiscard]] NodeId id(unsigned salt = 0) const;
};

}  // namespace lensfs
