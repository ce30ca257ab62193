// Which of the kernel's caches a change makes stale.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "catalog/model/feed.h"
#include "fs/tree.h"

namespace lensfs {

struct StaleName {
  NodeId folder{};
  std::string name;
  // What those who watch the folder hear of it.
  enum class Is {
    shown,    // it comes or goes, as a file or a link
    folder,   // the same, as a folder
    changed,  // it leads to the same asset, with other attributes
    written,  // it leads to the same asset, with other bytes
  } is = Is::shown;
};

// The folders that were typed so far: of searches and narrowed terms, and "+" with the facets in
// it.
struct TypedFolders {
  std::vector<NodeId> results;
  std::vector<NodeId> by_files;  // of these, what asks for bytes and times of files (members.h)
  std::vector<NodeId> facets;
};
[[nodiscard]] TypedFolders typed_folders(const PathNodes& nodes);

struct Stale {
  // As they were known after the changes were accepted: what is typed later is answered anew. To be
  // set before the first change is added.
  std::shared_ptr<const TypedFolders> typed;
  std::vector<StaleName> names;          // entries, positive or negative, that may be wrong now
  std::vector<StaleName> rendered;       // of these, what is seen through a profile alone
  std::vector<StaleName> heard;          // nothing is stale, but those who watch hear of it
  std::vector<FileId> changed;           // the same, by all names that these files have in projects
  std::vector<NodeId> folders;           // their listings and times are old
  std::vector<NodeId> rendered_folders;  // the same, only where they are seen through a profile
  std::vector<NodeId> files;             // their attributes are old
  std::vector<NodeId> contents;          // their bytes as well
  std::vector<NodeId> gone;     // files and versions that were purged: as `files`, for good
  std::size_t typed_names = 0;  // how many of `names` are in typed folders
  bool typed_facets = false;    // the listings of these are old
  bool typed_results = false;
  bool all_results = false;  // too many to name: every result folder
  bool all_moments = false;  // something was purged: every folder in time
  bool all_names = false;    // something is hidden now: whatever names lead there
  bool everything = false;   // other people see it now: all names and listings
};

// Adds what `change` touches. Reads the catalog; errors mean that less can be said precisely, so
// they set all_results.
void add_stale(Tree& tree, Database& db, const Change& change, Stale& stale);
// Its part that has to do with rules of access.
[[nodiscard]] Status add_access_stale(Tree& tree, Database& db, const Change& change, Stale& stale);
// The typed folders whose listings are old; once after all changes.
void add_typed_listings(Stale& stale);
// What all changes that were looked at made of rights, asset by asset; once after them.
[[nodiscard]] Status add_moves_stale(Tree& tree, Database& db, Stale& stale);

}  // namespace lensfs
