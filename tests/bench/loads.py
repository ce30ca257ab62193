"""Somebody's work on a mount: each load is done over and over by a thread of its own, on files that no other load changes."""
import hashlib
import os
import random
import shutil
import threading
import time

from costs import call, ran

KEPT = 300  # files that stay
SIZE = 64 << 10


class Loads:
    """`failures`: what did not go as it should, in words. `done`: how often each load was."""

    def __init__(self, lensfs, library, mountpoint, work):
        self.lensfs, self.library, self.drive, self.work = lensfs, library, mountpoint, work
        self.stop = threading.Event()
        self.failures, self.done, self.random = [], dict.fromkeys(LOADS, 0), random.Random(1)
        self.sums, self.batches, self.photo = {}, [], None

    # --- before
    def prepare(self):
        source = self.work / "kept"
        source.mkdir()
        for number in range(KEPT):
            data = os.urandom(SIZE)
            name = f"kept{number:04}.bin"
            (source / name).write_bytes(data)
            self.sums[name] = hashlib.sha256(data).digest()
        call(self.lensfs, "ingest", "-L", self.library, f"{source}/", "--project", "kept", "--tag", "all", "--tag", "some/place")
        shutil.rmtree(source)
        if shutil.which("ffmpeg"):
            photo = self.work / "photo.jpg"
            call("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=800x600", "-frames:v", "1", photo)
            self.photo = photo.read_bytes()

    def repeat(self, name):
        turn = 0
        while not self.stop.is_set():
            try:
                LOADS[name](self, turn)
                self.done[name] += 1
            except (OSError, AssertionError) as error:
                self.failures.append(f"{name}: {error}")
                if len(self.failures) > 100:
                    self.stop.set()
            turn += 1
            self.stop.wait(0.02)

    def run(self, *words):
        code, _, complained = ran([self.lensfs, *words])
        if code not in (0, 1):  # 1: nothing to do
            raise AssertionError(f"lensfs {words[0]}: exit {code}: {complained.strip()[-200:]}")

    # --- over and over
    def ingest(self, turn):
        """Twenty files, a picture and a copy of something known; four batches stay."""
        name = f"batch{turn:06}"
        source = self.work / "incoming" / name
        source.mkdir(parents=True)
        for number in range(20):
            (source / f"clip{number:02}.bin").write_bytes(os.urandom(16 << 10))
        if self.photo:
            comment = b"\xff\xfe\x00\x12" + os.urandom(8).hex().encode()  # each is another one to the store
            (source / "photo.jpg").write_bytes(self.photo[:2] + comment + self.photo[2:])
        self.run("ingest", "-L", self.library, self.work / "incoming", "--project", "incoming")
        shutil.rmtree(self.work / "incoming")
        self.batches.append(next(path for path in (self.drive / "Projects/incoming").rglob(name)))
        if len(self.batches) > 4:
            shutil.rmtree(self.batches.pop(0))
        self.stop.wait(0.5)

    def tag(self, turn):
        name = f"kept{turn * 7 % KEPT:04}.bin"
        place = self.drive / "Projects/kept" / name
        term = f"turn{turn % 12}"
        os.setxattr(place, f"user.lensfs.tag.{term}", b"")
        assert name in os.listdir(self.drive / "Tags" / term), f"{name} is not in {term}"
        if turn % 3 == 0:
            os.unlink(self.drive / "Tags" / term / name)
        elif turn % 3 == 1:
            os.removexattr(place, f"user.lensfs.tag.{term}")
        else:
            self.run("tag", place, f"-{term}")
        os.setxattr(place, "user.lensfs.field.rating", str(turn % 6).encode())

    def listing(self, turn):
        folder = ("Tags/all", "Tags/some", "Search/tag:all rating>=3", "Projects/kept", "Resolutions/thumb/Projects/kept", "Projects", "Trash",
                  "Tags/all/+/tag")[turn % 8]
        with os.scandir(self.drive / folder) as found:
            for entry in found:
                try:
                    entry.stat(follow_symlinks=False)
                except FileNotFoundError:  # went meanwhile
                    pass

    def read(self, turn):
        name = f"kept{turn * 13 % KEPT:04}.bin"
        place = self.drive / ("Tags/all" if turn % 2 else "Projects/kept") / name
        assert hashlib.sha256(place.read_bytes()).digest() == self.sums[name], f"{place} does not hold what was put there"

    def save(self, turn):
        """In place, over a temporary file that is renamed, and truncated: what programs do."""
        folder = self.drive / "Projects/saved"
        folder.mkdir(exist_ok=True)
        path, data = folder / f"cut{turn % 8}.mov", os.urandom(SIZE)
        if turn % 3 == 0 and path.exists():
            with open(path, "r+b") as file:
                file.seek(1000)
                file.write(data[1000:])
                os.fsync(file.fileno())
        elif turn % 3 == 1:
            temporary = folder / f"cut{turn % 8}.mov.tmp"
            temporary.write_bytes(data)
            os.replace(temporary, path)
        else:
            path.write_bytes(data)
        assert path.read_bytes()[1000:] == data[1000:], f"{path} does not hold what was saved"
        self.stop.wait(0.1)

    def delete(self, turn):
        folder = self.drive / "Projects/gone"
        folder.mkdir(exist_ok=True)
        paths = [folder / f"scrap{turn:06}-{number}.bin" for number in range(5)]
        for path in paths:
            path.write_bytes(os.urandom(4096))
        for path in paths:
            path.unlink()
        assert not any(path.exists() for path in paths), f"{paths[0]} is still there"
        self.stop.wait(0.2)

    def purge(self, _):
        """What was deleted and replaced goes for good, so that what there is stays about the same."""
        self.stop.wait(5)
        self.run("purge", "-L", self.library, "--trash", "--now")
        saved = [path for path in (self.drive / "Projects/saved").glob("cut?.mov")] if (self.drive / "Projects/saved").exists() else []
        if saved:
            self.run("purge", "--versions", "--keep", "2", "--now", *saved)

    def jobs(self, turn):
        """A thumbnail is looked for by name, as a file manager does; the worker of the mount makes it."""
        if not self.photo or not self.batches:
            self.stop.wait(1)
            return
        photo = self.batches[-1] / "photo.jpg"
        through = self.drive / "Resolutions/thumb" / photo.relative_to(self.drive)
        end = time.monotonic() + 300
        while not self.stop.is_set() and photo.exists():
            try:
                assert through.stat().st_size > 0
                break
            except FileNotFoundError:
                assert time.monotonic() < end, f"{through} was not made within five minutes"
            self.stop.wait(0.5)
        self.stop.wait(1)


LOADS = {"ingest": Loads.ingest, "tag": Loads.tag, "list": Loads.listing, "read": Loads.read, "save": Loads.save, "delete": Loads.delete,
         "purge": Loads.purge, "jobs": Loads.jobs}
