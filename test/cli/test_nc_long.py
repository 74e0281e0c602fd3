# SPDX-License-Identifier: MIT
"""The long options that every dialect of nc has."""

import json
import os
import re
import socket
import subprocess
import threading

import pytest

from conftest import port_listens, wait_for
from nc_kit import certificate, tls  # noqa: F401 (fixtures)

LIMIT = 30
NC, NCAT, TRADITIONAL = ["nc"], ["ncat"], ["nc", "--as=traditional"]
every_dialect = pytest.mark.parametrize("dialect", [NC, NCAT, TRADITIONAL],
                                        ids=["nc", "ncat", "traditional"])


def at_the_end(dialect):
    """What makes a client end with its input; ncat does anyway."""
    return {"nc": ["-N"], "ncat": [], "--as=traditional": ["-q", "0"]}[dialect[-1]]


def listening(dialect, port):
    return ["-l", *(["-p"] if dialect is TRADITIONAL else []), port]


@pytest.fixture
def server():
    with socket.create_server(("127.0.0.1", 0)) as s:
        s.settimeout(LIMIT)
        yield s


def secure_server(start, port, *options):
    p = start(["nc", "-l", "--tls", *options, "127.0.0.1", port], stdin=subprocess.DEVNULL)
    wait_for(lambda: port_listens("tcp", port))
    return p


@every_dialect
def test_tls_is_verified(start, run, free_port, certificate, dialect):  # noqa: F811
    port = free_port()
    s = secure_server(start, port, "--tls-cert", certificate[0], "--tls-key", certificate[1])
    r = run([*dialect, "--tls", "localhost", port])
    assert r.status == 1 and "self-signed certificate" in r.stderr
    assert "(--tls-ca names others)" in r.stderr and "cafile" not in r.stderr
    assert s.wait(LIMIT) == 1


@every_dialect
@pytest.mark.parametrize("trust", ["ca", "name", "no-verify"])
def test_tls(start, run, free_port, certificate, dialect, trust):  # noqa: F811
    port = free_port()
    options = {"ca": ["--tls-ca", certificate[0]],
               "name": ["--tls-ca", certificate[0], "--tls-name", "localhost"],
               "no-verify": ["--tls-no-verify"]}[trust]
    s = secure_server(start, port, "--tls-cert", certificate[0], "--tls-key", certificate[1])
    host = "localhost" if trust == "ca" else "127.0.0.1"
    r = run([*dialect, *at_the_end(dialect), *options, host, port], input="x")
    assert (r.status, r.stderr, s.stdout.read()) == (0, "", b"x")


@every_dialect
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize("line", ["", "hello\n"])
def test_a_server_wants_a_certificate(start, run, free_port, certificate, dialect, version,  # noqa: F811
                                      line):
    """With TLS 1.3 it says so after the handshake."""
    port = free_port()
    start(["openssl", "s_server", "-quiet", version, "-Verify", "1", "-cert", certificate[0],
           "-key", certificate[1], "-accept", f"127.0.0.1:{port}"])
    wait_for(lambda: port_listens("tcp", port))
    ours = ["--ssl"] if dialect is NCAT else ["--tls-no-verify"]
    r = run([*dialect, *ours, "127.0.0.1", port], input=line)
    assert r.status == 1 and r.stderr.count("\n") == 1
    assert re.search(rf"wants (one|a certificate) of ours \({ours[0][:5]}-cert\)", r.stderr)


def test_a_listener_goes_on_after_a_failed_handshake(start, run, free_port, tls):  # noqa: F811
    port = free_port()
    s = secure_server(start, port, "-k")
    run(["nc", "-N", "127.0.0.1", port], input="no handshake")
    assert b"TLS handshake" in s.stderr.readline()
    run(["nc", "-N", "--tls-no-verify", "127.0.0.1", port], input="hello\n")
    assert s.stdout.readline() == b"hello\n"


@every_dialect
def test_wait_for(start, free_port, dialect):
    port = free_port()
    waiter = start([*dialect, "-z", "--wait-for", "30", "127.0.0.1", port])
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", port))
        assert waiter.poll() is None  # bound is not listening yet
        s.listen()
        assert waiter.wait(LIMIT) == 0


