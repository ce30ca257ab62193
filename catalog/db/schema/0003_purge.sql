-- LensFS catalog, schema 3: versions that were destroyed.

-- What is known of a version that was purged while its asset stayed: that there was one, and since
-- when. In its time the asset is missing, for what it held then is gone.
CREATE TABLE purged_versions (
  asset_id   INTEGER NOT NULL REFERENCES assets (id),
  number     INTEGER NOT NULL,
  created_ns INTEGER NOT NULL,
  PRIMARY KEY (asset_id, number)
) STRICT, WITHOUT ROWID;

-- Which version, and which file, is no more: the row that said so is gone.
ALTER TABLE changes ADD COLUMN version_id INTEGER;
ALTER TABLE changes ADD COLUMN file_id INTEGER;

-- Rows that refer to one that is deleted are looked for by these.
CREATE INDEX lost_files_by_version ON lost_files (version_id);
CREATE INDEX lost_files_by_draft ON lost_files (draft_id);

-- A file that is being made has no version yet: it need not be in here.
DROP INDEX assets_by_version;
CREATE INDEX assets_by_version ON assets (version_id) WHERE version_id IS NOT NULL;
