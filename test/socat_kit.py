# SPDX-License-Identifier: MIT
"""What the tests of socat share: our program and Debian's (1.7.4.4), side by side.

    socat.run("-u", "-", "-")           ours, to its end
    socat.run(..., who="original")      Debian's
    socat.both(...)                     both at once: (theirs, ours)
    socat_net                           the same in a network namespace of its own
    socat.start(...)                    in the background; its log can be waited for
    together(f, g)                      runs functions at once, gives their results
"""

import contextlib
import os
import re
import signal
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import Result, original, wait_for

WHO = ["ours", "original"]
LIMIT = 160 if os.environ.get("SOCKBOX_VALGRIND") else 8  # seconds: nothing here takes two
LOCAL = "127.0.0.1"
PREFIX = re.compile(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d+)? (?:\S+ )?"
                    r"([^ \[]+)\[(\d+)\] ([FEWNID]) ",
                    re.MULTILINE)


def log_lines(text, levels="FEW"):
    """The log lines of these levels: "E text"."""
    found = []
    for line in text.splitlines():
        match = PREFIX.match(line)
        if match and match.group(3) in levels:
            found.append(f"{match.group(3)} {line[match.end():]}")
    return found


def without_prefix(text):
    """The log without its times, names and process ids."""
    return PREFIX.sub(r"\3 ", text)


def together(*functions):
    """Calls all at once; their results, or the first exception."""
    with ThreadPoolExecutor(len(functions)) as pool:
        return [future.result() for future in [pool.submit(f) for f in functions]]


class Running:
    """A socat in the background.  Its stderr goes to a file, so nobody has to drain it."""

    def __init__(self, process, log):
        self.process, self.log, self.pid = process, log, process.pid

    def text(self):
        return self.log.read_text(errors="surrogateescape")

    def wait_line(self, pattern):
        """Waits until the log has it; the match."""
        regex = re.compile(pattern, re.MULTILINE)
        return wait_for(lambda: regex.search(self.text()), f"the line {pattern!r} of {self.log}")

    def port(self):
        """Where it listens (needs -dd)."""
        return int(self.wait_line(r" N (?:listening|receiving) on .*:(\d+)$").group(1))

    def end(self, input=None, timeout=LIMIT):
        """Waits for its end: what a run gives."""
        try:
            out, _ = self.process.communicate(input, timeout=timeout)
        except subprocess.TimeoutExpired:
            pytest.fail(f"socat did not end; its log: {self.text()}")
        return Result(self.process.returncode, out or b"", self.log.read_bytes())

    def signal(self, signo, timeout=LIMIT):
        """Sends the signal and waits for the end."""
        self.process.send_signal(signo)
        return self.end(timeout=timeout)


class Socat:
    def __init__(self, commands, tools, folder):
        self.commands, self.tools, self.folder, self.count = commands, tools, folder, 0

    def program(self, who="ours"):
        return str(self.tools / "socat") if who == "ours" else original("socat")

    def run(self, *arguments, who="ours", **more):
        more.setdefault("timeout", LIMIT)
        return self.commands.run([self.program(who), *arguments], **more)

    def both(self, *arguments, **more):
        return together(lambda: self.run(*arguments, who="original", **more),
                        lambda: self.run(*arguments, **more))

    def start(self, *arguments, who="ours", **more):
        self.count += 1
        log = self.folder / f"log{self.count}"
        with open(log, "wb") as stderr:
            process = self.commands.start([self.program(who), *arguments], stderr=stderr, **more)
        return Running(process, log)

    def serve(self, *arguments, **more):
        """Starts one that listens with -dd; waits until it does."""
        running = self.start("-dd", *arguments, **more)
        running.wait_line(r" N listening on ")
        return running


def too_long(signo, frame):
    raise TimeoutError(f"a test waited for more than {2 * LIMIT} s")


def guarded(commands, tools, tmp_path):
    """Also ends a test that waits for something that does not come."""
    folder = tmp_path / "socat-logs"
    folder.mkdir()
    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(2 * LIMIT)
    yield Socat(commands, tools, folder)
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def socat(commands, tools, tmp_path):
    yield from guarded(commands, tools, tmp_path)


@pytest.fixture
def socat_net(netns, tools, tmp_path):
    """The same in a network namespace of its own, where we may do everything."""
    yield from guarded(netns, tools, tmp_path)


def connect(port, family=socket.AF_INET):
    """A TCP connection of our own to the loopback."""
    s = socket.socket(family, socket.SOCK_STREAM)
    s.settimeout(30)
    s.connect((LOCAL if family == socket.AF_INET else "::1", port))
    return s


def read_all(s):
    """Everything until the peer's end."""
    data = b""
    while True:
        block = s.recv(65536)
        if not block:
            return data
        data += block


def descriptors_of(pid):
    """How many are open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def sockets_of(pid):
    """How many of them are sockets."""
    count = 0
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            count += os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:")
    return count


def children_of(pid):
    """The process ids of the children that are there, zombies too."""
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(word) for word in file.read().split()]


def state_of(pid):
    """The letter of /proc/PID/stat: R, S, Z ...; None: no such process."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None
