# SPDX-License-Identifier: MIT
"""SOCKS4, SOCKS4A and PROXY beside Debian's socat: the same bytes to a server that says the
same, and the same end.  Debian's 1.7.4.4 has no SOCKS5; test/cli has the real servers."""

import contextlib
import re
import socket
import threading

import pytest

from socat_kit import LOCAL, WHO, log_lines, socat  # noqa: F401

GRANTED = b"\0\x5a\0\0\0\0\0\0"
OK = b"HTTP/1.0 200 OK\r\n\r\n"


class Server:
    """One client: hears until the request is complete, answers, hears the rest."""

    def __init__(self, complete, answer):
        self.complete, self.answer, self.asked, self.rest = complete, answer, b"", b""
        self.listening = socket.create_server((LOCAL, 0))
        self.port = self.listening.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        with self.listening:
            self.listening.settimeout(10)
            client = self.listening.accept()[0]
        with client, contextlib.suppress(OSError):  # it may hang up in between
            client.settimeout(10)
            while not self.complete(self.asked):
                byte = client.recv(1)
                if not byte:
                    return
                self.asked += byte
            client.sendall(self.answer)
            client.shutdown(socket.SHUT_WR)
            while block := client.recv(4096):
                self.rest += block

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.thread.join()


def socks4(asked):
    return len(asked) > 8 and asked.endswith(b"\0")


def socks4a(asked):
    return len(asked) > 8 and asked[8:].count(b"\0") == 2


def http(asked):
    return asked.endswith(b"\r\n\r\n")


def play(socat, who, complete, answer, address, *options):  # noqa: F811
    with Server(complete, answer) as server:
        done = socat.run(*options, "-", address.format(port=server.port), who=who, input=b"data",
                         env={"LOGNAME": "somebody"})
    return server, done


def both(socat, *what):  # noqa: F811
    return [play(socat, who, *what) for who in WHO]


@pytest.mark.parametrize("complete, answer, address", [
    (socks4, GRANTED, f"SOCKS4:{LOCAL}:32.98.76.54:32109,socksport={{port}},socksuser=nobody"),
    (socks4, GRANTED, f"SOCKS:{LOCAL}:localhost:http,socksport={{port}}"),
    (socks4a, GRANTED, f"SOCKS4A:{LOCAL}:localhost:80,socksport={{port}},socksuser=nobody"),
    (http, OK, f"PROXY:{LOCAL}:localhost:http,proxyport={{port}}"),
    (http, OK, f"PROXY:{LOCAL}:localhost:80,proxyport={{port}},resolve"),
    (http, OK, f"PROXY:{LOCAL}:[::1]:80,proxyport={{port}},proxyauth=user:s3cr3t"),
    (http, OK, f"PROXY:{LOCAL}:1.2.3.4:80,proxyport={{port}},crlf"),
    (http, b"HTTP/1.1    200 fine\r\nA: b\r\n\r\n", f"PROXY:{LOCAL}:h:80,proxyport={{port}}"),
    (http, b"HTTP/1.1 200 fine\nA: b\n\n", f"PROXY:{LOCAL}:h:80,proxyport={{port}},ignorecr"),
])
def test_opened(socat, complete, answer, address):  # noqa: F811
    (our_server, ours), (their_server, theirs) = both(socat, complete, answer + b"hello", address)
    assert our_server.asked == their_server.asked and our_server.asked
    assert our_server.rest == their_server.rest == b"data"
    assert (ours.status, ours.stdout, ours.stderr) == (theirs.status, theirs.stdout, theirs.stderr)
    assert (ours.status, ours.stdout) == (0, "hello")


@pytest.mark.parametrize("complete, answer, address", [
    (socks4, b"\0\x5b\0\0\0\0\0\0", f"SOCKS4:{LOCAL}:1.2.3.4:5,socksport={{port}}"),
    (socks4, b"\0\x5c\0\0\0\0\0\0", f"SOCKS4:{LOCAL}:1.2.3.4:5,socksport={{port}}"),
    (socks4, b"\0\x5d\0\0\0\0\0\0", f"SOCKS4:{LOCAL}:1.2.3.4:5,socksport={{port}}"),
    (socks4, b"\0\x5a\0", f"SOCKS4:{LOCAL}:1.2.3.4:5,socksport={{port}}"),
    (http, b"HTTP/1.0 403 Forbidden\r\n\r\n", f"PROXY:{LOCAL}:h:80,proxyport={{port}}"),
    (http, b"HTTP/1.0 204 Nothing\r\n\r\n", f"PROXY:{LOCAL}:h:80,proxyport={{port}}"),
    (http, b"SSH-2.0-x\r\n\r\n", f"PROXY:{LOCAL}:h:80,proxyport={{port}}"),
])
def test_refused(socat, complete, answer, address):  # noqa: F811
    (our_server, ours), (their_server, theirs) = both(socat, complete, answer, address)
    assert our_server.asked == their_server.asked and our_server.asked
    assert (ours.status, ours.stdout) == (theirs.status, theirs.stdout) == (1, "")
    assert len(log_lines(ours.stderr)) == len(log_lines(theirs.stderr)) == 1


def test_a_no_begins_the_same(socat):  # noqa: F811
    """What scripts look for."""
    for _, done in both(socat, http, b"HTTP/1.0 403 Forbidden\r\n\r\n",
                        f"PROXY:{LOCAL}:h:80,proxyport={{port}}"):
        [line] = log_lines(done.stderr)
        assert line.startswith("E CONNECT h:80: Forbidden")


@pytest.mark.parametrize("complete, answer, address", [
    (socks4, GRANTED, f"SOCKS4:{LOCAL}:1.2.3.4:5,socksport={{port}}"),
    (http, OK, f"PROXY:{LOCAL}:h:80,proxyport={{port}}"),
])
def test_notices(socat, complete, answer, address):  # noqa: F811
    """Who is reached through whom; the user's name is not for the log."""
    def notices(server, done):
        lines = [line for line in log_lines(done.stderr, "N") if " via " in line]
        return [re.sub(' as user ".*"', "", line.replace(str(server.port), "PORT"))
                for line in lines]
    ours, theirs = [notices(*played) for played in both(
        socat, complete, answer, address, "-d", "-d")]
    assert ours == theirs and len(ours) == 2


def test_login_from_a_file(socat, tmp_path):  # noqa: F811
    """With its newline, as 1.8 sends it; 1.7.4.4 has no such option."""
    (tmp_path / "login").write_text("user:s3cr3t\n")
    server, done = play(socat, "ours", http, OK,
                        f"PROXY:{LOCAL}:h:80,proxyport={{port}},proxyauthfile={tmp_path}/login")
    assert done.status == 0
    assert b"\r\nProxy-authorization: Basic dXNlcjpzM2NyM3QK\r\n" in server.asked
