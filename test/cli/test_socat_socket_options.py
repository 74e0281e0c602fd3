# SPDX-License-Identifier: MIT
"""Options of sockets, read back with getsockopt(2) by a program that gets the socket itself, with
Debian's socat beside ours where it knows them."""

import json
import os
import socket
import struct
import subprocess
import sys

import pytest

from conftest import Listener, wait_for
from socat_kit import LIMIT, LOCAL, WHO, connect, log_lines, read_all, socat, together  # noqa: F401

# Prints what is asked for of descriptor 0: [[level, name, size], ...]
PROBE = """
import json, os, socket, sys
s = socket.socket(fileno=os.dup(0))
found = []
for level, name, size in json.loads(sys.argv[1]):
    try:
        found.append(s.getsockopt(level, name, size).hex() if size else s.getsockopt(level, name))
    except OSError as error:
        found.append(error.strerror)
with open(sys.argv[2] + ".new", "w") as file:
    json.dump(found, file)
os.rename(sys.argv[2] + ".new", sys.argv[2])
"""
SOL, TCP, IP, IP6 = socket.SOL_SOCKET, socket.IPPROTO_TCP, socket.IPPROTO_IP, socket.IPPROTO_IPV6
REUSEPORT, BROADCAST, PRIORITY, NO_CHECK = 15, 6, 12, 11

# option, level, name, value read back (default 1)
COMMON = [
    ("keepalive", SOL, socket.SO_KEEPALIVE, 1), ("so-keepalive=1", SOL, socket.SO_KEEPALIVE, 1),
    ("keepalive=0", SOL, socket.SO_KEEPALIVE, 0), ("debug=0", SOL, socket.SO_DEBUG, 0),
    ("broadcast", SOL, BROADCAST, 1), ("oobinline", SOL, socket.SO_OOBINLINE, 1),
    ("sndbuf=20000", SOL, socket.SO_SNDBUF, 40000), ("rcvbuf=0x4e20", SOL, socket.SO_RCVBUF, 40000),
    ("so-sndbuf-late=24000", SOL, socket.SO_SNDBUF, 48000),
    ("rcvbuf-late=24000", SOL, socket.SO_RCVBUF, 48000), ("dontroute", SOL, socket.SO_DONTROUTE, 1),
    ("rcvlowat=7", SOL, socket.SO_RCVLOWAT, 7), ("priority=5", SOL, PRIORITY, 5),
    ("tos=0x10", IP, socket.IP_TOS, 0x10), ("ip-ttl=7", IP, socket.IP_TTL, 7),
    ("mtudiscover=2", IP, 10, 2), ("timestamp", SOL, 29, 1),
    ("sockopt-int=1:9:1", SOL, socket.SO_KEEPALIVE, 1),
    ("setsockopt-int=6:1:1", TCP, socket.TCP_NODELAY, 1),
]
TCP_ONLY = [
    ("nodelay", TCP, socket.TCP_NODELAY, 1), ("tcp-nodelay=0", TCP, socket.TCP_NODELAY, 0),
    ("cork", TCP, socket.TCP_CORK, 1), ("keepidle=77", TCP, socket.TCP_KEEPIDLE, 77),
    ("keepintvl=33", TCP, socket.TCP_KEEPINTVL, 33), ("tcp-keepcnt=4", TCP, socket.TCP_KEEPCNT, 4),
    ("syncnt=3", TCP, socket.TCP_SYNCNT, 3), ("linger2=20", TCP, socket.TCP_LINGER2, 20),
    ("window-clamp=30000", TCP, socket.TCP_WINDOW_CLAMP, 30000),
]
NEW_IN_18 = [
    ("setsockopt=1:9:i1", SOL, socket.SO_KEEPALIVE, 1),
    ("setsockopt-connected=1:9:i1", SOL, socket.SO_KEEPALIVE, 1),
    ("setsockopt-socket=1:9:x01000000", SOL, socket.SO_KEEPALIVE, 1),
    ("ai-addrconfig=0,keepalive", SOL, socket.SO_KEEPALIVE, 1),
]


