# SPDX-License-Identifier: MIT
"""Listeners that live long: refused clients, floods, failing sessions, shortages.
Nothing may leak, spin, fork for ever or stay behind as a zombie."""

import os
import re
import resource
import signal
import socket

import pytest

from conftest import wait_for
from lessons import Server, children, connect, cpu_seconds, descriptors, read_all, reset

pytestmark = pytest.mark.usefixtures("own_network")

FEW = ["bash", "-c", 'ulimit -S -n "$1"; shift; exec "$@"', "few"]
READ_ALL_DESCRIPTORS = "ls -l /proc/self/fd"


def answers(port, data=b"hello"):
    """An echo server still works."""
    with connect(port) as c:
        c.sendall(data)
        c.shutdown(socket.SHUT_WR)
        assert read_all(c) == data


def no_children(server):
    wait_for(lambda: not children(server.pid), "the end of all children")


def test_refused_clients_leak_nothing(start, tmp_path):
    s = Server(start, tmp_path, "TCP4-LISTEN:0,reuseaddr,backlog=999,fork,range=127.0.0.9/32", "PIPE",
               prefix=[*FEW, "256"])
    port, before = s.port, descriptors(s.pid)
    for _ in range(1100):
        with connect(port) as c:
            assert c.recv(1) == b""
    s.wait_log("refusing connection", 1100)
    # The client sees the shutdown a moment before the descriptor is closed.
    wait_for(lambda: descriptors(s.pid) == before, "the same descriptors as at the start")
    assert s.process.poll() is None and not children(s.pid)
    with socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.9", 0)) as c:
        c.sendall(b"x")
        assert c.recv(1) == b"x"


def test_refused_packets_leak_nothing(start, tmp_path):
    s = Server(start, tmp_path, "UDP4-RECVFROM:0,fork,range=127.0.0.9/32", "PIPE",
               prefix=[*FEW, "64"])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as c:
        c.connect(("127.0.0.1", s.port))
        for _ in range(300):
            c.send(b"x")
        s.wait_log("refusing connection", 100)
    assert len(descriptors(s.pid)) < 10 and not children(s.pid)


@pytest.mark.parametrize("family, address", [
    ("tcp", "TCP4-LISTEN:0,fork"), ("udp", "UDP4-RECVFROM:0,fork"),
    ("udp", "UDP4-LISTEN:0,fork"),
])
def test_a_failing_second_address_fails_once_per_peer(start, tmp_path, family, address):
    s = Server(start, tmp_path, address, "OPEN:/nowhere/x", level="-ddd")
    port, before = s.port, descriptors(s.pid)
    kind = socket.SOCK_STREAM if family == "tcp" else socket.SOCK_DGRAM
    for peers in range(1, 8):
        with socket.socket(socket.AF_INET, kind) as c:
            c.connect(("127.0.0.1", port))
            c.send(b"x")
            s.wait_log(r" E open\(\"/nowhere/x\"", peers)
    no_children(s)
    assert s.log.count(" E ") == 7 and s.log.count("serving session") == 7
    now = descriptors(s.pid)
    assert len(now) == len(before) and s.process.poll() is None


@pytest.mark.parametrize("address", ["TCP4:127.0.0.1:{}", "UNIX-CONNECT:{folder}/none"])
def test_retries_leave_no_descriptors(start, tmp_path, address):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: refuses
        where = address.format(taken.getsockname()[1], folder=tmp_path)
        s = Server(start, tmp_path, f"{where},retry=100,interval=0.001", "PIPE", level="-dddd",
                   prefix=[*FEW, "12"])
        assert s.process.wait(timeout=30) == 1
    assert "Too many open files" not in s.log
    assert s.log.count(" E ") == 1


def test_retry_until_somebody_listens(start, tmp_path):
    path = tmp_path / "late"
    s = Server(start, tmp_path, "-u", f"UNIX-CONNECT:{path},forever,interval=0.001", "PIPE",
               prefix=[*FEW, "12"])
    s.wait_log("No such file", 50)
    with socket.socket(socket.AF_UNIX) as l:
        l.bind(str(path))
        l.listen()
        l.settimeout(20)
        with l.accept()[0]:
            s.wait_log("starting data transfer")


