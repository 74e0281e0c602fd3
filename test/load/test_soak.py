# SPDX-License-Identifier: MIT
"""Sessions of all kinds at once: rounds, both directions, half-closes of either side, stalls,
small writes, resets at any byte.  Every byte is compared at both ends."""

import pytest

from conftest import wait_for
from load_kit import back, load, load_count, load_program, relay  # noqa: F401

MEMORY_SLACK = 1 << 20  # what a process may keep for the next time

PAIRS = {
    "tcp-tcp": ("TCP4-LISTEN:0,fork,backlog=1024", "TCP4:127.0.0.1:{tcp}"),
    "tcp-unix": ("TCP4-LISTEN:0,fork,backlog=1024", "UNIX-CONNECT:{unix}"),
    "unix-tcp": ("UNIX-LISTEN:{folder}/front,fork,backlog=1024", "TCP4:127.0.0.1:{tcp}"),
    "unix-unix": ("UNIX-LISTEN:{folder}/front,fork,backlog=1024", "UNIX-CONNECT:{unix}"),
}


def words(pair, back, folder):
    return [word.format(tcp=back.tcp, unix=back.unix, folder=folder) for word in PAIRS[pair]]


@pytest.mark.parametrize("pair", PAIRS)
def test_every_byte_of_a_thousand_sessions(relay, back, load, tmp_path, load_count, pair):
    running = relay(*words(pair, back, tmp_path), "-t", "30")
    load("ask", running.target, seconds=0.01)
    start, memory = running.idle_footprint(), running.memory()
    sessions = load_count(1000) * load_count.soak
    for seed in [1, 2]:
        report = load("soak", running.target, sessions=sessions // 2, connections=load_count(100),
                      seed=seed)
        assert report["finished"] + report["resets"] == sessions // 2
        assert report["finished"] > report["resets"] > 0

    wait_for(lambda: back.stats()["active"] == 0, "the end of all connections of the back-end")
    running.returns_to(start)
    stats = back.stats()
    assert stats["wrong"] == 0
    assert stats["finished"] + stats["cut"] == stats["accepted"]
    if load_count.memory_counts:
        assert running.memory() - memory < MEMORY_SLACK


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("down", [False, True])
def test_long_streams_arrive_whole(relay, back, load, tmp_path, load_count, pair, down):
    running = relay(*words(pair, back, tmp_path))
    load("bulk", running.target, connections=4, bytes=load_count(64 << 20), check=True,
         **({"down": True} if down else {}))
    assert back.stats()["wrong"] == 0


@pytest.mark.parametrize("size", [1, 1000, 8192, 16384, 65536, 300000])
def test_rounds_of_every_size_are_answered(relay, back, load, size):
    running = relay("TCP4-LISTEN:0,fork", f"TCP4:127.0.0.1:{back.tcp}")
    report = load("ask", running.target, connections=3, request=size, answer=size, seconds=0.3,
                  check=True)
    assert report["rounds"] > 0
    assert back.stats()["wrong"] == 0
