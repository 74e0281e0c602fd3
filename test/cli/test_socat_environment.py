# SPDX-License-Identifier: MIT
"""SOCAT_* variables that programs get, and the ones socat reads."""

import os
import re
import socket

import pytest

from socat_kit import LOCAL, WHO, connect, log_lines, read_all, socat  # noqa: F401

SHOW = "SYSTEM:env | grep ^SOCAT_ | sort"
SHOW_ALL = "SYSTEM:env"
LONG_ONE = "[0000:0000:0000:0000:0000:0000:0000:0001]"


def variables(text):
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def test_always_set(socat):
    running = socat.start("-U", "-", SHOW)
    got = variables(running.end().stdout)
    assert got["SOCAT_VERSION"] == "1.8.1.1"
    assert got["SOCAT_PID"] == got["SOCAT_PPID"] == str(running.pid)


def test_prefix_follows_the_name(socat):
    got = variables(socat.run("-lp", "my-Server", "-U", "-", "EXEC:env").stdout)
    assert "MY-SERVER_PID" in got
    assert not any(name.startswith("SOCAT_") for name in got)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("kind, family, host", [("TCP4", socket.AF_INET, LOCAL),
                                                ("TCP6", socket.AF_INET6, LONG_ONE)])
def test_tcp(socat, who, kind, family, host):
    running = socat.serve(f"{kind}-LISTEN:0,fork", SHOW, who=who)
    port = running.port()
    with connect(port, family) as s:
        own = s.getsockname()[1]
        got = variables(read_all(s).decode())
    assert (got["SOCAT_SOCKADDR"], got["SOCAT_SOCKPORT"]) == (host, str(port))
    assert (got["SOCAT_PEERADDR"], got["SOCAT_PEERPORT"]) == (host, str(own))
    assert got["SOCAT_PPID"] == str(running.pid) != got["SOCAT_PID"]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("kind, family, host", [("UDP4", socket.AF_INET, LOCAL),
                                                ("UDP6", socket.AF_INET6, LONG_ONE)])
@pytest.mark.parametrize("how", ["RECVFROM", "LISTEN"])
def test_udp(socat, who, kind, family, host, how, free_port, listener):
    port = free_port("udp")
    socat.start(f"{kind}-{how}:{port}", SHOW, who=who)
    listener.port(port, "udp6" if family == socket.AF_INET6 else "udp")
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        s.settimeout(10)
        s.connect((LOCAL if family == socket.AF_INET else "::1", port))
        s.send(b"\n")
        got = variables(s.recv(10000).decode())
        assert (got["SOCAT_PEERADDR"], got["SOCAT_PEERPORT"]) == (host, str(s.getsockname()[1]))
    if how == "LISTEN" and (who == "ours" or kind == "UDP6"):
        assert (got["SOCAT_SOCKADDR"], got["SOCAT_SOCKPORT"]) == (host, str(port))


@pytest.mark.parametrize("who", WHO)
def test_unix(socat, who, tmp_path):
    running = socat.serve(f"UNIX-LISTEN:{tmp_path}/s,fork", SHOW, who=who)
    for bound in [None, f"{tmp_path}/client"]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            if bound:
                s.bind(bound)
            s.connect(f"{tmp_path}/s")
            got = variables(read_all(s).decode())
        assert got["SOCAT_SOCKADDR"] == f"{tmp_path}/s"
        if who == "ours":  # 1.7 shows memory it never wrote
            assert got["SOCAT_PEERADDR"] == (bound or "<anon>")
        assert "SOCAT_PEERPORT" not in got
    assert running.process.poll() is None


def test_abstract(socat):
    name = f"socat-test-{os.getpid()}"
    socat.serve(f"ABSTRACT-LISTEN:{name}", SHOW)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        s.connect(f"\0{name}")
        assert variables(read_all(s).decode())["SOCAT_SOCKADDR"] == rf"\0{name}"


def test_own_variables_survive(socat):
    """Others of the environment pass; ours replace those of an outer socat."""
    env = {"COLOUR": "red", "SOCAT_PID": "1"}
    got = variables(socat.run("-U", "-", SHOW_ALL, env=env).stdout)
    assert got["COLOUR"] == "red" and got["SOCAT_PID"] != "1"


def test_preferred_family_of_resolver(socat, tmp_path):
    """SOCAT_PREFERRED_RESOLVE_IP, -4, -6: the order in which the addresses are tried."""
    for options, env, first in [(["-4"], {}, "AF=2"), (["-6"], {}, "AF=10"), ([], {}, "AF=2"),
                                ([], {"SOCAT_PREFERRED_RESOLVE_IP": "6"}, "AF=10"),
                                (["-4"], {"SOCAT_PREFERRED_RESOLVE_IP": "6"}, "AF=2")]:
        done = socat.run("-dd", *options, "TCP:localhost:1", "-", env=env)
        tried = re.findall(r" N opening connection to (AF=\d+) ", done.stderr)
        assert done.status == 1 and tried and (tried[0] == first or len(set(tried)) == 1), tried


@pytest.mark.parametrize("level", [0, 1])
def test_children_shutup(socat, level):
    """Errors of children become warnings, and their exit code with them."""
    running = socat.serve(f"TCP4-LISTEN:0,fork,children-shutup={level}", "OPEN:/no/such/file")
    with connect(running.port()) as s:
        assert read_all(s) == b""
    running.wait_line(r"[EW] open\(\"/no/such/file")
    assert len(log_lines(running.text(), "E")) == 1 - level
