# SPDX-License-Identifier: MIT
"""nc through proxies: real ones, and some that answer what we say; ours beside Debian's."""

import os
import socket
import subprocess
import threading

import pytest

from conftest import original, port_listens, wait_for
from test_nc import nc  # noqa: F401, the fixture

LIMIT = 30
both = pytest.mark.parametrize("which", ["ours", "original"])


class Told:
    """A proxy that waits for so many bytes and then says its next answer."""

    def __init__(self, script):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port, self.heard = self.server.getsockname()[1], []
        threading.Thread(target=self.serve, args=[script], daemon=True).start()

    def serve(self, script):
        self.server.settimeout(LIMIT)
        client = self.server.accept()[0]
        client.settimeout(LIMIT)
        for wanted, answer in script:
            got = b""
            while len(got) < wanted:
                got += client.recv(wanted - len(got)) or b"end".ljust(wanted)
            self.heard.append(got)
            client.sendall(answer)
        client.close()


CONNECT = b"CONNECT h:80 HTTP/1.0\r\n\r\n"
ASK, DONE = (3, b"\5\0"), bytes(6)

TALKS = {
    "5: no method": ("-x {} example 80", [(3, b"\5\xff")]),
    **{f"5: code {code}": ("-x {} example 80", [ASK, (14, bytes([5, code, 0, 1]))])
       for code in [1, 2, 3, 4, 5, 6, 7, 8, 9, 255]},
    "5: hangs up": ("-x {} example 80", [(3, b"")]),
    "5: hangs up in its greeting": ("-x {} example 80", [(3, b"\5")]),
    "5: hangs up in its reply": ("-x {} example 80", [ASK, (14, b"\5")]),
    "5: a name": ("-v -x {} example 80", [ASK, (14, b"\5\0\0\1" + DONE + b"hello")]),
    "5: IPv4": ("-v -X 5 -x {} 127.0.0.1 80", [ASK, (10, b"\5\0\0\1" + DONE + b"hello")]),
    "5: IPv6": ("-v -x {} ::1 80", [ASK, (22, b"\5\0\0\4" + bytes(18) + b"hello")]),
    "4: done": ("-v -X 4 -x {} 127.0.0.1 80", [(9, b"\0\x5a" + DONE + b"hello")]),
    **{f"4: code {code}": ("-X 4 -x {} 127.0.0.1 80", [(9, bytes([0, code]) + DONE)])
       for code in [91, 92, 93, 94, 0]},
    "4: hangs up": ("-X 4 -x {} 127.0.0.1 80", [(9, b"\0\x5a")]),
    "4: no such name": ("-n -X 4 -x {} name 80", []),
    "connect: done": ("-v -X connect -x {} h 80", [(len(CONNECT), b"HTTP/1.0 200 ok\r\n\r\nhello")]),
    "connect: headers": ("-v -X CONNECT -x {} h 80",
                         [(len(CONNECT), b"HTTP/1.1 200 \r\na: b\r\nc: d\r\n\r\nhello")]),
    "connect: no CR": ("-v -X connect -x {} h 80", [(len(CONNECT), b"HTTP/1.0 200 ok\n\nhello")]),
    "connect: 403": ("-X connect -x {} h 80", [(len(CONNECT), b"HTTP/1.0 403 no\r\n\r\n")]),
    "connect: 407": ("-X connect -x {} h 80", [(len(CONNECT), b"HTTP/1.0 407 log in\r\n\r\n")]),
    "connect: hangs up": ("-X connect -x {} h 80", [(len(CONNECT), b"HTTP/1.0 200 ok\r\n")]),
    "connect: IPv6": ("-v -X connect -x {} ::1 80",
                      [(len(CONNECT) + 4, b"HTTP/1.0 200 ok\r\n\r\nhello")]),
    "connect: no host name": ("-X connect -x {} [h] 80", []),
}


@pytest.mark.parametrize("name", TALKS)
def test_talks(run, nc, name):  # noqa: F811
    line, script = TALKS[name]
    ends = []
    for which in ["ours", "original"]:
        proxy = Told(script)
        r = run([nc(which), *line.format(f"127.0.0.1:{proxy.port}").split()],
                stdin=subprocess.DEVNULL)
        ends.append((r.status, r.stdout, r.stderr, proxy.heard))
    assert ends[0] == ends[1]
    assert len(ends[0][3]) == len(script)


def test_ours_takes_a_name_in_the_reply(run, nc):  # noqa: F811
    proxy = Told([ASK, (14, b"\5\0\0\3\1h\0\0hello")])
    r = run([nc("ours"), "-x", f"127.0.0.1:{proxy.port}", "example", "80"], stdin=subprocess.DEVNULL)
    assert (r.status, r.stdout, r.stderr) == (0, "hello", "")


