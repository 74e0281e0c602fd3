# SPDX-License-Identifier: MIT
"""Sessions over TLS: every byte of a thousand of them, half-closes and late data of both sides,
resets at any byte, handshakes that stay half open.  Once our TLS is the server, once it is the
client as well: a relay in front of the relay."""

import pytest

from certificates import certificates, tls  # noqa: F401
from conftest import wait_for
from load_kit import back, load, load_count, load_program, relay  # noqa: F401
from socat_kit import socat  # noqa: F401

# Of a handshake: not begun; with up to 20000 bytes of words that were read.  Of those that reset and
# come again two may be there for one of the clients: the old one has not been looked at yet.
SESSION_MEMORY = {"silent": 64 << 10, "partial": 96 << 10, "reset": 2 * (96 << 10)}
HALF_OPEN = 1000


def front_relay(relay, tls, back, options=""):  # noqa: F811
    return relay(f"OPENSSL-LISTEN:0,pf=ip4,fork,backlog=2048,verify=0,cert={tls}/server.pem{options}",
                 f"TCP4:127.0.0.1:{back.tcp}", "-t", "30")


@pytest.fixture(params=["server", "both"])
def way(request, relay, tls, back):  # noqa: F811
    """The relay that speaks TLS, the one that load talks to, and how."""
    server = front_relay(relay, tls, back)
    if request.param == "server":
        return server, server, {"tls": True}
    client = relay("TCP4-LISTEN:0,fork,backlog=1024",
                   f"OPENSSL:127.0.0.1:{server.target},cafile={tls}/ca.pem", "-t", "30")
    return server, client, {}


def test_every_byte_of_a_thousand_sessions(way, back, load, load_count):
    server, front, how = way
    load("ask", front.target, seconds=0.01, **how)
    start = server.idle_footprint()
    for seed in [1, 2]:
        sessions = load_count(500) * load_count.soak
        report = load("soak", front.target, sessions=sessions, connections=load_count(64),
                      seed=seed, **how)
        assert report["finished"] + report["resets"] == sessions
        assert report["finished"] > report["resets"] > 0

    wait_for(lambda: back.stats()["active"] == 0, "the end of all connections of the back-end")
    server.returns_to(start)
    stats = back.stats()
    assert stats["wrong"] == 0
    assert stats["finished"] + stats["cut"] == stats["accepted"]


@pytest.mark.parametrize("down", [False, True])
def test_long_streams_arrive_whole(way, back, load, load_count, down):
    _, front, how = way
    load("bulk", front.target, connections=4, bytes=load_count(64 << 20), check=True,
         **how, **({"down": True} if down else {}))
    assert back.stats()["wrong"] == 0


@pytest.mark.parametrize("kind", ["silent", "partial", "reset"])
def test_half_open_handshakes_stop_nobody(relay, tls, back, load, load_count, kind):  # noqa: F811
    """Their words are no TLS; those of a silent one never come, until its time is up."""
    server = front_relay(relay, tls, back, ",handshake-timeout=20")
    load("ask", server.target, seconds=0.01, tls=True)
    start, memory = server.idle_footprint(), server.memory()

    number = load_count(HALF_OPEN if kind == "silent" else 100)
    client = load.client("hostile", server.target, kind=kind, connections=number)
    report = load("ask", server.target, connections=3, check=True, tls=True,
                  seconds=0.3 if load_count.time_counts else 3)
    assert report["rounds"] > 0
    if load_count.memory_counts:
        assert server.memory() - memory < number * SESSION_MEMORY[kind]
    client.go()

    server.returns_to(start)
    assert back.stats()["wrong"] == 0


def test_silent_handshakes_end_in_time(relay, tls, back, load):  # noqa: F811
    server = front_relay(relay, tls, back, ",handshake-timeout=0.5")
    load("ask", server.target, seconds=0.01, tls=True)
    start = server.idle_footprint()
    client = load.client("hostile", server.target, kind="silent", connections=50)
    server.returns_to(start)
    assert "no answer within the time allowed" in server.text()
    client.go()
