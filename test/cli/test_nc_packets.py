# SPDX-License-Identifier: MIT
"""Datagrams of our nc: none is cut, none is lost, and whose answer goes where."""

import os
import signal
import socket

import pytest

from nc_kit import LIMIT, ends, listen, port_of, udp  # noqa: F401 (a fixture)


@pytest.mark.parametrize("size", [16385, 65507])
def test_large_datagrams_are_not_cut(start, run, udp, size, tmp_path):
    data = os.urandom(size)
    (tmp_path / "data").write_bytes(data)
    with (tmp_path / "data").open("rb") as stdin:
        p = start(["nc", "-u", "-W1", "127.0.0.1", port_of(udp)], stdin=stdin)
    got, client = udp.recvfrom(1 << 16)
    assert got == data
    udp.sendto(data[::-1], client)
    assert p.stdout.read() == data[::-1]
    ends(p)


def test_a_large_file_goes_out_in_datagrams_that_fit(run, udp, tmp_path):
    data = os.urandom(3 * 65507)
    (tmp_path / "data").write_bytes(data)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    with (tmp_path / "data").open("rb") as stdin:
        assert run(["nc", "-u", "-q0", "127.0.0.1", port_of(udp)], stdin=stdin).status == 0
    assert b"".join(udp.recv(1 << 16) for _ in range(3)) == data


def test_no_probe_bytes_in_a_session(run, udp):
    r = run(["nc", "-uv", "-q0", "127.0.0.1", port_of(udp)], input=b"data")
    assert r.status == 0
    assert r.stderr == f"Connection to 127.0.0.1 {port_of(udp)} port [udp/*] succeeded!\n"
    assert udp.recv(100) == b"data"
    udp.setblocking(False)
    with pytest.raises(BlockingIOError):
        udp.recv(100)


def test_C_over_udp_is_one_datagram_a_line(run, udp):
    run(["nc", "-uC", "-q0", "127.0.0.1", port_of(udp)], input=b"one\ntwo\r\nthree")
    assert [udp.recv(100) for _ in range(3)] == [b"one\r\n", b"two\r\n", b"three"]


def test_a_udp_listener_with_k_answers_who_spoke_last(start):
    p, port = listen(start, "-uk")
    for word in [b"one\n", b"two\n"]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(LIMIT)
            s.connect(("127.0.0.1", port))
            s.send(word)
            assert p.stdout.readline() == word
            assert p.stderr.readline() == b"Connection received on 127.0.0.1 %d\n" % port_of(s)
            p.stdin.write(b"answer to " + word)
            p.stdin.flush()
            assert s.recv(100) == b"answer to " + word


def test_a_unix_datagram_listener_survives_nameless_senders(start, listener, tmp_path):
    path = str(tmp_path / "s")
    p = start(["nc", "-luU", path])
    listener.path(path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.sendto(b"nameless\n", path)
    assert p.stdout.readline() == b"nameless\n"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(str(tmp_path / "c"))
        s.settimeout(LIMIT)
        s.sendto(b"with a name\n", path)
        assert p.stdout.readline() == b"with a name\n"
        p.stdin.write(b"answer")
        p.stdin.flush()
        assert s.recv(100) == b"answer"
    p.stdin.write(b"to nobody")
    p.stdin.flush()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.sendto(b"again\n", path)
    assert p.stdout.readline() == b"again\n"
    assert p.poll() is None


def test_unix_datagrams_queued_by_a_sender_that_left_are_printed(start, listener, tmp_path):
    path = str(tmp_path / "s")
    p = start(["nc", "-luU", "-W3", path])
    listener.path(path)
    os.kill(p.pid, signal.SIGSTOP)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(str(tmp_path / "c"))
        for word in [b"a", b"b", b"c"]:
            s.sendto(word, path)
    os.kill(p.pid, signal.SIGCONT)
    assert p.stdout.read() == b"abc"
    ends(p)
