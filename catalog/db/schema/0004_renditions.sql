-- LensFS catalog, schema 4: renditions, and the jobs that make them.

CREATE TABLE recipes (
  id   INTEGER PRIMARY KEY AUTOINCREMENT,
  text TEXT NOT NULL UNIQUE                 -- Recipe::text
) STRICT;

-- What a recipe made of an object. Another rendition in its place has another id, which is part of
-- the inode number of the file that shows it.
CREATE TABLE renditions (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  source_id   INTEGER NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
  recipe_id   INTEGER NOT NULL REFERENCES recipes (id),
  object_id   INTEGER NOT NULL REFERENCES objects (id),
  size        INTEGER NOT NULL,
  extension   TEXT NOT NULL,     -- that its format has: "jpg"
  width       INTEGER NOT NULL,  -- pixels; 0: not a picture
  height      INTEGER NOT NULL,
  duration_ns INTEGER NOT NULL,  -- 0: takes no time
  made_ns     INTEGER NOT NULL,
  attached    INTEGER NOT NULL,  -- 1: somebody brought it, it was not made here
  UNIQUE (source_id, recipe_id)
) STRICT;
CREATE INDEX renditions_by_object ON renditions (object_id);

-- Renditions to be made. A row goes when its rendition is there; one that failed stays and says why.
CREATE TABLE jobs (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  source_id   INTEGER NOT NULL REFERENCES objects (id) ON DELETE CASCADE,
  recipe_id   INTEGER NOT NULL REFERENCES recipes (id),
  kind        TEXT NOT NULL,     -- of the asset it was asked for
  name        TEXT NOT NULL,     -- of that asset, for people and for its extension
  state       INTEGER NOT NULL,  -- JobState in model/job.h
  priority    INTEGER NOT NULL,  -- the larger comes first
  attempts    INTEGER NOT NULL DEFAULT 0,
  uid         INTEGER NOT NULL,  -- who asked
  asked_ns    INTEGER NOT NULL,
  due_ns      INTEGER NOT NULL,  -- not before
  worker      TEXT,              -- that makes it now
  started_ns  INTEGER,
  progress    INTEGER NOT NULL DEFAULT 0,  -- per mille
  error       TEXT,              -- of the last attempt
  UNIQUE (source_id, recipe_id)
) STRICT;
CREATE INDEX jobs_by_turn ON jobs (state, priority DESC, id);
CREATE INDEX jobs_by_user ON jobs (uid, state);

-- How far the change log was read for what is to be made.
CREATE TABLE planned (
  id        INTEGER PRIMARY KEY CHECK (id = 1),
  change_id INTEGER NOT NULL
) STRICT;

-- Whose renditions a change is about.
ALTER TABLE changes ADD COLUMN object_id INTEGER;
