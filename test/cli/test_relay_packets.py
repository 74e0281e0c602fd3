# SPDX-License-Identifier: MIT
"""sockbox relay: sessions of peers who send packets, and when they end."""

import os
import socket
import subprocess

import pytest

from conftest import LIMIT, SOCKBOX, wait_for

pytestmark = pytest.mark.usefixtures("own_network")

LOCAL = "127.0.0.1"


@pytest.fixture
def peers():
    """A back-end and a peer."""
    with socket.socket(type=socket.SOCK_DGRAM) as back, \
            socket.socket(type=socket.SOCK_DGRAM) as peer:
        back.bind((LOCAL, 0))
        for s in (back, peer):
            s.settimeout(LIMIT)
        yield back, peer


def serve(commands, listener, port, back, *options):
    process = commands.start([SOCKBOX, "relay", *options, f"UDP4-LISTEN:{port},bind={LOCAL},fork",
                              f"UDP4:{LOCAL}:{back.getsockname()[1]}"], stderr=subprocess.DEVNULL)
    listener.port(port, "udp")
    return process


def sockets(process):
    folder = f"/proc/{process.pid}/fd"
    links = [os.readlink(f"{folder}/{fd}") for fd in os.listdir(folder)]
    return sum(link.startswith("socket:") for link in links)


def session_of(back, peer, port):
    """Which session carries a packet: the address it comes from."""
    peer.sendto(b"question", (LOCAL, port))
    packet, session = back.recvfrom(100)
    assert packet == b"question"
    return session


def test_idle_ends_a_session(commands, listener, free_port, peers):
    back, peer = peers
    port = free_port("udp")
    process = serve(commands, listener, port, back, "--idle", "0.1")
    session_of(back, peer, port)
    wait_for(lambda: sockets(process) == 1, "the end of the session")


@pytest.mark.parametrize("options", [["--idle", "0"], []])
def test_no_session_ends_at_once(commands, listener, free_port, peers, options):
    """0 seconds mean never."""
    back, peer = peers
    port = free_port("udp")
    serve(commands, listener, port, back, *options)
    assert len({session_of(back, peer, port) for _ in range(5)}) == 1
