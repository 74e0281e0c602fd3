# SPDX-License-Identifier: MIT
"""Data and ends in every situation: nc and ncat, both roles, each direction quiet, blocked or done, standard
input and output being pipes, files, a terminal, a socket, or closed.

What is done must arrive, whole and with its end, whatever the other direction does; what was
blocked must arrive once it is let go; and nc must end when, and only when, its rules say so."""

import hashlib
import os
import pty
import re
import socket
import subprocess
import termios
import threading

import pytest

LIMIT = 30
SMALL = b"".join(b"line %058d\n" % i for i in range(200))
BIG = SMALL * 640  # 8 MB: more than the buffers of two sockets
STATES = ["quiet", "blocked", "done"]
CLIENTS = {"nc": ["nc", "-N"], "ncat": ["ncat"]}  # that tell the end of their input
LISTENERS = {"nc": ["nc", "-nlvN"], "ncat": ["ncat", "-nlv"]}


def digest(data):
    return len(data), hashlib.sha256(data).hexdigest()


def in_background(call, *arguments):
    thread = threading.Thread(target=call, args=arguments, daemon=True)
    thread.start()
    return thread


LISTENING = rb"Listening on 127\.0\.0\.1[ :](\d+)\n"
RECEIVED = rb"Connection (received on|from) 127\.0\.0\.1[ :]\d+\.?\n"


def reads(nc, pattern):
    """Up to the line that has it, on standard error."""
    while line := nc.stderr.readline():
        if match := re.search(pattern, line):
            return match
    pytest.fail(f"there is no line with {pattern}")


class Pipes:
    """Standard input and output of one nc, and what is at their other ends."""

    def __init__(self, _folder):
        self.stdin, self.feed_fd = os.pipe()
        self.read_fd, self.stdout = os.pipe()

    def feed(self, data):
        while data:
            data = data[os.write(self.feed_fd, data):]

    def end(self):
        os.close(self.feed_fd)
        self.feed_fd = None

    def feed_and_end(self, data):
        """In the background: nc may end before it has read all."""
        try:
            self.feed(data)
            self.end()
        except OSError:
            pass

    def read(self, n):
        got = bytearray()
        while len(got) < n:
            part = os.read(self.read_fd, min(n - len(got), 1 << 16))
            assert part, f"standard output ended after {len(got)} of {n} bytes"
            got += part
        return bytes(got)

    def ours(self):
        return {self.stdin, self.stdout}

    def close(self):
        for fd in {self.feed_fd, self.read_fd} - {None}:
            os.close(fd)


class Terminal(Pipes):
    def __init__(self, _folder):
        self.feed_fd, self.stdin = pty.openpty()
        self.read_fd, self.stdout = self.feed_fd, self.stdin
        mode = termios.tcgetattr(self.stdin)
        mode[1] &= ~termios.OPOST
        mode[3] &= ~termios.ECHO
        termios.tcsetattr(self.stdin, termios.TCSANOW, mode)

    def end(self):
        os.write(self.feed_fd, b"\x04")


class Socket(Pipes):
    def __init__(self, _folder):
        self.socket, other = socket.socketpair()
        self.stdin = self.stdout = other.detach()
        self.feed_fd = self.read_fd = self.socket.fileno()

    def end(self):
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.close()


class Files(Pipes):
    """A file is never quiet, and never blocks."""

    def __init__(self, folder):
        self.input = os.open(folder / "input", os.O_RDWR | os.O_CREAT)
        self.stdin = os.open(folder / "input", os.O_RDONLY)
        self.stdout = os.open(folder / "output", os.O_RDWR | os.O_CREAT)
        self.output = folder / "output"

    def read(self, n):
        from conftest import wait_for
        wait_for(lambda: self.output.stat().st_size >= n, "the output")
        return self.output.read_bytes()

    def close(self):
        os.close(self.input)


KINDS = {"pipes": Pipes, "terminal": Terminal, "socket": Socket, "files": Files}


def possible(kind, send, receive):
    return kind != "files" or (send != "quiet" and receive != "blocked")


class Session:
    """One nc with its peer.  With files, what is to be sent is there from the beginning."""

    def __init__(self, start, dialect, role, kind, send, folder):
        self.stdio = KINDS[kind](folder)
        if kind == "files":
            os.write(self.stdio.input, BIG if send == "blocked" else SMALL)
        how = {"stdin": self.stdio.stdin, "stdout": self.stdio.stdout, "stderr": subprocess.PIPE}
        if role == "client":
            with socket.create_server(("127.0.0.1", 0)) as server:
                server.settimeout(LIMIT)
                server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
                self.nc = start([*CLIENTS[dialect], *map(str, server.getsockname())], **how)
                self.peer = server.accept()[0]
        else:
            self.nc = start([*LISTENERS[dialect], "127.0.0.1", "0"], **how)
            port = int(reads(self.nc, LISTENING).group(1))
            self.peer = socket.socket()
            self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
            self.peer.connect(("127.0.0.1", port))
            reads(self.nc, RECEIVED)
        self.peer.settimeout(LIMIT)
        for fd in self.stdio.ours():
            os.close(fd)

    def hear_all(self):
        return b"".join(iter(lambda: self.peer.recv(1 << 16), b""))

    def say_and_end(self, data):
        self.peer.sendall(data)
        self.peer.shutdown(socket.SHUT_WR)

    def ends(self):
        assert self.nc.wait(timeout=LIMIT) == 0
        assert self.nc.stderr.read() == b""

    def close(self):
        self.peer.close()
        self.stdio.close()


