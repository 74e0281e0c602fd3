# SPDX-License-Identifier: MIT
"""ncat and proxies: as a client of real ones and of some that say what we tell them, and as one;
ours beside nmap's."""

import contextlib
import hashlib
import os
import re
import socket
import subprocess
import threading

import pytest

from conftest import original, port_listens, wait_for
from nc_kit import both, certificate, space, tls  # noqa: F401 (fixtures)
from test_ncat import LIMIT, ncat, ports, start_server  # noqa: F401 (fixtures)


@pytest.fixture
def web(space, ports, tmp_path):
    """A web server with one page: its port."""
    port = next(ports)
    (tmp_path / "page").write_bytes(os.urandom(1 << 20))
    space.start(["python3", "-m", "http.server", "--bind", "127.0.0.1", "--directory", tmp_path,
                 port])
    wait_for(lambda: port_listens("tcp", port, space.net))
    return port


@both
@pytest.mark.parametrize("tunnel", [[], ["-p"]])
def test_curl_through_our_proxy(space, ncat, ports, web, tmp_path, which, tunnel):
    where = ["127.0.0.1", next(ports)]
    start_server(space, [ncat(which), "--proxy-type", "http"], "tcp", where)
    for _ in range(2):
        r = space.run(["curl", "-s", *tunnel, "-x", f"http://127.0.0.1:{where[1]}",
                       f"http://127.0.0.1:{web}/page"])
        assert r.raw_stdout == (tmp_path / "page").read_bytes()


@both
def test_a_proxy_asks_for_a_login(space, ncat, ports, web, tmp_path, which):
    where = ["127.0.0.1", next(ports)]
    start_server(space, [ncat(which), "--proxy-type", "http", "--proxy-auth", "me:secret"], "tcp",
                 where)
    for login, status in [("me:secret", "200"), ("me:wrong", "407"), (None, "407")]:
        r = space.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}",
                       *(["-U", login] if login else []), "-x", f"http://127.0.0.1:{where[1]}",
                       f"http://127.0.0.1:{web}/page"])
        assert r.stdout == status


@pytest.mark.parametrize("request_line, status", [
    (b"CONNECT 127.0.0.1:1 HTTP/1.0", b"504"), (b"DELETE http://127.0.0.1/ HTTP/1.0", b"405"),
    (b"POST http://127.0.0.1/ HTTP/1.0", b"400"), (b"GET / HTTP/1.0", b"400"), (b"x", b"400"),
])
def test_what_a_proxy_refuses(space, ncat, ports, request_line, status):
    where = ["127.0.0.1", next(ports)]
    start_server(space, [ncat("ours"), "--proxy-type", "http"], "tcp", where)
    c = space.run([ncat("ours"), *where], input=request_line + b"\r\n\r\n")
    assert c.raw_stdout.split()[1] == status


@both
@pytest.mark.parametrize("request_line", [
    "GET / HTTP/1.0", "HEAD / HTTP/1.0", "GET /x HTTP/1.1\r\nHost: 127.0.0.1:PORT",
    "OPTIONS * HTTP/1.0", "PUT http://127.0.0.1:PORT/ HTTP/1.0",
    "GET http://127.0.0.1:PORT/ HTTP/1.0", "HEAD http://localhost:PORT/x HTTP/1.1",
])
def test_a_proxy_is_asked_for_itself(space, ncat, ports, which, request_line):
    where = ["127.0.0.1", next(ports)]
    start_server(space, [ncat(which), "-k", "-4", "--proxy-type", "http"], "tcp", where)
    c = space.run([ncat("ours"), *where],
                  input=request_line.replace("PORT", str(where[1])) + "\r\n\r\n")
    status = {"PUT": "405 Method Not Allowed\r\nAllow: CONNECT, GET, HEAD, POST"}.get(
        request_line[:3], "403 Forbidden" if "http:" in request_line else "400 Bad Request")
    assert c.raw_stdout.decode() == f"HTTP/1.0 {status}\r\n\r\n"


