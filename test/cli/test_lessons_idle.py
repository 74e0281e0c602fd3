# SPDX-License-Identifier: MIT
"""Whoever waits uses no processor: counted in system calls, not in time."""

import os
import re
import shutil
import signal
import socket

import pytest

from conftest import wait_for
from lessons import Server, connect

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
FEW = 40  # calls in a second of idling; ignoreeof looks once a second


class Traced(Server):
    """A server whose system calls are counted for about a second of idling."""

    def idle_calls(self, run, pid=None):
        r = run(["timeout", "-s", "INT", "1", "strace", "-f", "-qq", "-p", str(pid or self.pid)])
        if "Operation not permitted" in r.stderr:
            pytest.skip("may not trace other processes")
        return len(re.findall(r"^(?:\[pid +\d+\] )?(?!strace)\w+\(", r.stderr, re.M))


def test_idle_listener(start, run, tmp_path):
    s = Traced(start, tmp_path, "TCP4-LISTEN:0,reuseaddr,fork", "PIPE")
    s.wait_log("listening on")
    assert s.idle_calls(run) < FEW


@pytest.mark.parametrize("own", ["", ",isolate"])
def test_idle_session_and_its_parent(start, run, tmp_path, own):
    s = Traced(start, tmp_path, f"TCP4-LISTEN:0,reuseaddr,fork,max-children=1{own}", "PIPE")
    port = s.port
    with connect(port) as c, connect(port):
        c.sendall(b"x")
        assert c.recv(1) == b"x"
        s.wait_log("maxchildren")
        assert s.idle_calls(run) < FEW
        if own:
            child = int(re.search(r"forked off child process (\d+)", s.log)[1])
            assert s.idle_calls(run, child) < FEW


@pytest.mark.parametrize("side", [0, 1])
def test_one_side_has_ended(start, run, tmp_path, side):
    # The program has closed its output but still lives; -t is long.
    words = ["SYSTEM:exec >&-; sleep 20,pipes", "SYSTEM:sleep 20"]
    s = Traced(start, tmp_path, "-t", "20", *(words if side == 0 else reversed(words)))
    s.wait_log("is at EOF")
    assert s.idle_calls(run) < FEW


def test_peer_half_closed(start, run, tmp_path):
    s = Traced(start, tmp_path, "-t", "20", "TCP4-LISTEN:0,reuseaddr", "SYSTEM:sleep 20")
    with connect(s.port) as c:
        c.shutdown(socket.SHUT_WR)
        s.wait_log("is at EOF")
        assert s.idle_calls(run) < FEW


@pytest.mark.parametrize("target", ["TCP", "SYSTEM:sleep 20", "SYSTEM:sleep 20,pipes", "STALL"])
def test_reader_that_does_not_read(start, run, tmp_path, target):
    server = socket.create_server(("127.0.0.1", 0))
    if target == "TCP":
        target = f"TCP4:127.0.0.1:{server.getsockname()[1]}"
    s = Traced(start, tmp_path, "-u", "FILE:/dev/zero", target, level="-ddd")
    s.wait_log("starting data transfer")
    seen = []

    def stalled():
        seen.append(s.log.count("transferred"))
        return len(seen) > 50 and len(set(seen[-50:])) == 1

    wait_for(stalled, "the writer to stall")
    assert s.idle_calls(run) < FEW
    server.close()


@pytest.mark.parametrize("words", [
    ["-u", "FILE:{empty},ignoreeof", "STDOUT"], ["-U", "STDOUT", "FILE:{empty},ignoreeof"],
    ["FILE:{empty},ignoreeof", "STALL"], ["FILE:{empty},ignoreeof", "FILE:{empty},ignoreeof"],
    ["FILE:/dev/null,ignoreeof", "PIPE"],
])
def test_ignoreeof(start, run, tmp_path, words):
    empty = tmp_path / "empty"
    empty.touch()
    s = Traced(start, tmp_path, *[w.format(empty=empty) for w in words])
    s.wait_log("starting data transfer")
    assert s.idle_calls(run) < FEW


def test_peer_of_ignoreeof_is_gone(start, run, tmp_path):
    s = Traced(start, tmp_path, "TCP4-LISTEN:0,reuseaddr,ignoreeof", "STALL")
    c = connect(s.port)
    s.wait_log("starting data transfer")
    c.close()
    assert s.process.poll() is None
    assert s.idle_calls(run) < FEW


def test_nobody_connects_yet(start, run, tmp_path):
    s = Traced(start, tmp_path, f"UNIX-CONNECT:{tmp_path}/none,forever,interval=0.5", "PIPE")
    s.wait_log("No such file")
    assert s.idle_calls(run) < FEW


def test_signals_do_not_start_a_loop(start, run, tmp_path):
    s = Traced(start, tmp_path, "PIPE", "PIPE")
    s.wait_log("starting data transfer")
    for _ in range(100):
        os.kill(s.pid, signal.SIGUSR1)
    assert s.idle_calls(run) < FEW
