# SPDX-License-Identifier: MIT
"""ncat beside nmap's: both in both roles, and the same wrong command lines given to both."""

import hashlib
import os
import re
import subprocess

import pytest

from conftest import original, port_listens, unix_listens, wait_for
from nc_kit import both, certificate, each_pair, exchange, space, tls  # noqa: F401 (fixtures)

LIMIT = 10


@pytest.fixture(scope="module")
def ncat(tools):
    return {"ours": tools / "ncat", "original": original("ncat")}.__getitem__


@pytest.fixture(scope="module")
def ports():
    """Ports in a namespace that is ours alone, each used once."""
    return iter(range(7000, 9000))


def operands(kind, ports, folder):
    if kind.startswith("unix"):
        return ["-U", folder / "s"] + (["-u"] if "dgram" in kind else [])
    host = "::1" if "6" in kind else "127.0.0.1"
    return (["-u"] if "udp" in kind else []) + [host, next(ports)]


def listens(space, kind, where):
    if kind.startswith("unix"):
        return unix_listens(where[-1], space.net)
    return port_listens(kind, where[-1], space.net)


def start_server(space, argv, kind, where, **more):
    p = space.start([*argv, "-l", *where], **more)
    wait_for(lambda: listens(space, kind, where), f"the server on {where}")
    return p


@each_pair
@pytest.mark.parametrize("kind", ["tcp", "tcp6", "unix"])
@pytest.mark.parametrize("way", ["up", "down"])
def test_data(space, ncat, ports, tmp_path, client, server, kind, way):
    """One way at a time: a server ends with its client, by contract."""
    where = operands(kind, ports, tmp_path)
    (tmp_path / "data").write_bytes(os.urandom(4 << 20))
    with (tmp_path / "data").open() as data:
        s = start_server(space, [ncat(server)], kind, where,
                         stdin=data if way == "down" else subprocess.DEVNULL)
        argv = [ncat(client), *(["--recv-only"] if way == "down" else []), *where]
        c = space.start(argv, stdin=data if way == "up" else subprocess.DEVNULL)
        got = (s if way == "up" else c).stdout.read()
    assert hashlib.sha256(got).digest() == hashlib.sha256((tmp_path / "data").read_bytes()).digest()
    assert [s.wait(LIMIT), c.wait(LIMIT)] == [0, 0]


@each_pair
def test_tls(space, ncat, ports, tmp_path, certificate, client, server):  # noqa: F811
    where = ["localhost", next(ports)]
    s = start_server(space, [ncat(server), "--ssl-cert", certificate[0], "--ssl-key", certificate[1],
                             "-4"], "tcp", where)
    data = os.urandom(1 << 15)
    c = space.run([ncat(client), "-4", "--ssl-verify", "--ssl", "--ssl-trustfile", certificate[0],
                   *where], input=data)
    assert s.stdout.read() == data
    assert s.wait() == 0
    if client == "ours":
        assert c.status == 0 and c.stderr == ""


@both
def test_tls_names_are_verified(space, ncat, ports, certificate, which):  # noqa: F811
    where = ["127.0.0.1", next(ports)]
    start_server(space, [ncat("ours"), "--ssl-cert", certificate[0], "--ssl-key", certificate[1]],
                 "tcp", where)
    r = space.run([ncat(which), "--ssl", "--ssl-verify", "--ssl-trustfile", certificate[0], *where])
    assert (r.status, r.stderr) == (2, "Ncat: Certificate verification error. QUITTING.\n")


@both
def test_tls_authorities_are_verified(space, ncat, ports, certificate, which):  # noqa: F811
    where = ["127.0.0.1", next(ports)]
    start_server(space, [ncat("original"), "--ssl-cert", certificate[0], "--ssl-key",
                         certificate[1]], "tcp", where)
    assert space.run([ncat(which), "--ssl", "--ssl-verify", *where]).status == 1


@each_pair
def test_a_handshake_and_no_more(space, ncat, ports, certificate, client, server):  # noqa: F811
    """The client has left before the server's tickets come: they are refused, which is no error."""
    for _ in range(4):
        where = ["127.0.0.1", next(ports)]
        s = start_server(space, [ncat(server), "--ssl-cert", certificate[0], "--ssl-key",
                                 certificate[1]], "tcp", where, stdin=subprocess.DEVNULL)
        c = space.run([ncat(client), "-z", "--ssl", *where])
        assert (c.status, c.stdout, c.stderr) == (0, "", "")
        assert (s.wait(LIMIT), *s.communicate()) == (0, b"", b"")


