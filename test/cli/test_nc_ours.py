# SPDX-License-Identifier: MIT
"""What our nc does where the original has a defect, or where the order is ours alone."""

import fcntl
import hashlib
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import threading

import pytest

from nc_kit import LIMIT, accept, ends, listen, port_of, read_all, server, udp  # noqa: F401

F_SETPIPE_SZ = 1031


# Neither direction waits for the other.

def test_stdout_that_nobody_reads_does_not_stop_sending(start, server):
    p = start(["nc", "-N", "127.0.0.1", port_of(server)])
    s = accept(server)
    s.setblocking(False)
    with pytest.raises(BlockingIOError):  # until all buffers on the way to stdout are full
        while True:
            s.send(b"x" * 65536)
    s.settimeout(LIMIT)
    data = os.urandom(4 << 20)
    feeder = threading.Thread(target=lambda: (p.stdin.write(data), p.stdin.close()))
    feeder.start()
    assert read_all(s) == data
    feeder.join(LIMIT)


def test_a_peer_that_does_not_read_does_not_stop_stdout(start, server, tmp_path):
    (tmp_path / "big").write_bytes(b"x" * (64 << 20))
    with (tmp_path / "big").open("rb") as stdin:
        p = start(["nc", "127.0.0.1", port_of(server)], stdin=stdin)
    s = accept(server)  # it reads nothing
    for i in range(50):
        word = b"%d\n" % i
        s.sendall(word)
        assert p.stdout.readline() == word
    s.close()
    p.wait(timeout=LIMIT)


def test_a_tiny_stdout_pipe_loses_nothing(start, server):
    read_end, write_end = os.pipe()
    fcntl.fcntl(write_end, F_SETPIPE_SZ, 4096)
    p = start(["nc", "127.0.0.1", port_of(server)], stdin=subprocess.DEVNULL, stdout=write_end)
    os.close(write_end)
    s = accept(server)
    data = os.urandom(3 << 20)
    feeder = threading.Thread(target=lambda: (s.sendall(data), s.close()))
    feeder.start()
    with os.fdopen(read_end, "rb") as out:
        assert out.read() == data
    feeder.join(LIMIT)
    ends(p)


@pytest.mark.parametrize("size", [0, 1, 4096, 65535, 65536, 65537, 1 << 20])
def test_every_size_arrives(run, start, tmp_path, size):
    with (tmp_path / "got").open("wb") as stdout:
        p = start(["nc", "-nlv", "127.0.0.1", "0"], stdout=stdout, stdin=subprocess.DEVNULL)
    data = os.urandom(size)
    r = run(["nc", "-N", "127.0.0.1", p.stderr.readline().split()[-1].decode()], input=data)
    assert r.status == 0 and p.wait(timeout=LIMIT) == 0
    assert (tmp_path / "got").read_bytes() == data


