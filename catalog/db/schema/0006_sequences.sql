-- LensFS catalog, schema 6: numbered pictures that are one asset.

-- The frames of a version of a sequence. The version's own object is the manifest, which says the
-- same as text (catalog/store/FORMAT.md); objects that are named here are in use.
CREATE TABLE sequence_frames (
  version_id INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
  frame      INTEGER NOT NULL CHECK (frame >= 0),
  object_id  INTEGER NOT NULL REFERENCES objects (id),
  name       TEXT NOT NULL,              -- of the frame's file, legal spelling
  mtime_ns   INTEGER NOT NULL,
  hidden     INTEGER NOT NULL DEFAULT 0, -- 1: somebody deleted it in the sequence's folder
  PRIMARY KEY (version_id, frame)
) STRICT, WITHOUT ROWID;
CREATE INDEX sequence_frames_by_object ON sequence_frames (object_id);
