# SPDX-License-Identifier: MIT
"""SOCKS and HTTP proxies: the real servers of Debian, hostile ones, and one on top of another.

All servers are in a network namespace of their own, so their ports are ours."""

import contextlib
import shutil
import socket
import threading

import pytest

from conftest import port_listens, unix_listens, wait_for
from socat_kit import LOCAL, log_lines, socat, socat_net  # noqa: F401

SOCKS_PORT, HTTP_PORT, ECHO_PORT, CLOSED_PORT = 1080, 8888, 7000, 7001
DATA = bytes(range(256)) * 1200  # more than any buffer on the way

DANTE = f"""
logoutput: stderr
internal: {LOCAL} port = {SOCKS_PORT}
external: {LOCAL}
socksmethod: none
clientmethod: none
client pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}
socks pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 command: bind connect }}
socks pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 command: bindreply }}
"""
TINYPROXY = f"""
Port {HTTP_PORT}
Listen {LOCAL}
Allow {LOCAL}
"""


class World:
    """The namespace with an echo server in it; starts proxies."""

    def __init__(self, netns, socat, folder):
        self.netns, self.socat, self.folder = netns, socat, folder
        self.start("socat", f"TCP4-LISTEN:{ECHO_PORT},fork,reuseaddr", "PIPE", port=ECHO_PORT)

    def start(self, program, *arguments, port):
        if not shutil.which(program, path=self.netns.path):
            pytest.skip(f"needs {program}")
        log = open(self.folder / f"{program}.log", "wb")
        self.netns.start([program, *arguments], stdout=log, stderr=log)
        wait_for(lambda: port_listens("tcp", port, self.netns.net), f"{program} on {port}")

    def configured(self, program, flag, text, port, *more):
        path = self.folder / f"{program}.conf"
        path.write_text(text)
        self.start(program, *more, flag, path, port=port)

    def microsocks(self, *arguments):
        self.start("microsocks", "-i", LOCAL, "-p", str(SOCKS_PORT), *arguments, port=SOCKS_PORT)

    def dante(self):
        self.configured("danted", "-f", DANTE, SOCKS_PORT)

    def tinyproxy(self, more=""):
        self.configured("tinyproxy", "-c", TINYPROXY + more, HTTP_PORT, "-d")

    def echoes(self, address, *options, data=DATA):
        """Data through the address to the echo server and back.  Most proxies end both
        directions with one of them, so it is the number of bytes that ends it here."""
        done = self.socat.run(*options, "-t.1", "-,ignoreeof", f"{address},readbytes={len(data)}",
                              input=data)
        assert (done.status, done.raw_stdout == data) == (0, True), done.stderr[-2000:]
        return done

    def fails(self, address, *options):
        """One error line, and the status of an address that does not open."""
        done = self.socat.run(*options, "-", address)
        assert done.status == 1 and done.stdout == ""
        [line] = log_lines(done.stderr, "E")
        return line


@pytest.fixture
def world(netns, socat_net, tmp_path):  # noqa: F811
    return World(netns, socat_net, tmp_path)


ECHO = f"{LOCAL}:{ECHO_PORT}"
CLOSED = f"{LOCAL}:{CLOSED_PORT}"


def test_microsocks(world):
    world.microsocks()
    world.echoes(f"SOCKS5:{LOCAL}:{ECHO}")
    world.echoes(f"SOCKS5-CONNECT:{LOCAL}:{SOCKS_PORT}:localhost:{ECHO_PORT}")
    world.echoes(f"SOCKS5:{LOCAL}:1:{ECHO},socksport={SOCKS_PORT}")
    world.echoes(f"SOCKS5:{LOCAL}:{ECHO},socksuser=who,sockspass=any")
    line = world.fails(f"SOCKS5:{LOCAL}:{CLOSED}")
    assert line == f"E SOCKS5: {CLOSED}: SOCKS5 server: connection refused (code 5)"


def test_microsocks_with_login(world):
    world.microsocks("-u", "user", "-P", "s3cr3t")
    done = world.echoes(f"SOCKS5:{LOCAL}:{ECHO},socksuser=user,sockspass=s3cr3t", "-d", "-d",
                        "-d", "-d")
    assert "s3cr3t" not in done.stderr
    assert "wrong user or password" in world.fails(
        f"SOCKS5:{LOCAL}:{ECHO},socksuser=user,sockspass=wrong")
    assert "accepts none of the offered ways" in world.fails(f"SOCKS5:{LOCAL}:{ECHO}")