def test_max_children_counts_right(start, tmp_path):
    s = Server(start, tmp_path, "TCP4-LISTEN:0,reuseaddr,backlog=999,fork,isolate,max-children=2",
               "PIPE")
    port = s.port
    for _ in range(100):  # short ones: an end may be seen before the start is booked
        answers(port)
    no_children(s)
    held = [connect(port) for _ in range(2)]
    s.wait_log("forked off child", 102)
    waiting = connect(port)
    waiting.sendall(b"third")
    s.wait_log("maxchildren are active, waiting")
    assert len(children(s.pid)) == 2
    held.pop().close()
    assert waiting.recv(5) == b"third"
    assert len([c for c in children(s.pid) if c[1] != "Z"]) <= 2
    for c in [*held, waiting]:
        c.close()
    no_children(s)
    answers(port)


@pytest.mark.parametrize("address", ["UDP4-RECVFROM:0", "UDP4-LISTEN:0"])
def test_max_children_of_packets(start, tmp_path, address):
    s = Server(start, tmp_path, "-T", "20", f"{address},fork,max-children=2", "SYSTEM:cat")
    port = s.port
    for i in range(40):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as c:
            c.settimeout(20)
            c.connect(("127.0.0.1", port))
            c.send(f"{i}".encode())
            assert c.recv(100) == f"{i}".encode()
            c.send(b"")
            c.close()
        wait_for(lambda: len(children(s.pid)) < 2, "a free place")
    assert s.process.poll() is None


