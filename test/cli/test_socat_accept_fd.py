# SPDX-License-Identifier: MIT
"""ACCEPT-FD with the sockets of a supervisor: systemd's own systemd-socket-activate where it is
installed, and a small one that sets the same variables."""

import shutil
import signal
import socket
import subprocess
import sys

import pytest

from conftest import wait_for
from socat_kit import connect, log_lines, read_all, socat  # noqa: F401

ACTIVATE = shutil.which("systemd-socket-activate")

# Passes its descriptors on from 3 on, as exec() in the same process.
SUPERVISOR = """
import fcntl, os, sys
names, pid, fds, command = sys.argv[1], sys.argv[2], sys.argv[3].split(","), sys.argv[4:]
high = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 100) for fd in fds]
for number, fd in enumerate(high, 3):
    os.dup2(fd, number, inheritable=True)
os.environ.update(LISTEN_PID=str(os.getpid()) if pid == "self" else pid, LISTEN_FDS=str(len(fds)))
if names:
    os.environ["LISTEN_FDNAMES"] = names
os.execv(command[0], command)
"""


@pytest.fixture
def listening():
    found = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    yield found
    for s in found:
        s.close()


def supervise(socat, listening, names, arguments, pid="self"):  # noqa: F811
    fds = [s.fileno() for s in listening]
    command = [sys.executable, "-c", SUPERVISOR, names, pid, ",".join(map(str, fds)), socat.program(), *arguments]
    return socat.commands.start(command, pass_fds=fds)


def talk(port):
    with connect(port) as s:
        s.sendall(b"hello")
        s.shutdown(socket.SHUT_WR)
        return read_all(s)


@pytest.mark.parametrize("word, which", [("3", 0), ("4", 1), ("0x4", 1), ("web", 0), ("admin", 1)])
def test_which_socket(socat, listening, word, which):  # noqa: F811
    process = supervise(socat, listening, "web:admin", [f"ACCEPT-FD:{word}", "PIPE"])
    assert talk(listening[which].getsockname()[1]) == b"hello"
    assert process.wait(10) == 0


@pytest.mark.parametrize("names, pid, word, reason", [
    ("web:admin", "self", "other", 'none of the 2 passed descriptors is named "other": LISTEN_FDNAMES="web:admin"'),
    ("", "self", "web", "no named descriptors were passed on (LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES)"),
    ("web:admin", "1", "web", "LISTEN_PID=1: descriptors are for another process")])
def test_no_such_name(socat, listening, names, pid, word, reason):  # noqa: F811
    process = supervise(socat, listening, names, [f"ACCEPT-FD:{word}", "PIPE"], pid)
    errors = process.communicate(timeout=10)[1].decode()
    assert process.returncode == 1
    assert log_lines(errors) == [f'E ACCEPT-FD: "{word}" is not a descriptor number: {reason}']


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


@pytest.mark.skipif(not ACTIVATE, reason="systemd-socket-activate is not installed")
@pytest.mark.parametrize("options, word", [([], "3"), (["--inetd"], "0"), (["--fdname=web"], "web")])
def test_systemd(socat, options, word):  # noqa: F811
    """It starts socat when somebody comes, and hands it the socket that listens."""
    port = free_port()
    process = socat.commands.start([ACTIVATE, f"--listen=127.0.0.1:{port}", *options, socat.program(),
                                    f"ACCEPT-FD:{word},fork", "PIPE"], stderr=subprocess.DEVNULL)

    def answers():
        try:
            return talk(port) == b"hello"
        except ConnectionRefusedError:
            return False
    wait_for(answers)
    assert [talk(port) for _ in range(2)] == [b"hello"] * 2
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) in [143, -signal.SIGTERM]


@pytest.mark.skipif(not ACTIVATE, reason="systemd-socket-activate is not installed")
def test_systemd_and_a_unix_socket(socat, tmp_path):  # noqa: F811
    path = tmp_path / "socket"
    process = socat.commands.start([ACTIVATE, f"--listen={path}", "--fdname=local", socat.program(),
                                    "ACCEPT-FD:local", "PIPE"], stderr=subprocess.DEVNULL)
    wait_for(path.exists)
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        wait_for(lambda: s.connect_ex(str(path)) == 0)
        s.sendall(b"hello")
        s.shutdown(socket.SHUT_WR)
        assert read_all(s) == b"hello"
    assert process.wait(10) == 0
    assert path.exists()  # it is the supervisor's
