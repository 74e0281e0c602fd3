# SPDX-License-Identifier: MIT
"""Bad company: clients that say nothing, half of it, one byte at a time, that do not read, that
reset.  Others are served, memory is bounded, nothing spins, and everything is given back."""

import time

import pytest

from conftest import wait_for
from load_kit import back, load, load_count, load_program, relay  # noqa: F401

KINDS = {"silent": 200, "partial": 200, "trickle": 50, "stall": 50, "reset": 30}
SESSION_MEMORY = 400 << 10  # of a stalled session, its process included; it asked for 64 MiB
IDLE_TICKS = 20  # of 100 in a second, for all sessions together


@pytest.mark.parametrize("kind", KINDS)
def test_others_are_served_and_everything_comes_back(relay, back, load, load_count, kind):
    running = relay("TCP4-LISTEN:0,fork,backlog=1024", f"TCP4:127.0.0.1:{back.tcp}")
    load("ask", running.target, seconds=0.01)
    start, memory = running.idle_footprint(), running.memory()

    number = load_count(KINDS[kind])
    client = load.client("hostile", running.target, kind=kind, connections=number)
    report = load("ask", running.target, connections=3, seconds=0.3, check=True)
    assert report["rounds"] > 0
    if load_count.memory_counts:
        assert running.memory() - memory < number * SESSION_MEMORY
    end = client.go()
    assert end["errors"] == 0, "the relay ended sessions that were only slow"

    running.returns_to(start)
    wait_for(lambda: back.stats()["active"] == 0, "the end of all connections of the back-end")
    assert back.stats()["wrong"] == 0


@pytest.mark.parametrize("kind", ["silent", "partial", "stall"])
def test_sessions_that_wait_do_not_spin(relay, back, load, load_count, kind):
    """Neither for a silent client, nor with data that nobody takes."""
    running = relay("TCP4-LISTEN:0,fork,backlog=1024", f"TCP4:127.0.0.1:{back.tcp}")
    client = load.client("hostile", running.target, kind=kind, connections=load_count(50))
    sent = [None]

    def settled():
        before, sent[0] = sent[0], (back.stats()["accepted"], back.stats()["sent"])
        time.sleep(0.1)
        return before == sent[0] and sent[0][0] == load_count(50)

    wait_for(settled, "the buffers to be full")
    before = running.ticks()
    time.sleep(1)
    assert running.ticks() - before < IDLE_TICKS
    client.go()


def test_half_closed_sessions_do_not_spin(relay, back):
    """The client has ended its side, the back-end has not, and nothing flows."""
    import socket
    with socket.create_server(("127.0.0.1", 0)) as server:
        running = relay("TCP4-LISTEN:0,fork", f"TCP4:127.0.0.1:{server.getsockname()[1]}",
                        "-t", "60")
        pairs = []
        for _ in range(10):
            client = socket.create_connection(("127.0.0.1", running.target))
            peer, _ = server.accept()
            client.shutdown(socket.SHUT_WR)
            assert peer.recv(1) == b""
            pairs.append((client, peer))
        before = running.ticks()
        time.sleep(1)
        assert running.ticks() - before < IDLE_TICKS
        for client, peer in pairs:
            peer.sendall(b"late")
            peer.close()
            assert client.recv(10) == b"late"
            assert client.recv(10) == b""
            client.close()


def test_back_end_down_and_up(relay, load, load_program, tmp_path):
    import generator
    with generator.Backend(load_program, tmp_path) as first:
        port = first.tcp
        running = relay("TCP4-LISTEN:0,fork,backlog=1024", f"TCP4:127.0.0.1:{port}")
        load("ask", running.target, seconds=0.05)
        start = running.idle_footprint()
        client = load.client("idle", running.target, connections=20)

    # The sessions have ended with it, and new ones end without a byte.
    running.returns_to(start)
    assert client.go()["errors"] == 20
    report = load.with_errors("ask", running.target, connections=5, seconds=0.05)
    assert report["errors"] == 5 and report["rounds"] == 0
    running.returns_to(start)

    with generator.Backend(load_program, tmp_path, port=port):
        assert load("ask", running.target, connections=5, seconds=0.05)["rounds"] > 0
    running.returns_to(start)