def test_zombies_are_reaped_while_the_second_address_waits(start, tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    # No fork: the program of the first address ends while the second is opening.
    s = Server(start, tmp_path, "SYSTEM:exit 0", f"OPEN:{path},wronly", level="-ddd")
    s.wait_log("forked off child")
    wait_for(lambda: "exited with status 0" in s.log or s.process.poll() is not None,
             "the end of the program")
    assert children(s.pid) == []


def test_listener_reaps_while_idle(start, tmp_path):
    s = Server(start, tmp_path, "TCP4-LISTEN:0,reuseaddr,backlog=999,fork", "SYSTEM:exit 3")
    port = s.port
    for _ in range(20):
        with connect(port) as c:
            read_all(c)
    no_children(s)
    assert s.process.poll() is None


def test_connections_reset_at_once_keep_the_listener_alive(start, tmp_path):
    s = Server(start, tmp_path, "TCP4-LISTEN:0,reuseaddr,backlog=999,fork,nodelay,keepalive,linger=5", "PIPE",
               prefix=[*FEW, "32"])
    port = s.port
    for _ in range(500):
        reset(connect(port))
    answers(port)
    no_children(s)
    assert len(descriptors(s.pid)) < 10


def test_reset_before_accept_of_a_single_listener(start, tmp_path):
    s = Server(start, tmp_path, "TCP4-LISTEN:0,reuseaddr,backlog=999,range=127.0.0.9/32", "PIPE")
    port = s.port
    for _ in range(100):
        reset(connect(port))
    with socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.9", 0)) as c:
        c.sendall(b"x")
        assert c.recv(1) == b"x"


def test_too_few_descriptors_pause_the_listener(start, tmp_path):
    # 0, 1, 2, two of the wake-up pipe, the log, the listener: nothing is left to accept with.
    s = Server(start, tmp_path, "TCP4-LISTEN:0,reuseaddr,backlog=999,fork,isolate", "PIPE",
               prefix=[*FEW, "7"])
    port = s.port
    used = cpu_seconds(s.pid)
    with connect(port) as c:
        c.sendall(b"x")
        s.wait_log("Too many open files")
        for _ in range(20):  # events that let it try again
            os.kill(s.pid, signal.SIGUSR1)
        assert s.process.poll() is None
        assert s.log.count("Too many open files") == s.log.count("listening on") == 1
        assert cpu_seconds(s.pid) - used < 0.2
        hard = resource.prlimit(s.pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(s.pid, resource.RLIMIT_NOFILE, (64, hard))
        assert c.recv(1) == b"x"
    answers(port)


@pytest.mark.parametrize("address", ["-", "TCP4-LISTEN:0,reuseaddr,backlog=999,fork"])
def test_programs_inherit_only_their_own_descriptors(start, run, tmp_path, address):
    command = f"SYSTEM:{READ_ALL_DESCRIPTORS}"
    options = ["-r", tmp_path / "a", "-R", tmp_path / "b", "-lf", tmp_path / "c"]
    if address == "-":
        listing = run(["socat", *options, "-L", tmp_path / "lock", address, command]).stdout
    else:
        s = Server(start, tmp_path, *options[:4], address, command)
        with connect(s.port) as c:
            listing = read_all(c).decode()
    numbers = [line.split("->")[0].split()[-1] for line in listing.splitlines() if "->" in line]
    assert numbers == ["0", "1", "2", "3"], listing  # 3 is the folder that ls reads


@pytest.mark.parametrize("fdin, fdout", [(3, 4), (4, 3), (5, 6), (6, 9), (3, 3), (9, 8)])
def test_any_numbers_for_the_program(run, fdin, fdout):
    command = f"SYSTEM:cat <&{fdin} >&{fdout},fdin={fdin},fdout={fdout}"
    for more in ["", ",pipes"]:
        if more and fdin == fdout:
            continue
        r = run(["socat", "-t", "5", "-", command + more], input="data")
        assert (r.status, r.stdout) == (0, "data"), r


def test_many_descriptors_open_already(run, tmp_path):
    opened = "; ".join(f"exec {n}</dev/null" for n in range(3, 120))
    r = run(["bash", "-c", f'{opened}; exec socat -t 5 - SYSTEM:"cat <&3 >&4",fdin=3,fdout=4'],
            input="data")
    assert (r.status, r.stdout) == (0, "data"), r


def test_signals_of_a_storm_of_children(start, tmp_path):
    s = Server(start, tmp_path, "TCP4-LISTEN:0,reuseaddr,backlog=999,fork", "SYSTEM:true", level="-dddd")
    port = s.port
    for i in range(150):
        connection = connect(port)
        os.kill(s.pid, signal.SIGUSR1)
        if i % 3:
            read_all(connection)
        connection.close()
    no_children(s)
    assert s.end() == 128 + signal.SIGTERM


def test_a_child_ends_without_touching_the_others(start, tmp_path):
    s = Server(start, tmp_path, "TCP4-LISTEN:0,reuseaddr,backlog=999,fork,isolate", "PIPE")
    port = s.port
    a, b = connect(port), connect(port)
    s.wait_log("starting data transfer", 2)
    first = min(pid for pid, _ in children(s.pid))
    os.kill(first, signal.SIGTERM)
    wait_for(lambda: len(children(s.pid)) == 1, "the end of one session")
    assert a.recv(1) == b""
    b.sendall(b"still")
    assert b.recv(5) == b"still"
    answers(port)


@pytest.mark.parametrize("options, second, limit", [
    ([], "PIPE", 64), (["-r", "/dev/null", "-R", "/dev/null"], "PIPE", 64), ([], "PIPE", 13),
    (["-t0"], "UDP4:127.0.0.1:9!!OPEN:/dev/null", 64)])
def test_few_descriptors_cut_nobody(start, tmp_path, options, second, limit):
    """Whatever a session needs beyond its two sockets: who finds no descriptors waits."""
    s = Server(start, tmp_path, *options, "TCP4-LISTEN:0,fork,backlog=99", second,
               prefix=["bash", "-c", f'ulimit -n {limit}; exec "$@"', "few"])
    clients = [connect(s.port) for _ in range(60)]
    s.wait_log("waiting until one ends")
    for c in clients:
        with c:
            c.sendall(b"x")
            c.shutdown(socket.SHUT_WR)
            assert read_all(c) == (b"x" if second == "PIPE" else b"")
    assert not re.search("Too many open files| E ", s.log)
