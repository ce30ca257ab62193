// Tree: the drive as folders and files, without the kernel: what `lensfs ls` shows and what the
// mount serves. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "catalog/model/frame_name.h"
#include "catalog/model/request_log.h"
#include "catalog/model/settings.h"
#include "fs/view.h"
#include "fs/view_lens.h"
#include "fs/view_sidecar.h"
#include "fs/view_time.h"

namespace lensfs {

// Who asks, and the kernel's number of the request so that it is carried out once.
struct Asking {
  Actor actor;
  RequestKey request;
};

// Whether a name may lead somewhere though no folder lists it: what it leads to can change at any
// time.
[[nodiscard]] inline bool may_be_typed(std::string_view name) {
  return TimeView::may_be_lens(name) || selected_rendition(name).has_value() ||
         frame_name(name).has_value();
}

class Tree {
 public:
  // `catalog` and `log` outlive the tree. `settings`: as lensfs.toml says.
  Tree(Catalog& catalog, PathLog& log, Settings settings = {});
  ~Tree();

  // All of these answer as the rules of access say to this thread's asker (asker.h).
  [[nodiscard]] Result<Found> lookup(NodeId folder, std::string_view name);
  [[nodiscard]] Result<Attributes> attributes(NodeId node);
  [[nodiscard]] Result<std::string> link_target(NodeId node);
  // A path from the drive's root, with or without a leading slash; links are followed.
  [[nodiscard]] Result<NodeId> resolve(std::string_view path);

  // --- rules of access (tree_access.cpp)
  [[nodiscard]] AccessGate& access() { return access_; }
  // not_found for what the asker may not see, denied for what they may not do with it.
  [[nodiscard]] Status allow(NodeId node, Right wanted);
  // The same for an entry of a folder; what is not there is nobody's.
  [[nodiscard]] Status allow(NodeId folder, std::string_view name, Right wanted);
  // For what takes a name away from a folder. That terms come off with it edit() looks at.
  [[nodiscard]] Status allow_removal(NodeId folder, std::string_view name);
  // What was made or changed, as a look-up would show it.
  [[nodiscard]] Found shown(NodeId folder, Found found);
  // Whether somebody else would find something where the asker finds nothing.
  [[nodiscard]] bool is_hidden(NodeId folder, std::string_view name);

  // What a folder holds. `again` gives what an unfinished listing was begun with, if it is still
  // kept, so that a long listing is made once; its as_of tells whether it still holds.
  enum class Read { fresh, again };
  using Shared = std::shared_ptr<const Listing>;
  [[nodiscard]] Result<Shared> list(NodeId folder, Read read);
  [[nodiscard]] bool holds(const Listing& listing) const {
    return staleness_.everything_holds(listing.as_of) && listing.drafts_begun == drafts_begun_;
  }

  // --- changes
  // Carries out `work` in one transaction, exactly once however often the kernel sends the request,
  // and takes in what it changed. denied, and nothing is done, where a term that rules bind comes
  // off and the asker does not manage them, or is put on by who may not write there. A request that
  // an earlier worker carried out succeeds at once: `work` is not called.
  [[nodiscard]] Status edit(const Asking& asking, const std::function<Status(Editing&)>& work);
  // What a transaction logged so far, for accept() once it is committed.
  [[nodiscard]] static Result<std::vector<Change>> logged_by(Transaction& txn);
  // Why a name cannot be removed or moved: what is only seen through a lens is read only, not
  // missing.
  [[nodiscard]] Status explained(Status failed, NodeId folder, std::string_view name);
  // The view that a folder belongs to, for edits.
  [[nodiscard]] Result<View*> view_of(NodeId node);
  [[nodiscard]] const ViewContext& context() const { return context_; }

  // Takes in a change that another process or thread committed; to be called for each, in order,
  // before anybody is told of it.
  void accept(const Change& change);

  // A file that was listed as saved is written to from now on; the change log says nothing of that.
  void draft_begun() { ++drafts_begun_; }

  // The number under which the change log knows this mount; none for a tree without one.
  void set_origin(std::int64_t origin) { origin_ = origin; }
  [[nodiscard]] std::optional<std::int64_t> origin() const { return origin_; }

  [[nodiscard]] Catalog& catalog() { return context_.catalog; }
  [[nodiscard]] PathNodes& nodes() { return nodes_; }
  [[nodiscard]] const TimeView& time() const { return *time_; }
  [[nodiscard]] LensView& lens() { return *lens_; }
  [[nodiscard]] const LensView& lens() const { return *lens_; }

  // --- sidecars (view_sidecar.h)
  [[nodiscard]] Result<std::string> sidecar_text(NodeId node);
  [[nodiscard]] Status take_sidecar(const Asking& asking, NodeId node, std::string_view text);

  // --- a drive that is rooted at a profile
  // From now on the root shows the drive through this profile; "": as it is. Folders that somebody
  // is in stay what they were. not_found if there is no such profile.
  [[nodiscard]] Status root_at(std::string_view profile);
  // A rendition that is not there yet, and that a name would show; nothing if there will be none.
  [[nodiscard]] Result<std::optional<NewJob>> missing(NodeId folder, std::string_view name);

 private:
  [[nodiscard]] Result<Found> look_up_once(NodeId folder, std::string_view name);
  [[nodiscard]] Result<Attributes> attributes_once(NodeId node);
  [[nodiscard]] LensView::Plain plain();
  void begin_access();
  // What lies in a folder of a project, whoever may see it. An edit acts on that, and not on what
  // is made up where the asker sees nothing (name@v1.txt).
  [[nodiscard]] Result<std::optional<NodeId>> real_entry(NodeId folder, std::string_view name);
  // An entry of a folder without any lens of resolution.
  [[nodiscard]] Result<Found> find_plain(Database& db, NodeId folder, std::string_view name);
  // What a view says of it, as the asker may see it.
  [[nodiscard]] Result<Found> child_in_view(Database& db, NodeId folder, std::string_view name);
  [[nodiscard]] Result<Listing> list_in_view(Database& db, NodeId folder);
  struct Kept {
    NodeId folder{};
    Shared listing;
  };
  [[nodiscard]] Shared kept_listing(NodeId folder, Read read, std::uint64_t viewer);
  void keep_listing(NodeId folder, const Shared& listing);

  // What the root is a view of.
  [[nodiscard]] NodeId behind_root(NodeId folder) const {
    return folder == NodeId::root ? root_at_.load() : folder;
  }

  const Settings settings_;
  PathNodes nodes_;
  TimeNodes time_nodes_;
  LensNodes lens_nodes_;
  AccessGate access_;
  Staleness staleness_;
  CachedSets sets_;
  RefusedQueries refused_;
  ViewContext context_;
  std::optional<std::int64_t> origin_;
  std::atomic<std::uint64_t> drafts_begun_{0};
  std::unique_ptr<View> root_, projects_, tags_, search_, paths_, files_, trash_, sequences_;
  std::unique_ptr<SidecarView> sidecars_;
  std::unique_ptr<TimeView> time_;
  std::unique_ptr<LensView> lens_;
  std::atomic<NodeId> root_at_{NodeId::root};
  std::mutex mutex_;      // guards kept_; rank: leaf
  std::list<Kept> kept_;  // newest use first
};

}  // namespace lensfs
