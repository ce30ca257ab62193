"""What the benchmarks share: sides that are measured in turn, rows of a Markdown table, and how they are run."""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


def call(*words, **options):
    """Runs a program to its end; a failure ends the run with what it said."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **options)
    if done.returncode != 0:
        print(f"{' '.join(map(str, words))}: exit {done.returncode}\n{done.stdout}{done.stderr}", file=sys.stderr)
        sys.exit(6)
    return done.stdout


def seconds_of(*words, **options):
    start = time.monotonic()
    call(*words, **options)
    return time.monotonic() - start


def drop_names():
    os.sync()
    pathlib.Path("/proc/sys/vm/drop_caches").write_text("2")


def fill(path, size, seed):
    """A file of bytes that no two seeds share, in the page cache and on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        block = (b"%020d" % seed) + os.urandom(min(size, 1 << 20))
        for start in range(0, size, 1 << 20):
            file.write((b"%012d" % start + block)[:min(1 << 20, size - start)])


class Side:
    """One way to reach the files: the disk itself, the drive, or a peer on top of the disk."""

    def __init__(self, name, root):
        self.name, self.root = name, root
        self.paths = {}

    def path(self, what):
        return self.paths.get(what, self.root / what)


class Row:
    """What one line of the table says. `kind`: "speed" wants native/drive time >= target, "time" wants drive/native
    time <= target, "limit" wants the drive's seconds <= target, "info" wants nothing."""

    def __init__(self, name, kind, target, times):
        self.name, self.kind, self.target, self.times = name, kind, target, times

    def median(self, side):
        return statistics.median(self.times[side]) if self.times.get(side) else None

    def ratio(self):
        native, drive = self.median("native"), self.median("drive")
        if native is None:
            return None
        return native / drive if self.kind == "speed" else drive / native

    def met(self):
        if self.kind == "speed":
            return self.ratio() >= self.target
        if self.kind == "time":
            return self.ratio() <= self.target
        return self.kind != "limit" or self.median("drive") <= self.target

    def cells(self, peers):
        ratio = self.ratio()
        wanted = {"speed": f"speed ≥ {self.target}", "time": f"time ≤ {self.target}",
                  "limit": f"≤ {self.target} s", "info": "–"}[self.kind]
        cells = [self.name] + [span(self.times.get(side)) for side in ["native", "drive"] + peers]
        cells += [f"{ratio:.2f}" if ratio else "–", wanted]
        return cells + ["–" if self.kind == "info" else "yes" if self.met() else "**no**"]


def span(times):
    """Median (min–max) with a unit that fits."""
    if not times:
        return "–"
    middle = statistics.median(times)
    unit, factor = next(pair for pair in (("s", 1), ("ms", 1e3), ("µs", 1e6)) if middle * pair[1] >= 1 or pair[0] == "µs")
    return f"{middle * factor:.3g} {unit} ({min(times) * factor:.3g}–{max(times) * factor:.3g})"


