#include "fs/access_attribute.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "fs/posix_acl.h"

namespace lensfs {
namespace {

constexpr std::string_view kRule = "user.lensfs.access";
constexpr std::string_view kRight = "user.lensfs.right";
constexpr std::string_view kList = "system.posix_acl_access";
constexpr std::string_view kDefaultList = "system.posix_acl_default";

Status allow_rule(Tree& tree, NodeId node) {
  return tree.allow(node, Right::manage);
}

// --- a rule as an access list

std::uint16_t bits_of(std::optional<Right> right, const Attributes& attributes) {
  if (!right) return attributes.mode & 7U;
  const bool is_folder = S_ISDIR(attributes.mode);
  if (is_folder) return *right == Right::none ? 0 : *right >= Right::write ? 7 : 5;
  return *right >= Right::write ? 6 : *right == Right::read ? 4 : 0;
}

// What all rules that bind a thing say to somebody of that description.
class Listed {
 public:
  Listed(const AccessState& state, AccessState::Indices indices) : state_(state) {
    if (state.library()) indices.push_back(*state.library());
    indices_ = std::move(indices);
  }
  [[nodiscard]] bool any() const { return !indices_.empty(); }
  [[nodiscard]] std::optional<Right> right_of(const AccessCaller& caller) const {
    std::optional<Right> lowest;
    for (const std::uint32_t index : indices_) {
      const std::optional<Right> right = state_.rules()[index].says(caller, now_);
      if (right) lowest = std::min(lowest.value_or(Right::manage), *right);
    }
    return lowest;
  }
  // Everybody whom one of them names.
  [[nodiscard]] std::set<std::pair<AclEntry::Tag, std::int64_t>> named() const {
    std::set<std::pair<AclEntry::Tag, std::int64_t>> all;
    for (const std::uint32_t index : indices_) {
      for (const ScopeRule::Entry& entry : state_.rules()[index].entries) {
        for (const ScopeRule::Named& one : entry.named) {
          if (one.number < 0) continue;
          const bool is_user = one.kind == RuleSubject::Kind::user;
          all.emplace(is_user ? AclEntry::Tag::user : AclEntry::Tag::group, one.number);
        }
      }
    }
    return all;
  }