@pytest.mark.parametrize("keyword", ["SOCKS4", "SOCKS", "SOCKS5"])
def test_dante(world, keyword):
    """It knows nothing of SOCKS4A, for which Debian's socat is the measure (test/compat)."""
    world.dante()
    world.echoes(f"{keyword}:{LOCAL}:localhost:{ECHO_PORT}")
    world.echoes(f"{keyword}:{LOCAL}:{ECHO}")
    assert " server: " in world.fails(f"{keyword}:{LOCAL}:{CLOSED}")


@pytest.mark.parametrize("keyword", ["SOCKS5-LISTEN", "SOCKS5-BIND"])
def test_dante_listens_for_us(world, keyword):
    """The server waits for somebody, who then talks to us."""
    world.dante()
    ours = world.socat.start("-d", "-d", f"{keyword}:{LOCAL}:{LOCAL}:0",
                             "SYSTEM:'echo \"from $SOCAT_PEERADDR\"; cat'")
    port = ours.wait_line(r" N .*: server is listening on AF=2 .*:(\d+)$").group(1)
    visitor = world.socat.run("-t5", "-", f"TCP:{LOCAL}:{port}", input=b"hello\n")
    assert visitor.stdout == f"from {LOCAL}\nhello\n"
    assert ours.end().status == 0


def test_tinyproxy(world):
    world.tinyproxy()
    world.echoes(f"PROXY:{LOCAL}:{ECHO},proxyport={HTTP_PORT}")
    world.echoes(f"PROXY-CONNECT:{LOCAL}:localhost:{ECHO_PORT},proxyport={HTTP_PORT},resolve")
    world.echoes(f"PROXY:{LOCAL}:{ECHO},proxyport={HTTP_PORT},http-version=1.1")
    line = world.fails(f"PROXY:{LOCAL}:{CLOSED},proxyport={HTTP_PORT}")
    assert line.startswith(f"E CONNECT {CLOSED}: ") and line.endswith("(status 500)")


def test_tinyproxy_with_login(world, tmp_path):
    world.tinyproxy("BasicAuth user s3cr3t\n")
    (tmp_path / "login").write_text("user:s3cr3t")
    to = f"PROXY:{LOCAL}:{ECHO},proxyport={HTTP_PORT}"
    for option in ["proxyauth=user:s3cr3t", "proxy-auth=user:s3cr3t",
                   "proxy-authorization=user:s3cr3t", f"proxyauthfile={tmp_path}/login",
                   f"proxy-authorization-file={tmp_path}/login"]:
        done = world.echoes(f"{to},{option}", "-d", "-d", "-d", "-d")
        assert "s3cr3t" not in done.stderr and "dXNlcjpzM2NyM3Q" not in done.stderr
    for option, answer in [("", "Proxy Authentication Required (status 407)"),
                           (",proxyauth=user:wrong", "Unauthorized (status 401)")]:
        assert world.fails(to + option) == f"E CONNECT {ECHO}: {answer}"


def test_on_top_of_each_other(world, tmp_path):
    """SOCKS through HTTP through SOCKS, the last over a UNIX socket."""
    world.dante()
    world.tinyproxy()
    path = tmp_path / "out"
    world.socat.start(f"UNIX-LISTEN:{path},fork", f"TCP:{LOCAL}:{SOCKS_PORT}")
    wait_for(lambda: unix_listens(str(path), world.netns.net), "the UNIX socket")
    over_unix = f"via=UNIX-CONNECT:{path}"
    to_http = f"via=(SOCKS4::{LOCAL}:{HTTP_PORT},{over_unix})"
    to_socks = f"via=(PROXY::{LOCAL}:{SOCKS_PORT},{to_http})"
    world.echoes(f"SOCKS5::{ECHO},{over_unix}")
    world.echoes(f"PROXY::{ECHO},{to_http}")
    done = world.echoes(f"SOCKS5::{ECHO},{to_socks}", "-d", "-d")
    assert [line for line in log_lines(done.stderr, "N") if " via " in line and "op" in line] == [
        f"N opening connection to {LOCAL}:{HTTP_PORT} via socks4 server UNIX-CONNECT",
        f"N opening connection to {LOCAL}:{SOCKS_PORT} via proxy SOCKS4",
        f"N opening connection to {ECHO} via socks5 server PROXY"]


