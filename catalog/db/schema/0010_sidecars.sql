-- LensFS catalog, schema 10: XMP files beside assets.

-- What an asset was told last by the sidecar beside it (model/sidecar.h).
CREATE TABLE sidecars (
  asset_id   INTEGER PRIMARY KEY REFERENCES assets (id) ON DELETE CASCADE,
  sidecar_id INTEGER NOT NULL,   -- the asset that is the sidecar
  object_id  INTEGER NOT NULL,   -- its bytes then
  facts      TEXT NOT NULL,      -- what these said: JSON as extractions have it
  stale_ns   INTEGER             -- since when the catalog may say otherwise; NULL: it does not
) STRICT;
CREATE INDEX stale_sidecars ON sidecars (stale_ns) WHERE stale_ns IS NOT NULL;
