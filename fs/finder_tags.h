// Finder's tags: a binary property list of an array of texts, "Name" or "Name\nN", where N is one
// of Finder's colours (0 none, 1 grey, 2 green, 3 purple, 4 blue, 5 yellow, 6 red, 7 orange). They
// come and go as the attribute com.apple.metadata:_kMDItemUserTags, through Samba as a stream with
// a zero byte behind it. (Howard Oakley, "Finder tags"; Samba's vfs_streams_xattr(8).)
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/model/tag.h"

namespace lensfs {

struct FinderTag {
  std::string name;
  int colour = 0;
};

inline constexpr std::string_view kFinderTagsAttribute = "user.com.apple.metadata:_kMDItemUserTags";
inline constexpr std::string_view kFinderTagsStream =
    "user.DosStream.com.apple.metadata:_kMDItemUserTags:$DATA";

// invalid for what is no such list; empty bytes are an empty list.
[[nodiscard]] Result<std::vector<FinderTag>> read_finder_tags(std::string_view bytes);
[[nodiscard]] std::string write_finder_tags(const std::vector<FinderTag>& tags);

// Colours belong to terms.
[[nodiscard]] Result<std::vector<FinderTag>> with_colours(Database& db,
                                                          const std::vector<Tag>& tags);
// The asset carries exactly these; a colour that is given becomes the term's.
[[nodiscard]] Status replace_finder_tags(Transaction& txn, const Actor& actor, const Asset& asset,
                                         const std::vector<FinderTag>& tags);

}  // namespace lensfs
