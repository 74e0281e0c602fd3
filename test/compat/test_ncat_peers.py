# SPDX-License-Identifier: MIT
"""ncat beside nmap's before a peer of our own: what the peer sees, byte by byte, and the end."""

import re
import socket
import threading

import pytest

from conftest import original, port_listens, wait_for
from nc_kit import both, read_all, udp  # noqa: F401 (a fixture)
from test_nc_eof import Peer
from test_nc_proxy import Told

LIMIT = 10


@pytest.fixture
def ncat(tools):
    return {"ours": tools / "ncat", "original": original("ncat")}.__getitem__


@pytest.fixture
def peer(start, ncat):
    made = []

    def make(which, *flags):
        made.append(Peer(start, ncat(which), "client", flags))
        return made[-1]
    yield make
    for p in made:
        p.socket.close()


def end_of(p):
    return p.nc.wait(LIMIT), p.nc.stdout.read(), p.nc.stderr.read().decode()


@both
def test_what_cannot_be_sent_is_an_error(peer, which):
    """The peer has left, and resets the connection; what stdin still has goes nowhere."""
    p = peer(which)
    p.says(b"bye")
    p.socket.close()
    for _ in range(3):
        try:
            p.nc.stdin.write(b"too late")
            p.nc.stdin.flush()
            p.nc.wait(0.3)
        except Exception:  # not yet, or already
            pass
    assert end_of(p) == (1, b"", "Ncat: Broken pipe.\n")


@both
def test_send_only_counts_what_it_sends(peer, which):
    p = peer(which, "-v", "--send-only")
    p.socket.sendall(b"nobody reads this")
    p.hears(b"abc")
    p.nc.stdin.close()
    p.sees_end()
    status, out, err = end_of(p)
    assert (status, out) == (0, b"")
    assert "Ncat: 3 bytes sent, 0 bytes received in " in err


@both
def test_z_counts_nothing(peer, which):
    p = peer(which, "-z", "-v")
    p.sees_end()
    status, out, err = end_of(p)
    assert (status, out) == (0, b"")
    assert re.search(r"Connected to 127.0.0.1:\d+\.\nNcat: 0 bytes sent, 0 bytes received in ", err)


@both
@pytest.mark.parametrize("flags, told", [
    (["-e", "/bin/echo hello"], ""), (["-c", "echo hello; echo bye >&2"], "bye\n")])
def test_a_command_is_not_counted(peer, which, flags, told):
    p = peer(which, "-v", *flags)
    assert p.socket.recv(100) == b"hello\n"
    p.sees_end()
    p.socket.close()
    status, out, err = end_of(p)
    assert (status, out) == (0, b"")
    assert re.fullmatch(rf"Ncat: Version .*\nNcat: Connected to 127.0.0.1:\d+\.\n{told}", err)


@both
def test_a_handshake_that_is_not_answered(run, ncat, which):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        r = run([ncat(which), "--ssl", "-w", "200ms", *map(str, silent.getsockname())])
    assert (r.status, r.stdout, r.stderr) == (1, "", "Ncat: TIMEOUT.\n")


# Proxies.

CONNECT = b"CONNECT h:80 HTTP/1.0\r\n\r\n"
LOGIN = CONNECT[:-2] + b"Proxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n"
REFUSED = b'HTTP/1.0 407 log in\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n'
DONE = b"HTTP/1.0 200 OK\r\n\r\nhello"

