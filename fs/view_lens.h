// Lenses of resolution: /Resolutions, "@<profile>" in any folder, a drive that is rooted at a
// profile, and all that lies below. Read only throughout.
//
//   /Resolutions/<profile>/…        the drive through a profile
//   <folder>/@<profile>/…           that folder
//   <folder>/logo@w800.webp         one rendition by name (selected_rendition)
//
// A file shows what the profile makes of it, once that is there; its name is the rendition's
// (rendered_name). What the profile does not apply to, and what could not be made, shows as the
// profile's fallback says. What is still to be made is not there, but looking for it by name asks
// for it: missing() says what to wait for.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

#include "catalog/model/job.h"
#include "catalog/model/profile.h"
#include "fs/original_lookup.h"
#include "fs/view.h"
#include "transcode/client/attach.h"

namespace lensfs {

struct Stale;

// What a file becomes that somebody writes at a name behind a lens.
struct BroughtAs {
  AttachTo to;
  std::string extension;  // that it has to be: "mov"
  std::string profile;
};

class LensView final : public View {
 public:
  // How an entry of a folder is found without a lens, and what the folder holds.
  using Find = std::function<Result<Found>(Database&, NodeId folder, std::string_view name)>;
  using List = std::function<Result<Listing>(Database&, NodeId folder)>;
  using Look = std::function<Result<Attributes>(Database&, NodeId folder)>;
  struct Plain {
    Find find;
    List list;
    Look attributes;
  };
  LensView(ViewContext& context, LensNodes& nodes, const RenditionSettings& settings, Plain plain)
      : View(context), nodes_(nodes), settings_(settings), plain_(std::move(plain)) {}

  [[nodiscard]] Result<Found> child(Database& db, NodeId folder, std::string_view name) override;
  [[nodiscard]] Result<Listing> list(Database& db, NodeId folder) override;
  // Of folders and renditions.
  [[nodiscard]] Result<Attributes> attributes(Database& db, NodeId node) override;

  // What folders answer to beside their entries: "@<profile>", "logo@w800.webp".
  [[nodiscard]] Result<Found> lens(Database& db, NodeId folder, std::string_view name);

  // A rendition that a name would show if it were there; nothing if none is to be made for it.
  [[nodiscard]] Result<std::optional<NewJob>> missing(Database& db, NodeId folder,
                                                      std::string_view name);

  // Whose rendition a file would be that is written at that name; nothing: of none, and nowhere in
  // the past. `shown`: what the name leads to already, if it does.
  [[nodiscard]] Result<std::optional<BroughtAs>> brought_as(Database& db, NodeId folder,
                                                            std::string_view name,
                                                            std::optional<NodeId> shown);
  // A rendition is open from now on, or no more: whoever has it open may ask for its attributes
  // after another took its place.
  void opened(NodeId rendition);
  void closed(NodeId rendition);
  // Why the last such file was not taken; nothing: it was. Kept for as long as this process lives.
  void note_refusal(ObjectId source, const Recipe& recipe, std::optional<std::string> why);
  [[nodiscard]] std::optional<std::string> why_refused(ObjectId source, const Recipe& recipe) const;

  // The drive's root through a profile; not_found if there is none of that name.
  [[nodiscard]] Result<NodeId> rooted_at(std::string_view profile);

  // Adds what is stale behind a lens because it is without one.
  void expand(Stale& stale) const;
  [[nodiscard]] const LensNodes& nodes() const { return nodes_; }
  [[nodiscard]] bool is_used() const { return nodes_.count() > 0; }
  [[nodiscard]] const RenditionSettings& settings() const { return settings_; }

 private:
  // Whether the asker may write everything that has these bytes.
  [[nodiscard]] Result<bool> may_write_all(Database& db, ObjectId object);
  // What a lens shows of one entry of a folder.
  struct Shown {
    enum class As { rendition, original, pending, hidden } as = As::hidden;
    Found found{};
    std::string name;
    AssetId asset{};
    std::optional<NewJob> job{};  // what it waits for, where pending
  };
  // A folder's entries, made once until the next change.
  struct Composed {
    NodeId node{};
    ChangeId as_of{};
    std::uint64_t viewer = 0;  // AccessGate::viewer
    Listing listing;
    std::unordered_map<std::string, std::size_t> index;
    std::chrono::steady_clock::time_point made = std::chrono::steady_clock::now();
    [[nodiscard]] bool is_over() const {  // where it is momentary
      return std::chrono::steady_clock::now() - made > std::chrono::seconds(1);
    }
  };
  using SharedComposed = std::shared_ptr<const Composed>;

  [[nodiscard]] Result<Shown> show(OriginalLookup& known, const Profile& profile,
                                   const Found& entry, std::string_view name) const;
  [[nodiscard]] static Result<Shown> show_rendition(OriginalLookup& known, const Original& original,
                                                    const Recipe& recipe);
  [[nodiscard]] Result<Making> making_of(Database& db, AssetId asset,
                                         std::string_view profile) const;
  [[nodiscard]] Result<Found> found_folder(const LensNode& node, const Found& folder);
  [[nodiscard]] Result<Found> child_of(Database& db, NodeId id, const LensNode& at,
                                       std::string_view name);
  [[nodiscard]] Result<Listing> compose(Database& db, const LensNode& at);
  [[nodiscard]] Result<SharedComposed> composed(Database& db, NodeId id, const LensNode& at);
  [[nodiscard]] static Result<Attributes> file_attributes(Database& db, NodeId node);
  [[nodiscard]] Result<Listing> list_profiles(Database& db);
  // Entries of a folder whose names have this stem, in the order of its listing.
  using Named = std::vector<std::pair<std::string, Found>>;
  [[nodiscard]] Result<Named> with_stem(Database& db, NodeId folder, std::string_view stem);
  // The originals that a name in a folder without a lens may stand for.
  [[nodiscard]] Result<Named> originals_of(Database& db, NodeId folder, std::string_view name);
  [[nodiscard]] Result<Shown> show_selected(Database& db, NodeId folder, std::string_view name);

  LensNodes& nodes_;
  const RenditionSettings& settings_;
  Plain plain_;
  mutable std::mutex mutex_;            // guards what follows; rank: leaf
  std::list<SharedComposed> composed_;  // newest use first
  std::map<std::pair<ObjectId, std::string>, std::string> refusals_;  // by source and recipe
  std::unordered_map<NodeId, Attributes> open_;
};

// Whether an entry without a lens is one of an asset, a sequence included, and no folder.
[[nodiscard]] bool is_file_of_asset(NodeId node, const Attributes& attributes);
// The folder that a node is a view of, behind a lens or not.
[[nodiscard]] bool is_behind_lens(NodeId node);

}  // namespace lensfs