PROXIES = {
    "socks5": (["microsocks", "-i", "127.0.0.1", "-p"], ["--proxy-type", "socks5"]),
    "socks5 with login": (["microsocks", "-u", "me", "-P", "secret", "-i", "127.0.0.1", "-p"],
                          ["--proxy-type", "socks5", "--proxy-auth", "me:secret"]),
    "http": (None, []),
    "http with login": (["--proxy-auth", "me:secret"], ["--proxy-auth", "me:secret"]),
}


@pytest.mark.parametrize("which, kind", [("ours", kind) for kind in PROXIES] +
                         [("original", kind) for kind in PROXIES if "http" in kind])
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_through_proxies(space, ncat, ports, which, kind, name):
    program, options = PROXIES[kind]
    proxy, target = next(ports), ["127.0.0.1", next(ports)]
    if "socks" in kind:
        space.start([*program, proxy])
        wait_for(lambda: port_listens("tcp", proxy, space.net))
    else:
        start_server(space, [ncat("ours"), "--proxy-type", "http", *(program or [])], "tcp",
                     ["127.0.0.1", proxy])
    # microsocks ends both ways with the first
    s = start_server(space, [ncat("ours"), *(["--recv-only"] if "socks" in kind else [])], "tcp",
                     target)
    s.stdin.write(b"down")
    s.stdin.close()
    c = space.run([ncat(which), *options, "--proxy", f"127.0.0.1:{proxy}", name, target[1]],
                  input=b"up")
    assert (c.status, s.stdout.read()) == (0, b"up")
    assert c.stdout == ("down" if "http" in kind else "")


# Digest.

def digest_proxy(*challenges):
    """Wants a login by one of the challenges, then grants and says hello: its socket, the
    requests it will have heard, and who hears them."""
    server, heard = socket.create_server(("127.0.0.1", 0)), []
    wanted = "".join(f"Proxy-Authenticate: {c}\r\n" for c in challenges)

    def serve():
        server.settimeout(LIMIT)
        answers = [f"HTTP/1.0 407 log in\r\n{wanted}\r\n", "HTTP/1.0 200 OK\r\n\r\nhello"]
        with server, contextlib.suppress(OSError):
            for answer in answers:
                with server.accept()[0] as client:
                    client.settimeout(LIMIT)
                    heard.append(client.recv(4096).decode())
                    client.sendall(answer.encode())
                    client.shutdown(socket.SHUT_WR)
                    client.recv(1)
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return server, heard, thread


def hashed(algorithm, *words):
    return hashlib.new(algorithm, ":".join(words).encode()).hexdigest()


def expected_response(heard, algorithm):
    said = dict(re.findall(r'(\w+)="?([^",]*)"?', heard.partition("Digest ")[2]))
    who = hashed(algorithm, said["username"], said["realm"], "a secret: two")
    what = hashed(algorithm, "CONNECT", said["uri"])
    quality = [said["nc"], said["cnonce"], said["qop"]] if "qop" in said else []
    return said, hashed(algorithm, who, said["nonce"], *quality, what)


@pytest.mark.parametrize("which, algorithm, challenges", [
    (which, "md5", challenges) for which in ["ours", "original"] for challenges in [
        ['Digest realm="r", nonce="abc", qop="auth,auth-int", opaque="o"'],
        ['Digest realm="r", nonce="abc"'],
        ['Basic realm="r"', 'Digest realm="s", nonce="abc", qop="auth", algorithm=MD5'],
        ['Basic realm="r", Digest realm="s", nonce="abc", qop="auth"'],
    ]] + [("ours", "sha256", ['Digest realm="r", nonce="abc", qop="auth", algorithm=SHA-256'])])
def test_a_proxy_wants_digest(run, ncat, tls, which, algorithm, challenges):  # noqa: F811
    proxy, heard, thread = digest_proxy(*challenges)
    r = run([ncat(which), "--proxy", f"127.0.0.1:{proxy.getsockname()[1]}", "--proxy-auth", "me:a secret: two",
             "h.example", "80"])
    thread.join(LIMIT)
    assert (r.status, r.stdout, r.stderr) == (0, "hello", "")
    said, response = expected_response(heard[1], algorithm)
    assert "Authorization" not in heard[0].title()
    assert (said["username"], said["nonce"], said["uri"]) == ("me", "abc", "h.example:80")
    assert said["response"] == response and said.get("opaque", "o") == "o"