def test_stdio_that_is_a_socket(start, server):
    """As under inetd: one socket is stdin and stdout."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(LIMIT)
        p = start(["nc", "-N", "127.0.0.1", port_of(server)], stdin=theirs, stdout=theirs)
        theirs.close()
        s = accept(server)
        ours.sendall(b"up")
        assert s.recv(10) == b"up"
        s.sendall(b"down")
        assert ours.recv(10) == b"down"
        ours.shutdown(socket.SHUT_WR)
        assert s.recv(10) == b""
        s.close()
        ends(p)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&-", "<&- >&- 2>&-"])
def test_closed_descriptors(run, server, closed):
    got = []

    def peer():
        with accept(server) as s:
            s.sendall(b"data")
            s.shutdown(socket.SHUT_WR)
            got.append(read_all(s))
    t = threading.Thread(target=peer)
    t.start()
    r = run(["sh", "-c", f"nc 127.0.0.1 {port_of(server)} {closed}"], stdin=subprocess.DEVNULL)
    t.join(LIMIT)
    assert (r.status, r.stderr, got) == (0, "", [b""])
    assert r.stdout == ("" if ">&-" in closed else "data")


def test_data_before_a_reset_is_printed(start, server):
    """The peer sends and resets while nc does not run: what arrived is still data."""
    p = start(["nc", "-d", "127.0.0.1", port_of(server)])
    s = accept(server)
    s.sendall(b"x")
    assert p.stdout.read(1) == b"x"
    os.kill(p.pid, signal.SIGSTOP)
    s.sendall(b"last words")
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
    os.kill(p.pid, signal.SIGCONT)
    assert p.stdout.read() == b"last words"
    ends(p)


def test_C_remembers_a_cr_across_reads(start, server):
    p = start(["nc", "-CN", "127.0.0.1", port_of(server)])
    s = accept(server)
    p.stdin.write(b"a\r")
    p.stdin.flush()
    assert s.recv(2, socket.MSG_WAITALL) == b"a\r"
    p.stdin.write(b"\nb")
    p.stdin.close()
    assert read_all(s) == b"\nb"


# -q as documented: it quits, whatever the peer does.

def test_q_quits_although_the_peer_stays(start, server):
    p = start(["nc", "-q1", "127.0.0.1", port_of(server)])
    s = accept(server)
    p.stdin.write(b"all of it")
    p.stdin.close()
    assert read_all(s) == b"all of it"
    ends(p)


def test_q_does_not_delay_an_end(start, server):
    p = start(["nc", "-q", "1000000", "127.0.0.1", port_of(server)])
    s = accept(server)
    p.stdin.close()
    assert read_all(s) == b""
    s.close()
    ends(p)


def test_q_ends_a_listener_with_k(start):
    p, port = listen(start, "-kq0")
    with socket.create_connection(("127.0.0.1", port)) as s:
        assert p.stderr.readline().startswith(b"Connection received")
        p.stdin.close()
        assert read_all(s) == b""
        ends(p)


# Words.

CUT = re.compile(rb"nc: cut off: (\d+) bytes not sent, (\d+) bytes not written\n")


@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_w_says_what_it_cut_of_stdin(start, server, tmp_path, kind):
    """The peer reads nothing: what the kernel does not take is told when -w ends it."""
    (tmp_path / "big").write_bytes(bytes(32 << 20))
    with (tmp_path / "big").open("rb") as big:
        source = big if kind == "file" else start(["cat"], stdin=big).stdout
        p = start(["nc", "-w1", "127.0.0.1", port_of(server)], stdin=source)
        with accept(server):
            assert p.wait(LIMIT) == 0
    unsent, unwritten = map(int, CUT.fullmatch(p.stderr.read()).groups())
    assert unsent > 0 and unwritten == 0


def test_q_says_what_it_cut_of_stdout(start, server):
    p = start(["nc", "-q1", "127.0.0.1", port_of(server)], stdin=subprocess.DEVNULL)
    with accept(server) as s:
        s.sendall(bytes(1 << 20))
        assert p.wait(LIMIT) == 0
    unsent, unwritten = map(int, CUT.fullmatch(p.stderr.read()).groups())
    assert unsent == 0 and 0 < unwritten + len(p.stdout.read()) <= 1 << 20 and unwritten > 0


def test_limits_that_cut_nothing_say_nothing(start, server):
    for flags in ["-w1", "-q0", "-W1"]:
        p = start(["nc", flags, "127.0.0.1", port_of(server)])
        with accept(server) as s:
            s.sendall(b"all")
            assert p.stdout.read(3) == b"all"
            if flags == "-q0":
                p.stdin.close()
                s.shutdown(socket.SHUT_WR)
            assert (p.wait(LIMIT), p.stderr.read()) == (0, b"")


def test_dev_tcp_is_a_destination(run, server, udp):
    r = run(["nc", "-vz", f"/dev/tcp/127.0.0.1/{port_of(server)}"])
    assert (r.status, r.stderr) == (
        0, f"Connection to 127.0.0.1 {port_of(server)} port [tcp/*] succeeded!\n")
    r = run(["nc", "-q0", f"/dev/udp/127.0.0.1/{port_of(udp)}"], input=b"x")
    assert r.status == 0 and udp.recv(10) == b"x"
    r = run(["nc", "-z", "-U", f"/dev/tcp/127.0.0.1/{port_of(server)}"])
    assert (r.status, r.stderr) == (0, "")


def test_dev_tcp_is_a_place_to_listen(start):
    p = start(["nc", "-nlv", "/dev/tcp/127.0.0.1/0"])
    assert re.fullmatch(rb"Listening on 127\.0\.0\.1 \d+\n", p.stderr.readline())


@pytest.mark.parametrize("arguments, sentence", [
    (["-V", "0", "a", "1"], "no alternate routing table support available"),
    (["-z", "127.0.0.1", "nosuch"], 'service "nosuch" unknown'),
    (["-z", "127.0.0.1", "5-nosuch"], 'service "nosuch" unknown'),
    (["-l", "65536"], "port number too large: 65536"),
    (["-p", "65536", "127.0.0.1", "1"], "port number too large: 65536"),
])
def test_one_clear_line(run, arguments, sentence):
    r = run(["nc", *arguments])
    assert (r.status, r.stdout, r.stderr) == (1, "", f"nc: {sentence}\n")


@pytest.mark.parametrize("letter, word", [("c", "SYSTEM"), ("e", "EXEC"), ("o", "socat -x")])
def test_letters_of_other_netcats_name_the_way_out(run, letter, word):
    r = run(["nc", f"-{letter}"])
    lines = r.stderr.splitlines()
    assert r.status == 1 and lines[0] == f"nc: invalid option -- '{letter}'"
    assert lines[1].startswith("nc: ") and word in lines[1] and lines[2].startswith("usage: nc ")


def test_a_connect_that_gets_no_answer_times_out(run):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen(0)
        queue = [socket.socket() for _ in range(4)]  # more than it has room for
        for waiting in queue:
            waiting.setblocking(False)
            waiting.connect_ex(s.getsockname())
        port = port_of(s)
        r = run(["nc", "-vz", "-w1", "127.0.0.1", port])
        for waiting in queue:
            waiting.close()
    assert (r.status, r.stderr) == (
        1, f"nc: connect to 127.0.0.1 port {port} (tcp) timed out: "
        "Operation now in progress\n")


# In a terminal.

def read_until(fd, word):
    got = b""
    while word not in got:
        got += os.read(fd, 1000)
    return got


def in_terminal(start, *arguments):
    """nc on a terminal of its own, whose keys it gets as signals; and the terminal's other side."""
    keyboard, terminal = pty.openpty()
    p = start(["setsid", "--ctty", "--wait", "sh", "-c", 'trap : INT; nc "$@"; exit $?', "sh",
               *arguments], stdin=terminal, stdout=terminal)
    os.close(terminal)
    return p, keyboard


