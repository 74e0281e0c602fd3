# SPDX-License-Identifier: MIT
"""Data that got lost before: at the end, at block borders, in partial writes, behind
slow readers, from programs that fail.  What is sent arrives, or the status says no."""

import hashlib
import os
import signal
import socket
import threading

import pytest

from conftest import wait_for
from lessons import Server, connect, read_all, reset

pytestmark = pytest.mark.usefixtures("own_network")

MEGABYTE = 1 << 20
NOISE = hashlib.shake_128(b"lessons").digest(4 * MEGABYTE)


def listen():
    s = socket.create_server(("127.0.0.1", 0))
    s.settimeout(20)
    return s, s.getsockname()[1]


def accept(server, receive_buffer=None):
    connection = server.accept()[0]
    connection.settimeout(20)
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    return connection


@pytest.mark.parametrize("status", [0, 1])
@pytest.mark.parametrize("options", ["", ",pipes"])
def test_what_a_short_program_says_arrives(run, status, options):
    # The end of the program races with reading its output: many times.
    script = f"""for i in $(seq 200); do
        out=$(socat -u SYSTEM:'printf x; exit {status}'{options} - 2>/dev/null)
        [ "$out" = x ] || echo "$i: '$out'"
    done"""
    r = run(["bash", "-c", script], timeout=60)
    assert r.stdout == ""


@pytest.mark.parametrize("status", [0, 1, 3])
def test_a_failing_program_is_a_failure_after_its_data(run, status):
    r = run(["socat", "-u", f"SYSTEM:printf data; exit {status}", "-"])
    assert r.stdout == "data"
    assert r.status == (1 if status else 0)
    assert ("exited with status" in r.stderr) == bool(status)


@pytest.mark.parametrize("block", ["1", "7", "4096", "65536", "16777216"])
@pytest.mark.parametrize("target", ["SYSTEM:sleep 0.1; cat >{}", "SYSTEM:sleep 0.1; cat >{},pipes",
                                    "CREATE:{}", "OPEN:{},creat,nonblock"])
def test_any_block_size_loses_nothing(run, tmp_path, block, target):
    data = NOISE[:20000 if block in "17" else len(NOISE)]
    out = tmp_path / "out"
    r = run(["socat", "-u", "-b", block, "-", target.format(out)], input=data)
    assert r.status == 0, r
    assert out.read_bytes() == data


@pytest.mark.parametrize("options", ["", ",nonblock", ",sndbuf=8192", ",nonblock,sndbuf=8192"])
@pytest.mark.parametrize("block", ["1024", "1000000"])
def test_a_slow_reader_gets_everything(start, options, block):
    server, port = listen()
    with server:
        s = start(["socat", "-u", "-b", block, "-", f"TCP4:127.0.0.1:{port}{options}"])
        feeder = threading.Thread(target=lambda: (s.stdin.write(NOISE), s.stdin.close()))
        feeder.start()
        with accept(server, 65536) as c:
            got = read_all(c)
        feeder.join()
    assert got == NOISE and s.wait(timeout=20) == 0


def test_stopped_in_the_middle_of_writing(start):
    server, port = listen()
    with server:
        s = start(["socat", "-u", "-b", "1000000", "-", f"TCP4:127.0.0.1:{port},sndbuf=65536"])
        feeder = threading.Thread(target=lambda: (s.stdin.write(NOISE), s.stdin.close()))
        feeder.start()
        got = b""
        with accept(server, 65536) as c:
            while block := c.recv(100000):
                got += block
                os.kill(s.pid, signal.SIGSTOP)
                os.kill(s.pid, signal.SIGCONT)
        feeder.join()
    assert got == NOISE and s.wait(timeout=20) == 0


def test_a_pipe_that_does_not_wait_gets_the_whole_block(start):
    read_end, write_end = os.pipe()
    s = start(["socat", "-u", "-b", "100000", "-,readbytes=100000",
               f"FD:{write_end},nonblock"], pass_fds=[write_end])
    os.close(write_end)
    s.stdin.write(NOISE[:100000])
    s.stdin.flush()
    with open(read_end, "rb") as f:
        assert f.read() == NOISE[:100000]
    assert s.wait(timeout=20) == 0


@pytest.mark.parametrize("direction", ["read", "write"])
def test_a_reset_is_a_failure(start, tmp_path, direction):
    server, port = listen()
    with server:
        left = "-" if direction == "write" else "PIPE"
        s = Server(start, tmp_path, left, f"TCP4:127.0.0.1:{port}")
        c = accept(server)
        if direction == "write":
            s.process.stdin.write(b"x" * 100)
            s.process.stdin.flush()
            assert c.recv(1)
        else:
            c.sendall(b"partial")
            assert c.recv(7) == b"partial"
        reset(c)
        assert s.process.wait(timeout=20) == 1
    assert "Connection reset" in s.log or "Broken pipe" in s.log
    assert s.log.count(" E ") == 1


