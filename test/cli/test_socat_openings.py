# SPDX-License-Identifier: MIT
"""What an opening does with its options: when, on what, and how often."""

import os
import socket
import stat

import pytest

from conftest import Listener, wait_for
from lessons import Server


@pytest.fixture
def refusing():
    """A port that is taken, so nobody else listens there, and refuses."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        yield s.getsockname()[1]


def test_a_forked_child_retries_its_own_second_address(start, tmp_path, refusing):
    """The tries of the listener are the parent's, those of the second address the child's."""
    s = Server(start, tmp_path, "TCP4-LISTEN:0,bind=127.0.0.1,fork",
               f"TCP4:127.0.0.1:{refusing},retry=2,interval=0.01")
    with socket.create_connection(("127.0.0.1", s.port)) as c:
        c.settimeout(20)
        assert c.recv(1) == b""
    assert len(s.wait_log(r"opening connection to AF=2", count=3)) == 3
    assert len(s.wait_log(r" E TCP4:")) == 1


def test_a_child_of_a_client_does_not_retry(start, tmp_path):
    """A failed late option of a forked client ends the child; the parent goes on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        s = Server(start, tmp_path, f"TCP4:127.0.0.1:{server.getsockname()[1]},fork,forever,"
                   "interval=0.01,setgid=1,setgid=1,chroot=/nowhere", "PIPE")
        for _ in range(3):
            server.settimeout(20)
            server.accept()[0].close()
        s.wait_log(r'chroot\("/nowhere"\)', count=2)


@pytest.mark.parametrize("address", [
    "TCP4-LISTEN:0,bind=127.0.0.1,accept-timeout=0.01", "UDP4-LISTEN:0,accept-timeout=0.01",
    "UDP4-CONNECT:127.0.0.1:9", "UDP4-SENDTO:127.0.0.1:9", "UDP4-DATAGRAM:127.0.0.1:9",
    "UNIX-SENDTO:nobody", "UNIX-LISTEN:here,accept-timeout=0.01", "ABSTRACT-SENDTO:nobody",
    "FILE:/dev/null", "CREATE:file", "GOPEN:/dev/null", "PIPE", "SOCKETPAIR", "STDOUT",
    "FD:1", "EXEC:true", "SYSTEM:true",
])
def test_early_options_of_the_process(run, tmp_path, address):
    """EARLY is a phase of every address: the group is set before anything is opened."""
    early = f"setgid-early={os.getgid()}"
    done = run(["socat", "-u", "/dev/null", f"{address},{early}"], cwd=tmp_path)
    assert done.status == 0 and " E " not in done.stderr


def test_a_failing_early_option_opens_nothing(run, tmp_path):
    done = run(["socat", "-u", "/dev/null", "CREATE:file,chroot-early=/nowhere"], cwd=tmp_path)
    assert done.status == 1 and 'chroot("/nowhere")' in done.stderr
    assert not (tmp_path / "file").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_early_options_are_applied_once_for_all_tries(run, refusing):
    """The second try is made by the other user, who may not switch again."""
    done = run(["socat", "-dd", "/dev/null", f"TCP4:127.0.0.1:{refusing},su-e=nobody,retry=2,"
                "interval=0.01"])
    assert done.stderr.count("opening connection to AF=2") == 3
    assert "switch to user" not in done.stderr


def test_unnamed_pipe_has_nothing_to_unlink(run):
    done = run(["socat", "-u", "/dev/null", "PIPE,unlink-early"])
    assert done.status == 1 and 'option "unlink-early" not inquired' in done.stderr


def test_options_of_the_descriptor_with_unix_recvfrom(start, run, tmp_path):
    path = tmp_path / "s"
    process = start(["socat", "-u", f"UNIX-RECVFROM:{path},nonblock", "-"])
    wait_for(path.exists)
    assert run(["socat", "-u", "-", f"UNIX-SENDTO:{path}"], input="hi").status == 0
    assert process.stdout.read() == b"hi" and process.wait(timeout=20) == 0


def test_a_socket_file_made_in_a_forked_child_stays_for_its_session(start, tmp_path):
    """The second address listens, too: its entry goes when the session ends, not before."""
    s = Server(start, tmp_path, "TCP4-LISTEN:0,bind=127.0.0.1,fork",
               "UNIX-LISTEN:second", cwd=tmp_path)
    with socket.create_connection(("127.0.0.1", s.port)) as c:
        second = tmp_path / "second"
        Listener.path("second")  # as it was bound
        with socket.socket(socket.AF_UNIX) as u:
            u.connect(str(second))
            c.sendall(b"x")
            u.settimeout(20)
            assert u.recv(1) == b"x"
            assert stat.S_ISSOCK(second.stat().st_mode)
    wait_for(lambda: not second.exists())


def test_nofork_cannot_have_a_packet_that_was_read(start, run, tmp_path):
    path = tmp_path / "s"
    process = start(["socat", f"UNIX-RECVFROM:{path}", "EXEC:cat,nofork"])
    wait_for(path.exists)
    assert run(["socat", "-u", "-", f"UNIX-SENDTO:{path}"], input="x").status == 0
    assert process.wait(timeout=20) == 1
    assert b"option nofork" in process.stderr.read()