def structs():
    """Values that are no numbers: option, level, name, the bytes."""
    return [("linger=9", SOL, socket.SO_LINGER, struct.pack("ii", 1, 9)),
            ("so-rcvtimeo=1.5", SOL, socket.SO_RCVTIMEO, struct.pack("qq", 1, 500000)),
            ("sndtimeo=2", SOL, socket.SO_SNDTIMEO, struct.pack("qq", 2, 0)),
            ("bindtodevice=lo", SOL, socket.SO_BINDTODEVICE, b"lo\0"),
            ("setsockopt-string=6:13:reno", TCP, socket.TCP_CONGESTION, b"reno".ljust(16, b"\0"))]


class Probe:
    """A program that looks at its descriptor 0, and what it found."""

    def __init__(self, folder, questions):
        self.questions = questions
        self.script, self.answer = folder / "probe.py", folder / "answer"
        self.script.write_text(PROBE)
        asked = json.dumps(questions).replace(" ", "")
        self.address = f"EXEC:'{sys.executable} {self.script} \"{asked}\" {self.answer}',nofork"

    def read(self):
        wait_for(self.answer.exists, "the answer of the probe")
        return json.loads(self.answer.read_text())


def question(row):
    return [row[1], row[2], max(16, len(row[3])) if isinstance(row[3], bytes) else 0]


def expect(row):
    return row[3].hex() if isinstance(row[3], bytes) else row[3]


def as_client(socat, who, row, folder):
    folder.mkdir()
    probe = Probe(folder, [question(row)])
    with socket.socket() as s:
        s.bind((LOCAL, 0))
        s.listen()
        s.settimeout(LIMIT)
        running = socat.start(f"TCP4:{LOCAL}:{s.getsockname()[1]},{row[0]}", probe.address, who=who)
        connection, _ = s.accept()
        try:
            return probe.read()
        finally:
            connection.close()
            running.end()


def as_server(socat, who, row, folder):
    folder.mkdir()
    probe = Probe(folder, [question(row)])
    running = socat.serve(f"TCP4-LISTEN:0,bind={LOCAL},{row[0]}", probe.address, who=who)
    with connect(running.port()):
        return probe.read()


UNKNOWN_TO_ORIGINAL = [("original", "sndtimeo=2"), ("original", "so-rcvtimeo=1.5")]
NOT_PASSED_ON = ("server", "original", "priority=5")  # 1.7 sets it on the listener only
ROWS = COMMON + TCP_ONLY + structs()


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_beside_original(socat, row, tmp_path):
    """The connected socket and the accepted one have the value, as with Debian's."""
    if row[0].startswith("bindtodevice") and os.getuid() != 0:
        pytest.skip("needs root: set once more on the accepted socket, by both")
    jobs = [lambda w=w, f=f, n=n: f(socat, w, row, tmp_path / f"{n}-{w}")
            for n, f in [("client", as_client), ("server", as_server)] for w in WHO
            if (w, row[0]) not in UNKNOWN_TO_ORIGINAL and (n, w, row[0]) != NOT_PASSED_ON]
    assert together(*jobs) == [[expect(row)]] * len(jobs)


@pytest.mark.parametrize("row", NEW_IN_18, ids=[row[0] for row in NEW_IN_18])
def test_new_options(socat, row, tmp_path):
    jobs = [lambda f=f, n=n: f(socat, "ours", row, tmp_path / n)
            for n, f in [("client", as_client), ("server", as_server)]]
    assert together(*jobs) == [[expect(row)]] * 2


def test_maxseg(socat, tmp_path):
    """Asked for before the connection, it bounds what is agreed upon."""
    (agreed,) = as_client(socat, "ours", ("mss=1000", TCP, socket.TCP_MAXSEG, 0), tmp_path / "a")
    assert agreed <= 1000


@pytest.mark.parametrize("option", ["so-error=1", "so-acceptconn=1", "tcp-info=1",
                                    "mtu=100", "so-sndlowat=3",
                                    "mss=1", "setsockopt-int=1:9999:1",
                                    "bindtodevice=no-such-device"])
def test_option_the_kernel_refuses(socat, option):
    """One error that names the option."""
    with socket.socket() as s:
        s.bind((LOCAL, 0))
        s.listen()
        done = socat.run(f"TCP4:{LOCAL}:{s.getsockname()[1]},{option}", "PIPE")
    errors = log_lines(done.stderr, "E")
    assert done.status == 1 and len(errors) == 1, done
    assert f'for option "{option.partition("=")[0]}": ' in errors[0]
    assert log_lines(done.stderr, "W") == []


