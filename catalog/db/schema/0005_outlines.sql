-- LensFS catalog, schema 5: renditions that are rendered when they are read.

-- Known to the byte, not made yet: the files staging/outlines/<id>.* hold what there is of it. The
-- row stays when its rendition is there, for who still has the file open, and goes with its source.
CREATE TABLE outlines (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  source_id   INTEGER NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
  recipe_id   INTEGER NOT NULL REFERENCES recipes (id),
  build       TEXT NOT NULL,     -- whose slots it holds: engine_build() in transcode/outline.h
  size        INTEGER NOT NULL,
  extension   TEXT NOT NULL,     -- that its format has: "mov"
  width       INTEGER NOT NULL,  -- pixels; 0: not a picture
  height      INTEGER NOT NULL,
  duration_ns INTEGER NOT NULL,
  made_ns     INTEGER NOT NULL,
  UNIQUE (source_id, recipe_id)
) STRICT;
