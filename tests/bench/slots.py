"""The files that a mount has open or registered with the kernel, read from the memory that keeper and worker share."""
import ctypes
import mmap
import pathlib


MAGIC, LAYOUT = 0x4c656e7346535f31, 5  # fs/mount_state.cpp


class OpenSlot(ctypes.Structure):  # fs/mount_state.h
    _fields_ = [("node", ctypes.c_uint64), ("inode", ctypes.c_uint64), ("backing_id", ctypes.c_int32), ("opens", ctypes.c_uint32),
                ("writers", ctypes.c_uint32)]


class MountState(ctypes.Structure):  # MountStateLayout, to where the slots end
    _fields_ = [("magic", ctypes.c_uint64), ("layout_version", ctypes.c_uint32), ("keeper_pid", ctypes.c_int32), ("worker_pid", ctypes.c_int32),
                ("restarts", ctypes.c_uint32), ("herald_pid", ctypes.c_int32), ("herald_act", ctypes.c_uint32), ("mount_id", ctypes.c_char * 40), ("mountpoint", ctypes.c_char * 4096),
                ("library", ctypes.c_char * 4096), ("device", ctypes.c_char * 32), ("init_bytes", ctypes.c_uint32), ("init", ctypes.c_char * 1024), ("followed", ctypes.c_int64),
                ("passthrough", ctypes.c_char * 256), ("io_uring", ctypes.c_char * 256), ("lens", ctypes.c_char * 128),
                ("requests", ctypes.c_uint64 * 64), ("pending", ctypes.c_uint64 * 64), ("slots", OpenSlot * 16384)]


def open_slots(keeper, worker):
    """How many files are open, and how many are registered (have a backing id); None where the memory is laid out otherwise."""
    try:
        words = pathlib.Path(f"/proc/{worker}/cmdline").read_bytes().split(b"\0")
        number = int(words[words.index(b"--state-fd") + 1])
        with open(f"/proc/{keeper}/fd/{number}", "rb") as file:
            with mmap.mmap(file.fileno(), ctypes.sizeof(MountState), prot=mmap.PROT_READ) as memory:
                state = MountState.from_buffer_copy(memory)
    except (OSError, ValueError):
        return None
    if (state.magic, state.layout_version, state.keeper_pid) != (MAGIC, LAYOUT, keeper):
        return None
    used = [slot for slot in state.slots if slot.node]
    return sum(slot.opens > 0 for slot in used), sum(slot.backing_id != 0 for slot in used)