def listening_options(port):
    """What ss says of the listener: queue length, keepalive, v6only ..."""
    return subprocess.run(["ss", "-Htlne", f"sport = :{port}"], capture_output=True, text=True,
                          check=True,
                          env={**os.environ, "PATH": "/usr/bin:/bin"}).stdout


@pytest.mark.parametrize("option, queue", [("", 5), (",backlog=17", 17), (",backlog=0", 0)])
def test_backlog(socat, option, queue):
    for who in WHO:
        running = socat.serve(f"TCP4-LISTEN:0{option}", "PIPE", who=who)
        assert listening_options(running.port()).split()[2] == str(queue)


@pytest.mark.parametrize("option, only",
                         [("ipv6only", True), ("ipv6-v6only=0", False), ("", False)])
def test_ipv6only(socat, option, only):
    for who in WHO:
        running = socat.serve(f"TCP6-LISTEN:0,{option}", "PIPE", who=who)
        with socket.socket() as s:
            assert (s.connect_ex((LOCAL, running.port())) != 0) == only
        assert ("v6only:1" in listening_options(running.port())) == only


@pytest.mark.parametrize("who", WHO)
def test_reuseport(socat, who):
    """Two listeners share a port with it, and cannot without."""
    first = socat.serve("TCP4-LISTEN:0,reuseport", "PIPE", who=who)
    port = first.port()
    assert socat.serve(f"TCP4-LISTEN:{port},so-reuseport", "PIPE").process.poll() is None
    assert socat.run(f"TCP4-LISTEN:{port}", "PIPE").status == 1


def test_reuseaddr_is_the_default(socat):
    """A port with a connection in TIME_WAIT can be served again at once, but not with an empty
    reuseaddr=, which is nobody's choice but the system's."""
    running = socat.serve("TCP4-LISTEN:0", "TEXT:x")
    port = running.port()
    with connect(port) as s:
        read_all(s)
        assert running.end().status == 0  # the server closed first: TIME_WAIT is here
    refused = socat.run(f"TCP4-LISTEN:{port},reuseaddr=,accept-timeout=0.1", "PIPE")
    assert refused.status == 1 and "Address already in use" in refused.stderr
    assert socat.run(f"TCP4-LISTEN:{port},accept-timeout=0.1", "PIPE").status == 0


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("option", ["sourceport={}", "sp={}", "bind=127.0.0.1:{}", "bind=:{}"])
def test_source_port(socat, who, option, free_port):
    port = free_port()
    with socket.socket() as s:
        s.bind((LOCAL, 0))
        s.listen()
        s.settimeout(LIMIT)
        running = socat.start("-u", "/dev/null",
                              f"TCP4:{LOCAL}:{s.getsockname()[1]},{option.format(port)},reuseaddr",
                              who=who)
        connection, peer = s.accept()
        connection.close()
        assert peer[1] == port and running.end().status == 0


def test_low_port(socat):
    if os.geteuid() != 0:
        pytest.skip("needs root")
    with socket.socket() as s:
        s.bind((LOCAL, 0))
        s.listen()
        running = socat.start("-dddd", "-u", "/dev/null",
                              f"TCP4:{LOCAL}:{s.getsockname()[1]},lowport")
        connection, peer = s.accept()
        connection.close()
        assert 640 <= peer[1] <= 1023
        assert " D bind(" in running.end().stderr


ADMISSION = [("range=127.0.0.0/8", True, ""), ("range=192.0.2.0/24", False, "range option"),
             ("range=127.0.0.1:255.255.255.255", True, ""), ("range=0.0.0.0/0", True, ""),
             ("range=localhost:255.0.0.0", True, ""), ("sourceport=1", False, "wrong sourceport"),
             ("lowport", False, "lowport option"), ("sp={}", True, "")]


@pytest.mark.parametrize("option, admitted, reason", ADMISSION, ids=[row[0] for row in ADMISSION])
@pytest.mark.parametrize("who", WHO)
def test_admission(socat, who, option, admitted, reason, free_port):
    if who == "original" and "localhost" in option:
        pytest.skip("1.7 resolves no names there")
    port = free_port()
    running = socat.serve(f"TCP4-LISTEN:0,fork,{option.format(port)}", "PIPE", who=who)
    done = socat.run("-t1", "-", f"TCP4:{LOCAL}:{running.port()},sourceport={port},reuseaddr",
                     input=b"hello")
    assert (done.status, done.stdout) == (0, "hello" if admitted else ""), done
    if not admitted:
        running.wait_line(rf" W refusing connection from AF=2 127\.0\.0\.1:{port} due to {reason}$")
    elif who == "ours":
        running.wait_line(r" N accepting connection from")


