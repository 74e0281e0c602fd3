# SPDX-License-Identifier: MIT
"""A terminal that its user has stopped (Ctrl-S) stops what is shown on it, and nothing else."""

import os
import pty
import random
import termios
import tty

import pytest

from conftest import wait_for
from socat_kit import connect, socat  # noqa: F401

MUCH = 300000  # more than a terminal and the sockets before it hold


@pytest.fixture
def terminal():
    """Its two ends: the user's, and the one of the program, which passes bytes as they are but
    knows Ctrl-S and Ctrl-Q."""
    user, program = pty.openpty()
    tty.setraw(program)
    settings = termios.tcgetattr(program)
    settings[0] |= termios.IXON
    termios.tcsetattr(program, termios.TCSANOW, settings)
    yield user, program
    os.close(user)
    os.close(program)


def printable(number):
    return bytes(random.Random(number).choices(b"abcdefghijklmnopqrstuvwxyz0123456789", k=number))


def send_what_is_taken(client, data):
    """Until nothing more is taken for a while, which is what a stopped terminal leads to."""
    client.settimeout(0.5)
    sent = 0
    try:
        while sent < len(data):
            sent += client.send(data[sent:])
    except TimeoutError:
        pass
    client.settimeout(20)
    return sent


@pytest.mark.parametrize("address", ["STDIO", "FILE:{}"])
def test_others_go_on_and_no_byte_is_missing(socat, terminal, address):
    user, program = terminal
    relay = socat.serve("TCP4-LISTEN:0,fork,rcvbuf=20000", address.format(os.ttyname(program)),
                        stdin=program, stdout=program)
    data = printable(MUCH)
    with connect(relay.port()) as client:
        client.sendall(b"begin")
        assert os.read(user, 5) == b"begin"
        os.write(user, b"\x13")
        sent = send_what_is_taken(client, data)

        # What the user types arrives, and others are served.
        os.write(user, b"typed\n")
        assert client.recv(100) == b"typed\n"
        with connect(relay.port()):
            wait_for(lambda: relay.text().count("starting data transfer") == 2, "a session")

        os.write(user, b"\x11")
        shown = b""
        while len(shown) < sent:
            shown += os.read(user, 65536)
        assert shown == data[:sent]
        client.sendall(b"end")
        assert os.read(user, 3) == b"end"
