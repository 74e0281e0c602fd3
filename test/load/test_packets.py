# SPDX-License-Identifier: MIT
"""Datagram listeners: many peers at once, their order, their checksums."""

import os
import random
import select
import socket
import struct
import subprocess
import zlib

import pytest

from conftest import wait_for
from load_kit import back, engine, load, load_count, load_program, relay  # noqa: F401

pytestmark = pytest.mark.usefixtures("own_network")

LOCAL = "127.0.0.1"
LIMIT = 20  # seconds
UDP_SEGMENT = 103  # udp(7)
SMALL_BUFFER_PACKETS = 100  # small ones that surely fit into a receive buffer
HEADER = struct.Struct("!III")


def big_socket():
    s = socket.socket(type=socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    s.bind((LOCAL, 0))
    return s


def port_of(s):
    return s.getsockname()[1]


def packet_of(peer, number):
    body = random.Random(peer * 1000 + number).randbytes(20 + 7 * number)
    return HEADER.pack(peer, number, zlib.crc32(body)) + body


def read_packet(packet):
    peer, number, checksum = HEADER.unpack_from(packet)
    assert checksum == zlib.crc32(packet[HEADER.size:])
    return peer, number


def exchange(target, echo, peers, numbers, in_flight=SMALL_BUFFER_PACKETS):
    """Everybody sends all his packets at once; what each one got, in order.  No more than
    in_flight new packets are on their way, so that no socket's buffer loses any."""
    poll = select.epoll()
    sockets = {}
    got = {peer: [] for peer in peers}
    poll.register(echo, select.EPOLLIN)
    waiting, flying = list(peers), 0
    while waiting or flying:
        while waiting and flying + numbers <= in_flight:
            peer = waiting.pop(0)
            s = big_socket()
            s.connect((LOCAL, target))  # hears nobody else, and is told of a refusal
            poll.register(s, select.EPOLLIN)
            sockets[s.fileno()] = (peer, s)
            for number in range(numbers):
                s.send(packet_of(peer, number))
            flying += numbers
        events = poll.poll(LIMIT)
        assert events, f"{flying} packets did not come back"
        for fd, _ in events:
            if fd == echo.fileno():
                packet, session = echo.recvfrom(65536)
                echo.sendto(packet, session)
                continue
            peer, s = sockets[fd]
            owner, number = read_packet(s.recv(65536))
            assert owner == peer, "a packet of a stranger"
            got[peer].append(number)
            flying -= 1
    poll.close()
    for _, s in sockets.values():
        s.close()
    return got


@pytest.fixture
def echo():
    """The socket of a back-end that sends each packet back."""
    with big_socket() as echo:
        yield echo


@pytest.mark.parametrize("peers, isolate", [(200, ""), (1000, ""), (40, ",isolate")])
def test_storm_keeps_all_packets_in_order(relay, echo, load_count, peers, isolate):
    """New peers send several packets each: the first ones come to the listening socket, later
    ones to a socket that is being made.  None is lost, none changes places."""
    running = relay(f"UDP4-LISTEN:0,fork{isolate}", f"UDP4:{LOCAL}:{port_of(echo)}", "-T", "2")
    start = running.idle_footprint()
    peers, numbers = range(load_count(peers)), 4
    got = exchange(int(running.target), echo, peers, numbers)
    assert got == {peer: list(range(numbers)) for peer in peers}
    running.returns_to(start)


@pytest.mark.parametrize("fork", ["", ",fork", ",fork,isolate"])
@pytest.mark.parametrize("listen, family, address", [
    ("UDP4-LISTEN:0", socket.AF_INET, LOCAL), ("UDP4-LISTEN:0", socket.AF_INET, "127.0.0.2"),
    ("UDP6-LISTEN:0", socket.AF_INET6, "::1"),
    ("UDP6-LISTEN:0,ipv6only=0", socket.AF_INET6, "::ffff:127.0.0.3")])
def test_each_address_answers_for_itself(relay, echo, listen, family, address, fork):
    """Whoever sends to one of several addresses of a wildcard listener is answered from it, by
    one session."""
    running = relay(f"{listen}{fork}", f"UDP4:{LOCAL}:{port_of(echo)}")
    echo.settimeout(LIMIT)
    sessions = set()
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(LIMIT)
        s.connect((address, int(running.target)))  # it hears that address only
        for number in range(5):
            s.send(b"%d" % number)
            packet, session = echo.recvfrom(100)
            sessions.add(session)
            echo.sendto(packet, session)
            assert s.recv(100) == b"%d" % number
    assert len(sessions) == 1


def test_packets_for_everybody_reach_the_session(relay, echo):
    """A broadcast goes on coming to the listening socket, from where its sender's session gets
    it."""
    running = relay("UDP4-LISTEN:0,fork", f"UDP4:{LOCAL}:{port_of(echo)}")
    echo.settimeout(LIMIT)
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sessions = set()
        for number in range(5):
            s.sendto(b"%d" % number, ("127.255.255.255", int(running.target)))
            packet, session = echo.recvfrom(100)
            assert packet == b"%d" % number
            sessions.add(session)
    assert len(sessions) == 1


def test_peers_of_a_full_listener_wait(engine, relay, echo):
    """max-children: their packets are served when a session has ended."""
    running = relay("UDP4-LISTEN:0,fork,max-children=1", f"UDP4:{LOCAL}:{port_of(echo)}", "-T", "0.3")
    got = exchange(int(running.target), echo, range(3), 2)
    assert got == {peer: [0, 1] for peer in range(3)}
    wait_for(lambda: running.footprint() == (1, 1), "the end of all sessions")



@pytest.mark.parametrize("isolate", ["", ",isolate"])
def test_each_packet_is_a_session(relay, echo, load_count, isolate):
    """RECVFROM: each answer goes to whoever asked, and nothing is left open."""
    patience = "0.5" if load_count.time_counts else "10"
    running = relay(f"UDP4-RECVFROM:0,fork{isolate}", f"UDP4:{LOCAL}:{port_of(echo)}", "-T", patience)
    start = running.idle_footprint()
    peers, numbers = range(load_count(40 if isolate else 200)), 4
    got = exchange(int(running.target), echo, peers, numbers)
    assert {peer: sorted(answers) for peer, answers in got.items()} == {
        peer: list(range(numbers)) for peer in peers}
    running.returns_to(start)


@pytest.mark.parametrize("options", [[], ["-ddd"]], ids=["batches", "one by one"])
def test_runs_of_packets_keep_their_boundaries(commands, tools, echo, free_port, listener, options):
    """A sender hands several packets of one size to the kernel at once (UDP_SEGMENT); the last
    one is shorter.  They come out as they were, in order, there and back."""
    port = free_port("udp")
    commands.start([tools / "socat", *options, f"UDP4-LISTEN:{port},bind={LOCAL},fork",
                    f"UDP4:{LOCAL}:{port_of(echo)}"], stderr=subprocess.DEVNULL)
    listener.port(port, "udp")
    echo.settimeout(LIMIT)
    with big_socket() as s:
        s.settimeout(LIMIT)
        s.connect((LOCAL, port))
        for size, count in [(100, 1), (1000, 10), (1400, 40), (7, 5), (1, 3)]:
            data = os.urandom(size * count - size // 2)
            s.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, size)
            s.send(data)
            packets = [data[at:at + size] for at in range(0, len(data), size)]
            there = [echo.recvfrom(65536) for _ in packets]
            assert [packet for packet, _ in there] == packets
            echo.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, size)
            echo.sendto(data, there[0][1])
            echo.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 0)
            assert [s.recv(65536) for _ in packets] == packets
