# SPDX-License-Identifier: MIT
"""sockbox tour: the whole tutorial on its own ports, and that nothing is left behind."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from conftest import SOCKBOX, port_listens, wait_for

LIMIT = 120


def tour(space, *arguments, **more):
    return space.run([SOCKBOX, "tour", *arguments], timeout=LIMIT, **more)


def descendants(space):
    """Every process in the network namespace but the one that holds it open."""
    home = os.readlink(f"/proc/{space.holder.pid}/ns/net")
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(folder / "ns" / "net") == home and int(folder.name) != space.holder.pid:
                found.append((folder / "cmdline").read_bytes())
        except OSError:
            continue
    return found


def assert_nothing_left(space):
    names = space.run(["ls", "-A", "/tmp"]).stdout.split()
    assert [n for n in names if n.startswith("sockbox-") or n.endswith(".sock")] == []
    assert descendants(space) == []


def test_whole_tour_on_the_ports_of_the_tutorial(private):
    r = tour(private)
    assert (r.status, r.stderr) == (0, ""), r.stdout
    assert r.stdout.endswith(" steps played, all as the tutorial says\n")
    assert "note: port" not in r.stdout and "stands for /tmp" not in r.stdout
    assert "stands for it" not in r.stdout
    for line in ["$ ss -tln\n", "$ ss -uln |grep 123\n", "$ ss -xln\n", "$ nc -6 -vz ::1 8080\n",
                 "$ nc -4 -vz 10.0.100.52 8080\n", "$ nc -uU -z /tmp/datagram.sock\n", "^C\n",
                 "Connection to 127.0.0.1 8080 port [tcp/http-alt] succeeded!\n",
                 "Connection to 127.0.0.1 123 port [udp/ntp] succeeded!\n"]:
        assert line in r.stdout
    assert_nothing_left(private)


def test_one_section(private):
    r = tour(private, "unix")
    assert r.status == 0, r.stdout
    assert "== UNIX domain sockets (unix)" in r.stdout and "ss -tln" not in r.stdout
    assert_nothing_left(private)


def test_taken_ports_and_files_are_replaced_and_said(private):
    private.run(["touch", "/tmp/stream.sock"])
    before = private.run(["ls", "-A", "/tmp"]).stdout
    holders = [private.start(["python3", "-c", f"""
import socket, sys
s = socket.socket(socket.AF_INET, socket.{kind})
s.bind(("0.0.0.0", {port}))
{"s.listen()" if kind == "SOCK_STREAM" else ""}
print("bound", flush=True)
sys.stdin.read()
"""]) for kind, port in [("SOCK_STREAM", 8080), ("SOCK_DGRAM", 123)]]
    for holder in holders:
        assert holder.stdout.readline() == b"bound\n"

    r = tour(private)
    assert r.status == 0, r.stdout
    assert "note: port 8080 cannot be used (Address already in use); " in r.stdout
    assert "note: port 123 cannot be used (Address already in use); " in r.stdout
    assert "note: /tmp/stream.sock is there already; the folder /tmp/sockbox-files." in r.stdout
    assert "$ nc -4 -vz 127.0.0.1 8080\n" not in r.stdout
    assert private.run(["ls", "/tmp/stream.sock"]).status == 0
    assert private.run(["ls", "-A", "/tmp"]).stdout == before


@pytest.mark.parametrize("signo", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_in_good_order(private, signo):
    process = private.start([SOCKBOX, "tour", "udp"], stdin=subprocess.DEVNULL)
    wait_for(lambda: port_listens("udp6", 123, private.net), "the second listener")
    os.kill(process.pid, signo)
    out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 128 + signo
    assert out.decode().endswith(f"ended by signal {int(signo)}\n") and err == b""
    assert_nothing_left(private)


def test_a_step_that_differs_gives_exit_4(private):
    """A server that hangs up at once never answers the request."""
    server = private.start(["python3", "-c", """
import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
while True:
    s.accept()[0].close()
"""])
    port = server.stdout.readline().decode().strip()
    r = tour(private, "--host", f"127.0.0.1/{port}", "fd")
    assert r.status == 4, r.stdout
    assert "  DIFFERS: " in r.stdout and "did not show what the tutorial says\n" in r.stdout


def test_a_server_that_keeps_the_connection_open_is_interrupted(private):
    server = private.start(["python3", "-c", """
import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
kept = []
while True:
    c = s.accept()[0]
    c.recv(1000)
    c.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Type: text/html\\r\\n\\r\\n")
    kept.append(c)
"""])
    port = server.stdout.readline().decode().strip()
    r = tour(private, "--host", f"127.0.0.1/{port}", "fd")
    assert r.status == 0, r.stdout
    assert r.stdout.count("^C\n") == 2


def test_list(run):
    r = run([SOCKBOX, "tour", "--list"])
    assert (r.status, r.stderr) == (0, "")
    for line in ["tcp: TCP-based stream sockets\n", "\tsocat TCP4-LISTEN:8080,fork /dev/null &\n",
                 "\tss -uln |grep 123\n", "\texec 3<>/dev/tcp/google.com/80\n"]:
        assert line in r.stdout


@pytest.mark.parametrize("arguments, says", [
    (["tpc"], 'sockbox tour: unknown section "tpc", did you mean "tcp"?\n'),
    (["everything"], 'sockbox tour: unknown section "everything", try: sockbox tour --list\n'),
    (["--fast"], "usage: sockbox tour "),
    (["tcp", "udp"], "usage: sockbox tour "),
    (["--host"], "usage: sockbox tour "),
    (["--host", "a;b"], "usage: sockbox tour "),
])
def test_a_wrong_command_line_is_exit_2(run, arguments, says):
    r = run([SOCKBOX, "tour", *arguments])
    assert (r.status, r.stdout) == (2, "")
    assert r.stderr.startswith(says)
