// AccessGate: the one place where it is decided what an asker sees of the drive and may do with it.
//
// Whatever path led to it, a node is of an asset, a folder or a term, and the rules are asked about
// that. Tree passes everything that leaves it through here: entries, listings, attributes. What
// views make of sets of assets, they make of the sets that the asker may see (seen()), so that
// names, suffixes and counts come out as if the rest did not exist.
//
// The kernel's caches are shared by all who use a mount: an entry that not everybody sees
// (differs()) is never kept there. In a mount for one audience everybody is that audience, and only
// what a date changes is not kept. Thread-safe.
#pragma once

#include "catalog/model/access_book.h"
#include "catalog/model/identity.h"
#include "fs/asker.h"
#include "fs/listing.h"
#include "fs/path_nodes.h"

namespace lensfs {

struct Found;
class View;

class AccessGate {
 public:
  struct Nodes {
    const PathNodes& paths;
    const TimeNodes& times;
    const LensNodes& lenses;
  };
  explicit AccessGate(Nodes nodes) : nodes_(nodes) {}

  [[nodiscard]] AccessBook& book() { return book_; }
  [[nodiscard]] bool is_active() const { return book_.is_active(); }
  // Whose library it is: the owner sees and may do everything.
  void set_owner(std::int64_t uid) { owner_ = uid; }
  [[nodiscard]] bool is_owner(std::int64_t uid) const { return uid == 0 || uid == owner_; }
  // From now on everybody is this one, the owner included; before any other thread is let in.
  void set_audience(Asker audience) { audience_ = std::move(audience); }
  [[nodiscard]] bool has_audience() const { return audience_ != nullptr; }
  // Whether a rule has a date: what is not there now may come by itself.
  [[nodiscard]] bool has_dates(Database& db);
  // Transactions see what may never be committed: while one lives in this thread, the rules are
  // those that were known before.
  class Within {
   public:
    Within() : before_(std::exchange(flag(), true)) {}
    ~Within() { flag() = before_; }
    Within(const Within&) = delete;
    Within& operator=(const Within&) = delete;
    [[nodiscard]] static bool transaction() { return flag(); }

   private:
    static bool& flag() {
      thread_local bool within = false;
      return within;
    }
    bool before_;
  };

  // What the asker may see; null: everything.
  [[nodiscard]] Result<AccessBook::View> view(Database& db);
  // A number that is the same as long as the asker sees the same; 0: everything.
  [[nodiscard]] Result<std::uint64_t> viewer(Database& db);
  // Without the assets that the asker may not see.
  [[nodiscard]] Result<SharedSet> seen(Database& db, SharedSet set);

  // What of documents the asker may not find, since they may not read it.
  [[nodiscard]] Result<Veil> veil(Database& db);

  [[nodiscard]] Result<Right> right_of(Database& db, NodeId node);
  // not_found for what the asker may not see, denied for what they may not do.
  [[nodiscard]] Status allow(Database& db, NodeId node, Right wanted);
  // Whether the asker may change an asset, for edits that find one by themselves.
  [[nodiscard]] MayChange may_change();
  // Whether a rule is about the term or one above it.
  [[nodiscard]] Result<bool> binds(Database& db, TagId tag);
  // Whether a term may be taken off: that of a rule only by who manages it.
  [[nodiscard]] Status allow_untag(Database& db, TagId tag);
  // Whether something may come to be in a term, or the term itself be changed: where a rule binds
  // it, by who may write there. Of a term that is new the one above it says so.
  [[nodiscard]] Status allow_tag(Database& db, TagId tag);
  // The same for all terms that a transaction put on or took off so far, by whatever way. What it
  // made in a term was allowed before.
  [[nodiscard]] Status allow_term_changes(Transaction& txn);
  // Whether a term may be removed that only deleted files carry, or none.
  [[nodiscard]] Status allow_removing_term(Database& db, TagId tag);
  // Whether a folder of a project may go, and with it a rule of its own. Anything else by that
  // name, or nothing, may.
  [[nodiscard]] Status allow_removing_folder(Database& db, View& in, NodeId parent,
                                             std::string_view name);
  // Whether a term may come to lie in another one (none: at the top), or, as `merged`, be one with
  // another: its own rule and those of the terms below it end then.
  struct TermMove {
    TagId term{};
    std::optional<TagId> from, to;
    bool merged = false;
  };
  [[nodiscard]] Status allow_moving_term(Database& db, const TermMove& move);

  // An entry of a folder as the asker and the kernel get it; not_found if the asker may not see it.
  [[nodiscard]] Status show(Database& db, NodeId folder, Found& found);
  // The same for all entries of a listing. is_mixed says whether it differs between users.
  [[nodiscard]] Result<Listing> shown(Database& db, NodeId folder, Listing listing);
  // Attributes by the rules: the narrowest bits that refuse nobody who has the right.
  [[nodiscard]] Status show(Database& db, NodeId node, Attributes& attributes);

  // Whether names in the folder mean different things to different people.
  [[nodiscard]] Result<bool> is_mixed(Database& db, NodeId folder);

  // The rules that bind a node, beside the library's.
  [[nodiscard]] Result<AccessState::Indices> rules_of(Database& db, const AccessState& state,
                                                      NodeId node) const;
  // What a node's own rule is about; not_supported for what can have none.
  [[nodiscard]] Result<AccessScope> scope_of(Database& db, NodeId node) const;

 private:
  // What a node is, for the rules.
  struct Subject {
    std::optional<AssetId> asset;
    std::optional<FolderId> folder;
    std::optional<TagId> tag;
    std::string label;  // not empty: only who sees something of that label sees it
  };
  [[nodiscard]] Result<Subject> subject_of(Database& db, NodeId node) const;
  [[nodiscard]] Result<Right> right_of(Database& db, const AccessView& view, NodeId node);
  [[nodiscard]] static AccessState::Indices indices(const AccessState& state,
                                                    const Subject& subject);
  [[nodiscard]] Result<AccessBook::State> state(Database& db);
  [[nodiscard]] bool differs(const AccessState& state, const AccessState::Indices& rules) const;
  // Whether names in the folder depend on what else is in it.
  [[nodiscard]] bool is_flat(const AccessState& state, NodeId folder) const;
  void show(const AccessState& state, const AccessState::Indices& rules,
            Attributes& attributes) const;
  [[nodiscard]] const Asker& asker() const {
    return audience_ != nullptr ? audience_ : current_asker();
  }

  Nodes nodes_;
  AccessBook book_;
  Asker audience_;
  std::int64_t owner_ = 0;
};

}  // namespace lensfs
