-- LensFS catalog, schema 9: who used what. What people changed is in changes; these are the files
-- that they opened, as the mount that they opened them through noted it.

-- One person, by one program and door, who opened one version of an asset in one way, once or
-- several times in a short while.
CREATE TABLE uses (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  asset_id INTEGER NOT NULL,     -- may be gone by now
  at_ns    INTEGER NOT NULL,     -- when it was opened first
  last_ns  INTEGER NOT NULL,     -- when it was opened last
  times    INTEGER NOT NULL,
  act      INTEGER NOT NULL,     -- UseAct in model/usage.h
  door     INTEGER NOT NULL,     -- Door in model/usage.h
  uid      INTEGER NOT NULL,
  program  TEXT NOT NULL,        -- '': not known
  lens     TEXT NOT NULL,        -- '': the file itself; "version", or a profile
  version  INTEGER NOT NULL,     -- its number; 0: of what was not saved yet
  open_ns  INTEGER,              -- how long, all times together; NULL: not known, or still open
  bytes    INTEGER               -- that the mount handed out; NULL: the kernel read by itself
) STRICT;
CREATE INDEX uses_by_asset ON uses (asset_id, at_ns);
CREATE INDEX uses_by_time ON uses (at_ns);

-- What searches ask. Outlives the rows above.
CREATE TABLE asset_usage (
  asset_id INTEGER PRIMARY KEY REFERENCES assets (id) ON DELETE CASCADE,
  last_ns  INTEGER NOT NULL,
  times    INTEGER NOT NULL
) STRICT;

-- The program through which something was changed; NULL: a command of LensFS, or not known.
ALTER TABLE changes ADD COLUMN program TEXT;
ALTER TABLE drafts ADD COLUMN program TEXT;
-- What happened to one asset.
CREATE INDEX changes_by_asset ON changes (asset_id, id) WHERE asset_id IS NOT NULL;
