# SPDX-License-Identifier: MIT
"""Processes and what they leave: fork, zombies, descriptors, socket files, limits of children."""

import contextlib
import os
import resource
import signal
import socket
import stat
import subprocess

import pytest

from conftest import wait_for
from socat_kit import (LIMIT, LOCAL, WHO, children_of, connect, descriptors_of,  # noqa: F401
                       log_lines, read_all, socat, sockets_of, state_of, together)


def ask(port, data=b"x"):
    with connect(port) as s:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        return read_all(s)


@pytest.mark.parametrize("options", ["", ",max-children=3"])
def test_many_connections(socat, options):
    """300 sessions: the parent keeps no descriptor and no zombie."""
    running = socat.serve(f"TCP4-LISTEN:0,fork,backlog=50{options}", "PIPE")
    port, before = running.port(), descriptors_of(running.pid)
    for _ in range(60):
        assert together(*[lambda: ask(port)] * 5) == [b"x"] * 5
    wait_for(lambda: descriptors_of(running.pid) == before, "the end of all descriptors")
    wait_for(lambda: not children_of(running.pid), "the end of all children")


def test_refused_connections_are_closed(socat):
    """They see an end, no reset, although they have written already."""
    running = socat.serve("TCP4-LISTEN:0,fork,range=192.0.2.0/24", "PIPE")
    port, before = running.port(), descriptors_of(running.pid)
    for _ in range(100):
        with connect(port) as s:
            with contextlib.suppress(OSError):
                s.sendall(b"x")
            assert read_all(s) == b""
    wait_for(lambda: descriptors_of(running.pid) == before, "the end of all descriptors")
    assert running.text().count("due to range option") == 100


@pytest.mark.parametrize("kind", ["TCP4-LISTEN:0", "UNIX-LISTEN:{}/s"])
@pytest.mark.parametrize("program", ["EXEC:ls -l /proc/self/fd", "EXEC:ls -l /proc/self/fd,pipes",
                                     "SYSTEM:exec ls -l /proc/self/fd",
                                     "SHELL:exec ls -l /proc/self/fd"])
def test_program_has_three_descriptors(socat, kind, program, tmp_path):
    """0, 1, 2, and the folder that ls reads."""
    env = {"SHELL": "/bin/sh"}
    running = socat.serve("-r", tmp_path / "raw", "-L", tmp_path / "lock",
                          kind.format(tmp_path) + ",fork", program,
                          env=env)
    for _ in range(2):
        if kind.startswith("TCP"):
            text = ask(running.port(), b"").decode()
        else:
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(f"{tmp_path}/s")
                text = read_all(s).decode()
        numbers = [line.split()[8] for line in text.splitlines() if " -> " in line]
        assert numbers == ["0", "1", "2", "3"], text
        assert " 3 -> /proc/" in text


def test_program_has_normal_signals(socat):
    """Nothing blocked, nothing ignored, whatever socat does with its own."""
    done = socat.run("-U", "-", "EXEC:cat /proc/self/status")
    signals = dict(line.split() for line in done.stdout.splitlines() if line.startswith("Sig"))
    assert int(signals["SigBlk:"], 16) == int(signals["SigCgt:"], 16) == 0
    assert not int(signals["SigIgn:"], 16) >> (signal.SIGPIPE - 1) & 1
    assert not int(signals["SigIgn:"], 16) >> (signal.SIGCHLD - 1) & 1


@pytest.mark.parametrize("own", ["", ",isolate"])
def test_max_children_waits(socat, own):
    """The third client is served when one of the first two has gone."""
    running = socat.serve(f"TCP4-LISTEN:0,fork,max-children=2{own}", "PIPE")
    port = running.port()
    first, second = connect(port), connect(port)
    for s in [first, second]:
        s.sendall(b"x")
        assert s.recv(1) == b"x"
    third = connect(port)
    third.sendall(b"y")
    running.wait_line(" N maxchildren are active, waiting$")
    assert len(children_of(running.pid)) == (2 if own else 0)
    third.settimeout(0.2)
    with pytest.raises(TimeoutError):
        third.recv(1)
    first.close()
    third.settimeout(LIMIT)
    assert third.recv(1) == b"y"
    second.close()
    third.close()


