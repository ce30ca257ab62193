// Result folders: /Tags and the terms in it, /Search/<query>, both narrowed by "facet=value"
// segments, and what their "+" holds.
#pragma once

#include "fs/members.h"
#include "fs/view.h"

namespace lensfs {

// /Tags and each term.
class TagView final : public View {
 public:
  using View::View;
  [[nodiscard]] Result<Found> child(Database& db, NodeId folder, std::string_view name) override;
  [[nodiscard]] Result<Listing> list(Database& db, NodeId folder) override;
  [[nodiscard]] Result<Attributes> attributes(Database& db, NodeId node) override;
  // Writing a file here is ingest and the tag; taking one away takes the tag; folders are terms.
  [[nodiscard]] Result<Asset> create(Editing& editing, NodeId folder, const NewFile& file) override;
  [[nodiscard]] Result<Found> make_folder(Editing& editing, NodeId folder,
                                          const NewFolder& as) override;
  [[nodiscard]] Status link(Editing& editing, NodeId folder, const Asset& asset,
                            const NewPlace& place) override;
  [[nodiscard]] Result<Asset> remove(Editing& editing, NodeId folder, std::string_view name,
                                     Writing writing) override;
  [[nodiscard]] Status remove_folder(Editing& editing, NodeId folder,
                                     std::string_view name) override;
  [[nodiscard]] Errc refusal() const override { return Errc::not_permitted; }

 private:
  [[nodiscard]] Attributes attributes_of_aside(const Asset& asset) const;
  // What was made in the term and is in no set, by the name it was given.
  [[nodiscard]] Result<Found> find_aside(Database& db, TagId term, std::string_view name);
  [[nodiscard]] Result<bool> is_bound_by(Database& db, const Asset& asset, const std::string& term);
};

// /Search: any query as a folder name. Saved ones are listed.
class SearchView final : public View {
 public:
  using View::View;
  [[nodiscard]] Result<Found> child(Database& db, NodeId folder, std::string_view name) override;
  [[nodiscard]] Result<Listing> list(Database& db, NodeId folder) override;
  [[nodiscard]] Result<Attributes> attributes(Database& db, NodeId node) override;
  // mkdir saves a search, rmdir forgets it.
  [[nodiscard]] Result<Found> make_folder(Editing& editing, NodeId folder,
                                          const NewFolder& as) override;
  [[nodiscard]] Status remove_folder(Editing& editing, NodeId folder,
                                     std::string_view name) override;
  [[nodiscard]] Errc refusal() const override { return Errc::not_permitted; }
};

// Everything known by what was typed: searches, narrowed folders, "+", facets and their links.
class PathView final : public View {
 public:
  using View::View;
  [[nodiscard]] Result<Found> child(Database& db, NodeId folder, std::string_view name) override;
  [[nodiscard]] Result<Listing> list(Database& db, NodeId folder) override;
  [[nodiscard]] Result<Attributes> attributes(Database& db, NodeId node) override;
  [[nodiscard]] Result<std::string> link_target(NodeId node) override;
  [[nodiscard]] Errc refusal() const override { return Errc::not_permitted; }

 private:
  [[nodiscard]] Result<Found> child_of_facet(Database& db, const PathNode& at,
                                             std::string_view name);
  [[nodiscard]] Result<Listing> list_facets(Database& db, const PathNode& at);
  [[nodiscard]] Result<Listing> list_values(Database& db, const PathNode& at);
  [[nodiscard]] Status add_link(Database& db, const PathNode& at, const std::string& value,
                                std::string_view name, Listing& into);
  // "+/subclips" of a search for markers: links to the ranges that they mark.
  [[nodiscard]] Result<bool> has_subclips(Database& db, const PathNode& at);
  [[nodiscard]] Result<Listing> list_subclips(Database& db, const PathNode& at);
};

}  // namespace lensfs
