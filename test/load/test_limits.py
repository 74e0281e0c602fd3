# SPDX-License-Identifier: MIT
"""Many sessions, and what they may take: memory, descriptors, children, packets' peers."""

import os
import re
import time

import pytest

from conftest import wait_for
from load_kit import back, engine, load, load_count, load_program, relay  # noqa: F401

TICKS_AT_THE_CEILING = 10  # of 100 in a second


def test_many_idle_sessions_carry_traffic_again(relay, back, load, load_count):
    number = load_count(500)
    running = relay("TCP4-LISTEN:0,fork,backlog=1024", f"TCP4:127.0.0.1:{back.tcp}")
    client = load.client("idle", running.target, connections=number, request=1000, answer=5000)
    assert client.first["errors"] == 0
    stats = back.stats()
    assert stats["active"] == number and stats["rounds"] == number
    assert client.go()["errors"] == 0
    assert back.stats()["rounds"] == 2 * number
    wait_for(lambda: back.stats()["active"] == 0, "the end of all connections of the back-end")


def test_an_idle_session_is_small(engine, relay, back, load, load_count):
    """A page or two besides the sockets, and no pipe held."""
    running = relay("TCP4-LISTEN:0,fork,backlog=1024", f"TCP4:127.0.0.1:{back.tcp}")
    load("bulk", running.target, bytes="16M", connections=2)
    before, memory, number = running.descriptors(), running.memory(), load_count(1000)
    client = load.client("idle", running.target, connections=number)
    assert running.descriptors() - before <= 2 * number
    if load_count.memory_counts:
        assert running.memory() - memory < number * 2048
    assert client.go()["errors"] == 0


def test_max_children_is_never_exceeded(relay, back, load, load_count):
    running = relay("TCP4-LISTEN:0,fork,max-children=10,backlog=1024",
                    f"TCP4:127.0.0.1:{back.tcp}")
    client = load.client("hostile", running.target, kind="stall", connections=30)
    running.wait_line(" maxchildren are active, waiting$")
    wait_for(lambda: back.stats()["accepted"] == 10, "ten sessions")
    assert len(running.processes()) <= 11
    client.go()
    # The others come after them, one at a time or all at once, and then there is room again.
    assert load("ask", running.target, connections=10, seconds=0.1)["rounds"] > 0
    assert back.stats()["wrong"] == 0


FILE_LIMIT, CLIENTS, RESERVE = 400, 300, 100  # descriptors kept for other things, at most


def test_descriptor_ceiling(engine, relay, back, load):
    """At the open-file limit it stops to accept, says so once, does not spin, and goes on when
    sessions have ended."""
    running = relay("TCP4-LISTEN:0,fork,backlog=1024", f"TCP4:127.0.0.1:{back.tcp}",
                    before=["sh", "-c", f'ulimit -n {FILE_LIMIT}; exec "$@"', "sh"])
    client = load.client("hostile", running.target, kind="partial", connections=CLIENTS)

    def full():
        before = back.stats()["accepted"]
        time.sleep(0.2)
        return before and before == back.stats()["accepted"]

    wait_for(full, "as many sessions as there can be")
    assert (FILE_LIMIT - RESERVE) // 2 <= back.stats()["active"] <= FILE_LIMIT // 2
    before = running.ticks()
    time.sleep(1)
    assert running.ticks() - before < TICKS_AT_THE_CEILING
    lines = re.findall(r"(?im)^.*(?:too many open files|open[- ]file|limit of open files).*$",
                       running.text())
    assert len(lines) == 1, lines
    assert os.path.exists(f"/proc/{running.pid}")

    client.go()
    client.__exit__()
    assert load("ask", running.target, connections=10, seconds=0.2)["rounds"] > 0


@pytest.mark.parametrize("peers", [1, 100])
def test_packets_of_many_peers(relay, back, load, load_count, peers):
    """Each gets its own answers; sessions end by -T."""
    running = relay("UDP4-LISTEN:0,fork", f"UDP4:127.0.0.1:{back.udp}", "-T", "1")
    start = running.idle_footprint()
    report = load("udp", running.target, connections=load_count(peers), seconds=0.3,
                  storm=True)
    assert report["rounds"] > 0 and report["foreign"] == 0
    running.returns_to(start)
    # A peer that comes again is a new session.
    assert load("udp", running.target, connections=2, seconds=0.1)["rounds"] > 0


@pytest.mark.parametrize("peers", [200, 1000])
def test_first_packets_of_many_peers_are_all_served(engine, relay, back, load, load_count, peers):
    """They arrive at once: what is queued at the listening socket, or came to a socket that was
    just bound, gets to its session; what does not fit into the socket is sent again."""
    running = relay("UDP4-LISTEN:0,fork", f"UDP4:127.0.0.1:{back.udp}", "-T", "1")
    start = running.idle_footprint()
    peers = load_count(peers)
    report = load("udp", running.target, connections=peers, seconds=0.1, storm=True)
    assert report["foreign"] == 0
    assert report["rounds"] > 0 or not load_count.time_counts
    if peers <= 200 and load_count.time_counts:
        assert report["lost"] <= peers // 20  # an answer that was late counts, too
    running.returns_to(start)