def test_ours_speaks_4A(run, nc):  # noqa: F811
    proxy = Told([(17, b"\0\x5a" + DONE + b"hello")])
    r = run([nc("ours"), "-X", "4a", "-x", f"127.0.0.1:{proxy.port}", "example", "80"],
            stdin=subprocess.DEVNULL)
    assert (r.status, r.stdout, r.stderr) == (0, "hello", "")
    assert proxy.heard == [b"\4\1\0\x50\0\0\0\1\0example\0"]


@pytest.mark.parametrize("challenge", ["Negotiate", "Bearer realm=r"])
def test_ours_asks_for_no_password_in_vain(run, nc, challenge):  # noqa: F811
    """The original sends it as Basic to whatever proxy answers 407."""
    answer = f"HTTP/1.0 407 log in\r\nProxy-Authenticate: {challenge}\r\n\r\n".encode()
    proxy = Told([(len(CONNECT), answer)])
    r = run([nc("ours"), "-X", "connect", "-P", "me", "-x", f"127.0.0.1:{proxy.port}", "h", "80"],
            stdin=subprocess.DEVNULL)
    assert (r.status, r.stdout) == (1, "") and len(proxy.heard) == 1
    assert r.stderr == "nc: the proxy offers neither Basic nor Digest authentication\n"


def test_ours_limits_the_talk(run, nc):  # noqa: F811
    """-w counts for a proxy that says nothing, too."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        r = run([nc("ours"), "-w1", "-x", f"127.0.0.1:{silent.getsockname()[1]}", "h", "80"],
                stdin=subprocess.DEVNULL)
    assert r.status == 1 and r.stdout == "" and "SOCKS5 server: no answer" in r.stderr


@both
@pytest.mark.parametrize("flags", [[], ["-v"]])
def test_no_proxy_there(run, nc, free_port, which, flags):  # noqa: F811
    port = free_port()
    r = run([nc(which), *flags, "-x", f"127.0.0.1:{port}", "h", "80"], stdin=subprocess.DEVNULL)
    assert (r.status, r.stdout) == (1, "")
    assert r.stderr == (f"nc: connect to 127.0.0.1 port {port} (tcp) failed: Connection refused\n"
                        if flags else "")


@pytest.fixture
def proxy(start, free_port, tmp_path):
    """proxy(kind): the address of a real one."""
    def make(kind):
        port = free_port()
        if kind == "connect":
            (tmp_path / "conf").write_text(f"Port {port}\nListen 127.0.0.1\nTimeout 60\n"
                                           "Allow 127.0.0.1\nMaxClients 10\nStartServers 1\n")
            start([original("tinyproxy"), "-d", "-c", tmp_path / "conf"],
                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        else:
            start([original("microsocks"), "-i", "127.0.0.1", "-p", port],
                  stderr=subprocess.DEVNULL)
        wait_for(lambda: port_listens("tcp", port), kind)
        return f"127.0.0.1:{port}"
    return make


@both
@pytest.mark.parametrize("kind", ["5", "connect"])
def test_through_a_real_one(start, run, nc, proxy, which, kind):  # noqa: F811
    through = proxy(kind)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LIMIT)
        port = server.getsockname()[1]
        p = start([nc(which), "-N", "-X", kind, "-x", through, "127.0.0.1", port])
        with server.accept()[0] as s:
            s.settimeout(LIMIT)
            p.stdin.write(b"question")
            p.stdin.flush()
            assert s.recv(100) == b"question"
            s.sendall(b"answer")
            assert p.stdout.read(6) == b"answer"
        p.stdin.close()
        assert (p.wait(timeout=LIMIT), p.stderr.read()) == (0, b"")


@both
def test_a_port_that_the_proxy_does_not_reach(run, nc, proxy, free_port, which):  # noqa: F811
    r = run([nc(which), "-vz", "-x", proxy("5"), "127.0.0.1", free_port()])
    assert (r.status, r.stdout, r.stderr) == (
        1, "", "nc: connection failed, SOCKSv5 error: Connection refused\n")


@both
@pytest.mark.parametrize("through", [False, True])
def test_F_passes_the_socket(start, nc, proxy, which, through):  # noqa: F811
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LIMIT)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.settimeout(LIMIT)
            extra = ["-x", proxy("5")] if through else []
            p = start([nc(which), "-F", *extra, *map(str, server.getsockname())], stdout=theirs)
            with server.accept()[0] as s:
                data, fds, _, _ = socket.recv_fds(ours, 10, 1)
                assert data == b"\0" and len(fds) == 1 and not os.get_blocking(fds[0])
                with socket.socket(fileno=fds[0]) as passed:
                    passed.sendall(b"passed on")
                    s.settimeout(LIMIT)
                    assert s.recv(100) == b"passed on"
                assert (p.wait(timeout=LIMIT), p.stderr.read()) == (0, b"")


@both
def test_F_wants_a_socket(run, nc, which):  # noqa: F811
    with socket.create_server(("127.0.0.1", 0)) as server:
        r = run([nc(which), "-F", *map(str, server.getsockname())])
    assert (r.status, r.stdout, r.stderr) == (
        1, "", "nc: sendmsg: Socket operation on non-socket\n")
