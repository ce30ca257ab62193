// AssetSet: a set of assets as a compressed bitmap, and the source of the sets that queries are
// made of. All folders of the drive that are not project folders are such sets.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <roaring/roaring.hh>

#include "catalog/model/asset.h"

// CRoaring had no namespace before 0.3: this finds its class in either form.
namespace roaring {}
namespace lensfs::bitmap {
using namespace ::roaring;  // NOLINT(google-build-using-namespace)
using Bits = Roaring;
}  // namespace lensfs::bitmap

namespace roaring {}  // namespace roaring

namespace lensfs {

namespace bitmap {
using namespace ::roaring;
using Bits = Roaring;
}  // namespace bitmap

class AssetSet {
 public:
  AssetSet() = default;
  [[nodiscard]] bool contains(AssetId id) const { return bits_.contains(bit(id)); }
  [[nodiscard]] std::uint64_t count() const { return bits_.cardinality(); }
  [[nodiscard]] bool empty() const { return bits_.isEmpty(); }
  void add(AssetId id) { bits_.add(bit(id)); }
  void remove(AssetId id) { bits_.remove(bit(id)); }
  // Oldest first. The visitor returns false to stop.
  template <typename Visit>
  void each(Visit&& visit) const {
    for (const std::uint32_t id : bits_) {
      if (!visit(static_cast<AssetId>(id))) return;
    }
  }
  AssetSet& operator&=(const AssetSet& other) {
    bits_ &= other.bits_;
    return *this;
  }
  AssetSet& operator|=(const AssetSet& other) {
    bits_ |= other.bits_;
    return *this;
  }
  AssetSet& operator-=(const AssetSet& other) {
    bits_ -= other.bits_;
    return *this;
  }
  [[nodiscard]] std::uint64_t count_common(const AssetSet& other) const {
    return bits_.and_cardinality(other.bits_);
  }

 private:
  static std::uint32_t bit(AssetId id) { return static_cast<std::uint32_t>(number(id)); }
  bitmap::Bits bits_;
};

using SharedSet = std::shared_ptr<const AssetSet>;

// SetSource: where a query gets its sets. SqlSets answers from the database each time; a mount puts
// a cache in front of it.
struct Query;
// Veil: what documents say must not be found by whoever may not read them.
struct Veil {
  std::uint64_t id = 0;                           // the same: the same is veiled; 0: nothing is
  std::function<bool(AssetId)> covers = nullptr;  // set unless id is 0
  // For the key of what is kept of a set that it was made for.
  [[nodiscard]] std::string suffix() const { return id == 0 ? "" : " for " + std::to_string(id); }
};
class SetSource {
 public:
  virtual ~SetSource() = default;
  // For whoever asks.
  [[nodiscard]] virtual Result<Veil> veil(Database&) { return Veil(); }
  [[nodiscard]] virtual Result<SharedSet> all(Database& db) = 0;
  // Assets that carry this very term (not its sub-terms).
  [[nodiscard]] virtual Result<SharedSet> tagged(Database& db, TagId tag) = 0;
  [[nodiscard]] virtual Result<SharedSet> in_project(Database& db, ProjectId project) = 0;
  [[nodiscard]] virtual Result<SharedSet> of_kind(Database& db, std::string_view kind) = 0;
  // Assets whose field `key` equals `value` exactly.
  [[nodiscard]] virtual Result<SharedSet> with_field(Database& db, std::string_view key,
                                                     std::string_view value) = 0;
  // Assets that a term of a query finds (search.h).
  [[nodiscard]] virtual Result<SharedSet> matching(Database& db, const Query& term) = 0;
  // Assets with a name that matches a glob (* ? [a-z]), case-blind (on fold_name of both).
  [[nodiscard]] virtual Result<SharedSet> named(Database& db, std::string_view glob) = 0;
};

class SqlSets final : public SetSource {
 public:
  SqlSets() = default;
  explicit SqlSets(Veil veil) : veil_(std::move(veil)) {}
  [[nodiscard]] Result<Veil> veil(Database&) override { return veil_; }
  [[nodiscard]] Result<SharedSet> all(Database& db) override;
  [[nodiscard]] Result<SharedSet> tagged(Database& db, TagId tag) override;
  [[nodiscard]] Result<SharedSet> in_project(Database& db, ProjectId project) override;
  [[nodiscard]] Result<SharedSet> of_kind(Database& db, std::string_view kind) override;
  [[nodiscard]] Result<SharedSet> with_field(Database& db, std::string_view key,
                                             std::string_view value) override;
  [[nodiscard]] Result<SharedSet> matching(Database& db, const Query& term) override;
  [[nodiscard]] Result<SharedSet> named(Database& db, std::string_view glob) override;

 private:
  Veil veil_;
};

// Takes scratch files, links and what lies in the trash out: they are in no set.
[[nodiscard]] Status remove_hidden(Database& db, AssetSet& set);
// A term with all its sub-terms and what implies one of them.
[[nodiscard]] Result<SharedSet> tagged_below(Database& db, SetSource& sets, TagId tag);

}  // namespace lensfs
