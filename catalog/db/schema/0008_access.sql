-- LensFS catalog, schema 8: who may see what.

-- The rule of one scope, as text (AccessRule in model/access_rule.h).
CREATE TABLE access_rules (
  scope    INTEGER NOT NULL,     -- AccessScope: 0 library, 1 folder (a project's own is the project's), 2 tag, 3 asset
  scope_id INTEGER NOT NULL,     -- 0 for the library
  rule     TEXT NOT NULL,
  PRIMARY KEY (scope, scope_id)
) STRICT, WITHOUT ROWID;

-- Who has a role. The right that goes with it is built in.
CREATE TABLE access_roles (
  name    TEXT PRIMARY KEY,
  members TEXT NOT NULL          -- "user:ada, group:clients"
) STRICT, WITHOUT ROWID;

-- Which files are not their asset's own number is looked up by these (assets_by_file); what lay in
-- a folder that is gone, by this one.
CREATE INDEX trash_by_folder ON trash (folder_id, asset_id);