@both
@pytest.mark.parametrize("challenge", [
    'Digest realm="r", nonce="n", algorithm=SHA-512', 'Digest realm="r"',
])
def test_a_proxy_wants_another_digest(run, ncat, which, challenge):
    """The password is not sent as it is instead."""
    proxy, heard, thread = digest_proxy(challenge)
    r = run([ncat(which), "--proxy", f"127.0.0.1:{proxy.getsockname()[1]}", "--proxy-auth", "me:x",
             "h", "80"])
    with contextlib.suppress(OSError):
        proxy.shutdown(socket.SHUT_RDWR)
    thread.join(LIMIT)
    assert (r.status, r.stdout) == (1, "")
    assert not any("uthorization" in request for request in heard)
    assert r.stderr.count("\n") == 1 and (which != "ours" or "Digest" in r.stderr)


@both
@pytest.mark.parametrize("challenges", [[], [""], ["Negotiate"], ["NTLM", 'Bearer realm="Basic x"'],
                                        ['Basics realm="r"']])
def test_a_proxy_wants_something_else(run, ncat, which, challenges):
    """Nor is the password sent to a proxy that does not ask for it."""
    proxy, heard, thread = digest_proxy(*challenges)
    r = run([ncat(which), "--proxy", f"127.0.0.1:{proxy.getsockname()[1]}", "--proxy-auth", "me:x",
             "h", "80"])
    with contextlib.suppress(OSError):
        proxy.shutdown(socket.SHUT_RDWR)
    thread.join(LIMIT)
    assert (r.status, r.stdout) == (2, "")
    assert re.fullmatch(r"Ncat: .*authentication.*\. QUITTING\.\n", r.stderr)
    assert not any("uthorization" in request for request in heard)


@both
@pytest.mark.parametrize("challenges", [["Negotiate", "Basic"], ['Negotiate, basic realm="r"']])
def test_a_proxy_takes_basic_too(run, ncat, which, challenges):
    proxy, heard, thread = digest_proxy(*challenges)
    r = run([ncat(which), "--proxy", f"127.0.0.1:{proxy.getsockname()[1]}", "--proxy-auth", "me:x",
             "h", "80"])
    thread.join(LIMIT)
    assert (r.status, r.stdout, r.stderr) == (0, "hello", "")
    assert "uthorization: Basic bWU6eA==\r\n" in heard[1]


def test_digest_with_the_original_as_proxy(space, ncat, ports, tls):  # noqa: F811
    proxy, target = ["127.0.0.1", next(ports)], ["127.0.0.1", next(ports)]
    for password, status in [("secret", 0), ("wrong", 1)]:
        p = start_server(space, [ncat("original"), "-k", "--proxy-type", "http", "--proxy-auth",
                                 "me:secret"], "tcp", proxy)
        s = start_server(space, [ncat("ours"), "-c", "echo hello"], "tcp", target)
        # nmap's proxy ends both ways with the first
        c = space.run([ncat("ours"), "--no-shutdown", "--proxy", f"127.0.0.1:{proxy[1]}",
                       "--proxy-auth", f"me:{password}", *target])
        assert (c.status, c.stdout) == (status, "" if status else "hello\n")
        for server in [p, s]:
            server.terminate()
            server.wait(LIMIT)


def test_tls_through_a_proxy(space, ncat, ports, certificate):  # noqa: F811
    proxy, target = ["127.0.0.1", next(ports)], ["127.0.0.1", next(ports)]
    start_server(space, [ncat("ours"), "--proxy-type", "http"], "tcp", proxy)
    s = start_server(space, [ncat("ours"), "--ssl-cert", certificate[0], "--ssl-key",
                             certificate[1], "-c", "cat"], "tcp", target)
    c = space.run([ncat("ours"), "--ssl", "--ssl-verify", "--ssl-trustfile", certificate[0],
                   "--proxy", f"127.0.0.1:{proxy[1]}", "localhost", target[1]], input=b"secret")
    assert (c.status, c.stdout) == (0, "secret")
    assert s.wait(LIMIT) == 0


