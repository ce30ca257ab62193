// A query's tree becomes a set. Nothing that was typed reaches SQL but as a bound value.
#include <fmt/format.h>

#include <algorithm>

#include "catalog/base/text.h"
#include "catalog/model/glob.h"
#include "catalog/model/project.h"
#include "catalog/model/search_internal.h"
#include "catalog/model/tag.h"

namespace lensfs {
namespace {

SharedSet empty_set() {
  static const SharedSet kEmpty = std::make_shared<AssetSet>();
  return kEmpty;
}

// A tag, project … that does not exist matches nothing; other failures stay failures.
Result<SharedSet> empty_if_missing(Result<SharedSet> set) {
  if (!set && set.error().code() == Errc::not_found) return empty_set();
  return set;
}

// Terms whose last part is the value; at most some thousands are compared.
Result<std::vector<TagId>> tags_called(Database& db, std::string_view value) {
  const std::string folded = fold_name(value);
  LENSFS_TRY(const std::vector<Tag> tags, all_tags(db));
  std::vector<TagId> called;
  for (const Tag& tag : tags) {
    if (fold_name(tag.name) == folded) called.push_back(tag.id);
  }
  return called;
}

// "[" alone is a character here: only name: takes character classes.
std::string glob_around(std::string_view value) {
  std::string glob = "*";
  for (const char c : value) {
    if (c == '[') {
      glob += "[[]";
    } else {
      glob += c;
    }
  }
  return glob + "*";
}

// A bare value as words; a * at its end means that the last one goes on.
Query said_term(std::string_view value) {
  Query term;
  term.key = "text";
  term.value = value;
  return term;
}

Result<SharedSet> evaluate_bare(Database& db, SetSource& sets, std::string_view value) {
  LENSFS_TRY(const SharedSet named, sets.named(db, glob_around(value)));
  LENSFS_TRY(const std::vector<TagId> tags, tags_called(db, value));
  LENSFS_TRY(const SharedSet said, sets.matching(db, said_term(value)));
  if (tags.empty() && said->empty()) return named;
  auto all = std::make_shared<AssetSet>(*named);
  *all |= *said;
  for (const TagId tag : tags) {
    LENSFS_TRY(const SharedSet tagged, tagged_below(db, sets, tag));
    *all |= *tagged;
  }
  return all;
}

// Whether it asks for what a facet has: its value, exactly.
bool is_facet(const Query& term) {
  constexpr std::string_view kFacets[] = {"tag", "project", "kind", "ext", "label"};
  const bool plain = term.compare == Compare::matches || term.compare == Compare::equals;
  return plain && std::find(std::begin(kFacets), std::end(kFacets), term.key) != std::end(kFacets);
}

Result<SharedSet> evaluate_term(Database& db, SetSource& sets, const Query& term) {
  if (term.key.empty()) return evaluate_bare(db, sets, term.value);
  if (is_facet(term)) return empty_if_missing(facet_set(db, sets, term.key, term.value));
  if (term.key == "name" && term.compare != Compare::differs) return sets.named(db, term.value);
  return empty_if_missing(sets.matching(db, term));
}

Result<SharedSet> evaluate_any(Database& db, SetSource& sets, const std::vector<Query>& parts) {
  auto any = std::make_shared<AssetSet>();
  for (const Query& part : parts) {
    LENSFS_TRY(const SharedSet set, evaluate(db, sets, part));
    *any |= *set;
  }
  return any;
}

// So many are asked one by one what they are; more, and the set of all that are so costs less.
constexpr std::uint64_t kFew = 512;

// What most assets may have in common comes last: of a few that are left each is asked.
std::vector<const Query*> by_cost(const std::vector<Query>& parts) {
  std::vector<const Query*> sorted;
  for (const Query& part : parts) {
    if (part.op != Query::Op::none_of) sorted.push_back(&part);
  }
  std::stable_partition(sorted.begin(), sorted.end(),
                        [](const Query* part) { return !is_told_by_each(*part); });
  return sorted;
}

// What is asked for is intersected first, then what is not wanted is taken off: "not" costs no
// set of everything unless it stands alone.
Result<SharedSet> evaluate_all(Database& db, SetSource& sets, const std::vector<Query>& parts) {
  std::shared_ptr<AssetSet> all;
  for (const Query* const part : by_cost(parts)) {
    if (all && all->count() <= kFew && is_told_by_each(*part)) {
      LENSFS_TRY(AssetSet left, found_among(db, *all, *part));
      *all = std::move(left);
      if (all->empty()) return all;
      continue;
    }
    LENSFS_TRY(const SharedSet set, evaluate(db, sets, *part));
    if (!all) {
      all = std::make_shared<AssetSet>(*set);
    } else {
      *all &= *set;
    }
    if (all->empty()) return all;
  }
  if (!all) {
    LENSFS_TRY(const SharedSet everything, sets.all(db));
    all = std::make_shared<AssetSet>(*everything);
  }
  for (const Query& part : parts) {
    if (part.op != Query::Op::none_of) continue;
    LENSFS_TRY(const SharedSet set, evaluate(db, sets, part.parts.front()));
    *all -= *set;
  }
  return all;
}

}  // namespace

Result<SharedSet> evaluate(Database& db, SetSource& sets, const Query& query) {
  switch (query.op) {
    case Query::Op::term:
      return evaluate_term(db, sets, query);
    case Query::Op::any_of:
      return evaluate_any(db, sets, query.parts);
    case Query::Op::all_of:
      return evaluate_all(db, sets, query.parts);
    case Query::Op::none_of:
      return evaluate_all(db, sets, {query});
  }
  return fail(Errc::invalid, "not a query");
}

std::vector<std::string> marker_phrases_of(const Query& query) {
  if (query.op == Query::Op::term) {
    return query.key == "marker" ? std::vector{query.value} : std::vector<std::string>();
  }
  std::vector<std::string> phrases;
  if (query.op == Query::Op::none_of) return phrases;
  for (const Query& part : query.parts) {
    for (std::string& phrase : marker_phrases_of(part)) phrases.push_back(std::move(phrase));
  }
  return phrases;
}

Result<std::vector<Marker>> markers_found(Database& db, const Query& query,
                                          const AssetSet& assets) {
  std::vector<Marker> found;
  for (const std::string& phrase : marker_phrases_of(query)) {
    LENSFS_TRY(std::vector<Marker> markers, markers_saying(db, phrase));
    std::copy_if(std::move_iterator(markers.begin()), std::move_iterator(markers.end()),
                 std::back_inserter(found),
                 [&](const Marker& marker) { return assets.contains(marker.asset); });
  }
  return found;
}

}  // namespace lensfs
