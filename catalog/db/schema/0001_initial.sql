-- LensFS catalog, schema 1. Times are nanoseconds since 1970 UTC. Ids are never used again.

CREATE TABLE library (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  uuid       TEXT NOT NULL,
  created_ns INTEGER NOT NULL
) STRICT;

-- Immutable bytes: the file objects/ab/cd/<hash>-<size>[.serial].
CREATE TABLE objects (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  hash       BLOB NOT NULL CHECK (length(hash) = 16),
  size       INTEGER NOT NULL CHECK (size >= 0),
  serial     INTEGER NOT NULL DEFAULT 0,
  created_ns INTEGER NOT NULL,
  UNIQUE (hash, size, serial)
) STRICT;
CREATE INDEX objects_by_size ON objects (size);

-- What people name and tag. The columns from version_id on repeat what listing a folder needs of
-- the current version, so that a listing reads one row per asset.
CREATE TABLE assets (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL,      -- legal spelling; the name in flattened folders
  name_key   TEXT NOT NULL,      -- fold_name(name): what clashes on a case-blind system
  kind       TEXT NOT NULL,      -- video, audio, image, document, design, sequence, other
  uid        INTEGER NOT NULL,
  gid        INTEGER NOT NULL,
  mode       INTEGER NOT NULL,   -- permission bits only
  places     INTEGER NOT NULL DEFAULT 0,
  created_ns INTEGER NOT NULL,
  changed_ns INTEGER NOT NULL,   -- ctime: the last change of bytes, tags, fields or attributes
  version_id INTEGER REFERENCES versions (id),
  size       INTEGER NOT NULL DEFAULT 0,
  mtime_ns   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX assets_by_name_key ON assets (name_key, id);
CREATE INDEX assets_by_kind ON assets (kind, id);

CREATE TABLE versions (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  asset_id   INTEGER NOT NULL REFERENCES assets (id),
  number     INTEGER NOT NULL,   -- 1, 2, 3 … per asset
  object_id  INTEGER NOT NULL REFERENCES objects (id),
  size       INTEGER NOT NULL,
  mtime_ns   INTEGER NOT NULL,
  created_ns INTEGER NOT NULL,
  author     TEXT NOT NULL,
  reason     TEXT NOT NULL,      -- ingest, save, restore …
  UNIQUE (asset_id, number)
) STRICT;
CREATE INDEX versions_by_object ON versions (object_id);

CREATE TABLE projects (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL UNIQUE,
  folder_id  INTEGER NOT NULL UNIQUE REFERENCES folders (id) DEFERRABLE INITIALLY DEFERRED,
  created_ns INTEGER NOT NULL
) STRICT;

-- Folders of projects. A project's own folder has no parent.
CREATE TABLE folders (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id INTEGER NOT NULL REFERENCES projects (id) DEFERRABLE INITIALLY DEFERRED,
  parent_id  INTEGER REFERENCES folders (id),
  name       TEXT NOT NULL,
  raw_name   BLOB,               -- the bytes it came with, where the spelling was shortened
  uid        INTEGER NOT NULL,
  gid        INTEGER NOT NULL,
  mode       INTEGER NOT NULL,
  mtime_ns   INTEGER NOT NULL,
  changed_ns INTEGER NOT NULL,
  UNIQUE (parent_id, name)
) STRICT;
CREATE INDEX folders_by_project ON folders (project_id);

-- A name in a project folder; one asset may have several.
CREATE TABLE places (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  folder_id  INTEGER NOT NULL REFERENCES folders (id),
  name       TEXT NOT NULL,
  raw_name   BLOB,
  asset_id   INTEGER NOT NULL REFERENCES assets (id),
  UNIQUE (folder_id, name)
) STRICT;
CREATE INDEX places_by_asset ON places (asset_id);
-- Listings come in the order of ids, and the set of a project is read from here alone.
CREATE INDEX places_by_folder ON places (folder_id, id, asset_id);

-- The taxonomy. path is the whole term, "place/oslo".
CREATE TABLE tags (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  parent_id  INTEGER REFERENCES tags (id),
  name       TEXT NOT NULL,
  path       TEXT NOT NULL UNIQUE,
  created_ns INTEGER NOT NULL,
  changed_ns INTEGER NOT NULL    -- mtime of its folder: last change of its members or sub-terms
) STRICT;
CREATE INDEX tags_by_parent ON tags (parent_id, name);

CREATE TABLE asset_tags (
  asset_id INTEGER NOT NULL REFERENCES assets (id),
  tag_id   INTEGER NOT NULL REFERENCES tags (id),
  PRIMARY KEY (asset_id, tag_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX asset_tags_by_tag ON asset_tags (tag_id, asset_id);

CREATE TABLE fields (
  asset_id INTEGER NOT NULL REFERENCES assets (id),
  key      TEXT NOT NULL,
  value    TEXT NOT NULL,
  source   TEXT NOT NULL,        -- person, file, sidecar, import
  PRIMARY KEY (asset_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX fields_by_value ON fields (key, value, asset_id);

-- Extended attributes that the project gives no meaning to, byte for byte.
CREATE TABLE xattrs (
  owner_kind INTEGER NOT NULL,   -- 0 asset, 1 folder, 2 tag, 3 fixed folder
  owner_id   INTEGER NOT NULL,
  name       TEXT NOT NULL,
  value      BLOB NOT NULL,
  PRIMARY KEY (owner_kind, owner_id, name)
) STRICT, WITHOUT ROWID;

-- What happened, in order; a mount follows it to tell the kernel which caches are stale.
CREATE TABLE changes (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ns     INTEGER NOT NULL,
  actor     INTEGER NOT NULL,    -- uid
  kind      INTEGER NOT NULL,    -- ChangeKind in catalog/model/feed.h
  asset_id  INTEGER,
  tag_id    INTEGER,
  folder_id INTEGER,
  name      TEXT                 -- the name, term or key concerned, as it was
) STRICT;

-- Requests of mounts that changed something: a request that the kernel sends again after the
-- serving process died is answered from here, not done twice.
CREATE TABLE requests (
  mount   TEXT NOT NULL,         -- identity of one mount
  request INTEGER NOT NULL,      -- the kernel's unique number, without its resend bit
  PRIMARY KEY (mount, request)
) STRICT, WITHOUT ROWID;

-- What an ingest read, so that the next run on the same files need not read them again.
CREATE TABLE sources (
  path       BLOB NOT NULL,      -- absolute
  project_id INTEGER NOT NULL REFERENCES projects (id),
  device     INTEGER NOT NULL,
  inode      INTEGER NOT NULL,
  size       INTEGER NOT NULL,
  mtime_ns   INTEGER NOT NULL,
  ctime_ns   INTEGER NOT NULL,
  asset_id   INTEGER NOT NULL REFERENCES assets (id),
  PRIMARY KEY (path, project_id)
) STRICT, WITHOUT ROWID;
