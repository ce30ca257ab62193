// RealNames: how a name is spelled in a folder, asked without regard to case or Unicode form. SMB
// clients ask so of every name that is not there exactly; Samba would read the whole folder each
// time. A folder's names are folded once and kept; what was added since is taken from the change
// log, so that copying many files into a folder does not read it once per file.
#pragma once

#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fs/tree.h"

namespace lensfs {

// The name that a request for this extended attribute asks for: Samba's module glusterfs_fuse reads
// "glusterfs.get_real_filename:<NAME>" of the folder. Nothing for any other attribute.
[[nodiscard]] std::optional<std::string_view> asked_real_name(std::string_view attribute);

// Thread-safe.
class RealNames {
 public:
  // `tree` outlives it.
  explicit RealNames(Tree& tree) : tree_(tree) {}

  // The spelling of the entry of `folder`, the oldest where several differ in case only. not_found
  // if there is none, not_directory if `folder` is a file.
  [[nodiscard]] Result<std::string> find(NodeId folder, std::string_view name);

 private:
  // Names that differ between users are kept for each of them apart.
  struct Key {
    NodeId folder{};
    std::uint64_t viewer = 0;  // AccessGate::viewer
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Folded {
    Key key;
    ChangeId as_of{};
    std::unordered_map<std::string, std::vector<std::string>> names;  // by fold_name
  };
  [[nodiscard]] Result<Key> key_of(NodeId folder);
  // The names that fold alike, as far as is known; some may be gone.
  [[nodiscard]] std::vector<std::string> kept_names(const Key& key, const std::string& folded);
  [[nodiscard]] std::optional<ChangeId> kept_as_of(const Key& key);
  [[nodiscard]] Status bring_up_to_date(const Key& key);
  [[nodiscard]] Status read_all(const Key& key);
  void add(const Key& key, const std::vector<Change>& changes);

  Tree& tree_;
  std::mutex mutex_;        // guards kept_; rank: leaf
  std::list<Folded> kept_;  // newest use first
};

}  // namespace lensfs
