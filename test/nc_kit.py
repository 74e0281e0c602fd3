# SPDX-License-Identifier: MIT
"""What the tests of nc's dialects share: ours and the original, each in both roles, in a
network namespace for the whole module; and peers made of sockets of our own."""

import socket
import subprocess

import pytest

from conftest import SOCKBOX, namespace

LIMIT = 30  # seconds
PAIRS = [(c, s) for c in ["ours", "original"] for s in ["ours", "original"]]
each_pair = pytest.mark.parametrize("client, server", PAIRS, ids=["-".join(p) for p in PAIRS])
both = pytest.mark.parametrize("which", ["ours", "original"])


@pytest.fixture(scope="module")
def space(our_path):
    yield from namespace(our_path)


@pytest.fixture(scope="module")
def tls():
    """Needed by whatever speaks TLS with ours."""
    features = subprocess.run([SOCKBOX, "socat", "-V"], check=True, capture_output=True).stdout
    if b"#define WITH_OPENSSL 1" not in features:
        pytest.skip("built without OpenSSL")


@pytest.fixture(scope="module")
def certificate(tls, tmp_path_factory):
    """The certificate of localhost, which is its own authority, and the key."""
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        s.settimeout(LIMIT)
        yield s


@pytest.fixture
def server():
    with socket.create_server(("127.0.0.1", 0)) as s:
        s.settimeout(LIMIT)
        yield s


def port_of(s):
    return s.getsockname()[1]


def accept(server):
    s = server.accept()[0]
    s.settimeout(LIMIT)
    return s


def listen(start, *flags):
    """A listener on a port of its own, and that port."""
    p = start(["nc", "-nlv", *flags, "127.0.0.1", "0"])
    return p, int(p.stderr.readline().split()[-1])


def read_all(s):
    return b"".join(iter(lambda: s.recv(1 << 16), b""))


def ends(p, status=0):
    assert p.wait(timeout=LIMIT) == status
    assert p.stderr.read() == b""


def exchange(client, server):
    """A line that one nc sends and the other prints, and one back."""
    for here, there, line in [(client, server, b"question\n"), (server, client, b"answer\n")]:
        here.stdin.write(line)
        here.stdin.flush()
        assert there.stdout.readline() == line