@each_pair
def test_a_temporary_certificate(space, ncat, ports, tls, client, server):  # noqa: F811
    where = ["127.0.0.1", next(ports)]
    s = start_server(space, [ncat(server), "-v", "--ssl"], "tcp", where)
    c = space.run([ncat(client), "-v", "--ssl", *where], input=b"x")
    theirs = re.search(r"SHA-1 fingerprint: ([0-9A-F ]{49})\n", c.stderr)
    assert theirs and theirs.group(1) in s.stderr.read().decode()
    assert s.stdout.read() == b"x"


@each_pair
def test_datagrams(space, ncat, ports, tmp_path, client, server):
    where = operands("udp", ports, tmp_path)
    s = start_server(space, [ncat(server)], "udp", where)
    c = space.start([ncat(client), *where])
    exchange(c, s)
    c.stdin.close()
    assert c.wait(LIMIT) == 0


# Messages and statuses.

REFUSED = [
    [], ["127.0.0.1", "x"], ["127.0.0.1", "99999"], ["-l", "1", "2", "3"], ["-l", "-p", "1", "2"],
    ["-w", "0", "h"], ["-w", "x", "h"], ["-i", "-1", "h"], ["-p", "70000", "127.0.0.1", "1"],
    ["-z", "-t", "h"], ["--broker", "-e", "x"], ["-U", "--ssl", "p"], ["-U", "--proxy", "a", "p"],
    ["-U", "--broker", "-l", "p"], ["--vsock", "--ssl", "1", "1"],
    ["--vsock", "-4", "127.0.0.1", "1"], ["--vsock", "-6", "-l", "70000"], ["-4", "--vsock", "x", "5"],
    ["--vsock", "-U", "/nonexistent"], ["-U", "--vsock", "p"],
    ["--proxy-type", "foo", "--proxy", "a", "h"], ["--proxy-dns", "foo", "--proxy", "a", "h"],
    ["-n", "localhost", "1"], ["--allowfile", "/nonexistent", "-l", "4000"],
    ["-o", "/nonexistent/x", "127.0.0.1", "1"], ["127.0.0.1", "1"], ["-v", "127.0.0.1", "1"],
    ["-z", "127.0.0.1", "1"], ["-z", "-v", "127.0.0.1", "1"], ["-U", "/nonexistent"],
    ["--proxy", "127.0.0.1:1", "127.0.0.1", "1"], ["-U", "-l", "/tmp"],
    ["-u", "-z", "127.0.0.1", "1"], ["-u", "-z", "-v", "127.0.0.1", "1"],
    ["-p", "x", "127.0.0.1", "1"], ["-p", "70000", "-l"], ["", "1"], ["-k", "127.0.0.1", "1"],
    ["-m", "3", "127.0.0.1", "1"], ["--allow", "127.0.0.1", "127.0.0.1", "1"],
    ["--allowfile", "/dev/null", "127.0.0.1", "1"], ["--proxy", "127.0.0.1:x", "127.0.0.1", "1"],
    ["--proxy", "127.0.0.1:", "127.0.0.1", "1"], ["--proxy", "[::1", "127.0.0.1", "1"],
    ["--proxy", "[::1]:1", "127.0.0.1", "1"], ["--proxy", "::1", "127.0.0.1", "1"],
    ["--proxy", "127.0.0.1:1", "--proxy-type", "socks4", "::1", "1"], ["-U", "-v", "/nonexistent"],
    ["-w", "", "127.0.0.1", "1"], ["-d", "0", "127.0.0.1", "1"],
    ["-U", "/nonexistent", "1"], ["-U", "/nonexistent", "1", "2"], ["-U", "-z", "/nonexistent", "1"],
    ["--vsock", "-4", "1", "1"], ["-6", "--vsock", "-4", "1", "x"], ["1", "1"], ["1", "2", "3"],
    ["-l", "-p", "1", "2", "3"],
]


def plain(text):
    return re.sub(r"Version .*", "Version", text)


@pytest.mark.parametrize("line", REFUSED, ids=" ".join)
def test_refusals(space, ncat, line):
    ends = [space.run([ncat(which), *line]) for which in ["ours", "original"]]
    ours, theirs = [(r.status, r.stdout, plain(r.stderr)) for r in ends]
    assert ours == theirs


