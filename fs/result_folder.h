// ResultFolder: what a folder that shows a set of assets stands for: a term or a query, narrowed by
// facets. PathNode: such a folder, or one of the entries below its "+".
//
// Two folders with the same members by the same conditions have the same canonical form, whatever
// order the segments were typed in; the canonical form gives the inode number that people see.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/base/result.h"
#include "fs/node_id.h"

namespace lensfs {

struct ResultFolder {
  enum class Base { tag, search };
  Base base = Base::tag;
  std::string text;  // the whole term, or the query as typed
  struct Filter {
    std::string facet;
    std::string value;
    auto operator<=>(const Filter&) const = default;
  };
  std::vector<Filter> filters;

  auto operator<=>(const ResultFolder&) const = default;
  // The same set with filters sorted, repeated ones dropped and the first term as base.
  [[nodiscard]] ResultFolder canonical() const;
  // Its path on the drive, without a leading slash: Tags/beach/kind=video
  [[nodiscard]] std::string path() const;
  // How many segments below the root that path has.
  [[nodiscard]] std::size_t depth() const;
};

struct PathNode {
  enum class Tail {
    folder,  // the result folder itself
    plus,    // its "+"
    facet,   // "+/<facet>"
    link,    // "+/<facet>/<value>", a relative symlink to the narrowed folder
  };
  ResultFolder folder;
  Tail tail = Tail::folder;
  std::string facet;
  std::string value;

  auto operator<=>(const PathNode&) const = default;
  // One line of text that says it all, and back (invalid for anything else).
  [[nodiscard]] std::string spec() const;
  [[nodiscard]] static Result<PathNode> from_spec(std::string_view spec);
  // The node number that the spec hashes to. `salt` > 0 is for the collision nobody has seen.
  [[nodiscard]] NodeId id(unsigned salt = 0) const;
};

}  // namespace lensfs
