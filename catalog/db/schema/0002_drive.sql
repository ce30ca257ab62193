-- LensFS catalog, schema 2: a drive that is written to. Files being written, what was deleted, and
-- what names, folders and tags were at any moment before now.

-- The file behind an asset's names: what an inode number stands for. It outlives saves in place and
-- changes when another file takes the asset's name. Numbers come from the same row as asset ids, so
-- that no two files ever share one.
ALTER TABLE assets ADD COLUMN file_id INTEGER;            -- NULL: the asset's own id
ALTER TABLE assets ADD COLUMN draft_id INTEGER REFERENCES drafts (id); -- bytes not saved yet
ALTER TABLE assets ADD COLUMN state INTEGER NOT NULL DEFAULT 0; -- AssetState in model/asset.h
ALTER TABLE assets ADD COLUMN type INTEGER NOT NULL DEFAULT 0;  -- 0 a regular file, else S_IFLNK …
ALTER TABLE assets ADD COLUMN target BLOB;                -- where a symbolic link leads
ALTER TABLE assets ADD COLUMN atime_ns INTEGER;           -- NULL: as mtime_ns
ALTER TABLE assets ADD COLUMN blocks INTEGER;             -- of 512 bytes; NULL: as many as the size needs
CREATE UNIQUE INDEX assets_by_file ON assets (file_id) WHERE file_id IS NOT NULL;
CREATE INDEX assets_not_live ON assets (state, id) WHERE state <> 0;
-- Rows that refer to one that is deleted are looked for by these.
CREATE INDEX assets_by_version ON assets (version_id);
CREATE INDEX sources_by_asset ON sources (asset_id);
CREATE INDEX assets_with_draft ON assets (draft_id) WHERE draft_id IS NOT NULL;

-- Bytes being written: the file staging/drafts/<id>. Becomes an object and a version after the last
-- close.
CREATE TABLE drafts (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  asset_id INTEGER NOT NULL REFERENCES assets (id),
  file_id  INTEGER NOT NULL,
  mount    TEXT NOT NULL,        -- the mount through which it is written
  uid      INTEGER NOT NULL,     -- who writes
  author   TEXT NOT NULL,
  began_ns INTEGER NOT NULL,
  copied   INTEGER NOT NULL,     -- 1: began as a copy of the version before; else empty
  closed   INTEGER NOT NULL DEFAULT 0, -- 1: its last writer closed it
  synced   INTEGER NOT NULL DEFAULT 0  -- 1: somebody was told that it is on disk
) STRICT;
CREATE INDEX drafts_by_asset ON drafts (asset_id);

-- Files that lost their asset to another file while they may still be open.
CREATE TABLE lost_files (
  file_id    INTEGER PRIMARY KEY,
  asset_id   INTEGER NOT NULL REFERENCES assets (id),
  version_id INTEGER REFERENCES versions (id),
  draft_id   INTEGER REFERENCES drafts (id),
  mode       INTEGER NOT NULL,
  uid        INTEGER NOT NULL,
  gid        INTEGER NOT NULL,
  size       INTEGER NOT NULL,
  mtime_ns   INTEGER NOT NULL,
  changed_ns INTEGER NOT NULL
) STRICT;
CREATE INDEX lost_files_by_asset ON lost_files (asset_id);

-- Places that were removed by deleting; what /Trash shows.
CREATE TABLE trash (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  asset_id   INTEGER NOT NULL REFERENCES assets (id),
  folder_id  INTEGER NOT NULL,   -- may be gone by now
  name       TEXT NOT NULL,
  path       TEXT NOT NULL,      -- "project/folder/name" at the time
  uid        INTEGER NOT NULL,
  deleted_ns INTEGER NOT NULL
) STRICT;
CREATE INDEX trash_by_asset ON trash (asset_id);
CREATE INDEX trash_by_place ON trash (folder_id, name);

-- Names given to versions: approved, sent …
CREATE TABLE labels (
  name       TEXT NOT NULL,
  version_id INTEGER NOT NULL REFERENCES versions (id),
  asset_id   INTEGER NOT NULL REFERENCES assets (id),
  author     TEXT NOT NULL,
  created_ns INTEGER NOT NULL,
  PRIMARY KEY (name, asset_id)   -- one version of an asset has it
) STRICT, WITHOUT ROWID;
CREATE INDEX labels_by_version ON labels (version_id);
CREATE INDEX labels_by_asset ON labels (asset_id);

-- Searches that were saved with mkdir.
CREATE TABLE searches (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  query      TEXT NOT NULL UNIQUE,
  created_ns INTEGER NOT NULL
) STRICT;

-- Time travel. A row of the tables of today holds from since_ns on; a row of the past_ tables held
-- from since_ns until before until_ns.
ALTER TABLE folders ADD COLUMN since_ns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE places ADD COLUMN since_ns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE asset_tags ADD COLUMN since_ns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tags ADD COLUMN since_ns INTEGER NOT NULL DEFAULT 0;

CREATE TABLE past_folders (
  folder_id  INTEGER NOT NULL,
  project_id INTEGER NOT NULL,
  parent_id  INTEGER,
  name       TEXT NOT NULL,
  uid        INTEGER NOT NULL,
  gid        INTEGER NOT NULL,
  mode       INTEGER NOT NULL,
  since_ns   INTEGER NOT NULL,
  until_ns   INTEGER NOT NULL
) STRICT;
CREATE INDEX past_folders_by_parent ON past_folders (parent_id, until_ns);
CREATE INDEX past_folders_by_folder ON past_folders (folder_id, until_ns);

CREATE TABLE past_places (
  folder_id INTEGER NOT NULL,
  name      TEXT NOT NULL,
  asset_id  INTEGER NOT NULL,
  since_ns  INTEGER NOT NULL,
  until_ns  INTEGER NOT NULL
) STRICT;
CREATE INDEX past_places_by_folder ON past_places (folder_id, until_ns);
CREATE INDEX past_places_by_name ON past_places (folder_id, name, until_ns);
CREATE INDEX past_places_by_asset ON past_places (asset_id, until_ns);

CREATE TABLE past_asset_tags (
  asset_id INTEGER NOT NULL,
  tag_id   INTEGER NOT NULL,
  since_ns INTEGER NOT NULL,
  until_ns INTEGER NOT NULL
) STRICT;
CREATE INDEX past_asset_tags_by_tag ON past_asset_tags (tag_id, until_ns);
CREATE INDEX past_asset_tags_by_asset ON past_asset_tags (asset_id, until_ns);

CREATE TABLE past_tags (
  tag_id    INTEGER NOT NULL,
  parent_id INTEGER,
  name      TEXT NOT NULL,
  path      TEXT NOT NULL,
  since_ns  INTEGER NOT NULL,
  until_ns  INTEGER NOT NULL
) STRICT;
CREATE INDEX past_tags_by_parent ON past_tags (parent_id, until_ns);
CREATE INDEX past_tags_by_tag ON past_tags (tag_id, until_ns);
CREATE INDEX past_tags_by_path ON past_tags (path, until_ns);

-- Which mount made a change: its kernel knows of it already. NULL: a command.
ALTER TABLE changes ADD COLUMN origin INTEGER;
