# SPDX-License-Identifier: MIT
"""Signals and our nc: it dies by them, and removes the UNIX sockets that it has made."""

import os
import re
import signal
import socket
import subprocess

import pytest

from nc_kit import LIMIT, ends, listen

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize("signo", SIGNALS)
@pytest.mark.parametrize("flags", ["-lU", "-luU"])
def test_a_listener_ended_by_a_signal_removes_its_socket(start, listener, tmp_path, signo, flags):
    path = tmp_path / "s"
    p = start(["nc", flags, path])
    listener.path(path)
    os.kill(p.pid, signo)
    ends(p, -signo)
    assert not path.exists()


def test_a_socket_that_somebody_else_has_put_there_stays(start, listener, tmp_path):
    path = tmp_path / "s"
    p = start(["nc", "-lU", path])
    listener.path(path)
    path.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        os.kill(p.pid, signal.SIGTERM)
        ends(p, -signal.SIGTERM)
        assert path.exists()


@pytest.mark.parametrize("signo", SIGNALS)
def test_a_datagram_client_ended_by_a_signal_removes_its_folder(start, tmp_path, signo):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(str(tmp_path / "s"))
        s.settimeout(LIMIT)
        p = start(["nc", "-uU", tmp_path / "s"])
        p.stdin.write(b"x")
        p.stdin.flush()
        folder = os.path.dirname(s.recvfrom(10)[1])
    assert re.fullmatch(r"/tmp/nc-\w{6}", folder) and os.path.exists(folder)
    os.kill(p.pid, signo)
    ends(p, -signo)
    assert not os.path.exists(folder)


@pytest.mark.parametrize("command", [["-lk"], ["-lku"]])
def test_a_waiting_listener_dies_by_the_signal(start, command):
    p, _ = listen(start, *command)
    os.kill(p.pid, signal.SIGTERM)
    ends(p, -signal.SIGTERM)


def test_an_ignored_signal_stays_ignored(start):
    p = start(["sh", "-c", "trap '' HUP; exec nc -nlv 127.0.0.1 0"])
    port = int(p.stderr.readline().split()[-1])
    os.kill(p.pid, signal.SIGHUP)
    with socket.create_connection(("127.0.0.1", port)) as s:
        s.sendall(b"alive")
        assert p.stdout.read(5) == b"alive"


def test_a_regular_end_leaves_the_socket_behind(start, listener, tmp_path):
    path = tmp_path / "s"
    p = start(["nc", "-lU", path], stdin=subprocess.DEVNULL)
    listener.path(path)
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(path))
    ends(p)
    assert path.exists()  # as the original; the next listener removes it
    start(["nc", "-lU", path])
    listener.path(path)
