# SPDX-License-Identifier: MIT
"""Options that did something else than they say, in one release or another."""

import os
import re
import signal
import socket

import pytest

from conftest import wait_for
from lessons import Server, connect, read_all

# listener, range, peer's address, is it let in?
RANGES = [
    ("TCP4-LISTEN", "127.0.0.1/32", "127.0.0.1", True),
    ("TCP4-LISTEN", "127.0.0.2/32", "127.0.0.1", False),
    ("TCP4-LISTEN", "127.0.0.0/31", "127.0.0.1", True),
    ("TCP4-LISTEN", "127.0.0.2/31", "127.0.0.1", False),
    ("TCP4-LISTEN", "1.2.3.4/0", "127.0.0.1", True),
    ("TCP4-LISTEN", "127.0.0.0:255.0.0.0", "127.0.0.1", True),
    ("TCP4-LISTEN", "128.0.0.0/1", "127.0.0.1", False),
    ("TCP4-LISTEN", "localhost/32", "127.0.0.1", True),
    ("TCP6-LISTEN", "[::1]/128", "::1", True),
    ("TCP6-LISTEN", "[::2]/128", "::1", False),
    ("TCP6-LISTEN", "[::2]/127", "::1", False),
    ("TCP6-LISTEN", "[::2]/126", "::1", True),
    ("TCP6-LISTEN", "[8000::]/1", "::1", False),
    ("TCP6-LISTEN", "[::]/0", "::1", True),
    ("TCP-LISTEN", "127.0.0.1/32", "127.0.0.1", True),
]


@pytest.mark.parametrize("listener, allowed, peer, welcome", RANGES)
def test_ranges(start, tmp_path, listener, allowed, peer, welcome):
    s = Server(start, tmp_path, f"{listener}:0,reuseaddr,fork,range={allowed}", "PIPE")
    with socket.create_connection((peer, s.port), timeout=20) as c:
        c.sendall(b"x")
        assert c.recv(1) == (b"x" if welcome else b"")
    assert s.process.poll() is None
    assert ("refusing connection" in s.log) != welcome


@pytest.mark.parametrize("bad", ["127.0.0.1/33", "127.0.0.1/-1", "127.0.0.1/x", "/8", "", "[::1/64",
                                 "127.0.0.1/99999999999999999999", "127.0.0.1:1:2"])
def test_bad_ranges(run, bad):
    r = run(["socat", f"TCP4-LISTEN:0,range={bad}", "PIPE"], timeout=10)
    assert r.status == 1 and r.stderr.count(" E ") == 1


@pytest.mark.parametrize("port", ["", "1x", "x1", "65536", "-1", "no-such-service", "0x50 "])
@pytest.mark.parametrize("address", ["TCP4-LISTEN:{}", "UDP4-LISTEN:{}", "UDP4-RECV:{}",
                                     "UDP4-RECVFROM:{}", "TCP4:127.0.0.1:{}"])
def test_bad_ports_are_refused_at_once(run, address, port):
    r = run(["socat", address.format(port) + ",", "PIPE"], timeout=10)
    assert r.status == 1 and r.stderr.count(" E ") == 1


@pytest.mark.parametrize("option", ["so-rcvbuf=10x", "so-rcvbuf=x", "retry=1x", "interval=1x",
                                    "max-children=2x,fork", "keepidle=", "mode=9", "backlog=b1"])
def test_numbers_with_garbage(run, option):
    r = run(["socat", f"TCP4-LISTEN:0,{option}", "PIPE"], timeout=10)
    assert r.status == 1 and r.stderr.count(" E ") == 1


def test_a_service_nobody_knows_is_not_looked_up_forever(start, tmp_path):
    s = Server(start, tmp_path, "TCP4:127.0.0.1:no-such-service,forever,interval=0.01", "PIPE")
    assert s.process.wait(timeout=20) == 1
    assert "unknown service" in s.log