TALKS = {
    "socks4, an address": ("--proxy-type socks4 {} 127.0.0.1 80",
                           [(9, b"\0\x5a" + bytes(6) + b"hello")], 0),
    "socks4, a name": ("--proxy-type socks4 {} h 80",
                       [(11, b"\0\x5a" + bytes(6) + b"hello")], 0),
    "socks4, a user": ("--proxy-type socks4 --proxy-auth me {} 127.0.0.1 80",
                       [(11, b"\0\x5a" + bytes(6) + b"hello")], 0),
    "socks4, refused": ("--proxy-type socks4 {} 127.0.0.1 80", [(9, b"\0\x5b" + bytes(6))], 1),
    "socks5, an address": ("--proxy-type socks5 {} 127.0.0.1 80",
                           [(3, b"\5\0"), (10, b"\5\0\0\1" + bytes(6) + b"hello")], 0),
    "socks5, a name": ("--proxy-type socks5 {} h 80",
                       [(3, b"\5\0"), (8, b"\5\0\0\1" + bytes(6) + b"hello")], 0),
    "socks5, a login": ("--proxy-type socks5 --proxy-auth me:secret {} h 80",
                        [(4, b"\5\2"), (11, b"\1\0"),
                         (8, b"\5\0\0\1" + bytes(6) + b"hello")], 0),
    "socks5, refused": ("--proxy-type socks5 {} h 80",
                        [(3, b"\5\0"), (8, b"\5\5\0\1" + bytes(6))], 1),
    "http": ("{} h 80", [(len(CONNECT), DONE)], 0),
    "http, a login unasked for": ("--proxy-auth me:secret {} h 80", [(len(CONNECT), DONE)], 0),
    "http, refused": ("{} h 80", [(len(CONNECT), b"HTTP/1.0 403 no\r\n\r\n")], 1),
    "http, no HTTP": ("{} h 80", [(len(CONNECT), b"SSH-2.0-x\r\n\r\n")], 1),
    "http, wants a login": ("{} h 80", [(len(CONNECT), REFUSED)], 1),
}


@pytest.mark.parametrize("name", TALKS)
def test_talks(run, ncat, name):
    line, script, status = TALKS[name]
    ends = []
    for which in ["ours", "original"]:
        proxy = Told(script)
        r = run([ncat(which), "--recv-only",
                 *line.format(f"--proxy 127.0.0.1:{proxy.port}").split()])
        ends.append((r.status, r.stdout, proxy.heard))
    assert ends[0] == ends[1]
    assert ends[0][:2] == (status, "hello" if status == 0 else "")


@both
def test_a_login_is_told_when_it_is_asked_for(start, ncat, which):
    """On a second connection, as the proxy may have closed the first one."""
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(LIMIT)
        port = proxy.getsockname()[1]
        p = start([ncat(which), "--recv-only", "--proxy", f"127.0.0.1:{port}", "--proxy-auth",
                   "me:secret", "h", "80"])
        for request, answer in [(CONNECT, REFUSED), (LOGIN, DONE)]:
            with proxy.accept()[0] as s:
                s.settimeout(LIMIT)
                assert s.recv(len(request), socket.MSG_WAITALL).lower() == request.lower()
                s.sendall(answer)
        assert (p.wait(LIMIT), p.stdout.read()) == (0, b"hello")


# As a proxy: what the server of the page hears, and what the client is answered.

ANSWER = (b"HTTP/1.1 200 Fine\r\nConnection: keep-alive, Bar\r\nBar: 2\r\nContent-Length: 4\r\n"
          b"Keep-Alive: 9\r\nX: y\r\n\r\nbody")
REQUESTS = {
    "get": b"GET http://%s/a?b HTTP/1.1\r\nHost: other\r\nConnection: keep-alive, TE\r\nTE: z\r\n"
           b"Accept: z\r\n\r\n",
    "head": b"HEAD http://%s HTTP/1.0\r\n\r\n",
    "post": b"POST http://%s/p HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc",
    "fragment": b"GET http://%s/x#y HTTP/1.0\r\n\r\n",
}
NO_REQUESTS = {
    "a length that is none": b"POST http://%s/ HTTP/1.0\r\nContent-Length: x\r\n\r\n",
    "a header without a name": b"GET http://%s/ HTTP/1.0\r\nfoo\r\n\r\n",
    "no port": b"CONNECT 127.0.0.1 HTTP/1.0\r\n\r\n",
}


@pytest.fixture
def through(start, ncat, free_port):
    """through(which, request): a client that has sent it to ncat."""
    def make(which, request):
        port = free_port()
        start([ncat(which), "-l", "--proxy-type", "http", "127.0.0.1", port])
        wait_for(lambda: port_listens("tcp", port) or port_listens("tcp6", port), "the proxy")
        client = socket.create_connection(("127.0.0.1", port))
        client.settimeout(LIMIT)
        client.sendall(request)
        return client
    return make


