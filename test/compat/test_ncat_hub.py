# SPDX-License-Identifier: MIT
"""ncat with many clients at once, -k and --broker and --chat, beside nmap's."""

import re
import socket
import subprocess

import pytest

from conftest import port_listens, wait_for
from nc_kit import both, certificate, space, tls  # noqa: F401 (fixtures)
from test_ncat import LIMIT, ncat, ports, start_server  # noqa: F401 (fixtures)


def line_to(p, text):
    p.stdin.write(text)
    p.stdin.flush()


@both
def test_keep_open(space, ncat, ports, which):
    where = ["127.0.0.1", next(ports)]
    s = start_server(space, [ncat(which), "-k"], "tcp", where)
    clients = [space.start([ncat("ours"), *where]) for _ in range(3)]
    for i, c in enumerate(clients):
        line_to(c, b"from %d\n" % i)
        assert s.stdout.readline() == b"from %d\n" % i
    line_to(s, b"to all\n")
    assert [c.stdout.readline() for c in clients] == [b"to all\n"] * 3


@pytest.mark.parametrize("which, secure", [("ours", False), ("ours", True), ("original", False)])
def test_broker(space, ncat, ports, request, which, secure):
    where, options = ["127.0.0.1", next(ports)], []
    if secure:
        pem, key = request.getfixturevalue("certificate")
        options = ["--ssl-cert", pem, "--ssl-key", key]
    start_server(space, [ncat(which), "--broker", *options], "tcp", where)
    clients = []
    for i in range(3):
        c = space.start([ncat("ours"), "-v", *(["--ssl"] * secure), *where])
        while b"onnect" not in (line := c.stderr.readline()):
            assert line, "no connection"
        if clients:  # else nobody would hear it, or the next one would, by chance
            line_to(c, b"I am %d\n" % i)
        for other in clients:
            assert other.stdout.readline() == b"I am %d\n" % i
        clients.append(c)
    line_to(clients[0], b"hello\n")
    assert [c.stdout.readline() for c in clients[1:]] == [b"hello\n"] * 2
    line_to(clients[2], b"again\n")
    assert [c.stdout.readline() for c in clients[:2]] == [b"again\n"] * 2


@both
def test_chat(space, ncat, ports, which):
    where = ["127.0.0.1", next(ports)]
    start_server(space, [ncat(which), "--chat"], "tcp", where)
    first = space.start([ncat("ours"), *where])
    name = re.fullmatch(rb"<announce> 127\.0\.0\.1 is connected as <(user\d+)>\.\n",
                        first.stdout.readline()).group(1)
    assert first.stdout.readline() == b"<announce> already connected: nobody.\n"
    second = space.start([ncat("ours"), *where])
    other = re.fullmatch(rb"<announce> 127\.0\.0\.1 is connected as <(user\d+)>\.\n",
                         second.stdout.readline()).group(1)
    assert second.stdout.readline() == b"<announce> already connected: 127.0.0.1 as <%s>.\n" % name
    first.stdout.readline(), first.stdout.readline()
    line_to(second, b"bell \a\x80\t\\\n")
    assert first.stdout.readline() == b"<%s> bell \\007\\200\t\\\n" % other
    second.stdin.close()
    second.wait(LIMIT)
    assert first.stdout.readline() == b"<announce> <%s> is disconnected.\n" % other


@both
def test_max_conns(space, ncat, ports, which):
    where = ["127.0.0.1", next(ports)]
    s = start_server(space, [ncat(which), "-k", "-m", "1", "-v"], "tcp", where)
    first = space.start([ncat("ours"), *where])
    line_to(first, b"x\n")
    assert s.stdout.readline() == b"x\n"
    space.run([ncat("ours"), "--recv-only", *where])
    for line in s.stderr:
        if b"denied" in line:
            break
    assert line == b"Ncat: New connection denied: connection limit reached (1)\n"


@both
def test_delay_in_a_hub(start, ncat, free_port, which):
    """What comes during a pause is read, and told, at once: ours pauses after that, nmap's
    between the two."""
    port = free_port()
    start([ncat(which), "-l", "--broker", "-d", "1s", "127.0.0.1", port])
    wait_for(lambda: port_listens("tcp", port))
    with socket.create_connection(("127.0.0.1", port)) as a, \
            socket.create_connection(("127.0.0.1", port)) as b:
        for speaker, listener in [(b, a), (a, b)]:  # both are let in, and one rests
            speaker.sendall(b"0")
            listener.settimeout(LIMIT)
            assert listener.recv(100) == b"0"
        for digit in b"123":
            a.sendall(bytes([digit]))
        portions = []
        while sum(map(len, portions)) < 3:
            portions.append(b.recv(100))
    assert b"".join(portions) == b"123" and len(portions) < 3


@both
@pytest.mark.parametrize("keep", [False, True])
def test_idle_server(space, ncat, ports, which, keep):
    where = ["127.0.0.1", next(ports)]
    s = start_server(space, [ncat(which), "-i", "100ms", *(["-k"] * keep)], "tcp", where)
    space.start([ncat("ours"), *where])
    assert s.wait(LIMIT) == 2
    said = s.stderr.read().splitlines()  # a sanitizer may have warned before
    assert said[-1] == b"Ncat: Idle timeout expired (100 ms). QUITTING."


@both
def test_send_only_to_who_has_said_its_last(space, ncat, ports, which):
    """The end of a client's input is no reason to send it nothing."""
    where = ["127.0.0.1", next(ports)]
    s = start_server(space, [ncat(which), "-k", "--send-only"], "tcp", where)
    c = space.start([ncat("ours"), *where], stdin=subprocess.DEVNULL)
    wait_for(lambda: "CLOSE-WAIT" in space.run(["ss", "-tn"]).stdout, "the client's end")
    s.stdin.write(b"all")
    s.stdin.close()
    assert (s.wait(LIMIT), c.wait(LIMIT), c.stdout.read()) == (0, 0, b"all")