@every_dialect
def test_wait_for_has_an_end(run, free_port, dialect):
    r = run([*dialect, "-z", "-v", "--wait-for", "200ms", "127.0.0.1", free_port()])
    assert r.status == 1 and r.stderr.count("refused") == 1


@every_dialect
def test_json_and_progress(run, server, tmp_path, dialect):
    (tmp_path / "data").write_bytes(bytes(3000))
    port = server.getsockname()[1]
    got = []

    def serve():
        c = server.accept()[0]
        while sum(map(len, got)) < 3000:
            got.append(c.recv(65536))
        c.sendall(b"12345")
        c.close()

    thread = threading.Thread(target=serve)
    thread.start()
    with (tmp_path / "data").open() as data:
        r = run([*dialect, "--json", "--progress", "127.0.0.1", port], stdin=data)
    thread.join(LIMIT)
    assert (r.status, r.stdout, len(b"".join(got))) == (0, "12345", 3000)
    progress, line = r.stderr.splitlines()
    assert re.fullmatch(r"2\.9 KiB sent, 5 B received, .*/s, 100 %", progress)
    told = json.loads(line)
    assert told.pop("seconds") >= 0 and told.pop("local_port") > 0
    assert told == {"host": "127.0.0.1", "peer_address": "127.0.0.1", "peer_port": port,
                    "local_address": "127.0.0.1", "protocol": "tcp", "tls": False, "sent": 3000,
                    "received": 5, "result": "ok"}


@every_dialect
@pytest.mark.parametrize("flags", [[], ["-v"], ["--wait-for", "200ms"]])
def test_json_of_a_connection_that_failed(run, free_port, dialect, flags):
    port = free_port()
    r = run([*dialect, "--json", *flags, "127.0.0.1", port])
    assert (r.status, r.stdout) == (1, "")
    told = [line for line in r.stderr.splitlines() if line.startswith("{")]
    assert list(map(json.loads, told))[-1:] == [
        {"host": "127.0.0.1", "peer_address": "127.0.0.1", "peer_port": port, "protocol": "tcp",
         "result": "Connection refused"}]
    assert len(told) == 1


@pytest.mark.parametrize("dialect", [NC, NCAT], ids=["nc", "ncat"])
def test_a_scanned_port_as_json(run, server, free_port, dialect):
    for port, state in [(server.getsockname()[1], "open"), (free_port(), "closed")]:
        r = run([*dialect, "-z", "--json", "127.0.0.1", port])
        assert (r.status, r.stderr) == (state == "closed", "")
        assert json.loads(r.stdout) == {"host": "127.0.0.1", "port": port, "protocol": "tcp",
                                        "state": state}


def test_scanned_ports_as_json(run, server, free_port):
    port, closed = server.getsockname()[1], free_port()
    r = run(["nc", "-z", "--json", "127.0.0.1", port, closed])
    assert [json.loads(line) for line in r.stdout.splitlines()] == [
        {"host": "127.0.0.1", "port": p, "protocol": "tcp", "state": state}
        for p, state in [(port, "open"), (closed, "closed")]]


@every_dialect
@pytest.mark.parametrize("way", ["send", "receive"])
def test_max_rate(start, server, dialect, way):
    """A rate that would take a day: only the first portion passes while we look."""
    p = start([*dialect, "--max-rate", "10", "127.0.0.1", server.getsockname()[1]])
    c = server.accept()[0]
    c.settimeout(LIMIT)
    if way == "send":
        p.stdin.write(bytes(100000))
        p.stdin.flush()
        assert len(c.recv(100000)) == 1
    else:
        c.sendall(bytes(100000))
        assert len(os.read(p.stdout.fileno(), 100000)) == 1
    assert p.poll() is None
    c.close()


