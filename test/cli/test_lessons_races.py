# SPDX-License-Identifier: MIT
"""Things that come at once, or not at all: packets in a burst, a program that closes its output
and lives on, a reader that stops."""

import socket

import pytest

from conftest import wait_for
from lessons import Server, children, descriptors

pytestmark = pytest.mark.usefixtures("own_network")

MANY = 100


@pytest.mark.parametrize("address", ["UDP4-RECVFROM:0,fork", "UDP4-RECVFROM:0,fork,max-children=3"])
def test_a_burst_of_packets(start, tmp_path, address):
    """Each is answered once: none is lost, none is forked for twice, nobody stays."""
    s = Server(start, tmp_path, f"{address},bind=127.0.0.1", "EXEC:cat", level="-dd")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as u:
        u.settimeout(20)
        u.connect(("127.0.0.1", s.port))
        before = len(descriptors(s.pid))
        for i in range(MANY):
            u.send(b"%d" % i)
        assert sorted(int(u.recv(100)) for _ in range(MANY)) == list(range(MANY))
        wait_for(lambda: children(s.pid) == [], "the end of the children")
        u.settimeout(0)
        with pytest.raises(BlockingIOError):
            u.recv(100)
    assert s.process.poll() is None and len(descriptors(s.pid)) == before


@pytest.mark.parametrize("how, closing", [("", ">&-"), (",pipes", ">&-"),
                                          (",pty,rawer", "<&- >&- 2>&-")])
@pytest.mark.parametrize("one_way", [["-u"], []])
def test_a_program_that_closes_its_output(start, tmp_path, how, closing, one_way):
    """That is its end, though it lives on."""
    script = tmp_path / "script"
    script.write_text(f"echo said; exec sleep 60 {closing}")
    second = ["STDOUT"] if one_way else ["-"]
    process = start(["socat", "-t0.1", *one_way, f"EXEC:sh {script}{how}", *second])
    assert process.stdout.readline() == b"said\n"
    process.stdin.close()
    assert process.wait(timeout=20) in (0, 143)


@pytest.mark.parametrize("second", ["SYSTEM:exec sleep 60", "SYSTEM:exec sleep 60,pipes", "STALL"])
def test_the_idle_limit_holds_while_nobody_reads(start, second):
    """-T also ends a transfer whose writer waits, and does not wait for the program then."""
    process = start(["socat", "-u", "-T0.2", "OPEN:/dev/zero", second])
    assert process.wait(timeout=20) == 0


@pytest.mark.parametrize("end", ["", ",readbytes=5", ",escape=0x21"])
def test_a_program_that_is_only_written_to_may_finish(run, tmp_path, end):
    """However the input ends."""
    done = run(["socat", "-u", f"TEXT:hello\\!{end}", f"SYSTEM:cat >{tmp_path}/a; sleep 0.1; "
                f"mv {tmp_path}/a {tmp_path}/b"])
    assert done.status == 0 and (tmp_path / "b").read_text().startswith("hello")


def test_settings_of_a_terminal_are_of_one_address(run, tmp_path):
    """Terminal options of the first address are not the second's."""
    def second(options):
        path = tmp_path / f"settings{len(options)}"
        done = run(["socat", "-t0.1", f"EXEC:cat,pty{options}", f"SYSTEM:stty -g >{path},pty"])
        assert done.stderr == ""
        return path.read_text()
    assert second("") == second(",echo=0,icrnl=0,min=9,b300") != ""