@pytest.mark.parametrize("key", ["end", "interrupt"])
def test_a_terminal(start, server, key):
    p, keyboard = in_terminal(start, "-N", "127.0.0.1", port_of(server))
    s = accept(server)
    os.write(keyboard, b"typed\n")
    assert s.recv(100) == b"typed\n"
    s.sendall(b"shown\n")
    assert b"shown\r\n" in read_until(keyboard, b"shown\r\n")
    if key == "end":
        os.write(keyboard, b"\x04")
        assert s.recv(100) == b""
        s.close()
        ends(p)
    else:
        os.write(keyboard, b"\x03")
        assert s.recv(100) == b""
        ends(p, 128 + signal.SIGINT)  # as a shell tells it
    os.close(keyboard)


# What it holds.

def test_descriptors_of_a_client(start, server):
    """Its standard ones, the wake-up pipe and one socket; nothing is left over from resolving."""
    p = start(["nc", "127.0.0.1", port_of(server)])
    with accept(server) as s:
        s.sendall(b"x")
        assert p.stdout.read(1) == b"x"
        kinds = [os.readlink(f"/proc/{p.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{p.pid}/fd")]
        assert sum(k.startswith("socket:") for k in kinds) == 1 and len(kinds) == 6


def test_a_hundred_megabytes_both_ways(start, server, tmp_path):
    """Checksums of 100 MB in each direction at once."""
    block = os.urandom(1 << 20)
    (tmp_path / "up").write_bytes(block * 100)
    with (tmp_path / "up").open("rb") as stdin, (tmp_path / "down").open("wb") as stdout:
        p = start(["nc", "-N", "127.0.0.1", port_of(server)], stdin=stdin, stdout=stdout)
    s = accept(server)

    def send():
        for _ in range(100):
            s.sendall(block)
        s.shutdown(socket.SHUT_WR)
    t = threading.Thread(target=send)
    t.start()
    up = hashlib.sha256()
    for part in iter(lambda: s.recv(1 << 16), b""):
        up.update(part)
    t.join(LIMIT)
    s.close()
    ends(p)
    want = hashlib.sha256(block * 100).hexdigest()
    assert up.hexdigest() == want
    assert hashlib.sha256((tmp_path / "down").read_bytes()).hexdigest() == want