def test_connect_timeout_does_not_end_the_retries(start, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        s = Server(start, tmp_path, "-u", "TEXT:late",
                   f"TCP4:127.0.0.1:{taken.getsockname()[1]},connect-timeout=5,forever,interval=.01")
        s.wait_log("Connection refused", 3)
        taken.listen()
        taken.settimeout(20)
        with taken.accept()[0] as c:
            assert read_all(c) == b"late"
    assert s.process.wait(timeout=20) == 0


def test_lowport_of_packets_varies(run):
    if os.getuid() != 0:
        pytest.skip("needs root, for low ports")
    ports = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(20)
        for _ in range(5):
            to = f"UDP4-SENDTO:127.0.0.1:{peer.getsockname()[1]},lowport"
            assert run(["socat", "-u", "TEXT:x", to]).status == 0
            ports.add(peer.recvfrom(1)[1][1])
    assert len(ports) > 1 and all(640 <= p <= 1023 for p in ports)


def test_options_of_a_listener_reach_the_connection(start, tmp_path):
    s = Server(start, tmp_path, "TCP4-LISTEN:0,reuseaddr,so-keepalive,nodelay",
               "EXEC:filan -n 0,nofork")
    with connect(s.port) as c:
        assert b"KEEPALIVE=1" in read_all(c)


@pytest.mark.parametrize("direction, first, second", [
    ("-u", "TEXT:in", "EXEC:cat,nofork"), ("-U", "STDOUT", "EXEC:echo in,nofork"),
])
def test_nofork_in_one_direction(run, direction, first, second):
    r = run(["socat", direction, first, second])
    assert (r.status, r.stdout) == (0, "in" if direction == "-u" else "in\n"), r


def test_switched_off_is_off(run, tmp_path):
    path = tmp_path / "file"
    path.write_text("kept")
    for option in ["unlink=0", "unlink-early=0", "unlink-late=0", "unlink-close=0", "trunc=0",
                   "ftruncate=4"]:
        r = run(["socat", "-u", "/dev/null", f"OPEN:{path},{option}"])
        assert r.status == 0, (option, r)
        assert path.read_text() == "kept", option


def test_a_session_of_its_own_or_not(run):
    sessions = [int(run(["socat", "-u", f"SYSTEM:ps -o sid= -p $$,setsid{value}", "-"]).stdout)
                for value in ["=0", "=1", ""]]
    assert sessions[0] == os.getsid(0)
    assert os.getsid(0) not in sessions[1:]


def test_cloexec_can_be_switched_off(run, tmp_path):
    (tmp_path / "file").write_text("x")
    r = run(["socat", "-U", "-", f"SYSTEM:ls -l /proc/self/fd!!OPEN:{tmp_path}/file"])
    assert f"{tmp_path}/file" not in r.stdout
    r = run(["socat", f"OPEN:{tmp_path}/file,cloexec=0", "SYSTEM:ls -l /proc/self/fd >&2"])
    assert f"-> {tmp_path}/file" in r.stderr


def test_accept_timeout_leaves_running_sessions_alone(start, tmp_path):
    s = Server(start, tmp_path, "TCP4-LISTEN:0,reuseaddr,fork,accept-timeout=0.3", "PIPE")
    with connect(s.port) as c:
        c.sendall(b"x")
        assert c.recv(1) == b"x"
        s.wait_log("accept: Connection timed out")
        c.sendall(b"y")
        assert c.recv(1) == b"y"
        assert s.process.poll() is None, "it waits for them, as classic does"
    assert s.process.wait(timeout=20) == 0


def test_umask_and_folder_are_only_for_the_opening(run, tmp_path):
    r = run(["socat", "-U", "CREATE:out,umask=077", "SYSTEM:umask; pwd"], cwd=tmp_path)
    umask, folder = (tmp_path / "out").read_text().split()
    assert r.status == 0 and int(umask, 8) != 0o077 and folder == str(tmp_path)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600
    (tmp_path / "sub").mkdir()
    r = run(["socat", "-U", "CREATE:out,chdir=sub", "SYSTEM:pwd"], cwd=tmp_path)
    assert (tmp_path / "sub" / "out").read_text().strip() == str(tmp_path)


def test_help_survives_a_reader_that_leaves(run):
    r = run(["bash", "-c", "socat -hhh | head -n 1; socat -V | head -n 1"])
    assert r.status == 0 and r.stderr == "" and re.match("socat", r.stdout)


def test_verbose_copies_show_no_control_sequences(run):
    r = run(["socat", "-v", "-u", "-", "/dev/null"], input=b"\x1b[31m\x07\x9b\xff\ttext\n")
    assert b"\x1b" not in r.raw_stderr and b"\x9b" not in r.raw_stderr
    assert b"\ttext\n" in r.raw_stderr or b"\\ttext\\n" in r.raw_stderr


def test_waiting_at_the_start_obeys_signals(start, tmp_path):
    s = Server(start, tmp_path, "SYSTEM:echo up >&2; sleep 20", "PIPE",
               env={"SOCAT_TRANSFER_WAIT": "1000000"})
    assert s.process.stderr.readline() == b"up\n"
    assert s.end() == 128 + signal.SIGTERM
