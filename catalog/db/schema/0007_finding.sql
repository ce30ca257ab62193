-- LensFS catalog, schema 7: values with a type and a source, words to look for, synonyms and
-- implications of terms, markers.

-- What a value is as a quantity: a number, seconds of a duration, seconds since 1970 of a date;
-- NULL: text. fields holds the values that count; those of weaker sources wait below.
ALTER TABLE fields ADD COLUMN number REAL;
CREATE INDEX fields_by_number ON fields (key, number, asset_id) WHERE number IS NOT NULL;

CREATE TABLE hidden_fields (
  asset_id INTEGER NOT NULL REFERENCES assets (id),
  key      TEXT NOT NULL,
  source   TEXT NOT NULL,
  value    TEXT NOT NULL,
  number   REAL,
  PRIMARY KEY (asset_id, key, source)
) STRICT, WITHOUT ROWID;

-- Fields that were declared.
CREATE TABLE field_types (
  key         TEXT PRIMARY KEY,
  form        TEXT NOT NULL,     -- FieldForm by name
  choices     TEXT NOT NULL,     -- of a vocabulary, one on a line
  help        TEXT NOT NULL,
  in_settings INTEGER NOT NULL   -- 1: lensfs.toml says so
) STRICT, WITHOUT ROWID;

-- What was read out of an object, so that it is read once.
CREATE TABLE extractions (
  object_id INTEGER PRIMARY KEY REFERENCES objects (id) ON DELETE CASCADE,
  extractor TEXT NOT NULL,       -- its version: another one reads again
  done_ns   INTEGER NOT NULL,
  facts     TEXT NOT NULL,       -- JSON: {"fields": {key: value}, "tags": [term], "text": "…"}
  error     TEXT                 -- why nothing could be read
) STRICT;

-- Texts that words are looked for in: the values of fields, markers, what documents say.
CREATE TABLE texts (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  asset_id INTEGER NOT NULL REFERENCES assets (id),
  what     TEXT NOT NULL,        -- "field KEY", "marker ID", "content"
  UNIQUE (asset_id, what)
) STRICT;
CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
CREATE VIRTUAL TABLE word_list USING fts5vocab (words, 'row');
INSERT INTO texts (asset_id, what) SELECT asset_id, 'field ' || key FROM fields;
INSERT INTO words (rowid, text)
  SELECT t.id, f.value FROM fields f JOIN texts t ON t.asset_id = f.asset_id AND t.what = 'field ' || f.key;

-- Other names of a term, and terms that it brings with it.
CREATE TABLE synonyms (
  name_key TEXT PRIMARY KEY,     -- fold_name(name)
  name     TEXT NOT NULL,
  tag_id   INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX synonyms_by_tag ON synonyms (tag_id);
CREATE TABLE implications (
  tag_id     INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
  implied_id INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
  PRIMARY KEY (tag_id, implied_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX implications_by_implied ON implications (implied_id, tag_id);

-- Ranges of a time-based asset, in frames of its own rate from its first one.
CREATE TABLE markers (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  asset_id    INTEGER NOT NULL REFERENCES assets (id),
  start_frame INTEGER NOT NULL CHECK (start_frame >= 0),
  frames      INTEGER NOT NULL CHECK (frames >= 0),   -- 0: a point
  name        TEXT NOT NULL,
  text        TEXT NOT NULL,
  colour      TEXT NOT NULL,
  author      TEXT NOT NULL,
  created_ns  INTEGER NOT NULL
) STRICT;
CREATE INDEX markers_by_asset ON markers (asset_id, start_frame);
