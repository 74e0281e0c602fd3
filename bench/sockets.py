# SPDX-License-Identifier: MIT
"""ss on many sockets, beside the original and beside the bare netlink dump, which is the floor.

A crowd has so many TCP sockets (connected over loopback, two for each connection) and as many of
UNIX pairs.  They are held by few processes or by many, in the namespace that the rows run in, and
stay until a row wants another crowd.  CPU is user and system time; memory is the most that was
resident while the reader of the listing was waited for.
"""

import os
import resource
import shutil
import socket
import struct
import subprocess
from pathlib import Path

from relays import ORIGINALS
from row import Row

STATES_ALL = 0x3fff  # 7.1 asks for these; Debian's original asks for fewer
MEMINFO_INFO_VEGAS_CONG = 1 << 1 | 1 << 2 | 1 << 3
NAME_PEER_QUEUE = 1 | 4 | 16
SOCK_DIAG, DUMP, DONE = 20, 0x301, 3
MANY = 400  # processes
SPARE = 100  # descriptors that a holder needs for itself
PORTS = 1 << 16
STEP = 40503  # odd: as many steps as there are ports visit all of them, far apart


class Holder:
    """A process with so many TCP and so many UNIX sockets."""

    made = 0  # each has an address of its own: ports of the one before it may not be free yet

    def __init__(self, others, sockets, spread):
        number = Holder.made
        Holder.made += 1
        self.line, theirs = socket.socketpair()
        self.pid = os.fork()
        if not self.pid:
            for holder in [*others, self]:  # so that each sees the end of its own line
                holder.line.close()
            self.hold(f"127.{1 + number // 250}.{number % 250}.1", sockets,
                      len(others) * sockets if spread else None, theirs)

    @staticmethod
    def hold(address, sockets, place, line):
        try:
            listener = socket.create_server((address, 80), backlog=64)
            keep = []
            for i in range(sockets // 2):
                port = 80 if place is None else (place + i + 1) * STEP % PORTS
                source = (address, port) if port not in (0, 80) else None
                client = socket.create_connection(listener.getsockname(), source_address=source)
                keep += [client, listener.accept()[0], *socket.socketpair()]
            line.send(b".")
            line.recv(1)  # its end
        finally:
            os._exit(0)

    def end(self):
        self.line.close()
        os.waitpid(self.pid, 0)


class Crowd:
    """The holders of one number of sockets; a bench has one crowd at a time.  With `spread`, any
    ports are used, not only those that the kernel gives away, which nobody looks up."""

    def __init__(self, sockets, many=False, spread=False):
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE
        processes = MANY if many else -(-2 * sockets // limit)
        self.size = (sockets, many, spread)
        self.holders = []
        for _ in range(processes):
            self.holders.append(Holder(self.holders, sockets // processes, spread))
        if b"".join(holder.line.recv(1) for holder in self.holders) != b"." * processes:
            self.end()
            raise RuntimeError("the sockets could not be made")

    def end(self):
        for holder in self.holders:
            holder.end()


def gather(bench, *size):
    crowd = getattr(bench, "crowd", None)
    if crowd and crowd.size == size:
        return
    if crowd:
        crowd.end()
    bench.crowd = None
    bench.crowd = Crowd(*size)


class Dump:
    """What must be asked for a listing, and nothing else: no decoding, no text."""

    def __init__(self, family, extensions=0):
        if family == socket.AF_UNIX:
            self.requests = [struct.pack("BBHIIIII", family, 0, 0, STATES_ALL, 0,
                                         NAME_PEER_QUEUE, 0, 0)]
        else:
            self.requests = [struct.pack("BBBBI48x", half, socket.IPPROTO_TCP, extensions, 0,
                                         STATES_ALL) for half in (socket.AF_INET, socket.AF_INET6)]
        self.buffer = bytearray(1 << 18)

    def run(self):
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4) as netlink:
            netlink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            for request in self.requests:
                netlink.send(struct.pack("IHHII", 16 + len(request), SOCK_DIAG, DUMP, 1, 0)
                             + request)
                while True:
                    netlink.recv_into(self.buffer)
                    if struct.unpack_from("H", self.buffer, 4)[0] == DONE:
                        break


def spent(who, run):
    """CPU milliseconds of ourselves or of children while something runs."""
    before = resource.getrusage(who)
    run()
    after = resource.getrusage(who)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3


def cost_of(argv):
    return {"CPU ms": spent(resource.RUSAGE_CHILDREN, lambda: subprocess.run(
        argv, stdout=subprocess.DEVNULL, check=True))}


def cost(sockets, options, dump=None, many=False):
    def measure(bench, who):
        gather(bench, sockets, many, False)
        if who == "bare dump":
            return {"CPU ms": spent(resource.RUSAGE_SELF, dump.run)}
        return cost_of([bench.tool("ss", who), *options])
    return measure


def cost_of_names(sockets):
    """Of ports that the kernel gives away no name is asked for: here they are as few as usual."""
    def measure(bench, who):
        gather(bench, sockets, False, True)
        given = GIVEN_PORTS.read_text()
        GIVEN_PORTS.write_text(USUAL_PORTS)
        try:
            if who == NUMERIC:
                return cost_of([bench.tool("ss", "ours"), "-tan"])
            return cost_of([bench.tool("ss", who), "-ta"])
        finally:
            GIVEN_PORTS.write_text(given)
    return measure


def high_water(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0  # it has ended


def memory(sockets, options):
    """Looked at while it runs: what the kernel tells at the end counts Python too, which was in
    its place before it."""
    def measure(bench, who):
        gather(bench, sockets, False, False)
        most = 0
        with subprocess.Popen([bench.tool("ss", who), *options], stdout=subprocess.PIPE) as process:
            while process.stdout.read1(1 << 16):
                most = max(most, high_water(process.pid))
        return {"peak MiB": most}
    return measure


TCP, UNIX = Dump(socket.AF_INET), Dump(socket.AF_UNIX)
# Options, the bare dump, and the most that ours may cost by the dump and by the original.
LISTINGS = [
    (["-tan"], TCP, 1.25, 1),
    (["-ta"], TCP, 1.375, 1),
    (["-tani"], Dump(socket.AF_INET, MEMINFO_INFO_VEGAS_CONG), 1.25, 1),
    (["-xa"], UNIX, 1.25, 1),
    # States that both ask for.
    (["-tn", "state", "established", "sport", "=", ":81"], None, None, 1),
    (["-s"], None, None, 1),
]
NUMERIC = "ours -tan"
GIVEN_PORTS, USUAL_PORTS = Path("/proc/sys/net/ipv4/ip_local_port_range"), "32768 60999"
WHOLE_PAGE = 100000  # sockets that fill the page of a listing, before which it is not written
JSON_MEMORY = "<= 4"  # no more, however many sockets there are
# The original looks for the owner of each socket in one list; so it needs few rounds and much time.
OWNERS_GOALS = {100000: 1 / 12, 500000: 1 / 60}


def rows(crowds):
    original = ["original"] if shutil.which("ss", path=ORIGINALS) else []
    made = []
    for sockets in crowds:
        for options, dump, most_dump, most_original in LISTINGS:
            goals = {("CPU ms", "original"): f"<= {most_original}"}
            if dump:
                goals["CPU ms", "bare dump"] = f"<= {most_dump}"
            made.append(Row("ss", f"ss {' '.join(options)}, {sockets}",
                            original + (["bare dump"] if dump else []),
                            cost(sockets, options, dump), goals, rounds_factor=3))
        for options in [["-tan"], ["-tani"], ["-xa"]]:
            made.append(Row("ss", f"ss {' '.join(options)}, {sockets}, memory", original,
                            memory(sockets, options),
                            {("peak MiB", "original"): "<= 1"} if sockets >= WHOLE_PAGE else {},
                            rounds_factor=0.3))
        made.append(Row("ss", f"ss -tani --json-lines, {sockets}", [],
                        memory(sockets, ["-tani", "--json-lines"]), rounds_factor=0.3,
                        absolute={"peak MiB": JSON_MEMORY}))
        made.append(Row("ss", f"ss -ta, {sockets}, any ports", [*original, NUMERIC],
                        cost_of_names(sockets),
                        {("CPU ms", NUMERIC): "<= 1.1", ("CPU ms", "original"): "<= 1"}))
        for many in [False, True]:
            made.append(Row("ss", f"ss -tanp, {sockets}, {'many' if many else 'few'} owners",
                            original, cost(sockets, ["-tanp"], many=many),
                            {("CPU ms", "original"): f"<= {OWNERS_GOALS.get(sockets, 1):.3f}"},
                            rounds_factor=0.3))
    return made