@both
def test_an_unknown_option(space, ncat, which):
    r = space.run([ncat(which), "--foo"])
    assert r.status == 2
    assert r.stderr.splitlines()[0].endswith("unrecognized option '--foo'")
    assert r.stderr.splitlines()[1].endswith("QUITTING.")


@both
def test_a_port_that_is_taken(space, ncat, ports, which):
    where = ["127.0.0.1", next(ports)]
    start_server(space, [ncat("ours")], "tcp", where)
    r = space.run([ncat(which), "-l", *where])
    assert (r.status, r.stderr) == (2, f"Ncat: bind to 127.0.0.1:{where[1]}: Address already in use."
                                       " QUITTING.\n")


@each_pair
def test_words(space, ncat, ports, client, server):
    where = ["127.0.0.1", next(ports)]
    s = start_server(space, [ncat(server), "-v"], "tcp", where)
    c = space.run([ncat(client), "-v", *where], input=b"abc")
    assert s.wait(LIMIT) == 0 and c.status == 0
    lines = s.stderr.read().decode().splitlines()
    assert lines[0].startswith("Ncat: Version 7.93 (")
    assert lines[1] == f"Ncat: Listening on 127.0.0.1:{where[1]}"
    assert lines[2] == "Ncat: Connection from 127.0.0.1."
    assert re.fullmatch(r"Ncat: Connection from 127\.0\.0\.1:\d+\.", lines[3])
    assert len(lines) == 4
    assert re.fullmatch(r"Ncat: Version 7\.93 \(.*\n"
                        rf"Ncat: Connected to 127\.0\.0\.1:{where[1]}\.\n"
                        r"Ncat: 3 bytes sent, 0 bytes received in \d+\.\d\d seconds\.\n", c.stderr)


@both
def test_both_families_without_an_address(space, ncat, ports, which):
    port = next(ports)
    p = space.start([ncat(which), "-l", "-k", "-v", port])
    lines = [p.stderr.readline().decode() for _ in range(3)][1:]
    assert lines == [f"Ncat: Listening on :::{port}\n", f"Ncat: Listening on 0.0.0.0:{port}\n"]
    for host in ["127.0.0.1", "::1"]:
        assert space.run([ncat("ours"), "-z", host, port]).status == 0


@both
def test_a_second_client_is_refused(space, ncat, ports, which):
    where = ["127.0.0.1", next(ports)]
    s = start_server(space, [ncat(which)], "tcp", where)
    first = space.start([ncat("ours"), *where])
    s.stdin.write(b"hello\n")
    s.stdin.flush()
    assert first.stdout.readline() == b"hello\n"
    assert space.run([ncat("ours"), *where]).status == 1


# Dumps.

@pytest.mark.parametrize("append", [False, True])
def test_dumps(space, ncat, ports, tmp_path, append):
    dumps = []
    for which in ["ours", "original"]:
        raw, rows = tmp_path / f"{which}.raw", tmp_path / f"{which}.hex"
        raw.write_text("before\n")
        rows.write_text("before\n")
        where = ["127.0.0.1", next(ports)]
        s = start_server(space, [ncat("ours"), "--send-only"], "tcp", where)
        c = space.start([ncat(which), "-o", raw, "-x", rows, *(["--append-output"] * append), *where])
        c.stdin.write(bytes(range(256)) + b"hello there")
        c.stdin.flush()
        wait_for(lambda: b"hello there" in raw.read_bytes())
        s.stdin.write(b"an answer of more than sixteen bytes\n")
        s.stdin.close()
        assert c.stdout.readline() == b"an answer of more than sixteen bytes\n"
        c.stdin.close()
        assert c.wait(LIMIT) == 0
        dumps.append((raw.read_bytes(), rows.read_bytes()))
    assert dumps[0] == dumps[1]
    assert dumps[0][0].startswith(b"before\n") == append


# Commands.  nmap's 7.93 loses the tail of what they say too often to be compared.

@each_pair
@pytest.mark.parametrize("how", ["-e", "-c"])
def test_a_command_gets_all_and_says_all(space, ncat, ports, client, server, how):
    where = ["127.0.0.1", next(ports)]
    command = "/usr/bin/md5sum" if how == "-e" else "md5sum; exit 3"
    s = start_server(space, [ncat(server), how, command], "tcp", where)
    data = os.urandom(1 << 20)
    c = space.run([ncat(client), *where], input=data)
    if server == "ours":  # nmap's stops at the first end, and may lose the answer
        assert c.stdout == hashlib.md5(data).hexdigest() + "  -\n"
    assert s.wait(LIMIT) == 0


