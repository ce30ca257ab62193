// Lenses of time: /Versions, "@<when>" and ".versions" in any folder, and all that lies below. Read
// only throughout.
//
//   /Versions/<when>/{Projects,Tags,Inbox}/…   the drive at a moment or a label (moment_name.h)
//   <folder>/@<when>/…                         that folder
//   <folder>/.versions/@GMT-…/…                the same, as Samba asks for it
//   <folder>/.versions/<name>/v001 …           the versions of one file, also of a deleted one
//   <folder>/<stem>@v3<extension>              one version of one file
//
// At a moment names, folders and terms are those of then, and each asset is the version it had. A
// label shows what has it, at the labelled version, in the places and under the terms of today.
#pragma once

#include <functional>
#include <list>
#include <mutex>
#include <set>

#include "catalog/model/history.h"
#include "fs/moment_name.h"
#include "fs/view.h"

namespace lensfs {

inline constexpr std::string_view kVersionsName = ".versions";

class TimeView final : public View {
 public:
  // How an entry of any folder of today is found.
  using Find = std::function<Result<Found>(Database&, NodeId folder, std::string_view name)>;
  TimeView(ViewContext& context, TimeNodes& nodes, Find find);

  [[nodiscard]] Result<Found> child(Database& db, NodeId folder, std::string_view name) override;
  [[nodiscard]] Result<Listing> list(Database& db, NodeId folder) override;
  [[nodiscard]] Result<Attributes> attributes(Database& db, NodeId node) override;

  // What folders answer to beside their entries: ".versions", "@<when>", "clip@v3.mov".
  [[nodiscard]] Result<Found> lens(Database& db, NodeId folder, std::string_view name);
  // Whether a name is one that lens() may answer to: whether it does can change at any time.
  [[nodiscard]] static bool may_be_lens(std::string_view name);

  [[nodiscard]] const TimeNodes& nodes() const { return nodes_; }
  // The folders that show a label: what they list changes with the library.
  [[nodiscard]] std::vector<NodeId> label_folders() const;
  // Something was purged: what a moment showed, for once, is not what it shows.
  void forget_moments();

 private:
  // A term's entries, made once: of a moment for good, of a label until the next change.
  struct Composed {
    NodeId node{};
    ChangeId as_of{};
    std::uint64_t viewer = 0;  // AccessGate::viewer
    Listing listing;
    std::unordered_map<std::string_view, std::size_t> index;
  };
  using SharedComposed = std::shared_ptr<const Composed>;

  // view_time.cpp
  [[nodiscard]] Result<Found> found(Database& db, const TimeNode& node, Keep keep);
  [[nodiscard]] Result<Found> found_file(const Asset& asset, const Version& version,
                                         Keep keep) const;
  [[nodiscard]] Result<Found> child_of_library(Database& db, const TimeNode& at,
                                               std::string_view name);
  [[nodiscard]] Result<Found> child_of_folder(Database& db, const TimeNode& at,
                                              std::string_view name);
  [[nodiscard]] Status list_folders(Database& db, const TimeNode& at,
                                    const std::vector<Folder>& folders, Listing& into);
  [[nodiscard]] Result<Listing> list_library(Database& db, const TimeNode& at);
  [[nodiscard]] Result<Listing> list_folder(Database& db, const TimeNode& at);
  [[nodiscard]] Result<Attributes> attributes_of(Database& db, const TimeNode& node);

  // view_time_term.cpp
  [[nodiscard]] Result<Found> child_of_term(Database& db, const TimeNode& at,
                                            std::string_view name);
  [[nodiscard]] Result<Listing> list_term(Database& db, const TimeNode& at);
  [[nodiscard]] Status list_members(Database& db, const TimeNode& at, const AssetSet& members,
                                    Listing& into);
  [[nodiscard]] Result<SharedComposed> composed(Database& db, const TimeNode& at);

  // view_versions.cpp
  [[nodiscard]] Result<TimeNode> through(Database& db, NodeId folder, const When& when);
  [[nodiscard]] Result<Found> child_of_versions(Database& db, const TimeNode& at,
                                                std::string_view name);
  [[nodiscard]] Result<Found> child_of_history(Database& db, const TimeNode& at,
                                               std::string_view name);
  [[nodiscard]] Result<Found> labelled_library(Database& db, std::string_view name);
  [[nodiscard]] Result<Listing> list_labels(Database& db);
  [[nodiscard]] Result<Listing> list_moments(Database& db, const TimeNode& at);
  [[nodiscard]] Result<Listing> list_history(Database& db, const TimeNode& at);
  [[nodiscard]] Result<AssetId> asset_named(Database& db, NodeId folder, std::string_view name);

  TimeNodes& nodes_;
  Find find_;
  mutable std::mutex mutex_;  // guards all below; rank: leaf
  std::set<NodeId> label_folders_;
  std::list<SharedComposed> composed_;  // newest use first
};

// The moment whose rows a lens reads: of a label, today.
[[nodiscard]] Nanoseconds moment_of(const When& when);
// The version of an asset that a lens shows; not_found if it shows none.
[[nodiscard]] Result<Version> shown_version(Database& db, const When& when, AssetId asset);
// What a lens shows changes only where it is a label.
[[nodiscard]] inline Keep keep_of(const When& when) {
  return when.is_label() ? Keep::no : Keep::until_told;
}

}  // namespace lensfs
