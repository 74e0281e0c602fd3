# SPDX-License-Identifier: MIT
"""Packets: whose are heard, and what is said when one cannot be sent."""

import os
import re
import signal
import socket

import pytest

from conftest import wait_for
from socat_kit import LOCAL, WHO, log_lines, socat, state_of  # noqa: F401

pytestmark = pytest.mark.usefixtures("own_network")


def udp(host=LOCAL):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(15)
    s.bind((host, 0))
    return s


@pytest.mark.parametrize("who", WHO)
def test_sourceport_of_datagram_binds_nothing(socat, who):
    """It is about the packets of others; 1.8 then hears who sends from the port we send to."""
    with udp() as target, udp() as other, udp() as taken:
        number = taken.getsockname()[1]
        running = socat.start("-T5", f"UDP4-DATAGRAM:{LOCAL}:{target.getsockname()[1]},"
                              f"sourceport={number}", "-", who=who)
        running.process.stdin.write(b"q")
        running.process.stdin.flush()
        _, ours = target.recvfrom(100)
        assert ours[1] != number
        other.sendto(b"wrong", ours)
        if who == "ours":
            running.wait_line(rf" W refusing connection from AF=2 {LOCAL}:{other.getsockname()[1]} "
                              "due to wrong sourceport$")
            target.sendto(b"right", ours)
            assert running.process.stdout.read1(100) == b"right"
        running.signal(signal.SIGTERM)


@pytest.mark.parametrize("address", ["UNIX-SENDTO:{}/none", "UDP4-DATAGRAM:255.255.255.255:9",
                                     "ABSTRACT-SENDTO:no-such-name", "UNIX-SENDTO:{}"])
def test_packet_that_cannot_be_sent(socat, tmp_path, address):
    """One error that names the call, the peer and its length, as the original's."""
    theirs, ours = socat.both("-u", "-", address.format(tmp_path), input=b"x\n")
    assert ours.status == theirs.status == 1
    lines = [re.sub(r"^E sendto\(\d+, (0x\w+|\.\.\.), ", "E sendto(", line)
             for done in (theirs, ours) for line in log_lines(done.stderr, "E")]
    assert len(lines) == 2 and lines[0] == lines[1]


@pytest.mark.parametrize("fork", ["", ",fork", ",fork,isolate"])
def test_second_peer_is_not_in_the_first_session(socat, fork):
    """Two peers write before the socket is connected to the first."""
    running = socat.serve("-T5", f"UDP4-LISTEN:0,bind={LOCAL}{fork}", "PIPE")
    with udp() as first, udp() as second:
        to = (LOCAL, running.port())
        os.kill(running.pid, signal.SIGSTOP)
        wait_for(lambda: state_of(running.pid) == "T", "the stop")
        first.sendto(b"first one", to)
        second.sendto(b"second", to)
        first.sendto(b"first two", to)
        os.kill(running.pid, signal.SIGCONT)
        answer = b""
        while len(answer) < len(b"first onefirst two"):
            answer += first.recv(100)  # a pipe keeps no boundaries
        assert answer == b"first onefirst two"
        if fork:
            assert second.recv(100) == b"second"
        running.signal(signal.SIGTERM)