def test_a_command_knows_its_peer(space, ncat, ports):
    where = ["127.0.0.1", next(ports)]
    start_server(space, [ncat("ours"), "-c", "env | grep ^NCAT_ | sort"], "tcp", where)
    c = space.run([ncat("ours"), "-p", 6999, *where])
    assert c.stdout.splitlines() == [
        "NCAT_LOCAL_ADDR=127.0.0.1", f"NCAT_LOCAL_PORT={where[1]}", "NCAT_PROTO=TCP",
        "NCAT_REMOTE_ADDR=127.0.0.1", "NCAT_REMOTE_PORT=6999"]


def test_a_client_runs_a_command(space, ncat, ports):
    where = ["127.0.0.1", next(ports)]
    s = start_server(space, [ncat("ours")], "tcp", where)
    s.stdin.close()
    r = space.run([ncat("ours"), "-e", "/bin/echo  two\\ blanks  x", *where])
    assert r.status == 0
    assert s.stdout.read() == b"two blanks x\n"


def test_commands_for_many(space, ncat, ports):
    where = ["127.0.0.1", next(ports)]
    start_server(space, [ncat("ours"), "-k", "-c", "echo hello; read line; echo $line"], "tcp", where)
    clients = [space.start([ncat("ours"), *where]) for _ in range(5)]
    assert [c.stdout.readline() for c in clients] == [b"hello\n"] * 5
    for i, c in reversed(list(enumerate(clients))):
        c.stdin.write(b"%d\n" % i)
        c.stdin.close()
        assert c.stdout.read() == b"%d\n" % i
        assert c.wait(LIMIT) == 0


# Who may come.

@both
@pytest.mark.parametrize("options, comes", [
    (["--allow", "127.0.0.1"], True), (["--allow", "127.0.0.0/8,10.0.0.1"], True),
    (["--allow", "10.0.0.1"], False), (["--deny", "127.0-5.*.1"], False),
    (["--deny", "127.0.0.2", "--deny", "10.0.0.0/8"], True),
    (["--allow", "127.0.0.1", "--deny", "127.0.0.1"], False), (["--allow", "localhost"], True),
    (["--allowfile", "FILE"], True), (["--denyfile", "FILE"], False),
])
def test_allow_and_deny(space, ncat, ports, tmp_path, which, options, comes):
    (tmp_path / "list").write_text("10.0.0.0/8 127.0.0.1\n")
    options = [tmp_path / "list" if o == "FILE" else o for o in options]
    where = ["127.0.0.1", next(ports)]
    start_server(space, [ncat(which), "-k", "-c", "echo welcome", *options], "tcp", where)
    c = space.run([ncat("ours"), "--recv-only", *where])
    assert c.stdout == ("welcome\n" if comes else "")


# Limits and ends.

@both
def test_idle_client(space, ncat, ports, which):
    where = ["127.0.0.1", next(ports)]
    start_server(space, [ncat("ours")], "tcp", where)
    c = space.start([ncat(which), "-i", "100ms", *where])
    assert c.wait(LIMIT) == 1
    assert c.stderr.read() == b"Ncat: Idle timeout expired (100 ms).\n"


@both
def test_send_only_and_recv_only(space, ncat, ports, which):
    where = ["127.0.0.1", next(ports)]
    s = start_server(space, [ncat("ours"), "--recv-only"], "tcp", where)
    c = space.run([ncat(which), "--send-only", *where], input=b"all")
    assert (c.status, c.stdout) == (0, "")
    assert s.stdout.read() == b"all" and s.wait(LIMIT) == 0


@each_pair
def test_no_shutdown(space, ncat, ports, client, server):
    """Without a half-close the server goes on; with one, its reader has an end."""
    where = ["127.0.0.1", next(ports)]
    s = start_server(space, [ncat(server), "-c", "read a; echo $a; read b; echo ended"], "tcp", where)
    c = space.start([ncat(client), "--no-shutdown", *where])
    c.stdin.write(b"first\n")
    c.stdin.close()
    assert c.stdout.readline() == b"first\n"
    assert c.poll() is None
    os.killpg(s.pid, 15)
    c.wait(LIMIT)