def test_through_tinyproxy(space, ncat, ports, tmp_path):
    proxy, target = next(ports), ["127.0.0.1", next(ports)]
    (tmp_path / "conf").write_text(f"Port {proxy}\nListen 127.0.0.1\nTimeout 10\nMaxClients 4\n")
    space.start([original("tinyproxy"), "-d", "-c", tmp_path / "conf"])
    wait_for(lambda: port_listens("tcp", proxy, space.net))
    s = start_server(space, [ncat("ours"), "-c", "cat"], "tcp", target)
    c = space.start([ncat("ours"), "--proxy", f"127.0.0.1:{proxy}", *target])
    c.stdin.write(b"there and back\n")
    c.stdin.flush()
    assert c.stdout.readline() == b"there and back\n"
    c.stdin.close()
    assert s.wait(LIMIT) == 0


# SOCKS4.

GRANTED, DANTE = 0x5a, """
logoutput: stderr
internal: 127.0.0.1 port = {port}
external: lo
clientmethod: none
socksmethod: none
user.privileged: root
user.unprivileged: nobody
client pass {{ from: 0/0 to: 0/0 }}
socks pass {{ from: 0/0 to: 0/0 }}
"""


def socks4_proxy(answer):
    """Reads one request, answers, and if it has granted it reads the rest: its port, what it will
    have heard, and who hears it."""
    server, heard = socket.create_server(("127.0.0.1", 0)), []

    def serve():
        server.settimeout(LIMIT)
        with server, server.accept()[0] as client:
            client.settimeout(LIMIT)
            heard.append(client.recv(100))
            client.sendall(answer)
            if answer[1] == GRANTED:
                heard.append(client.recv(100))
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return server.getsockname()[1], heard, thread


@pytest.mark.parametrize("code", [GRANTED, 0x5b, 0x5c, 0x5d])
@pytest.mark.parametrize("line", [
    "127.0.0.1 80", "no.such.name 80", "--proxy-dns local localhost 80",
    "--proxy-auth joe 127.0.0.1 80", "--proxy-auth joe:x 127.0.0.1 80",
    "--proxy-auth joe:x no.such.name 80"])
def test_socks4_word_by_word(run, ncat, line, code):
    """A numeric address goes as such, as a server may know nothing of 4A."""
    ends = []
    for which in ["ours", "original"]:
        port, heard, thread = socks4_proxy(bytes([0, code]) + bytes(6)
                                           + (b"hello" if code == GRANTED else b""))
        r = run([ncat(which), "--proxy-type", "socks4", "--proxy", f"127.0.0.1:{port}",
                 *line.split()], input=b"data")
        thread.join(LIMIT)
        ends.append((r.status, r.stdout, heard))
    assert ends[0] == ends[1]
    assert ends[0][2][0].startswith(b"\4\1\0\x50")
    assert ends[0][2][1:] == ([b"data"] if code == GRANTED else [])


@both
def test_socks4_has_no_ipv6(run, ncat, which):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        r = run([ncat(which), "--proxy-type", "socks4", "--proxy",
                 f"127.0.0.1:{silent.getsockname()[1]}", "::1", "80"])
    assert (r.status, r.stdout) == (1, "")
    assert "IPv6 addresses are not supported with" in r.stderr


@both
def test_socks4_through_dante(space, ncat, ports, tmp_path, which):
    proxy, target = next(ports), ["127.0.0.1", next(ports)]
    (tmp_path / "conf").write_text(DANTE.format(port=proxy))
    space.start([original("danted"), "-f", tmp_path / "conf"])
    wait_for(lambda: port_listens("tcp", proxy, space.net))
    s = start_server(space, [ncat("ours"), "-c", "cat"], "tcp", target)
    c = space.start([ncat(which), "--proxy-type", "socks4", "--proxy", f"127.0.0.1:{proxy}",
                     *target])
    c.stdin.write(b"there and back\n")
    c.stdin.flush()
    assert c.stdout.readline() == b"there and back\n"
    c.stdin.close()
    assert s.wait(LIMIT) == 0