@pytest.mark.parametrize("address", [
    "EXEC:cat", "EXEC:cat,pipes", "SYSTEM:cat", "TCP", "UNIX", "PIPE", "SEQPACKET",
])
def test_the_other_half_stays_open(start, run, tmp_path, address):
    # The answer comes only after the end of the question.
    path = tmp_path / "socket"
    count = "SYSTEM:wc -c"
    if address == "TCP":
        s = Server(start, tmp_path, "TCP4-LISTEN:0,reuseaddr", count)
        address, count = f"TCP4:127.0.0.1:{s.port}", None
    elif address in ("UNIX", "SEQPACKET"):
        kind = "" if address == "UNIX" else ",socktype=5"
        s = Server(start, tmp_path, f"UNIX-LISTEN:{path}{kind}", count)
        wait_for(path.exists, "the socket")
        s.wait_log("listening on")
        address, count = f"UNIX-CONNECT:{path}{kind}", None
    r = run(["socat", "-t", "20", "-", address if count is None or address == "PIPE"
             else address.replace("cat", "wc -c")], input="12345")
    assert r.status == 0, r
    assert r.stdout.strip() == ("12345" if address == "PIPE" else "5")


@pytest.mark.parametrize("block", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("data, left, right, expected", [
    (b"a\r\nb\r\n\r\n\r\nc\r\n", ",crnl", "", b"a\nb\n\n\nc\n"),
    (b"a\nb\n\n\nc\n", "", ",crnl", b"a\r\nb\r\n\r\n\r\nc\r\n"),
    (b"\n" * 40, "", ",crnl", b"\r\n" * 40),
    (b"\r\n" * 40, ",crnl", "", b"\n" * 40),
    (b"a\rb\r\r", ",cr", "", b"a\nb\n\n"),
    (b"a\nb\n\n", "", ",cr", b"a\rb\r\r"),
    (b"a\r\nb\r\n", ",crnl", ",cr", b"a\rb\r"),
    (b"a\r\nb\r\n", ",crnl", ",crnl", b"a\r\nb\r\n"),
])
def test_line_ends_across_blocks(run, block, data, left, right, expected):
    r = run(["socat", "-u", "-b", block, f"STDIN{left}", f"STDOUT{right}"], input=data)
    assert (r.status, r.raw_stdout) == (0, expected)


@pytest.mark.parametrize("words", [
    ["-u", "FILE:{},ignoreeof", "-"], ["-U", "-", "FILE:{},ignoreeof"],
])
def test_ignoreeof_on_both_sides_with_a_limit(start, tmp_path, words):
    path = tmp_path / "grows"
    path.write_text("first")
    s = start(["socat", "-T", "3", *[w.format(path) for w in words]])
    assert s.stdout.read(5) == b"first"
    with path.open("a") as f:
        f.write("second")
    assert s.stdout.read(6) == b"second"
    # Looking again for data is no activity: the limit ends it.
    assert s.wait(timeout=20) == 0
    assert s.stdout.read() == s.stderr.read() == b""


def test_the_end_is_told_once(start, tmp_path):
    path = tmp_path / "socket"
    s = Server(start, tmp_path, f"UNIX-LISTEN:{path}", "/dev/null")
    s.wait_log("listening on")
    with socket.socket(socket.AF_UNIX) as c:
        c.connect(str(path))
        c.sendall(b"x")
    assert s.process.wait(timeout=20) == 0
    assert s.log.count("socket 1 (fd") == s.log.count("socket 2 (fd") == 1
    assert s.log.count("is at EOF") == 2


def test_raw_copies_have_one_direction_each(start, run, tmp_path):
    to, back = tmp_path / "to", tmp_path / "back"
    r = run(["socat", "-t", "20", "-r", to, "-R", back, "-", "SYSTEM:cat >/dev/null; echo answer"],
            input="question")
    assert (r.status, r.stdout) == (0, "answer\n")
    assert (to.read_text(), back.read_text()) == ("question", "answer\n")
    r = run(["socat", "-u", "-r", to, "-R", back, "TEXT:more", "-"])
    assert (to.read_text(), back.read_text()) == ("questionmore", "answer\n")


def test_one_direction_means_one(run, start):
    # The peer answers, but nobody asked.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(20)
        s = start(["socat", "-T", "1", "-u", "PIPE", f"UDP4:127.0.0.1:{peer.getsockname()[1]}"])
        r = run(["socat", "-u", "TEXT:x", f"UDP4-SENDTO:127.0.0.1:{peer.getsockname()[1]}"])
        assert (r.status, r.stdout) == (0, "")
        data, sender = peer.recvfrom(10)
        assert data == b"x"
        peer.sendto(b"answer", sender)
        assert s.wait(timeout=20) == 0


def test_a_reader_that_leaves_is_a_failure_or_a_cool_end(run):
    for options, status in [("", 1), (",cool-write", 0)]:
        r = run(["bash", "-c", f"""(echo 1; sleep 0.2; echo 2; sleep 0.2; echo 3) |
                 (socat -u - STDOUT{options}; echo $? >&2) | head -n 1 >/dev/null"""])
        assert r.stderr.splitlines()[-1] == str(status), r
        assert r.stderr.count(" E ") == status


@pytest.mark.parametrize("kind", [2, 5])
def test_packets_stay_packets(run, kind):
    # Both are queued when the transfer begins; each is still a block of its own.
    r = run(["socat", "-t", "20", "-u", "-b", "100", "--statistics",
             f"EXEC:\"sh -c 'echo one; echo two'\",socktype={kind}", "-"],
            env={"SOCAT_TRANSFER_WAIT": "0.3"})
    assert (r.status, r.stdout) == (0, "one\ntwo\n"), r
    assert "left to right: 2 packets(s), 8 byte(s)" in r.stderr