@both
def test_crlf(space, ncat, ports, which):
    where = ["127.0.0.1", next(ports)]
    s = start_server(space, [ncat("ours"), "--recv-only"], "tcp", where)
    space.run([ncat(which), "-C", "--send-only", *where], input=b"a\nb\r\nc\n\n")
    assert s.stdout.read() == b"a\r\nb\r\nc\r\n\r\n"


def test_alpn_and_server_name(space, ncat, ports, certificate, tmp_path):  # noqa: F811
    """What our client asks for, seen by Python's server."""
    script = ("import ssl, sys, socket\n"
              "c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); c.load_cert_chain(*sys.argv[2:4])\n"
              "c.set_alpn_protocols(['h2', 'x'])\n"
              "names = []\n"
              "c.sni_callback = lambda s, name, _: names.append(name)\n"
              "l = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
              "s = c.wrap_socket(l.accept()[0], server_side=True)\n"
              "s.sendall(f'{names[0]} {s.selected_alpn_protocol()}'.encode())\n"
              "s.unwrap()\n")
    port = next(ports)
    space.start(["python3", "-c", script, port, *certificate])
    wait_for(lambda: port_listens("tcp", port, space.net))
    c = space.run([ncat("ours"), "--ssl-alpn", "y,x", "--ssl-servername", "other.example",
                   "127.0.0.1", port])
    assert c.stdout == "other.example x"


@pytest.mark.parametrize("line, words", [
    (["--lua-exec", "x", "-l"], "Lua is not part"),
    (["-l", "-d", "1s", "-c", "cat"], "-d is not for commands"),
])
def test_what_is_refused_in_one_line(space, ncat, line, words):
    r = space.run([ncat("ours"), *line])
    assert r.status == 2 and words in r.stderr and r.stderr.count("\n") == 1


@pytest.mark.parametrize("client, server", [("ours", "ours"), ("ours", "original"),
                                            ("original", "ours")])
def test_unix_datagrams(space, ncat, tmp_path, client, server):
    where = ["-U", "-u", tmp_path / "s"]
    s = start_server(space, [ncat(server)], "unix", where)
    c = space.start([ncat(client), *where])
    exchange(c, s)


@both
def test_telnet_is_answered(space, ncat, ports, which):
    where = ["127.0.0.1", next(ports)]
    start_server(space, [ncat(which), "-t"], "tcp", where)
    c = space.start([ncat("original"), *where])
    c.stdin.write(b"\xff\xfb\x01\xff\xfd\x03")
    c.stdin.flush()
    assert c.stdout.read(6) == b"\xff\xfe\x01\xff\xfc\x03"


def test_datagrams_of_many(space, ncat, ports):
    """-u -k: the one who spoke last is answered."""
    where = ["-u", "127.0.0.1", next(ports)]
    s = start_server(space, [ncat("ours"), "-k"], "udp", where)
    for text in [b"one\n", b"two\n"]:
        c = space.start([ncat("ours"), *where])
        c.stdin.write(text)
        c.stdin.flush()
        assert s.stdout.readline() == text
        s.stdin.write(b"answer\n")
        s.stdin.flush()
        assert c.stdout.readline() == b"answer\n"


def test_help_on_standard_output(space, ncat):
    r = space.run([ncat("ours"), "--help"])
    assert (r.status, r.stderr) == (0, "")
    theirs = set(re.findall(r"--[a-z-]+", space.run([ncat("original"), "--help"]).stdout))
    assert theirs <= set(re.findall(r"--[a-z-]+", r.stdout))


def test_dtls_client(space, ncat, ports, certificate):  # noqa: F811
    port = next(ports)
    s = space.start(["openssl", "s_server", "-dtls", "-quiet", "-accept", port, "-cert",
                     certificate[0], "-key", certificate[1]])
    wait_for(lambda: port_listens("udp6", port, space.net) or port_listens("udp", port, space.net))
    c = space.start([ncat("ours"), "-u", "--ssl", "--ssl-verify", "--ssl-trustfile",
                     certificate[0], "localhost", port])
    exchange(c, s)


def test_vsock_to_nobody(space, ncat):
    """Without a hypervisor: the attempt is told in one line."""
    r = space.run([ncat("ours"), "-w", "2", "--vsock", "1", "7000"])
    assert r.status == 1 and re.fullmatch(r"Ncat: .+\.\n", r.stderr)
