#include "catalog/model/text_index.h"

#include <libstemmer.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "catalog/base/text.h"

namespace lensfs {
namespace {

// A phrase as FTS5 reads it: quotes make everything in them words.
std::string as_phrase(std::string_view phrase) {
  std::string text = "\"";
  for (const char c : phrase) {
    if (c == '\0') continue;
    text += c;
    if (c == '"') text += c;
  }
  return text + '"';
}

std::vector<std::string> words_of(std::string_view phrase) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : phrase) {
    const bool inside = (static_cast<unsigned char>(c) & 0x80U) != 0 || (c >= '0' && c <= '9') ||
                        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (inside) {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

struct EndStemmer {
  void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
};
using Stemmer = std::unique_ptr<sb_stemmer, EndStemmer>;

std::string stem_of(const Stemmer& stemmer, std::string_view word) {
  const auto* const letters = reinterpret_cast<const sb_symbol*>(word.data());
  const sb_symbol* const stem =
      sb_stemmer_stem(stemmer.get(), letters, static_cast<int>(word.size()));
  return {reinterpret_cast<const char*>(stem),
          static_cast<std::size_t>(sb_stemmer_length(stemmer.get()))};
}

// All words of the library that have the stem of this one: a stem shares its first letters with all
// its forms, so that only a stretch of the sorted words is looked through.
Result<std::vector<std::string>> forms_of(Database& db, const Stemmer& stemmer,
                                          const std::string& word) {
  constexpr std::size_t kShared = 3;  // bytes at the front that no ending changes
  const std::string folded = fold_name(word);
  const std::string stem = stem_of(stemmer, folded);
  std::string front = stem.substr(0, kShared);
  while (!front.empty() && !is_utf8(front)) front.pop_back();
  std::vector<std::string> forms = {folded};
  if (front.empty()) return forms;
  LENSFS_CHECK(db.each<std::string>(
      "SELECT term FROM word_list WHERE term >= ?1 AND term < ?2 /* SCAN: words that begin so */",
      [&](std::string term) {
        if (term != folded && stem_of(stemmer, term) == stem) forms.push_back(std::move(term));
      },
      front, front + "\xf4\x8f\xbf\xbf"));
  return forms;
}

Result<std::string> match_of_stems(Database& db, std::string_view phrase) {
  const Stemmer stemmer(sb_stemmer_new("english", "UTF_8"));
  if (!stemmer) return fail(Errc::not_supported, "no stemmer for English");
  std::string match;
  for (const std::string& word : words_of(phrase)) {
    LENSFS_TRY(const std::vector<std::string> forms, forms_of(db, stemmer, word));
    std::string any;
    for (const std::string& form : forms) any += (any.empty() ? "" : " OR ") + as_phrase(form);
    match += (match.empty() ? "(" : " AND (") + any + ")";
  }
  return match;
}

// As FTS5 reads it; empty for what is found nowhere.
Result<std::string> match_of(Database& db, const WordQuery& query) {
  if (words_of(query.phrase).empty()) return std::string();
  if (query.stem) return match_of_stems(db, query.phrase);
  return as_phrase(query.phrase) + (query.prefix ? "*" : "");
}

}  // namespace

Status index_text(Transaction& txn, AssetId asset, std::string_view what, std::string_view text) {
  Database& db = txn.db();
  LENSFS_TRY(const std::optional<std::int64_t> before,
             db.maybe<std::int64_t>("SELECT id FROM texts WHERE asset_id = ?1 AND what = ?2", asset,
                                    what));
  if (!before && text.empty()) return {};
  if (before)
    LENSFS_CHECK(db.run("DELETE FROM words WHERE rowid = ?1 /* SCAN: one row */", *before));
  if (text.empty()) {
    LENSFS_CHECK(db.run("DELETE FROM texts WHERE id = ?1", *before));
    return {};
  }
  std::int64_t id = before.value_or(0);
  if (!before) {
    LENSFS_CHECK(db.run("INSERT INTO texts (asset_id, what) VALUES (?1, ?2)", asset, what));
    id = db.last_insert_id();
  }
  LENSFS_CHECK(db.run("INSERT INTO words (rowid, text) VALUES (?1, ?2)", id, text));
  return {};
}

Status forget_texts(Transaction& txn, AssetId asset) {
  LENSFS_CHECK(
      txn.db().run("DELETE FROM words WHERE rowid IN (SELECT id FROM texts WHERE asset_id = ?1)"
                   " /* SCAN: rows by number */",
                   asset));
  LENSFS_CHECK(txn.db().run("DELETE FROM texts WHERE asset_id = ?1", asset));
  return {};
}

Status move_texts(Transaction& txn, AssetId from, AssetId to) {
  LENSFS_CHECK(txn.db().run(
      "DELETE FROM words WHERE rowid IN (SELECT b.id FROM texts a JOIN texts b ON b.asset_id = ?2"
      " AND b.what = a.what WHERE a.asset_id = ?1) /* SCAN: rows by number */",
      from, to));
  LENSFS_CHECK(
      txn.db().run("UPDATE OR REPLACE texts SET asset_id = ?2 WHERE asset_id = ?1", from, to));
  return {};
}

Status copy_texts(Transaction& txn, AssetId from, AssetId to) {
  Database& db = txn.db();
  struct Said {
    std::int64_t id;
    std::string what;
    static Said from(const Row& row) { return {row.integer(0), row.get<std::string>(1)}; }
  };
  std::vector<Said> all;
  LENSFS_CHECK(db.each<Said>(
      "SELECT id, what FROM texts WHERE asset_id = ?1 AND what NOT LIKE 'marker %'",
      [&](Said said) { all.push_back(std::move(said)); }, from));
  for (const Said& said : all) {
    LENSFS_CHECK(db.run("INSERT INTO texts (asset_id, what) VALUES (?1, ?2)", to, said.what));
    LENSFS_CHECK(
        db.run("INSERT INTO words (rowid, text) SELECT ?2, text FROM words WHERE rowid = ?1",
               said.id, db.last_insert_id()));
  }
  return {};
}

Result<SharedSet> assets_saying(Database& db, const WordQuery& query, const Veil& veil) {
  auto set = std::make_shared<AssetSet>();
  LENSFS_TRY(const std::string match, match_of(db, query));
  if (match.empty()) return set;
  struct Said {
    AssetId asset{};
    bool is_content = false;
    static Said from(const Row& row) { return {row.get<AssetId>(0), row.integer(1) != 0}; }
  };
  const auto take = [&](const Said& said) {
    if (said.is_content && veil.id != 0 && veil.covers(said.asset)) return;
    set->add(said.asset);
  };
  LENSFS_CHECK(db.each<Said>(
      "SELECT t.asset_id, t.what = 'content' FROM words w JOIN texts t ON t.id = w.rowid"
      " WHERE words MATCH ?1 AND (?2 = 0 OR t.what LIKE 'marker %') /* SCAN: what matches */",
      take, match, query.in_markers));
  LENSFS_CHECK(remove_hidden(db, *set));
  return set;
}

Result<std::vector<std::string>> texts_saying(Database& db, const WordQuery& query) {
  std::vector<std::string> texts;
  LENSFS_TRY(const std::string match, match_of(db, query));
  if (match.empty()) return texts;
  LENSFS_CHECK(db.each<std::string>(
      "SELECT t.what FROM words w JOIN texts t ON t.id = w.rowid WHERE words MATCH ?1"
      " AND (?2 = 0 OR t.what LIKE 'marker %') /* SCAN: what matches */",
      [&](std::string what) { texts.push_back(std::move(what)); }, match, query.in_markers));
  return texts;
}

}  // namespace lensfs