def lines_of(message):
    head, _, body = message.partition(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    return first, sorted(headers), body


@pytest.mark.parametrize("name", REQUESTS)
def test_what_passes_a_proxy(through, name):
    told = []
    for which in ["ours", "original"]:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(LIMIT)
            where = b"127.0.0.1:%d" % server.getsockname()[1]
            with through(which, REQUESTS[name] % where) as client:
                with server.accept()[0] as page:
                    page.settimeout(LIMIT)
                    heard = b""
                    while not heard.endswith((b"\r\n\r\n", b"abc")) or (
                            name == "post" and not heard.endswith(b"abc")):
                        heard += page.recv(1 << 16)
                    page.sendall(ANSWER)
                told.append((lines_of(heard.replace(where, b"SERVER")), lines_of(read_all(client))))
    assert told[0] == told[1]
    assert told[0][1][0] == b"HTTP/1.0 200 Fine"


@pytest.mark.parametrize("name", NO_REQUESTS)
def test_what_a_proxy_does_not_understand(through, name):
    answers = []
    for which in ["ours", "original"]:
        with socket.create_server(("127.0.0.1", 0)) as server:
            request = NO_REQUESTS[name].replace(b"%s", b"127.0.0.1:%d" % server.getsockname()[1])
            with through(which, request) as client:
                answers.append(read_all(client))
    assert answers[0] == answers[1] == b"HTTP/1.0 400 Bad Request\r\n\r\n"


def test_a_large_body_passes_a_proxy(through):
    body = b"0123456789" * 500_000
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LIMIT)
        head = b"POST http://127.0.0.1:%d/ HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % (
            server.getsockname()[1], len(body))
        with through("ours", head) as client:
            threading.Thread(target=client.sendall, args=[body], daemon=True).start()
            with server.accept()[0] as page:
                page.settimeout(LIMIT)
                heard = b""
                while len(heard.partition(b"\r\n\r\n")[2]) < len(body):
                    heard += page.recv(1 << 20)
                page.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + body)
            assert heard.endswith(body)
            assert read_all(client) == b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n" + body


# Datagrams.

@pytest.fixture
def udp_server(start, ncat, udp, free_port):
    def make(which, *flags):
        port = free_port()
        p = start([ncat(which), "-u", "-l", *flags, "127.0.0.1", port])
        wait_for(lambda: port_listens("udp", port), "the listener")
        udp.connect(("127.0.0.1", port))
        return p
    return make


@both
def test_an_empty_datagram_is_no_end(udp_server, udp, which):
    p = udp_server(which)
    for data in [b"", b"one", b"", b"two"]:
        udp.send(data)
        assert p.stdout.read(len(data)) == data
    assert p.poll() is None


@both
def test_an_idle_datagram_server(udp_server, udp, which):
    p = udp_server(which, "-i", "100ms")
    udp.send(b"x")
    assert (p.wait(LIMIT), p.stdout.read()) == (2, b"x")
    assert p.stderr.read() == b"Ncat: Idle timeout expired (100 ms). QUITTING.\n"


@both
def test_lines_in_one_datagram(start, ncat, udp, which):
    p = start([ncat(which), "-u", "-C", *map(str, udp.getsockname())])
    p.stdin.write(b"a\nb\n")
    p.stdin.flush()
    assert udp.recv(100) == b"a\r\nb\r\n"


@both
def test_datagrams_to_nobody(start, ncat, free_port, which):
    p = start([ncat(which), "-u", "127.0.0.1", free_port()])
    p.stdin.write(b"x")
    p.stdin.flush()
    assert (p.wait(LIMIT), p.stderr.read()) == (1, b"Ncat: Connection refused.\n")


@both
def test_a_probe_is_counted(run, ncat, udp, which):
    r = run([ncat(which), "-u", "-z", "-v", "-i", "100ms", *map(str, udp.getsockname())])
    assert r.status == 0
    assert "UDP packet sent successfully\nNcat: 1 bytes sent, 0 bytes received in " in r.stderr


@both
def test_the_name_of_a_datagram_client(run, ncat, tmp_path, which):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(str(tmp_path / "s"))
        r = run([ncat(which), "-U", "-u", "-v", tmp_path / "s"], input=b"x",
                env={"TMPDIR": str(tmp_path)})
        data, name = s.recvfrom(10)
    assert data == b"x" and re.fullmatch(rf"{tmp_path}/ncat\.\w{{6}}", name)
    assert r.status == 0
    assert r.stderr.splitlines()[1] == f"Ncat: [{name}] used as source DGRAM Unix domain socket."
    assert r.stderr.splitlines()[-1] == f"Ncat: Deleting source DGRAM Unix domain socket. [{name}]"
    assert [f.name for f in tmp_path.iterdir()] == ["s"]
