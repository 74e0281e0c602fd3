# SPDX-License-Identifier: MIT
"""A host with several addresses, the first of which does not answer (Happy Eyeballs)."""

import subprocess

import pytest

LIMIT = 30
WORLD = ["ip tuntap add dev dead mode tun", "ip link set dead up",
         "ip address add 2001:db8::1/64 dev dead nodad", "ip address add 10.9.9.1/32 dev lo"]


@pytest.fixture
def twins(private, listener, tmp_path):
    """The name twins: 2001:db8::2, where packets go nowhere, and after it 10.9.9.1, where a server
    listens on port 7000."""
    for command in WORLD:
        if private.run(command.split()).status:
            pytest.skip("no tun interface")
    for line in ["echo 2001:db8::2 twins > /tmp/hosts", "echo 10.9.9.1 twins >> /tmp/hosts",
                 "mount --bind /tmp/hosts /etc/hosts"]:
        assert private.run(["sh", "-c", line]).status == 0
    addresses = private.run(["getent", "ahosts", "twins"]).stdout.split()
    assert addresses[0] == "2001:db8::2" and "10.9.9.1" in addresses
    server = private.start(["nc", "-l", "10.9.9.1", "7000"], stdin=subprocess.DEVNULL)
    listener.port(7000, net=private.net)
    return private, server


@pytest.mark.parametrize("flags", [[], ["-v"]])
def test_the_one_that_answers_wins(twins, flags):
    """The kernel would wait for the first for two minutes."""
    space, server = twins
    r = space.run(["nc", "-N", *flags, "twins", "7000"], input=b"hello", timeout=LIMIT)
    assert (r.status, r.stdout) == (0, "")
    assert r.stderr == ("Connection to twins (10.9.9.1) 7000 port [tcp/bbs] succeeded!\n"
                        if flags else "")
    assert server.communicate(timeout=LIMIT)[0] == b"hello"


@pytest.mark.parametrize("flags", [[], ["-v"], ["--json"]])
def test_ncat_does_not_wait_either(twins, flags):
    """The original gives the first one ten seconds."""
    space, server = twins
    r = space.run(["ncat", "-w", "60", "--send-only", *flags, "twins", "7000"], input=b"hello",
                  timeout=LIMIT)
    assert (r.status, r.stdout) == (0, "")
    assert ("Ncat: Connected to 10.9.9.1:7000.\n" in r.stderr) == (flags == ["-v"])
    assert ('"peer_address":"10.9.9.1"' in r.stderr) == (flags == ["--json"])
    assert server.communicate(timeout=LIMIT)[0] == b"hello"


def test_ncat_tells_of_all(twins):
    space, _ = twins
    r = space.run(["ncat", "-v", "-w", "300ms", "twins", "7001"], timeout=LIMIT)
    assert (r.status, r.stdout) == (1, "")
    assert r.stderr.splitlines()[1:] == [
        "Ncat: Connection to 10.9.9.1 failed: Connection refused.",
        "Ncat: Trying next address...", "Ncat: TIMEOUT."]


def test_all_fail_each_in_its_words(twins):
    space, _ = twins
    r = space.run(["nc", "-v", "-w2", "twins", "7001"], timeout=LIMIT)
    assert (r.status, r.stdout) == (1, "")
    assert sorted(r.stderr.splitlines()) == [
        "nc: connect to twins (10.9.9.1) port 7001 (tcp) failed: Connection refused",
        "nc: connect to twins (2001:db8::2) port 7001 (tcp) timed out: Operation now in progress"]
