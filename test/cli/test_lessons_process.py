# SPDX-License-Identifier: MIT
"""Options that change the process before an address is opened work on every kind of
address, and what a program was made of stays with the program."""

import os
import socket

import pytest

from lessons import Server, read_all, connect


needs_root = pytest.mark.skipif(os.getuid() != 0, reason="needs root, to become somebody else")


@needs_root
@pytest.mark.parametrize("address", ["UDP4:127.0.0.1:9", "UDP4-SENDTO:127.0.0.1:9", "PIPE",
                                     "OPEN:/dev/null", "STDOUT", "UNIX-SENDTO:{}"])
@pytest.mark.parametrize("option", ["setuid-early=65534", "setgid-early=65534",
                                    "substuser-early=nobody", "su=nobody", "setuid=65534"])
def test_users_change_on_every_address(run, tmp_path, address, option):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        os.chmod(tmp_path, 0o755)
        server.bind(f"\0lessons{os.getpid()}")
        where = address.format(f"lessons{os.getpid()}").replace("UNIX", "ABSTRACT")
        r = run(["socat", "-u", "TEXT:x", f"{where},{option}"])
    assert r.status == 0, r


@needs_root
def test_a_session_changes_alone(start, tmp_path):
    s = Server(start, tmp_path, "TCP4-LISTEN:0,fork,reuseaddr,setuid=65534", "SYSTEM:id -u")
    for _ in range(3):  # the listener keeps its rights, so the second session can change too
        with connect(s.port) as c:
            assert read_all(c) == b"65534\n"
    assert os.stat(f"/proc/{s.pid}").st_uid == 0
