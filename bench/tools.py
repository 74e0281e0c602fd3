# SPDX-License-Identifier: MIT
"""Rows without load: how long a tool takes to start, to its first byte, to list sockets."""

import shutil
import socket
import statistics
import subprocess
import threading
import time

from relays import ORIGINALS, quiet
from row import Row

RUNS = 7  # in a row; their median is one measurement


def spend(argv):
    """Wall-clock seconds of one run."""
    begin = time.perf_counter()
    quiet(argv).wait()
    return time.perf_counter() - begin


def startup(tool, arguments):
    """Microseconds from fork to exit."""
    def measure(bench, who):
        argv = [bench.tool(tool, who), *arguments]
        return {"us": statistics.median(spend(argv) for _ in range(RUNS)) * 1e6}
    return measure


class Sink:
    """A TCP server that reads to the end and remembers how much came, and when it began."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.total, self.first = 0, None
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        peer, _ = self.server.accept()
        with peer:
            while data := peer.recv(4096):
                self.first = self.first or time.perf_counter()
                self.total += len(data)
        self.server.close()


def first_byte(bench, who):
    """Microseconds from fork until the first byte has come through."""
    sink = Sink()
    begin = time.perf_counter()
    relay = quiet([bench.tool("socat", who), "-u", "STDIN", f"TCP4:127.0.0.1:{sink.port}"],
                  stdin=subprocess.PIPE)
    relay.stdin.write(b"x")
    relay.stdin.close()
    sink.thread.join()
    relay.wait()
    if sink.total != 1:
        raise RuntimeError(f"{who} sent {sink.total} bytes, not 1")
    return {"us": (sink.first - begin) * 1e6}


def first_byte_of_program(bench, who):
    """Microseconds from fork until a program's first byte has come through."""
    begin = time.perf_counter()
    relay = quiet([bench.tool("socat", who), "-u", "EXEC:printf x", "STDOUT"],
                  stdout=subprocess.PIPE)
    first, end = relay.stdout.read(1), time.perf_counter()
    relay.wait()
    if first != b"x":
        raise RuntimeError(f"bench: {who} sent {first}, not x")
    return {"us": (end - begin) * 1e6}


def rows():
    def row(key, name, tool, measure, goal=None):
        rival = "original"
        goal = goal or ("<= 1" if tool == "socat" else None)
        return Row(key, name, [rival] if shutil.which(tool, path=ORIGINALS) else [], measure,
                   {("us", rival): goal} if goal else {}, rounds_factor=5)
    return [
        row("startup", "socat -V", "socat", startup("socat", ["-V"])),
        row("startup", "socat -hhh", "socat", startup("socat", ["-hhh"])),
        row("startup", "socat, first byte of a program", "socat", first_byte_of_program),
        row("startup", "socat -u /dev/null /dev/null", "socat",
            startup("socat", ["-u", "/dev/null", "/dev/null"])),
        row("startup", "socat, first byte STDIN to TCP", "socat", first_byte),
        row("startup", "nc -h", "nc", startup("nc", ["-h"])),
        row("startup", "ss -tln", "ss", startup("ss", ["-tln"]), "<= 0.5"),
        row("startup", "ss -xln", "ss", startup("ss", ["-xln"])),
    ]
