"""What a measure costs beside time: processor seconds and memory of the programs it runs and of the processes that serve."""
import os
import pathlib
import resource
import subprocess
import sys

TICKS = os.sysconf("SC_CLK_TCK")


class Children:
    """What the programs that call() ran to their end have used, those they started included."""

    cpu = 0.0
    peak = 0  # bytes, of the largest one since forget(); 0 for one that is smaller than this process, see note()

    @classmethod
    def forget(cls):
        cls.peak = 0

    @classmethod
    def note(cls, used):
        cls.cpu += used.ru_utime + used.ru_stime
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # what the kernel takes for the peak before the exec, too
        cls.peak = max(cls.peak, used.ru_maxrss << 10 if used.ru_maxrss > own + 1024 else 0)


def ran(words, text=None, **options):
    """Runs a program to its end: its exit code, what it said, what it complained of."""
    with open(os.memfd_create("in"), "wb+") as given, open(os.memfd_create("out"), "wb+") as said, \
            open(os.memfd_create("err"), "wb+") as complained:
        given.write((text or "").encode())
        given.seek(0)
        process = subprocess.Popen([str(word) for word in words], stdin=given, stdout=said, stderr=complained, **options)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        Children.note(used)
        for file in (said, complained):
            file.seek(0)
        return process.returncode, said.read().decode(errors="replace"), complained.read().decode(errors="replace")


def call(*words, input=None, **options):  # pylint: disable=redefined-builtin
    """Runs a program; a failure ends the run with what it said. Gives its output."""
    code, said, complained = ran(words, input, **options)
    if code != 0:
        print(f"{' '.join(map(str, words))}: exit {code}\n{said}{complained}", file=sys.stderr)
        sys.exit(6)
    return said


# --- processes that go on
def stat_fields(pid):
    """From the state on; nothing of a process that is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None


def tree_of(pid):
    """The process and all below it."""
    children = {}
    for entry in os.listdir("/proc"):
        fields = stat_fields(entry) if entry.isdigit() else None
        if fields:
            children.setdefault(int(fields[1]), []).append(int(entry))
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += children.get(one, [])
    return found


def parts_of(keeper):
    """The processes of a mount by what they do: keeper, worker, its helpers (announcer, herald), and jobs: "lensfs work" with
    its decoders."""
    parts = {"keeper": [keeper], "helpers": [], "worker": [], "jobs": []}
    for pid in tree_of(keeper)[1:]:
        fields = stat_fields(pid)
        if not fields or int(fields[1]) != keeper:
            continue
        try:
            words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        verb = words[1] if len(words) > 1 else b""
        parts["worker" if verb == b"serve" else "jobs" if verb == b"work" else "helpers"] += tree_of(pid)
    return parts


def cpu_of(pids):
    """Seconds, with those of children that ended."""
    return sum(sum(map(int, fields[11:15])) for fields in map(stat_fields, pids) if fields) / TICKS


def kilobytes(pid, file, key):
    try:
        lines = pathlib.Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(key + ":")), 0)


def memory_of(pids):
    """Bytes in use now; what several processes share is divided among them."""
    return sum(kilobytes(pid, "smaps_rollup", "Pss") for pid in pids) << 10


def peak_of(pids):
    """Bytes that the processes had in use at most since forget_peaks(), pages of the program file included."""
    return sum(kilobytes(pid, "status", "VmHWM") for pid in pids) << 10


def forget_peaks(pids):
    for pid in pids:
        try:
            pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")
        except OSError:
            pass


def serving(mountpoint, name):
    """The daemon of a mount of another file system, found by its command line; None if it is not there."""
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                words = pathlib.Path(f"/proc/{entry}/cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            if pathlib.Path(words[0]).name == name and str(mountpoint) in words:
                return int(entry)
    return None


class Meter:
    """From its making to spent(): processor seconds and peak memory of the children that ended and of what serves,
    which is `root` and all below it."""

    def __init__(self, root):
        self.root = root
        Children.forget()
        pids = self.serving()
        forget_peaks(pids)
        self.served, self.cpu = cpu_of(pids), Children.cpu

    def serving(self):
        return tree_of(self.root) if self.root else []

    def spent(self):
        pids = self.serving()
        return {"cpu": max(0.0, Children.cpu - self.cpu + cpu_of(pids) - self.served),
                "programs": Children.peak, "served": peak_of(pids)}


def mean(spent):
    """Of rounds: the mean of the processor seconds, the largest of the peaks."""
    return {"cpu": round(sum(one["cpu"] for one in spent) / len(spent), 5), "programs": max(one["programs"] for one in spent),
            "served": max(one["served"] for one in spent)}