@every_dialect
def test_dual_stack(start, run, free_port, dialect):
    port = free_port()
    for host in ["127.0.0.1", "::1"]:
        s = start([*dialect, *listening(dialect, port), "--dual-stack"])
        wait_for(lambda: port_listens("tcp6", port))
        run(["nc", "-N", host, port], input=f"{host}\n")
        assert s.stdout.readline().decode() == f"{host}\n"
        assert s.wait(LIMIT) == 0


def test_seconds_need_no_unit(run, start, server):
    assert run(["nc", "-z", "--wait-for", "120", *server.getsockname()]).status == 0


@every_dialect
@pytest.mark.parametrize("word, meant", [("--prgress", "--progress"), ("--dual-stak", "--dual-stack"),
                                         ("--wait_for=3", "--wait-for"), ("--xyzzy", None)])
def test_did_you_mean(run, dialect, word, meant):
    r = run([*dialect, word, "h", "1"])
    assert r.status != 0 and f"unrecognized option '{word.split('=')[0]}" in r.stderr
    assert ("did you mean" in r.stderr) == bool(meant)
    assert not meant or f"did you mean {meant}?\n" in r.stderr


@every_dialect
def test_help_and_version(run, dialect):
    r = run([*dialect, "--help"])
    assert r.status == 0
    for name in ["--tls", "--wait-for", "--max-rate", "--json", "--progress", "--dual-stack",
                 "--help", "--version"]:
        assert f"{name} " in r.stdout + r.stderr
    r = run([*dialect, "--version"])
    assert r.status == 0 and (r.stdout + r.stderr).count("\n") == 1


@pytest.mark.parametrize("line, words", [
    ("-U --tls p", "--tls is not for UNIX sockets"), ("-lu --tls 1", "cannot listen"),
    ("-z --tls h 1", "is for data"), ("-l --wait-for 1 1", "--wait-for is for connecting"),
    ("--dual-stack h 1", "--dual-stack is for listening"), ("-z --progress h 1", "are for data"),
    ("--max-rate x h 1", "Invalid --max-rate"), ("--wait-for x h 1", "Invalid --wait-for"),
])
def test_what_does_not_go_together(run, line, words):
    r = run(["nc", *line.split()])
    assert r.status == 1 and words in r.stderr and r.stderr.count("\n") == 1


@pytest.mark.parametrize("line, words", [
    ("nc --tls-ca /nonexistent 127.0.0.1 1", '--tls-ca: "/nonexistent": No such file'),
    ("nc --tls-cert /nonexistent -l 1", '--tls-cert: "/nonexistent": No such file'),
    ("nc --tls-key /nonexistent h 1", "--tls-key needs --tls-cert"),
    ("nc --tls-hash xyz 127.0.0.1 1", '--tls-hash: "xyz" is no SHA-256'),
    ("nc --tls-alpn , 127.0.0.1 1", '--tls-alpn: "," is no list'),
    ("ncat --ssl-verify --ssl-trustfile /nonexistent 127.0.0.1 1", '--ssl-trustfile: "/nonexist'),
    ("ncat --ssl --ssl-alpn , 127.0.0.1 1", '--ssl-alpn: "," is no list'),
    ("ncat --ssl-ciphers none 127.0.0.1 1", '--ssl-ciphers: "none"'),
    ("ncat --tls --tls-ca /nonexistent 127.0.0.1 1", '--tls-ca: "/nonexistent"'),
    ("ncat --ssl --tls-ca /nonexistent 127.0.0.1 1", '--tls-ca: "/nonexistent"'),
    ("ncat --tls --ssl-trustfile /nonexistent 127.0.0.1 1", '--ssl-trustfile: "/nonexistent"'),
    ("ncat --ssl-cert /nonexistent --ssl-key x -l", '--ssl-cert: "/nonexistent"'),
    ("ncat --tls --tls-cert /nonexistent -l", '--tls-cert: "/nonexistent"'),
    ("ncat --tls --tls-key /nonexistent -l", '--tls-key needs --tls-cert'),
    ("ncat --tls --ssl-key /nonexistent -l", '--ssl-key option must be used with --ssl-cert'),
])
def test_an_option_is_named_as_typed(run, tls, line, words):  # noqa: F811
    r = run(line.split())
    assert r.status in (1, 2) and words in r.stderr and r.stderr.count("\n") == 1