@pytest.mark.parametrize("inner", [
    "(EXEC:'socat - TCP\\:{to}')", "(EXEC:'socat - TCP\\:{to}',pipes)",
    "(EXEC:'socat -,raw\\,echo=0 TCP\\:{to}',pty,raw,echo=0)"])
def test_over_a_program(world, inner):
    world.microsocks()
    inner = inner.format(to=f"{LOCAL}\\:{SOCKS_PORT}")
    world.echoes(f"SOCKS5::{ECHO},via={inner}", data=b"hello\n")


def test_over_whoever_comes(world, tmp_path):
    """A listener inside serves one peer: the server connects to us."""
    world.microsocks()
    path = tmp_path / "in"
    ours = world.socat.start("-t.1", f"SOCKS5::{ECHO},via=UNIX-LISTEN:{path},readbytes=6",
                             "-,ignoreeof")
    wait_for(lambda: unix_listens(str(path), world.netns.net), "our socket")
    world.socat.start(f"UNIX-CONNECT:{path}", f"TCP:{LOCAL}:{SOCKS_PORT}")
    done = ours.end(b"hello\n")
    assert (done.status, done.stdout) == (0, "hello\n"), done.stderr
    assert not path.exists()


def test_nobody_comes(world):
    line = world.fails(f"SOCKS5::{ECHO},via=(TCP4-LISTEN:0,accept-timeout=.01)")
    assert line == "E accept: Connection timed out"


def test_over_both_halves(world, tmp_path):
    """A dual address inside: two named pipes to a server."""
    world.microsocks()
    world.netns.run(["mkfifo", tmp_path / "to", tmp_path / "from"])
    there = f"OPEN:{tmp_path}/to,rdwr!!OPEN:{tmp_path}/from,rdwr"  # without waiting for us
    back = f"OPEN:{tmp_path}/from,rdwr!!OPEN:{tmp_path}/to,rdwr"
    world.socat.start(there, f"TCP:{LOCAL}:{SOCKS_PORT}")
    world.echoes(f"SOCKS5::{ECHO},via=({back})", data=b"hello\n")


def test_curl_through_us(world, tmp_path):
    """A web client's connection, handed to two proxies, one behind the other."""
    if not shutil.which("curl"):
        pytest.skip("needs curl")
    world.microsocks()
    world.tinyproxy()
    (tmp_path / "page").write_bytes(DATA)
    world.start("python3", "-m", "http.server", "-b", LOCAL, "-d", str(tmp_path), "8000",
                port=8000)
    world.start("socat", "TCP4-LISTEN:8001,fork,reuseaddr",
                f"PROXY::{LOCAL}:8000,via=(SOCKS5:{LOCAL}:{LOCAL}:{HTTP_PORT})", port=8001)
    for _ in range(3):
        got = world.netns.run(["curl", "-sS", f"http://{LOCAL}:8001/page"])
        assert (got.status, got.raw_stdout == DATA) == (0, True), got.stderr


# Hostile servers: outside of the namespace, in this process.

class Server:
    """Takes connections one after the other; each time says what is next and does what follows
    ("close", "reset", "wait": until the client has gone)."""

    def __init__(self, *plays):
        self.plays, self.heard = plays, []
        self.listening = socket.create_server((LOCAL, 0))
        self.port = self.listening.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        with self.listening:
            for said, then in self.plays:
                self.listening.settimeout(10)
                client = self.listening.accept()[0]
                with client, contextlib.suppress(OSError):  # it may hang up in between
                    client.settimeout(10)
                    self.play(client, said, then)

    def play(self, client, said, then):
        self.heard.append(client.recv(4096))
        client.sendall(said)
        if then == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        elif then == "wait":
            while client.recv(4096):
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.thread.join()


