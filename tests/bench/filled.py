"""A catalog of any size, filled by SQL: what is measured with it is what folders and questions cost, not ingest. Nothing can
be read of its files."""
import sqlite3
import sys
import time

FEW = 100  # assets with the tag few, whatever the size of the library
WORDS = ["harbour", "runner", "night", "goal", "interview", "storm", "market", "bridge", "crowd", "train"]


def numbers(count):
    return f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"


def fill(library, assets):
    """`assets` of them in folders of 1,000, with 5 tags and 10 fields each. Tag t0 is on 10,000 of them (on all, where
    there are fewer), t1 on as many others that overlap, t2 on every second, few on 100; three more are spread."""
    db = sqlite3.connect(library / "catalog.db")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("PRAGMA cache_size = -400000")
    now = time.time_ns()
    each = numbers(assets)
    with db:
        db.execute("INSERT INTO folders (id, project_id, parent_id, name, uid, gid, mode, mtime_ns, changed_ns)"
                   " VALUES (900000001, 900000001, NULL, 'bench', 0, 0, 493, ?, ?)", (now, now))
        db.execute("INSERT INTO projects (id, name, folder_id, created_ns) VALUES (900000001, 'bench', 900000001, ?)", (now,))
        db.execute(f"{numbers(assets // 1000 + 1)} INSERT INTO folders (id, project_id, parent_id, name, uid, gid, mode,"
                   " mtime_ns, changed_ns) SELECT 900000001 + i, 900000001, 900000001, 'day' || i, 0, 0, 493, ?, ? FROM n",
                   (now, now))
        db.execute(f"{each} INSERT INTO objects (id, hash, size, created_ns)"
                   " SELECT i, unhex_16(i), 1000 + i, ? FROM n".replace("unhex_16(i)", "CAST(printf('%016d', i) AS BLOB)"), (now,))
        db.execute(f"{each} INSERT INTO assets (id, name, name_key, kind, uid, gid, mode, places, created_ns, changed_ns, size,"
                   " mtime_ns) SELECT i, printf('clip%07d.mov', i), printf('clip%07d.mov', i), 'video', 0, 0, 420, 1, ?, ?,"
                   " 1000 + i, ? FROM n", (now, now, now))
        db.execute(f"{each} INSERT INTO versions (id, asset_id, number, object_id, size, mtime_ns, created_ns, author, reason)"
                   " SELECT i, i, 1, i, 1000 + i, ?, ?, 'bench', 'ingest' FROM n", (now, now))
        db.execute("UPDATE assets SET version_id = id")
        db.execute(f"{each} INSERT INTO places (folder_id, name, asset_id)"
                   " SELECT 900000002 + i / 1000, printf('clip%07d.mov', i), i FROM n")
        for number in range(1, 501):
            db.execute("INSERT INTO tags (id, name, path, created_ns, changed_ns) VALUES (?, ?, ?, ?, ?)",
                       (number, f"t{number - 1}", f"t{number - 1}", now, now))
        tens = max(1, assets // 10_000)
        db.execute(f"{each} INSERT INTO asset_tags (asset_id, tag_id) SELECT i, 1 FROM n WHERE i % {tens} = 0")
        db.execute(f"{each} INSERT INTO asset_tags (asset_id, tag_id) SELECT i, 2 FROM n WHERE i % {tens * 2} < 2")
        db.execute(f"{each} INSERT INTO asset_tags (asset_id, tag_id) SELECT i, 3 FROM n WHERE i % 2 = 0")
        for spread in range(3):
            db.execute(f"{each} INSERT OR IGNORE INTO asset_tags (asset_id, tag_id) SELECT i, 4 + (i * {spread * 7 + 3}) % 497 FROM n")
        db.execute("INSERT INTO tags (id, name, path, created_ns, changed_ns) VALUES (501, 'few', 'few', ?, ?)", (now, now))
        db.execute(f"{each} INSERT INTO asset_tags (asset_id, tag_id) SELECT i, 501 FROM n WHERE i % {max(1, assets // FEW)} = 0")
        for field in range(9):
            db.execute(f"{each} INSERT INTO fields (asset_id, key, value, source, number)"
                       f" SELECT i, 'f{field}', i % {10 ** (field % 4 + 1)}, 'person', i % {10 ** (field % 4 + 1)} FROM n")
        said = " || ' ' || ".join(
            "CASE (i / %d) %% 10 %s END" % (10 ** at, " ".join(f"WHEN {k} THEN '{w}'" for k, w in enumerate(WORDS)))
            for at in range(4))
        db.execute(f"{each} INSERT INTO fields (asset_id, key, value, source) SELECT i, 'description', {said}, 'person' FROM n")
        db.execute(f"{each} INSERT INTO texts (id, asset_id, what) SELECT i, i, 'field description' FROM n")
        db.execute(f"{each} INSERT INTO words (rowid, text) SELECT i, {said} FROM n")
    db.execute("ANALYZE")
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def filled(bench, assets):
    """A new library of so many assets."""
    library = bench.library(f"library-{assets}")
    settings = library / "lensfs.toml"
    text = settings.read_text(encoding="utf-8").replace("[ingest]\n", "[ingest]\nread = false\nsidecars = false\n", 1)
    settings.write_text(text.replace("[renditions]\n", '[renditions]\nmake = "off"\neager = []\n', 1), encoding="utf-8")
    start = time.monotonic()
    fill(library, assets)
    print(f"{assets:,} assets filled in {time.monotonic() - start:.0f} s; catalog {(library / 'catalog.db').stat().st_size >> 20} MiB",
          file=sys.stderr)
    return library