@pytest.fixture
def session(start, tmp_path):
    made = []

    def make(dialect, role, kind, send):
        made.append(Session(start, dialect, role, kind, send, tmp_path))
        return made[-1]
    yield make
    for s in made:
        s.close()


def is_over(role, send, receive):
    """A server ends with its client, once its buffers are empty; a client ends with both."""
    return receive == "done" and (send == "done" or (role == "listener" and send == "quiet"))


CELLS = [(dialect, role, kind, send, receive) for dialect in ["nc", "ncat"]
         for role in ["client", "listener"] for kind in KINDS
         for send in STATES for receive in STATES if possible(kind, send, receive)]


@pytest.mark.parametrize("dialect, role, kind, send, receive", CELLS,
                         ids=["-".join(c) for c in CELLS])
def test_cell(session, dialect, role, kind, send, receive):
    s = session(dialect, role, kind, send)
    threads = []
    if dialect == "ncat" and kind == "terminal":
        role = "listener"  # its client at a terminal ends with the peer, too
    if kind != "files" and send != "quiet":
        threads.append(in_background(s.stdio.feed_and_end, BIG if send == "blocked" else SMALL))
    if receive != "quiet":
        threads.append(in_background(s.say_and_end, BIG if receive == "blocked" else SMALL))

    # What is done arrives.  A listener may end with its client before all of stdin is read.
    if send == "done":
        heard = s.hear_all()
        assert digest(heard) == digest(SMALL) or (is_over(role, send, receive)
                                                  and role == "listener"
                                                  and SMALL.startswith(heard))
    if receive == "done":
        assert digest(s.stdio.read(len(SMALL))) == digest(SMALL)
    if is_over(role, send, receive):
        s.ends()
        return
    if role == "client" or receive != "done":  # else it depends on what it holds just now
        assert s.nc.poll() is None

    # What was blocked arrives once it is let go.
    if send == "blocked":
        heard = s.hear_all()
        if role == "listener" and receive == "done":
            assert BIG.startswith(heard)
        else:
            assert digest(heard) == digest(BIG)
    if receive == "blocked":
        assert digest(s.stdio.read(len(BIG))) == digest(BIG)
    if send == "quiet" and role == "client":
        s.stdio.end()
        assert s.hear_all() == b""
    if receive == "quiet":
        s.peer.shutdown(socket.SHUT_WR)
    s.ends()
    if kind != "terminal":
        for thread in threads:
            thread.join(0.1 if role == "listener" else LIMIT)


@pytest.mark.parametrize("dialect", CLIENTS)
@pytest.mark.parametrize("role", ["client", "listener"])
@pytest.mark.parametrize("receive", ["quiet", "done"])
@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&-"])
def test_closed(start, dialect, role, receive, closed):
    """A closed descriptor is one that fails: nothing is sent from it, nothing is lost elsewhere."""
    sends, prints = "<" not in closed, ">" not in closed
    if role == "client":
        server = socket.create_server(("127.0.0.1", 0))
        server.settimeout(LIMIT)
        command = " ".join(CLIENTS[dialect])
        p = start(["sh", "-c", f'exec {command} "$@" {closed}', "sh",
                   *map(str, server.getsockname())])
        peer = server.accept()[0]
        server.close()
    else:
        p = start(["sh", "-c", f"exec {' '.join(LISTENERS[dialect])} 127.0.0.1 0 {closed}"])
        peer = socket.create_connection(("127.0.0.1", int(reads(p, LISTENING).group(1))))
        reads(p, RECEIVED)
    with peer:
        peer.settimeout(LIMIT)
        if sends:
            p.stdin.write(SMALL)
            p.stdin.close()
        heard = b"".join(iter(lambda: peer.recv(1 << 16), b""))
        assert digest(heard) == digest(SMALL if sends else b"")
        if receive == "done":
            try:
                peer.sendall(SMALL)
            except ConnectionError:
                assert not prints
        try:
            peer.shutdown(socket.SHUT_WR)
        except OSError:
            assert not prints
        if prints:
            assert digest(p.stdout.read()) == digest(SMALL if receive == "done" else b"")
        assert p.wait(timeout=LIMIT) == 0
        assert p.stderr.read() == b""