def address(kind, port, more=""):
    return {"SOCKS4": f"SOCKS4:{LOCAL}:1.2.3.4:5,socksport={port}{more}",
            "SOCKS5": f"SOCKS5:{LOCAL}:{port}:1.2.3.4:5{more}",
            "PROXY": f"PROXY:{LOCAL}:1.2.3.4:5,proxyport={port}{more}"}[kind]


HALF = {"SOCKS4": b"\0\x5a\0", "SOCKS5": b"\5\0\5", "PROXY": b"HTTP/1.0 200 OK\r\nA: "}
WHOLE = {"SOCKS4": b"\0\x5a\0\0\0\0\0\0", "PROXY": b"HTTP/1.0 200 OK\r\n\r\n"}
kinds = pytest.mark.parametrize("kind", HALF)


@kinds
@pytest.mark.parametrize("then", ["close", "reset"])
def test_cut(socat, kind, then):  # noqa: F811
    """One line, whatever is cut."""
    for said in [b"", HALF[kind][:1], HALF[kind]]:
        with Server((said, then)) as server:
            done = socat.run("-", address(kind, server.port))
        assert done.status == 1
        [line] = log_lines(done.stderr, "FEW")
        assert "hung up" in line or "Connection reset by peer" in line or "Broken pipe" in line


@kinds
@pytest.mark.parametrize("option", ["handshake-timeout", "so-rcvtimeo"])
def test_silence(socat, kind, option):  # noqa: F811
    with Server((HALF[kind], "wait")) as server:
        done = socat.run("-", address(kind, server.port, f",{option}=.05"))
    assert done.status == 1
    [line] = log_lines(done.stderr, "FEW")
    assert line.endswith("no answer: Connection timed out")


@pytest.mark.parametrize("address, why", [
    (f"SOCKS4:{LOCAL}:[::1]:1", "SOCKS4 carries IPv4 addresses only"),
    (f"PROXY:{LOCAL}:[::1]:1,resolve", 'option "resolve" gives IPv4 addresses only')])
def test_ipv6_where_only_ipv4_is_known(socat, address, why):  # noqa: F811
    done = socat.run("-", address)
    [line] = log_lines(done.stderr, "FEW")
    assert done.status == 1 and line.startswith("E [::1]: ") and line.endswith(f"; {why}")


@kinds
def test_garbage(socat, kind):  # noqa: F811
    with Server((b"SSH-2.0-x\r\n" * 500, "wait")) as server:
        done = socat.run("-", address(kind, server.port))
    lines = log_lines(done.stderr, "FEW")
    assert done.status == 1 and len(lines) == 1 and "this is not " in lines[0], done.stderr


def test_endless_header(socat):  # noqa: F811
    with Server((b"HTTP/1.0 200 OK\r\n" + b"A: b\r\n" * 4000, "close")) as server:
        done = socat.run("-", address("PROXY", server.port))
    [line] = log_lines(done.stderr, "FEW")
    assert line == "E CONNECT 1.2.3.4:5: proxy: answer is longer than 16384 bytes"


def test_terminal_is_safe(socat):  # noqa: F811
    with Server((b"HTTP/1.0 500 \x1b]0;x\x07\r\n\r\n", "wait")) as server:
        done = socat.run("-", address("PROXY", server.port))
    assert "\\x1b]0;x\\x07 (status 500)" in done.stderr


@pytest.mark.parametrize("kind", WHOLE)
def test_data_behind_the_answer(socat, kind):  # noqa: F811
    """Also where a program takes the descriptor over: nothing was read too far."""
    said = WHOLE[kind] + b"hello\n"
    with Server((said, "close"), (said, "close")) as server:
        plain = socat.run("-u", address(kind, server.port), "-")
        program = socat.run(address(kind, server.port), "SYSTEM:'head -1 >&2',nofork")
    assert plain.stdout == program.stderr == "hello\n"


@pytest.mark.parametrize("kind", WHOLE)
def test_retry(socat, kind):  # noqa: F811
    """A no is a try that failed."""
    with Server((HALF[kind], "close"), (HALF[kind], "reset"),
                (WHOLE[kind] + b"hello\n", "close")) as server:
        done = socat.run("-u", address(kind, server.port, ",retry=2,interval=0.01"), "-")
    assert (done.status, done.stdout) == (0, "hello\n")
    assert len(server.heard) == 3


