"""What the benchmarks share: sides that are measured in turn, rows of a Markdown table, and how they are run."""
import argparse
import json
import mmap
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from costs import Meter, call, mean, serving
from rows import Row, sides_beside, table

__all__ = ["Bench", "QUIET", "Row", "Side", "call", "drop_caches", "drop_names", "fill", "run", "seconds_of",
           "settle"]
QUIET = "no_work"  # an option of the mount: no jobs in the background while something else is measured
HERE = pathlib.Path(__file__).resolve().parent


def seconds_of(*words, **options):
    start = time.monotonic()
    call(*words, **options)
    return time.monotonic() - start


def drop_caches(which):
    """1: pages, 2: names and attributes, 3: both."""
    os.sync()
    pathlib.Path("/proc/sys/vm/drop_caches").write_text(str(which))


def drop_names():
    drop_caches(2)


def settle(mib=512):
    """Nothing left to write, and memory at hand for what comes. In a virtual machine the first use of a page that the
    host took back costs as much as a thousand copies of it; which side would meet such pages is chance."""
    os.sync()
    with mmap.mmap(-1, mib << 20) as memory:
        memory[::mmap.PAGESIZE] = b"1" * (len(memory) // mmap.PAGESIZE)


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
        self.daemon = None  # the process that serves it, with those below it

    def path(self, what):
        return self.paths.get(what, self.root / what)


class Bench:
    programs = ("lensfs", "lensfs_bench")  # what has to be built

    def __init__(self, arguments, work, size):
        self.size = size
        self.lensfs, self.program = arguments.build / "lensfs", arguments.build / "lensfs_bench"
        self.only, self.options, self.work = arguments.only, arguments.option, work
        self.rows, self.mounts, self.peers, self.mode = [], [], [], {}
        self.results = arguments.json
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

    def mount(self, library, where, *options):
        where.mkdir(exist_ok=True)
        words = [word for option in [*self.options, *options] for word in ("-o", option)]
        took = seconds_of(self.lensfs, "mount", library, where, *words)
        self.mounts.append(where)
        lines = (where / ".lensfs/status").read_text().splitlines()
        self.mode = dict(line.split(": ", 1) for line in lines if ": " in line)
        if where == self.drive.root:
            self.drive.daemon = int(self.mode["keeper"])
        return took

    def unmount(self, where):
        call(self.lensfs, "umount", where)
        self.mounts.remove(where)
        if where == self.drive.root:
            self.drive.daemon = None

    def close(self):
        for where in list(self.mounts):
            subprocess.run([self.lensfs, "umount", where], check=False)
        for side in self.peers:
            subprocess.run(["umount", "-l", side.root], check=False)

    def mount_peers(self):
        """What --peers adds; nothing, unless a benchmark says so."""

    def stack_peers(self):
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
            self.peers[-1].daemon = serving(where, name)

    # --- measuring
    def wanted(self, name):
        return not self.only or any(word in name for word in self.only)

    def compare(self, name, kind, target, measure, before=lambda: None, peers=True, rounds=None, **more):
        """Runs `measure(side)`, which gives seconds, on every side in turn."""
        sides = [self.native, self.drive] + (self.peers if peers else [])
        self.race(name, kind, target, {side.name: lambda side=side: measure(side) for side in sides}, before, rounds, **more)

    def race(self, name, kind, target, measures, before=lambda: None, rounds=None, **more):
        """`measures`: side -> what gives its seconds (or what `unit` says); all in turn. Beside them stands what each
        round costs: processor time and memory."""
        if not self.wanted(name):
            return
        daemons = {side.name: side for side in [self.native, self.drive] + self.peers}
        times, spent = {side: [] for side in measures}, {side: [] for side in measures}
        for _ in range(rounds or self.size["rounds"]):
            for side, measure in measures.items():
                before()
                meter = Meter(daemons[side].daemon if side in daemons else None)
                times[side].append(measure())
                spent[side].append(meter.spent())
        self.add(Row(name, kind, target, times, spent={side: mean(all_of) for side, all_of in spent.items()}, **more))

    def limit(self, name, target, seconds, **more):
        if self.wanted(name):
            self.add(Row(name, "limit", target, {"drive": seconds}, **more))

    def add(self, row):
        self.rows.append(row)
        self.tell(row.as_json())
        print(" | ".join(row.cells([side for side in row.times if side not in ("native", "drive")])), file=sys.stderr, flush=True)

    def tell(self, told):
        """One line of JSON for who asked for them."""
        if self.results:
            with open(self.results, "a", encoding="utf-8") as file:
                file.write(json.dumps(told, ensure_ascii=False) + "\n")

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
        peers = sides_beside(self.rows)
        head = ["", "native", "drive"] + peers + ["ratio", "target", "met"]
        mode = ", ".join(f"{key} {self.mode[key]}" for key in ("passthrough", "io_uring") if key in self.mode)
        note = (f"{os.cpu_count()} processors, Linux {os.uname().release}, load {os.getloadavg()[0]:.1f}; {mode}; "
                f"median (min–max) of {self.size['rounds']} interleaved rounds")
        return note + "\n\n" + table(head, [row.cells(peers) for row in self.rows])


def parsed(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--smoke", action="store_true", help="tiny sets: whether it works; the figures say nothing")
    parser.add_argument("--json", type=pathlib.Path, help="a file to which each row is appended as a line")
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent.parent / "build/release")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path(os.environ.get("TMPDIR", "/tmp")))
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("-o", "--option", action="append", default=[])
    return parser.parse_args()


def size_of(sizes, arguments):
    """--smoke is what --quick is, in one round, with what the script says of it."""
    return {**sizes["quick"], "rounds": 1, **sizes.get("smoke", {})} if arguments.smoke else sizes["quick" if arguments.quick else "full"]


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
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what is mounted and written is taken away all the same
    work = pathlib.Path(tempfile.mkdtemp(prefix="lensfs-bench-", dir=arguments.work))
    bench = bench_class(arguments, work, size_of(sizes, arguments))
    try:
        bench.native.root.mkdir()
        if arguments.peers:
            bench.mount_peers()
        measure(bench)
        bench.tell({"mode": bench.mode})
    finally:
        bench.close()
        shutil.rmtree(work, ignore_errors=True)
    print(bench.table())
    return 0 if all(row.met() for row in bench.rows) else 1
