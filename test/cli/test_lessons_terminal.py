# SPDX-License-Identifier: MIT
"""A terminal is left as it was found, however socat ends."""

import os
import pty
import signal
import subprocess
import termios

import pytest

from conftest import wait_for
from lessons import Server


@pytest.fixture
def terminal():
    """A terminal's two ends: ours and the one socat gets."""
    ours, its = pty.openpty()
    yield ours, its
    os.close(ours)
    os.close(its)


def settings(fd):
    """All of them but the speeds' encoding, which the kernel may normalise."""
    s = termios.tcgetattr(fd)
    return s[:4], s[6]


ENDINGS = ["eof", "TERM", "INT", "HUP", "QUIT", "error", "peer", "idle"]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("address", ["-", "FILE:{}"])
def test_settings_are_restored(start, terminal, tmp_path, address, ending):
    ours, its = terminal
    before = settings(its)
    other = {"error": "SYSTEM:read x; exit 3", "peer": "SYSTEM:read x"}.get(ending, "PIPE")
    words = ["-T", "1"] if ending == "idle" else []
    address = address.format(os.ttyname(its)) + (",escape=4" if ending == "eof" else "")
    s = Server(start, tmp_path, *words, address, other, stdin=its, stdout=its)
    s.wait_log("starting data transfer")
    # What somebody else changes meanwhile is put back too: as the original does.
    subprocess.run(["stty", "raw", "-echo"], stdin=its, check=True)
    assert settings(its) != before
    if ending == "eof":
        os.write(ours, b"\x04")
    elif ending in ("error", "peer"):
        os.write(ours, b"line\n")
    elif ending != "idle":
        os.kill(s.pid, getattr(signal, "SIG" + ending))
    s.process.wait(timeout=20)
    assert settings(its) == before


def test_plain_stdio_changes_nothing(start, terminal, tmp_path):
    ours, its = terminal
    before = settings(its)
    s = Server(start, tmp_path, "-", "PIPE", stdin=its, stdout=its)
    s.wait_log("starting data transfer")
    assert settings(its) == before
    os.kill(s.pid, signal.SIGTERM)
    s.process.wait(timeout=20)
    assert settings(its) == before


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGKILL])
def test_a_forked_child_leaves_the_terminal_alone(start, terminal, tmp_path, signo):
    ours, its = terminal
    s = Server(start, tmp_path, "TCP4-LISTEN:0,reuseaddr,fork,isolate", "STDIO", stdin=its, stdout=its)
    port, before = s.port, settings(its)
    run_client = start(["socat", "-", f"TCP4:127.0.0.1:{port}"])
    child = int(s.wait_log(r"forked off child process (\d+)")[0])
    s.wait_log("starting data transfer")
    os.kill(child, signo)
    run_client.wait(timeout=20)
    wait_for(lambda: not os.path.exists(f"/proc/{child}"), "the end of the child")
    assert settings(its) == before