def test_whom_ncat_trusts(start, run, free_port, certificate):  # noqa: F811
    port = free_port()
    secure_server(start, port, "-k", "--tls-cert", certificate[0], "--tls-key", certificate[1])
    r = run(["ncat", "-v", "--ssl", "--ssl-verify", "localhost", port])
    assert r.status == 1 and "(--ssl-trustfile names others)" in r.stderr and "--tls" not in r.stderr


# options of the server and of the client (CERT, KEY: of localhost); words of both.
HANDSHAKES = {
    "no certificate of the client": (
        "nc --tls-ca CERT", "nc --tls-ca CERT",
        "expected was a certificate of the client; without --tls-ca any", None),
    "the same, of ncat": (
        "ncat --ssl --ssl-trustfile CERT", "nc --tls-ca CERT",
        "expected was a certificate of the client; without --ssl-verify and --ssl-trustfile", None),
    "not trusted": (
        "nc", "nc --tls", "does not trust who has signed our certificate (--tls-cert)", "--tls-ca"),
    "not trusted, of ncat": (
        "ncat --ssl", "ncat --ssl --ssl-verify",
        "does not trust who has signed our certificate (--ssl-cert)", "(--ssl-trustfile names"),
    "protocols": (
        "nc --tls-alpn a", "nc --tls-ca CERT --tls-alpn b", "in common (--tls-alpn)",
        "in common (--tls-alpn)"),
    "protocols of ncat": (
        "nc --tls-alpn a", "ncat --ssl --ssl-alpn b", "in common (--tls-alpn)",
        "in common (--ssl-alpn)"),
}


@pytest.mark.parametrize("case", HANDSHAKES)
def test_a_handshake_names_options_as_typed(start, run, free_port, certificate, case):  # noqa: F811
    server, client, *words = HANDSHAKES[case]
    port = free_port()

    def command(line):
        return [{"CERT": certificate[0]}.get(word, word) for word in line.split()]

    own = "--ssl" if server.startswith("ncat") else "--tls"
    s = start([*command(server), f"{own}-cert", certificate[0], f"{own}-key", certificate[1],
               "-v", "-l", "127.0.0.1", port], stdin=subprocess.DEVNULL)
    wait_for(lambda: port_listens("tcp", port))
    c = run([*command(client), "localhost", port])
    said = [s.communicate(timeout=LIMIT)[1].decode(), c.stderr]
    for wanted, text in zip(words, said):
        assert not wanted or wanted in text
        assert "option" not in text


@pytest.mark.parametrize("dialect", [NC, NCAT, TRADITIONAL], ids=["nc", "ncat", "traditional"])
def test_names_of_letters(start, run, free_port, dialect):
    port = free_port()
    s = start([*dialect, "--listen", "--verbose", "--nodns", *(["-p"] if dialect is TRADITIONAL else []),
               port, *(["--recv-only"] if dialect is not TRADITIONAL else [])])
    wait_for(lambda: port_listens("tcp", port))
    c = run([*dialect, "--crlf", "--source", "127.0.0.1", "--source-port", free_port(), "--wait", "9",
             *at_the_end(dialect), "127.0.0.1", port], input="x\n")
    out, said = s.communicate(timeout=LIMIT)
    assert (c.status, c.stderr, out, s.returncode) == (0, "", b"x\r\n", 0)
    assert re.search(rb"(?i)listening on", said)


@pytest.mark.parametrize("line, words", [
    ("nc --wait x h 1", "timeout invalid: x"), ("nc --lisen 1", "did you mean --listen?"),
    ("nc --source", "requires an argument"), ("nc --unixsock /nonexistent/x", ""),
    ("nc --as=traditional --wait x h 1", "wait-time"),
    ("nc --udp --listen --keep-open --verbose 0 0 0", "usage"),
])
def test_names_of_letters_say_what_the_letters_say(run, line, words):
    r = run(line.split())
    assert r.status == 1 and words in r.stderr
