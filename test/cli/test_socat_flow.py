# SPDX-License-Identifier: MIT
"""How data flows: half close in all pairs of stream types, large transfers both ways, slow
readers, ends."""

import hashlib
import os
import socket
import subprocess
import threading

import pytest

from socat_kit import LIMIT, LOCAL, WHO, connect, log_lines, read_all, socat, together  # noqa: F401

SIZE = 10 * 1024 * 1024

FRONTS = ["TCP4", "TCP6", "UNIX", "STDIO"]
BACKS = ["TCP4", "UNIX", "EXEC", "EXEC,pipes", "SYSTEM", "SYSTEM,pipes", "SHELL"]


class Counter(threading.Thread):
    """A server that reads to the end and then tells how much it was."""

    def __init__(self, s):
        super().__init__(daemon=True)
        self.s = s
        s.listen()
        self.start()

    def run(self):
        connection, _ = self.s.accept()
        connection.sendall(b"%d" % len(read_all(connection)))
        connection.close()


def back_address(back, folder):
    """An address whose other end counts."""
    kind, _, more = back.partition(",")
    if kind == "TCP4":
        s = socket.socket()
        s.bind((LOCAL, 0))
        Counter(s)
        return f"TCP4:{LOCAL}:{s.getsockname()[1]}"
    if kind == "UNIX":
        s = socket.socket(socket.AF_UNIX)
        s.bind(f"{folder}/back")
        Counter(s)
        return f"UNIX-CONNECT:{folder}/back"
    command = "wc -c" if kind == "EXEC" else "wc -c; sleep 0"
    return f"{kind}:{command}{',' + more if more else ''}"


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize("back", BACKS)
def test_half_close(socat, front, back, tmp_path):
    """The end goes through; the answer, made only then, comes back.  -t is long: nobody waits."""
    address = back_address(back, tmp_path)
    env = {"SHELL": "/bin/sh"}
    if front == "STDIO":
        answer = socat.run("-t10", "-", address, input=b"x" * 100000, env=env).stdout
    else:
        listen = f"UNIX-LISTEN:{tmp_path}/front" if front == "UNIX" else f"{front}-LISTEN:0"
        running = socat.serve("-t10", listen, address, env=env)
        if front == "UNIX":
            s = socket.socket(socket.AF_UNIX)
            s.connect(f"{tmp_path}/front")
        else:
            s = connect(running.port(), socket.AF_INET if front == "TCP4" else socket.AF_INET6)
        s.sendall(b"x" * 100000)
        s.shutdown(socket.SHUT_WR)
        answer = read_all(s).decode()
        s.close()
        assert running.end().status == 0
    assert answer.strip() == "100000"


@pytest.mark.parametrize("back", ["PIPE", "SOCKETPAIR,type=1", "EXEC:cat", "EXEC:cat,pipes",
                                  "SYSTEM:cat", "SYSTEM:cat,pipes"])
def test_large_echo(socat, back):
    """10 MB there and back, both directions busy at once."""
    data = os.urandom(SIZE)
    running = socat.serve("-t10", "TCP4-LISTEN:0", back)
    s = connect(running.port())

    def send():
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)

    _, echo = together(send, lambda: read_all(s))
    assert hashlib.sha256(echo).digest() == hashlib.sha256(data).digest()
    assert running.end().status == 0


def test_large_both_ways(socat, tmp_path):
    """Two different streams cross, through a chain of four processes."""
    there, back = os.urandom(SIZE), os.urandom(SIZE)
    (tmp_path / "back").write_bytes(back)
    serving = socat.serve("-t10", "TCP4-LISTEN:0",
                          f"OPEN:{tmp_path}/back,rdonly!!CREATE:{tmp_path}/there")
    middle = socat.serve("-t10", f"UNIX-LISTEN:{tmp_path}/s", f"TCP4:{LOCAL}:{serving.port()}")
    done = socat.run("-t10", "-", f"UNIX-CONNECT:{tmp_path}/s", input=there)
    assert done.status == 0 and done.raw_stdout == back
    assert middle.end().status == serving.end().status == 0
    assert (tmp_path / "there").read_bytes() == there