class Bench:
    programs = ("lensfs", "lensfs_bench")  # what has to be built

    def __init__(self, arguments, work, size):
        self.size = size
        self.lensfs, self.program = arguments.build / "lensfs", arguments.build / "lensfs_bench"
        self.only, self.options, self.work = arguments.only, arguments.option, work
        self.rows, self.mounts, self.peers, self.mode = [], [], [], {}
        self.native = Side("native", work / "native")
        self.drive = Side("drive", work / "mount")

    # --- setting up
    def library(self, name="library"):
        library = self.work / name
        call(self.lensfs, "init", library)
        return library

    def ingest(self, library, source, project, tags=()):
        words = [word for tag in tags for word in ("--tag", tag)]
        whole = f"{source}/" if source.is_dir() else source
        call(self.lensfs, "ingest", "-L", library, whole, "--project", project, *words)

    def mount(self, library, where):
        where.mkdir(exist_ok=True)
        words = [word for option in self.options for word in ("-o", option)]
        took = seconds_of(self.lensfs, "mount", library, where, *words)
        self.mounts.append(where)
        lines = (where / ".lensfs/status").read_text().splitlines()
        self.mode = dict(line.split(": ", 1) for line in lines if ": " in line)
        return took

    def unmount(self, where):
        call(self.lensfs, "umount", where)
        self.mounts.remove(where)

    def close(self):
        for where in list(self.mounts):
            subprocess.run([self.lensfs, "umount", where], check=False)
        for side in self.peers:
            subprocess.run(["umount", "-l", side.root], check=False)

    def mount_peers(self):
        """mergerfs and bindfs over the native files, with the caches that they offer."""
        tuned = "cache.files=full,cache.attr=3600,cache.entry=3600,cache.negative_entry=3600,cache.readdir=true"
        commands = {"mergerfs": ["mergerfs", "-o", f"{tuned},allow_other", self.native.root],
                    "bindfs": ["bindfs", self.native.root]}
        for name, words in commands.items():
            if not shutil.which(name):
                continue
            where = self.work / name
            where.mkdir()
            call(*words, where)
            self.peers.append(Side(name, where))

    # --- measuring
    def wanted(self, name):
        return not self.only or any(word in name for word in self.only)

    def compare(self, name, kind, target, measure, before=lambda: None, peers=True, rounds=None):
        """Runs `measure(side)`, which gives seconds, on every side in turn."""
        if not self.wanted(name):
            return
        sides = [self.native, self.drive] + (self.peers if peers else [])
        times = {side.name: [] for side in sides}
        for _ in range(rounds or self.size["rounds"]):
            for side in sides:
                before()
                times[side.name].append(measure(side))
        self.add(Row(name, kind, target, times))

    def limit(self, name, target, seconds):
        if self.wanted(name):
            self.add(Row(name, "limit", target, {"drive": seconds}))

    def add(self, row):
        self.rows.append(row)
        print(" | ".join(row.cells([side.name for side in self.peers])), file=sys.stderr, flush=True)

    def syscalls(self, measure, what, times):
        """A measure of lensfs_bench per operation, as compare() takes it."""
        return lambda side: float(call(self.program, measure, side.path(what), times)) / times

    def requests(self):
        text = (self.drive.root / ".lensfs/requests").read_text()
        return sum(int(line.split()[1]) for line in text.splitlines() if not line.startswith(("RELEASE", "FORGET", "BATCH")))

    def requests_per(self, measure, what, times):
        """How many requests one operation costs the drive."""
        self.requests()
        first = self.requests()
        second = self.requests()
        call(self.program, measure, self.drive.path(what), times)
        return (self.requests() - second - (second - first)) / times

    # --- the table
    def table(self):
        peers = [side.name for side in self.peers]
        head = ["", "native", "drive"] + peers + ["ratio", "target", "met"]
        lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
        lines += ["| " + " | ".join(row.cells(peers)) + " |" for row in self.rows]
        mode = ", ".join(f"{key} {self.mode[key]}" for key in ("passthrough", "io_uring") if key in self.mode)
        note = (f"{os.cpu_count()} processors, Linux {os.uname().release}, load {os.getloadavg()[0]:.1f}; {mode}; "
                f"median (min–max) of {self.size['rounds']} interleaved rounds")
        return note + "\n\n" + "\n".join(lines)


class Count:
    """A row that counts requests instead of measuring time."""

    kind = "count"

    def __init__(self, name, count, most):
        self.name, self.count, self.most = name, count, most

    def met(self):
        return self.count <= self.most + 0.01  # one request more in a hundred operations is somebody else's

    def cells(self, peers):
        return [self.name, "–", f"{self.count:.3g}"] + ["–"] * len(peers) + ["–", f"≤ {self.most}", "yes" if self.met() else "**no**"]


def parsed(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent.parent / "build/release")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path(os.environ.get("TMPDIR", "/tmp")))
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("-o", "--option", action="append", default=[])
    return parser.parse_args()


def run(bench_class, description, sizes, measure):
    """Runs the rows and prints the table; the exit status."""
    arguments = parsed(description)
    name = sys.argv[0]
    arguments.build = arguments.build.resolve()
    for program in bench_class.programs:
        if not os.access(arguments.build / program, os.X_OK):
            sys.exit(f"{name}: {arguments.build / program} is missing; build it or say --build DIR")
    if os.geteuid() != 0 or not os.access("/dev/fuse", os.W_OK):
        sys.exit(f"{name}: needs root and /dev/fuse")
    work = pathlib.Path(tempfile.mkdtemp(prefix="lensfs-bench-", dir=arguments.work))
    bench = bench_class(arguments, work, sizes["quick" if arguments.quick else "full"])
    try:
        bench.native.root.mkdir()
        if arguments.peers:
            bench.mount_peers()
        measure(bench)
    finally:
        bench.close()
        shutil.rmtree(work, ignore_errors=True)
    print(bench.table())
    return 0 if all(row.met() for row in bench.rows) else 1