def test_max_children_of_packets(socat, free_port, listener):
    """UDP-RECVFROM,fork: the next packet stays in the queue."""
    port = free_port("udp")
    running = socat.start("-dd", f"UDP4-RECVFROM:{port},fork,max-children=1",
                          "SYSTEM:read x; echo $x; sleep 0.3")
    listener.port(port, "udp")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(LIMIT)
        for text in [b"one\n", b"two\n"]:
            s.sendto(text, (LOCAL, port))
        assert [s.recv(100), s.recv(100)] == [b"one\n", b"two\n"]
    assert "maxchildren are active, waiting" in running.text()


def test_client_that_forks(socat):
    """fork on the connecting side: again and again, with a pause, not more than max-children."""
    with socket.socket() as s:
        s.bind((LOCAL, 0))
        s.listen()
        s.settimeout(LIMIT)
        running = socat.start("-dd",
                              f"TCP4:{LOCAL}:{s.getsockname()[1]},fork,interval=0.05,"
                              "max-children=2",
                              "PIPE")
        connections = [s.accept()[0] for _ in range(2)]
        running.wait_line("maxchildren are active, waiting")
        for connection in connections:
            connection.sendall(b"z")
            assert connection.recv(1) == b"z"
        connections[0].close()
        connections[0] = s.accept()[0]
        connections[1].close()
        connections[1] = s.accept()[0]
        wait_for(lambda: sockets_of(running.pid) == 0, "the parent to let go of the connections")
        for connection in connections:
            connection.close()


@pytest.mark.parametrize("how", ["LISTEN", "RECVFROM"])
def test_no_zombies_of_packets(socat, how, free_port, listener):
    port = free_port("udp")
    running = socat.start("-T0.1", f"UDP4-{how}:{port},fork", "EXEC:cat")
    listener.port(port, "udp")
    for _ in range(5):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(LIMIT)
            s.sendto(b"hello", (LOCAL, port))
            assert s.recv(10) == b"hello"
    wait_for(lambda: not [child for child in children_of(running.pid)], "the end of the children")
    assert running.process.poll() is None


def test_packet_is_forked_for_once(socat, free_port, listener):
    """The child fails before it reads the packet: the parent does not try it again."""
    port = free_port("udp")
    running = socat.start("-dd", f"UDP4-RECVFROM:{port},fork", "OPEN:/no/such/file")
    listener.port(port, "udp")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.sendto(b"one", (LOCAL, port))
        running.wait_line(" E open")
        s.sendto(b"two", (LOCAL, port))
        wait_for(lambda: running.text().count(" E open(") == 2, "the second error")
    wait_for(lambda: not children_of(running.pid), "the end of the children")
    assert running.text().count(" E open(") == 2
    assert running.text().count("serving session") == 2


def test_program_of_a_session_is_reaped(socat):
    """The process that waits for somebody has no dead children."""
    running = socat.serve("TCP4-LISTEN:0,fork", "EXEC:cat")
    with connect(running.port()) as s:
        s.sendall(b"x")
        assert s.recv(1) == b"x"
        child, = children_of(running.pid)
        grandchild, = children_of(child)
    wait_for(lambda: state_of(child) is None and state_of(grandchild) is None, "their end")


def test_program_ends_with_its_session(socat):
    """A program that ignores its input's end is ended by SIGTERM."""
    running = socat.start("-dd", "-t0.1", "-", "EXEC:sleep 1000")
    running.wait_line("starting data transfer loop")
    child, = children_of(running.pid)
    assert running.end(b"").status == 0
    wait_for(lambda: state_of(child) in (None, "Z"), "the end of the program")


