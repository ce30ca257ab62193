#!/usr/bin/env python3
"""usage: walk.py stat|open PROCESSES < paths     Prints the seconds that all took together.

Each path (one a line) is asked for once, by one of so many processes that begin at the same moment.
"""
import os
import sys
import time


def stat(path):
    os.stat(path)


def open_and_close(path):
    os.close(os.open(path, os.O_RDONLY))


def main():
    work, processes = {"stat": stat, "open": open_and_close}[sys.argv[1]], int(sys.argv[2])
    paths = sys.stdin.read().splitlines()
    wait, start = os.pipe()
    children = []
    for number in range(processes):
        child = os.fork()
        if child == 0:
            mine = paths[number::processes]
            os.close(start)
            os.read(wait, 1)  # until the last writer is gone
            try:
                for path in mine:
                    work(path)
            except OSError as error:
                print(error, file=sys.stderr, flush=True)
                os._exit(1)
            os._exit(0)
        children.append(child)
    began = time.monotonic()
    os.close(start)
    failed = [child for child in children if os.waitpid(child, 0)[1] != 0]
    print(time.monotonic() - began)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
