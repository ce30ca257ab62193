"""What is looked at while a mount is under load, and by how much each may have grown."""
import os

from costs import kilobytes, parts_of
from slots import open_slots

MIB = 1 << 20
# What: unit, the part of the first value and what is added that it may have grown by. Pools that fill slowly have room: 1,024
# files that nobody uses stay registered (fs/open_files.cpp), and "lensfs work" holds the sources of a batch.
MARGINS = {
    "memory of the worker": ("B", 0.10, 8 * MIB),
    "memory of the keeper": ("B", 0.10, 2 * MIB),
    "memory of announcer and herald": ("B", 0.10, 2 * MIB),
    "memory of lensfs work": ("B", 0.10, 8 * MIB),
    "memory of its decoders": ("B", 0.25, 32 * MIB),
    "descriptors of the worker": ("", 0, 16),
    "descriptors of the keeper": ("", 0, 4),
    "descriptors of announcer and herald": ("", 0, 4),
    "descriptors of lensfs work": ("", 0, 48),
    "threads of the worker": ("", 0, 4),
    "processes of the mount": ("", 0, 4),
    "files that are open": ("", 0, 16),
    "files registered with the kernel": ("", 0.10, 1024),
    "inodes in staging": ("", 0.25, 32),
}


def own_memory(pids):
    """Bytes that no file stands behind."""
    return sum(kilobytes(pid, "status", key) for pid in pids for key in ("RssAnon", "RssShmem")) << 10


def entries(folder):
    try:
        return len(os.listdir(folder))
    except OSError:
        return 0


def sample(status, library):
    """`status`: of the mount, /.lensfs/status. What a mount does not tell is left out."""
    parts = parts_of(int(status["keeper"]))
    taken = {"processes of the mount": sum(map(len, parts.values())),
             "inodes in staging": sum(len(folders) + len(files) for _, folders, files in os.walk(library / "staging"))}
    named = {"the worker": parts["worker"], "the keeper": parts["keeper"], "announcer and herald": parts["helpers"],
             "lensfs work": parts["jobs"][:1]}
    for name, pids in named.items():
        if pids:
            taken[f"memory of {name}"] = own_memory(pids)
            taken[f"descriptors of {name}"] = sum(entries(f"/proc/{pid}/fd") for pid in pids)
    if parts["jobs"]:
        taken["memory of its decoders"] = own_memory(parts["jobs"][1:])
    taken["threads of the worker"] = sum(entries(f"/proc/{pid}/task") for pid in parts["worker"])
    slots = open_slots(int(status["keeper"]), int(status["worker"]))
    if slots:
        taken["files that are open"], taken["files registered with the kernel"] = slots
    return taken