 private:
  const AccessState& state_;
  AccessState::Indices indices_;
  Nanoseconds now_ = Clock().now();
};

std::vector<AclEntry> entries_of(const Listed& listed, const Attributes& attributes) {
  const auto owner = static_cast<std::uint16_t>((attributes.mode >> 6U) & 7U);
  const std::uint16_t other = bits_of(listed.right_of({}), attributes);
  const std::uint16_t group = bits_of(listed.right_of({.groups = {attributes.gid}}), attributes);
  std::vector<AclEntry> entries = {{AclEntry::Tag::owner, owner},
                                   {AclEntry::Tag::owning_group, group},
                                   {AclEntry::Tag::other, other}};
  std::uint16_t mask = group;
  const auto named = listed.named();
  for (const auto& [tag, id] : named) {
    const AccessCaller caller =
        tag == AclEntry::Tag::user ? AccessCaller{.uid = id} : AccessCaller{.groups = {id}};
    const std::uint16_t bits = bits_of(listed.right_of(caller), attributes);
    mask |= bits;
    entries.push_back({tag, bits, static_cast<std::uint32_t>(id)});
  }
  if (!named.empty()) entries.push_back({AclEntry::Tag::mask, mask});
  return entries;
}

Result<std::string> access_list(Tree& tree, NodeId node) {
  LENSFS_TRY(const Attributes attributes, tree.attributes(node));
  LENSFS_TRY(const auto db, tree.catalog().read());
  LENSFS_TRY(const AccessBook::State state, tree.access().book().state(*db));
  if (state == nullptr) return fail(Errc::not_supported);
  LENSFS_TRY(AccessState::Indices indices, tree.access().rules_of(*db, *state, node));
  const Listed listed(*state, std::move(indices));
  if (!listed.any()) return fail(Errc::no_attribute);
  return acl_bytes(entries_of(listed, attributes));
}

// --- an access list as a rule

Result<Right> right_from(std::uint16_t bits, bool is_folder) {
  if (is_folder) {
    if (bits == 0) return Right::none;
    if (bits == 5) return Right::read;
    if (bits == 7) return Right::write;
  } else {
    const unsigned without_execute = bits & 6U;
    if (without_execute == 0 && bits == 0) return Right::list;
    if (without_execute == 4) return Right::read;
    if (without_execute == 6) return Right::write;
  }
  return fail(Errc::not_supported, "no rule says that");
}

Result<std::string> rule_from(const std::vector<AclEntry>& entries, const Attributes& attributes) {
  const bool is_folder = S_ISDIR(attributes.mode);
  std::uint16_t mask = 7;
  for (const AclEntry& entry : entries) {
    if (entry.tag == AclEntry::Tag::mask) mask = entry.bits;
  }
  std::string text;
  const auto add = [&](const std::string& who, std::uint16_t bits) -> Status {
    LENSFS_TRY(const Right right, right_from(bits, is_folder));
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", who, name_of(right));
    return {};
  };
  for (const AclEntry& entry : entries) {
    const auto masked = static_cast<std::uint16_t>(entry.bits & mask);
    switch (entry.tag) {
      case AclEntry::Tag::user:
        LENSFS_CHECK(add(fmt::format("user:{}", entry.id), masked));
        break;
      case AclEntry::Tag::group:
        LENSFS_CHECK(add(fmt::format("group:{}", entry.id), masked));
        break;
      case AclEntry::Tag::owning_group: {
        const bool is_named = std::any_of(entries.begin(), entries.end(), [&](const AclEntry& e) {
          return e.tag == AclEntry::Tag::group && e.id == attributes.gid;
        });
        if (!is_named) LENSFS_CHECK(add(fmt::format("group:{}", attributes.gid), masked));
        break;
      }
      case AclEntry::Tag::other:
        LENSFS_CHECK(add("other", entry.bits));
        break;
      case AclEntry::Tag::owner:
        // A rule does not bind less to who happens to have made the file.
        if (entry.bits != ((attributes.mode >> 6U) & 7U)) return fail(Errc::not_supported);
        break;
      case AclEntry::Tag::mask:
        break;
    }
  }
  return text;
}

Status set_rule(Tree& tree, const Asking& asking, NodeId node, std::string_view text) {
  LENSFS_CHECK(parse_access_rule(text));
  return tree.edit(asking, [&](Editing& editing) -> Status {
    LENSFS_TRY(const AccessScope scope, tree.access().scope_of(editing.txn.db(), node));
    return set_access_rule(editing.txn, editing.actor, scope, text);
  });
}

}  // namespace

bool is_access_attribute(std::string_view name) {
  return name == kRule || name == kRight || name == kList || name == kDefaultList;
}

Result<std::string> get_access_attribute(Tree& tree, NodeId node, std::string_view name) {
  LENSFS_CHECK(tree.allow(node, Right::list));
  if (name == kDefaultList) {
    return fail(tree.access().is_active() ? Errc::no_attribute : Errc::not_supported);
  }
  if (name == kList) return access_list(tree, node);
  LENSFS_TRY(const auto db, tree.catalog().read());
  if (name == kRight) {
    LENSFS_TRY(const Right right, tree.access().right_of(*db, node));
    return std::string(name_of(right));
  }
  LENSFS_CHECK(allow_rule(tree, node));
  const auto scope = tree.access().scope_of(*db, node);
  if (!scope) return fail(Errc::no_attribute);
  return find_access_rule(*db, *scope);
}

Status set_access_attribute(Tree& tree, const Asking& asking, NodeId node, std::string_view name,
                            std::string_view value) {
  if (name == kRight) return fail(Errc::not_permitted);
  if (name == kDefaultList) return fail(Errc::not_supported);
  if (name == kList && !tree.access().is_active()) return fail(Errc::not_supported);
  LENSFS_CHECK(allow_rule(tree, node));
  if (name == kRule) return set_rule(tree, asking, node, value);
  LENSFS_TRY(const Attributes attributes, tree.attributes(node));
  LENSFS_TRY(const std::vector<AclEntry> entries, parse_acl(value));
  LENSFS_TRY(const std::string text, rule_from(entries, attributes));
  return set_rule(tree, asking, node, text);
}

Status remove_access_attribute(Tree& tree, const Asking& asking, NodeId node,
                               std::string_view name) {
  if (name == kRight) return fail(Errc::not_permitted);
  if (name == kDefaultList) return fail(Errc::not_supported);
  if (name == kList && !tree.access().is_active()) return fail(Errc::not_supported);
  LENSFS_CHECK(allow_rule(tree, node));
  return tree.edit(asking, [&](Editing& editing) -> Status {
    LENSFS_TRY(const AccessScope scope, tree.access().scope_of(editing.txn.db(), node));
    return clear_access_rule(editing.txn, editing.actor, scope);
  });
}

Result<bool> check_mode(Tree& tree, NodeId node, mode_t mode) {
  if (!tree.access().is_active()) return false;
  LENSFS_TRY(const auto db, tree.catalog().read());
  LENSFS_TRY(const AccessBook::State state, tree.access().book().state(*db));
  if (state == nullptr) return false;
  LENSFS_TRY(const AccessState::Indices indices, tree.access().rules_of(*db, *state, node));
  const auto limits = [&](std::uint32_t index) { return state->rules()[index].most.has_value(); };
  const bool by_library = state->library() && limits(*state->library());
  if (!by_library && std::none_of(indices.begin(), indices.end(), limits)) return false;
  LENSFS_TRY(const Attributes attributes, tree.attributes(node));
  constexpr mode_t kBits = 0777;
  if ((attributes.mode & kBits) == (mode & kBits)) return true;
  return fail(Errc::not_permitted, "rules say who may do what; see lensfs access");
}

}  // namespace lensfs
