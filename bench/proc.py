# SPDX-License-Identifier: MIT
"""What /proc says about a relay: itself and everything it has started.

    tree(pid)           the process and its descendants
    cpu_seconds(pid)    user and system time of all of them, also of those that have ended
    pss_bytes(pid)      their memory in user space, shared pages counted once
    kernel_bytes()      slabs, stacks and page tables of the whole machine
    listens(...)        does something listen there?  (asks, never connects)
"""

import os
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
LISTEN, UNCONNECTED = "0A", "07"
ACCEPTS = 0x10000
LIMIT = 10  # seconds in which a relay must be there


def stat(pid):
    """The fields after the name, which may contain blanks; [1] is the parent."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def tree(pid):
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parents.setdefault(int(stat(entry)[1]), []).append(int(entry))
            except (FileNotFoundError, ProcessLookupError):
                pass
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += parents.get(found[-1], [])
    return found


def over_tree(pid, number):
    total = 0
    for member in tree(pid):
        try:
            total += number(member)
        except (FileNotFoundError, ProcessLookupError):
            pass  # it has ended meanwhile
    return total


def cpu_seconds(pid):
    """utime, stime and those of the children that were waited for."""
    return over_tree(pid, lambda member: sum(map(int, stat(member)[11:15]))) / TICKS


def pss(pid):
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) << 10
    return 0


def pss_bytes(pid):
    return over_tree(pid, pss)


def kernel_bytes():
    fields = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    return sum(int(fields[name].split()[0]) for name in ["Slab", "KernelStack", "PageTables"]) << 10


def listens(kind, place):
    """kind is tcp, udp (place: a port) or unix (place: a path)."""
    lines = Path(f"/proc/net/{kind}").read_text().splitlines()[1:]
    if kind == "unix":
        rows = (line.split(None, 7) for line in lines)
        # HAProxy listens on PATH.PID.tmp, and renames it.
        return os.path.exists(place) and any(
            row[7:] and row[7].startswith(str(place)) and int(row[3], 16) & ACCEPTS
            for row in rows)
    state = LISTEN if kind == "tcp" else UNCONNECTED
    rows = (line.split() for line in lines)
    return any(row[3] == state and int(row[1].rpartition(":")[2], 16) == place for row in rows)


def wait_until(question, what):
    deadline = time.monotonic() + LIMIT
    while not question():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {LIMIT} s")
        time.sleep(0.005)
