# SPDX-License-Identifier: MIT
"""What ss does beside listing: destroy sockets, follow their end, write and read dumps."""

import select

import pytest
from conftest import original

PAIRS = """
import socket, sys
listener = socket.create_server(("127.0.0.1", 8080))
pairs = []
for _ in range(3):
    client = socket.create_connection(("127.0.0.1", 8080))
    pairs.append((client, listener.accept()[0]))
print("ready", flush=True)
for line in sys.stdin:
    client, server = pairs.pop()
    client.close(); server.close()
"""


@pytest.fixture
def pairs(netns):
    process = netns.start(["/usr/bin/python3", "-c", PAIRS])
    assert process.stdout.readline() == b"ready\n"
    return process


def test_killed_sockets_are_shown_and_gone(netns, tools, pairs):
    ss = tools / "ss"
    killed = netns.run([ss, "-HtnK", "dport", "=", ":8080"])
    assert (killed.status, killed.stderr) == (0, "")
    assert len(killed.stdout.splitlines()) == 3
    assert netns.run([ss, "-Htn", "state", "established", "dport", "=", ":8080"]).stdout == ""
    assert len(netns.run([ss, "-Htln"]).stdout.splitlines()) == 1  # not in the default states
    for program in [ss, original("ss")]:
        assert netns.run([program, "-HtnK", "dport", "=", ":8080"]).stdout == ""


def test_the_end_of_sockets_is_followed(netns, tools, pairs):
    follower = netns.start([tools / "ss", "-tEn", "sport", "=", ":8080"])
    # Events come only once ss listens: destroy one after the other until it tells.
    for _ in range(3):
        pairs.stdin.write(b"\n")
        pairs.stdin.flush()
        if select.select([follower.stdout], [], [], 2)[0]:
            break
    header, row = follower.stdout.readline(), follower.stdout.readline()
    assert header.split()[:1] == [b"State"]
    assert row.split()[3] == b"127.0.0.1:8080"
    assert follower.poll() is None


@pytest.mark.parametrize("options", ["-tan", "-tani", "-tanm"])
def test_a_dump_is_read_back_by_both(netns, tools, pairs, tmp_path, options):
    dump = tmp_path / "dump"
    assert netns.run([tools / "ss", options, "-4", "-D", dump, "sport", "="]).status == 0
    environment = {"TCPDIAG_FILE": str(dump)}
    ours = netns.run([tools / "ss", options], env=environment)
    theirs = netns.run([original("ss"), options], env=environment)
    assert ours.stderr == ""
    assert len(ours.stdout.splitlines()) >= 8
    assert [line.split()[:5] for line in ours.stdout.splitlines()[1:] if ":8080" in line] == \
        [line.split()[:5] for line in theirs.stdout.splitlines()[1:] if ":8080" in line]