def test_user_of_socks4(socat):  # noqa: F811
    def user(more, **env):
        with Server((b"\0\x5b", "close")) as server:
            socat.run("-", address("SOCKS4", server.port, more), env=env)
        return server.heard[0][8:-1]
    assert user(",socksuser=nobody", LOGNAME="other") == b"nobody"
    assert user("", LOGNAME="log", USER="use") == b"log"


def test_one_direction(socat):  # noqa: F811
    """The talk needs both directions, whatever is wanted afterwards."""
    with Server((WHOLE["PROXY"] + b"hello\n", "close")) as server:
        done = socat.run("-U", "-", address("PROXY", server.port))
    assert (done.status, done.stdout) == (0, "hello\n")


def test_fork_as_client(socat):  # noqa: F811
    """Each connection is a session of its own."""
    with Server((WHOLE["SOCKS4"], "close"), (WHOLE["SOCKS4"], "close")) as server:
        running = socat.start("-d", "-d", address("SOCKS4", server.port, ",fork,interval=0.01"),
                              "PIPE")
        server.thread.join()
        running.wait_line(r" N forked off child process \d+(?s:.*) N forked off child process")
        running.signal(15)
    assert len(server.heard) == 2


@pytest.mark.parametrize("text, line", [
    ("SOCKS5::h:1,via=(UNX:/x)", 'E unknown device/address "UNX"; did you mean "UNIX"?'),
    ("SOCKS5::h:1,via=(UNIX-LISTEN:/x,fork)",
     'E option "fork" is not possible in "via": give it to the address outside'),
    ("SOCKS5::h:1,via=(PTY,su=0)",
     'E option "su" is not possible in "via": give it to the address outside'),
    ("SOCKS5::h:1,nodelay,via=UNIX:/x",
     'E option "nodelay" is about the connection: give it to the address in "via"'),
    ("SOCKS5::h:1,connect-timeout=1,via=UNIX:/x",
     'E option "connect-timeout" is about the connection: give it to the address in "via"'),
    ("SOCKS5::h:1,via=(UNIX:/x", 'E option "via": ")" is missing at the end'),
    ("SOCKS5::h:1,via=STDIN", "E STDIN cannot carry another address: it is one-way"),
    ("SOCKS5::h:1,via=UDP:127.0.0.1:9",
     'E SOCKS5 needs a byte stream, but the address in "via" has packets'),
    ("SOCKS4::1.2.3.4:1,via=PIPE,sockspass=x",
     'E SOCKS4: option "sockspass": only SOCKS5 has passwords'),
    ("PROXY::h:1,via=PIPE,proxyauth=a:b,proxyauthfile=/x",
     'E only one of options "proxy-authorization" and "proxy-authorization-file" is allowed'),
    ("PROXY::h:1,via=PIPE,proxyauthfile=/nonexistent",
     'E proxy-authorization-file "/nonexistent": No such file or directory'),
    ("PROXY::h:nosuchport,via=PIPE", 'E PROXY: "nosuchport" is no port'),
    ("PROXY::a\\tb:1,via=PIPE", "E CONNECT a\\x09b:1: host name has a blank or a control character"),
    ("PROXY::h:1,via=PIPE,http-version=x",
     "E CONNECT h:1: HTTP version is not a number such as 1.0"),
    ("SOCKS5:::1,via=PIPE", "E SOCKS5: :1: SOCKS5: host name is missing"),
    ("SOCKS5::" + 300 * "x" + ":1,via=PIPE",
     "E SOCKS5: " + 300 * "x" + ":1: SOCKS5: host name is longer than 255 bytes"),
])
def test_wrong_in_plain_words(socat, text, line):  # noqa: F811
    done = socat.run("-", text)
    assert (done.status, log_lines(done.stderr)) == (1, [line])


def test_too_many_levels(socat):  # noqa: F811
    text = "PIPE"
    for _ in range(8):
        text = f"(SOCKS5::h:1,via={text})"
    done = socat.run("-", text[1:-1])
    assert log_lines(done.stderr) == ["E more than 8 addresses on top of each other"]