SERVERS = ["UNIX-LISTEN:{}", "UNIX-RECVFROM:{}", "UNIX-LISTEN:{},type=5"]


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
@pytest.mark.parametrize("address", SERVERS + ["UNIX-RECV:{}"])
@pytest.mark.parametrize("fork", ["", ",fork"])
def test_socket_file_is_removed(socat, address, signo, fork, tmp_path):
    path = tmp_path / "s"
    if address.startswith("UNIX-RECV:") and fork:
        pytest.skip("RECV does not fork")
    running = socat.start("-u", address.format(path) + fork, "/dev/null")
    wait_for(path.exists, "the socket")
    assert running.signal(signo).status == 128 + signo
    assert not path.exists()


@pytest.mark.parametrize("who", WHO)
def test_children_leave_the_socket_file(socat, who, tmp_path):
    path = tmp_path / "s"
    own = ",isolate" if who == "ours" else ""
    running = socat.serve(f"UNIX-LISTEN:{path},fork{own}", "PIPE", who=who)
    for how in ["end", "TERM"]:
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(path))
            s.sendall(b"x")
            assert s.recv(1) == b"x"
            child, = children_of(running.pid)
            if how == "TERM":
                os.kill(child, signal.SIGTERM)
        wait_for(lambda: state_of(child) is None, "the end of the child")
        assert stat.S_ISSOCK(path.stat().st_mode)
    assert running.signal(signal.SIGTERM).status == 143
    assert not path.exists()


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("option, kept", [("unlink-close=0", True), ("unlink-close", False)])
def test_unlink_close_of_sockets(socat, who, option, kept, tmp_path):
    path = tmp_path / "s"
    running = socat.serve(f"UNIX-LISTEN:{path},{option}", "PIPE", who=who)
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(path))
    assert running.end().status == 0
    assert path.exists() == kept


@pytest.mark.parametrize("who", WHO)
def test_unlink_early(socat, who, tmp_path):
    """A socket that was left lying is replaced."""
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(str(path))
    running = socat.serve(f"UNIX-LISTEN:{path},unlink-early", "PIPE", who=who)
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(path))
    assert running.end().status == 0


def test_client_names_are_removed(socat, tmp_path):
    with socket.socket(socket.AF_UNIX) as s:
        s.bind(f"{tmp_path}/server")
        s.listen()
        running = socat.start("-", f"UNIX-CONNECT:{tmp_path}/server,bind={tmp_path}/client")
        connection, peer = s.accept()
        assert peer == f"{tmp_path}/client" and os.path.exists(peer)
        connection.close()
        assert running.end(b"").status == 0
    assert not os.path.exists(peer) and os.path.exists(f"{tmp_path}/server")


def test_second_address_fails_in_a_child_only(socat):
    running = socat.serve("TCP4-LISTEN:0,fork", "TCP4:127.0.0.1:1")
    for _ in range(2):
        assert ask(running.port(), b"") == b""
    assert running.process.poll() is None
    wait_for(lambda: len(log_lines(running.text(), "E")) == 2, "two errors")


def test_command_line_is_kept(socat):
    running = socat.start("-dd", "STDIO", "PIPE")
    running.wait_line("starting data transfer loop")
    with open(f"/proc/{running.pid}/cmdline", "rb") as file:
        assert file.read().split(b"\0")[1:4] == [b"-dd", b"STDIO", b"PIPE"]


@pytest.mark.parametrize("limit", [32, 64])
def test_shortage_of_descriptors(socat, limit):
    """With the descriptors used up, a listener waits instead of ending or spinning."""
    running = socat.serve("TCP4-LISTEN:0,fork", "PIPE")
    resource.prlimit(running.pid, resource.RLIMIT_NOFILE, (descriptors_of(running.pid), limit))
    s = connect(running.port())
    running.wait_line(" W .*(Too many open files).*trying again")
    resource.prlimit(running.pid, resource.RLIMIT_NOFILE, (limit, limit))
    s.sendall(b"x")
    assert s.recv(1) == b"x"
    s.close()


def test_started_without_descriptors(socat):
    """Standard descriptors that are closed do not end up as the connection by accident."""
    done = subprocess.run(["sh", "-c",
                           f'"{socat.program()}" -u TEXT:hello CREATE:{socat.folder}/out '
                           "<&- >&- 2>&-"],
                          timeout=LIMIT)
    assert done.returncode == 0
    assert (socat.folder / "out").read_text() == "hello"
