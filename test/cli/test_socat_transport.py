# SPDX-License-Identifier: MIT
"""One address on top of another: what carries it, and how long it may talk."""

import socket
import threading

import pytest

from socat_kit import LOCAL, log_lines, socat  # noqa: F401

REQUEST = b"\4\1\0\x50\x7f\0\0\1who\0"
GRANTED = b"\0\x5a" + bytes(6)


class Server(threading.Thread):
    """A SOCKS4 server for one client; says "hello" after its answer."""

    def __init__(self, family, where):
        super().__init__(daemon=True)
        self.listener = socket.socket(family)
        self.listener.bind(where)
        self.listener.listen()
        self.asked = b""

    def run(self):
        connection, _ = self.listener.accept()
        with connection:
            self.asked = connection.recv(100)
            connection.sendall(GRANTED + b"hello")


@pytest.mark.parametrize("via", ["UNIX-CONNECT:{folder}/s", "TCP4:127.0.0.1:{port},nodelay"])
def test_via(socat, tmp_path, via):
    """The address in brackets carries it; nobody connects to the server named before."""
    unix = via.startswith("UNIX")
    server = Server(*((socket.AF_UNIX, str(tmp_path / "s")) if unix
                      else (socket.AF_INET, (LOCAL, 0))))
    server.start()
    port = "" if unix else server.listener.getsockname()[1]
    done = socat.run("-u", f"SOCKS4:nowhere.example:{LOCAL}:80,socksuser=who,"
                     f"via=({via.format(folder=tmp_path, port=port)})", "-")
    assert (done.status, done.stdout, done.stderr) == (0, "hello", "")
    assert server.asked == REQUEST


def test_handshake_timeout(socat):
    """A server that is silent ends the attempt."""
    with socket.create_server((LOCAL, 0)) as s:
        done = socat.run("-", f"SOCKS4:{LOCAL}:{LOCAL}:80,socksport={s.getsockname()[1]},"
                         "handshake-timeout=0.1")
    line, = log_lines(done.stderr, "E")
    assert done.status == 1 and "timed out" in line