@pytest.mark.parametrize("size", ["1", "100", "8192", "65536", "1000000"])
def test_block_sizes(socat, size):
    data = os.urandom(50000 if size == "1" else 500000)
    done = socat.run("-b", size, "-t10", "-", "EXEC:cat", input=data)
    assert done.raw_stdout == data


def test_slow_reader_stops_only_its_direction(socat):
    """The client reads nothing for a while; what it sends still passes."""
    running = socat.serve("-t10", "TCP4-LISTEN:0", "-")
    s = connect(running.port())
    big = b"y" * (4 * 1024 * 1024)
    writer = threading.Thread(target=lambda: (running.process.stdin.write(big),
                                              running.process.stdin.close()), daemon=True)
    writer.start()
    s.sendall(b"still alive\n")
    assert running.process.stdout.readline() == b"still alive\n"
    assert len(read_all(s)) == len(big)
    s.close()
    running.process.stdin = None
    assert running.end().status == 0


def test_nonblocking_destination(socat, tmp_path):
    """A block larger than what the destination takes at once is written completely."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(reader, True)
    running = socat.start("-dd", "-b", "1000000", "-u", "-", f"PIPE:{path},o-nonblock")

    def send():
        running.process.stdin.write(b"z" * 1000000)
        running.process.stdin.close()
        running.process.stdin = None

    def receive():
        data = b""
        while block := os.read(reader, 1 << 16):
            data += block
        return data

    running.wait_line("starting data transfer loop")
    _, data = together(send, receive)
    os.close(reader)
    assert len(data) == 1000000 and running.end().status == 0


def test_nonblocking_stdin_is_left_alone(socat):
    """The file status flags of inherited descriptors belong to others as well."""
    read, write = os.pipe()
    running = socat.start("-dd", "-", "PIPE", stdin=read)
    running.wait_line("starting data transfer loop")
    assert os.get_blocking(read) is True
    os.close(write)
    assert running.end().status == 0
    assert os.get_blocking(read) is True
    os.close(read)


@pytest.mark.parametrize("who", WHO)
def test_program_that_does_not_read(socat, who):
    """cool-write: a broken pipe is a normal end."""
    for option, status in [("", 1), (",cool-write", 0)]:
        running = socat.start("-u", "-", f"STDOUT{option}", who=who,
                              stdout=open_closed_pipe())
        assert running.end(b"x").status == status, option


def open_closed_pipe():
    read, write = os.pipe()
    os.close(read)
    return write


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("options, data, result", [
    (",escape=27", b"before\x1bafter", "before"), (",escape=0x41", b"beforeAafter", "before"),
    (",readbytes=5", b"12345678", "12345"), (",readbytes=0x10", b"a" * 20, "a" * 16),
    (",readbytes=5,ignoreeof", b"12345678", "12345"), (",escape=27,ignoreeof", b"x\x1by", "x"),
    (",bytes=3", b"1234", "123")])
def test_ends_in_the_data(socat, who, options, data, result):
    """The input stays open; the end is in the data."""
    if who == "original" and "readbytes=5,ignoreeof" in options:
        pytest.skip("1.7 reads on")
    running = socat.start("-u", f"-{options}", "-", who=who)
    running.process.stdin.write(data)
    running.process.stdin.flush()
    assert running.process.wait(timeout=LIMIT) == 0
    assert running.process.stdout.read().decode() == result


@pytest.mark.parametrize("who", WHO)
def test_ignoreeof_follows_a_file(socat, who, tmp_path):
    path = tmp_path / "file"
    path.write_text("one\n")
    running = socat.start("-u", f"OPEN:{path},ignoreeof", "-", who=who)
    assert running.process.stdout.readline() == b"one\n"
    with open(path, "a") as file:
        file.write("two\n")
    assert running.process.stdout.readline() == b"two\n"
    assert running.process.poll() is None


def test_ignoreeof_does_not_hold_up_the_other_way(socat, tmp_path):
    path = tmp_path / "file"
    path.write_text("")
    running = socat.start("-", f"OPEN:{path},rdonly,ignoreeof!!STDOUT", stdin=subprocess.PIPE)
    running.process.stdin.write(b"line\n")
    running.process.stdin.flush()
    assert running.process.stdout.readline() == b"line\n"
    done = running.end(b"")
    assert (done.status, done.stderr) == (0, "")


def test_ignoreeof_does_not_stop_the_idle_limit(socat):
    done = socat.run("-T", "0.3", "-u", "/dev/null,ignoreeof", "-")
    assert (done.status, done.stderr) == (0, "")


def test_packets_stay_packets(socat):
    """One read, one write: a datagram channel to a program, blocks of 24."""
    for options in ["socktype=2", "type=5"]:
        done = socat.run("-b24", "-t2", "-", f"EXEC:cat,{options}" if options == "type=5" else
                         f"EXEC:cat,{options},shut-null", input=b"p" * 48)
        assert done.stdout == "p" * 48


@pytest.mark.parametrize("option, end",
                         [("shut-none", False), ("shut-down", True), ("shut-close", True),
                                         ("", True)])
def test_shut_options(socat, option, end):
    """What the server sees when our input ends: with shut-none, nothing."""
    with socket.socket() as s:
        s.bind((LOCAL, 0))
        s.listen()
        running = socat.start("-t3", "-", f"TCP4:{LOCAL}:{s.getsockname()[1]},{option}")
        connection, _ = s.accept()
        running.process.stdin.write(b"x")
        running.process.stdin.close()
        running.process.stdin = None
        assert connection.recv(10) == b"x"
        connection.settimeout(0.3)
        try:
            seen = connection.recv(10) == b""
        except TimeoutError:
            seen = False
        assert seen == end
        connection.close()
        running.end()


def test_shut_null_and_null_eof(socat, tmp_path):
    """An empty packet ends the receiver that wants it so."""
    receiving = socat.start("-dd", "-u", f"UNIX-RECV:{tmp_path}/s,null-eof", "-")
    receiving.wait_line("starting data transfer loop")
    done = socat.run("-u", "-", f"UNIX-SENDTO:{tmp_path}/s,shut-null", input=b"data")
    assert done.status == 0
    done = receiving.end()
    assert (done.status, done.stdout) == (0, "data")


def test_empty_packets_are_nothing_by_default(socat, tmp_path):
    receiving = socat.start("-dd", "-u", f"UNIX-RECV:{tmp_path}/s", "-")
    receiving.wait_line("starting data transfer loop")
    for data, option in [(b"", ",shut-null"), (b"line\n", "")]:
        socat.run("-u", "-", f"UNIX-SENDTO:{tmp_path}/s{option}", input=data)
    assert receiving.process.stdout.readline() == b"line\n"
    assert receiving.process.poll() is None


@pytest.mark.parametrize("who", WHO)
def test_end_close_keeps_the_program(socat, who):
    """A program shared by the sessions of a listener survives the first one."""
    running = socat.serve("TCP4-LISTEN:0,fork", "EXEC:cat,end-close", who=who)
    for _ in range(2):
        with connect(running.port()) as s:
            s.sendall(b"x")
            assert s.recv(10) == b"x"


def test_end_is_told_once(socat, tmp_path):
    """The line about the end of a socket comes exactly once per side."""
    running = socat.serve(f"UNIX-LISTEN:{tmp_path}/s", "/dev/null")
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(f"{tmp_path}/s")
        s.sendall(b"x")
    text = running.end().stderr
    assert text.count("socket 2 (fd") == 1 and text.count("socket 1 (fd") == 1


def test_program_that_leaves_a_grandchild(socat):
    """The program is dead and has left nothing: that is its end, whoever keeps the channel."""
    done = socat.run("-dd", "-U", "-", "SYSTEM:sleep 60 2>/dev/null & echo done")
    assert (done.status, done.stdout) == (0, "done\n")


def test_simultaneous_ends(socat):
    """Data that both sides sent before their ends arrives, however it interleaves."""
    def once():
        running = socat.serve("TCP4-LISTEN:0", "-")
        with connect(running.port()) as s:
            s.sendall(b"from client")
            s.shutdown(socket.SHUT_WR)
            done, received = together(lambda: running.end(b"from stdin"), lambda: read_all(s))
        return done.stdout, received, done.status

    assert together(*[once] * 5) == [("from client", b"from stdin", 0)] * 5


def test_fifo_ends(socat, tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    running = socat.start("-u", f"OPEN:{path}", "-")
    with open(path, "wb") as fifo:
        fifo.write(b"m" * 50000)
    done = running.end()
    assert (done.status, len(done.stdout)) == (0, 50000) and log_lines(done.stderr) == []
