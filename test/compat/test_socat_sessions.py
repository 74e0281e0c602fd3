# SPDX-License-Identifier: MIT
"""Sessions of a listener with fork, which for us share a process: their peers see them begin and
end as with the original, where each has a process of its own."""

import socket
import subprocess
import threading

import pytest

from socat_kit import WHO, connect, read_all, socat  # noqa: F401

class Back:
    """Where the sessions lead: serves each connection in a thread."""

    def __init__(self, serve):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.serve = serve
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=[connection], daemon=True).start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def echo(connection):
    with connection:
        connection.sendall(read_all(connection))


@pytest.fixture
def back():
    started = []

    def begin(serve):
        started.append(Back(serve))
        return started[-1]
    yield begin
    for b in started:
        b.close()


def ask(c):
    c.sendall(b"question")
    return read_all(c)


def ask_and_end(c):
    c.sendall(b"question")
    c.shutdown(socket.SHUT_WR)
    return read_all(c)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("options, client, seen", [
    ("", ask_and_end, b"question"),
    (",readbytes=2", ask, b"qu"),
    (",linger=0", ask_and_end, b"question")])
def test_the_end_is_no_reset(socat, back, who, options, client, seen):
    """Though data that nobody reads is left, or linger says so."""
    server = socat.serve(f"TCP4-LISTEN:0,fork{options}", f"TCP4:{back(echo).address}", who=who)
    with connect(server.port()) as c:
        assert client(c) == seen


@pytest.mark.parametrize("number", ["$$", "$SOCAT_PID", "${SOCAT_PID}"])
def test_copies_named_after_the_process(socat, back, tmp_path, number):
    """1.8's way to have one for each session, which has a process of its own then."""
    server = socat.serve("-r", f"{tmp_path}/{number}.copy", "TCP4-LISTEN:0,fork",
                         f"TCP4:{back(echo).address}")
    for word in [b"question", b"more"]:
        with connect(server.port()) as c:
            c.sendall(word)
            c.shutdown(socket.SHUT_WR)
            assert read_all(c) == word
    copies = [path.read_bytes() for path in tmp_path.glob("*.copy")]
    assert sorted(copies) == [b"more", b"question"]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("second", ["TCP4:{}", "EXEC:cat"])
def test_accept_timeout_waits_for_sessions(socat, back, who, second):
    server = socat.serve("TCP4-LISTEN:0,fork,accept-timeout=0.2", second.format(back(echo).address),
                         who=who)
    with connect(server.port()) as c:
        c.sendall(b"question")
        server.wait_line(r" W accept: Connection timed out$")
        server.wait_line(r" N starting data transfer loop ")
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(0.2)
        c.shutdown(socket.SHUT_WR)
        assert read_all(c) == b"question"
    assert server.end().status == 0
