# SPDX-License-Identifier: MIT
"""What the test_lessons_*.py share: servers with a log, and looks into processes."""

import os
import re
import socket
import struct
from pathlib import Path

import pytest

from conftest import wait_for
from socat_kit import read_all  # noqa: F401 (for the lessons)


class Server:
    """A socat in the background whose log lines go to a file."""

    def __init__(self, start, folder, *words, level="-dd", prefix=(), **more):
        self.log_path = Path(folder) / f"log{len(list(Path(folder).iterdir()))}"
        self.log_path.touch()
        self.process = start([*prefix, "socat", level, "-lf", self.log_path, *words], **more)
        self.pid = self.process.pid

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_log(self, pattern, count=1):
        """Waits until the pattern was logged so often; returns the matches."""
        def found():
            dead = self.process.poll() is not None
            all_found = re.findall(pattern, self.log)
            if dead and len(all_found) < count:
                pytest.fail(f"it ended without {count} times {pattern!r}: {self.log[-2000:]}")
            return all_found if len(all_found) >= count else None
        return wait_for(found, f"{pattern!r} in the log")

    @property
    def port(self):
        """Where it listens: it was told port 0."""
        return int(self.wait_log(r"(?:listening on|bound to|receiving on)[^\n]*:(\d+)")[0])

    def end(self):
        """SIGTERM and the exit status."""
        self.process.terminate()
        return self.process.wait(timeout=20)


def descriptors(pid):
    """What is open in a process: {number: what}."""
    folder = Path(f"/proc/{pid}/fd")
    return {int(n): os.readlink(folder / n) for n in os.listdir(folder)}


def children(pid):
    """The living and the dead children of a process."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            rest = (folder / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(rest[1]) == pid:
            found.append((int(folder.name), rest[0]))
    return found


def cpu_seconds(pid):
    """Time a process has used so far."""
    rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(rest[11]) + int(rest[12])) / os.sysconf("SC_CLK_TCK")


def reset(connection):
    """Closes a connection the rude way."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def connect(port, timeout=20):
    return socket.create_connection(("127.0.0.1", port), timeout=timeout)