@pytest.mark.parametrize("option, admitted",
                         [("range=[::1]/128", True), ("range=[::2]/128", False)])
def test_admission_over_ipv6(socat, option, admitted):
    running = socat.serve(f"TCP6-LISTEN:0,fork,{option}", "PIPE")
    done = socat.run("-t1", "-", f"TCP6:[::1]:{running.port()}", input=b"hello")
    assert (done.status, done.stdout) == (0, "hello" if admitted else "")


@pytest.mark.parametrize("kind", ["RECV", "RECVFROM", "LISTEN", "DATAGRAM"])
def test_admission_of_packets(socat, kind, free_port):
    """A refused packet is dropped, the next one is read by the same socket."""
    port = free_port("udp")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bad, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as good:
        good.bind(("127.0.0.1", 0))
        bad.bind(("127.0.0.2", 0))
        address = f"UDP4-{kind}:{port}" if kind != "DATAGRAM" else \
            f"UDP4-DATAGRAM:{LOCAL}:{good.getsockname()[1]},bind=:{port}"
        running = socat.start("-u", f"{address},range=127.0.0.1/32", "-")
        Listener.port(port, "udp")
        bad.sendto(b"bad\n", (LOCAL, port))
        running.wait_line(r" W refusing connection from AF=2 127\.0\.0\.2:\d+ "
                          r"due to range option$")
        Listener.port(port, "udp")
        good.sendto(b"good\n", (LOCAL, port))
        assert running.process.stdout.readline() == b"good\n"


@pytest.mark.parametrize("option, expected",
                         [("retry=2,interval=0.05", 3), ("retry=2,interval=0.05,forever=0", 3),
                                              ("", 1)])
def test_retries(socat, option, expected):
    """A refused connection counts as an attempt; only the last one is an error."""
    done = socat.run("-dd", f"TCP4:{LOCAL}:1,{option}", "-")
    assert done.status == 1
    assert len(log_lines(done.stderr, "E")) == 1
    assert done.stderr.count(" N opening connection to AF=2 ") == expected


def test_forever(socat, free_port):
    port = free_port()
    running = socat.start("-u", f"TCP4:{LOCAL}:{port},forever,interval=0.05", "-")
    server = socat.serve(f"TCP4-LISTEN:{port},reuseaddr", "TEXT:late")
    assert running.end().stdout == "late"
    server.end()


def test_listener_that_retries(socat):
    with socket.socket() as s:
        s.bind((LOCAL, 0))
        s.listen()
        port = s.getsockname()[1]
        running = socat.start("-dd", f"TCP4-LISTEN:{port},bind={LOCAL},retry=200,interval=0.05",
                              "PIPE")
        running.wait_line("Address already in use")
    running.wait_line(" N listening on")
    assert log_lines(running.text(), "E") == []


@pytest.mark.parametrize("who", WHO)
def test_connect_timeout(socat, who):
    """A listener whose queue is full does not answer."""
    with socket.socket() as s, socket.socket() as filler:
        s.bind((LOCAL, 0))
        s.listen(0)
        filler.connect(s.getsockname())
        running = socat.start("-u", "/dev/null",
                              f"TCP4:{LOCAL}:{s.getsockname()[1]},connect-timeout=0.2", who=who)
        done = running.end()
        assert done.status == 1
        line, = log_lines(done.stderr, "E")
        assert "timed out" in line or "Operation now in progress" in line


@pytest.mark.parametrize("kind", ["TCP4-LISTEN:0", "UNIX-LISTEN:{}/s", "TCP6-LISTEN:0,fork"])
@pytest.mark.parametrize("who", WHO)
def test_accept_timeout(socat, who, kind, tmp_path):
    done = socat.run("-d", kind.format(tmp_path) + ",accept-timeout=.05", "PIPE", who=who)
    assert done.status == 0
    assert log_lines(done.stderr) == ["W accept: Connection timed out"]
    assert not (tmp_path / "s").exists()
