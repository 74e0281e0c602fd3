# SPDX-License-Identifier: MIT
"""Why nobody is known to hold a socket: each reason in the situation that it names."""

import fcntl
import json
import os
import struct
import termios

import pytest

from conftest import wait_for

PYTHON = "/usr/bin/python3"
PORT = 7000

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="enters namespaces and gives up root")

# Where every process shows its descriptors: one that does not, as process 1 of some containers
# does not to root, is covered.  The reasons that need a look at everybody follow after these two.
COVERED = ["unshare", "--mount", "sh", "-c", """
    readlink /proc/1/fd/0 >/dev/null || mount -t tmpfs tmpfs /proc/1
    exec "$@"
""", "sh"]
FIRST_PID_NAMESPACE = "pid:[4026531836]"


@pytest.fixture
def first(netns, own_mounts):
    """A network namespace, and the pid namespace that has all processes."""
    if os.readlink("/proc/self/ns/pid") != FIRST_PID_NAMESPACE:
        pytest.skip("not in the first pid namespace")
    return netns


def reasons(done):
    """owner_unknown by port, None where the owner is known."""
    assert (done.status, done.stderr) == (0, "")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    for row in rows:
        assert ("processes" in row) == ("owner_unknown" not in row)
    return {row["local_port"]: row.get("owner_unknown") for row in rows}


def serve(space, before=(), port=PORT):
    script = f"""import socket, sys
s = socket.create_server(("127.0.0.1", {port}))
print("ready", flush=True); sys.stdin.read()"""
    process = space.start([*before, PYTHON, "-c", script])
    assert process.stdout.readline() == b"ready\n", process.stderr.read()
    return process


LIST = ["ss", "-tlnp", "--json-lines"]


def test_no_permission_without_root(netns):
    serve(netns)
    serve(netns, ["setpriv", "--reuid=65534", "--clear-groups"], PORT + 1)
    nobody = ["setpriv", "--reuid=65534", "--clear-groups"]
    assert reasons(netns.run([*nobody, *LIST])) == {PORT: "no permission", PORT + 1: None}


def test_no_permission_is_in_the_columns_too(netns):
    serve(netns)
    done = netns.run(["setpriv", "--reuid=65534", "--clear-groups", "sockbox", "list", "-tl"])
    assert done.stdout.splitlines()[1].endswith("root  (no permission)")


def test_other_pid_namespace(netns, own_mounts):
    """From within one of its own, with a /proc of its own, only its own processes are seen."""
    serve(netns)
    script = f"""import socket, subprocess
s = socket.create_server(("127.0.0.1", {PORT + 1})); subprocess.run({LIST!r})"""
    done = netns.run(["unshare", "--pid", "--fork", "--mount-proc", "--kill-child",
                      PYTHON, "-c", script])
    assert reasons(done) == {PORT: "other pid namespace", PORT + 1: None}


def test_sockets_of_the_kernel(first):
    """Its netlink sockets have an inode, as those of processes have."""
    words = ["ss", "-f", "netlink", "-np", "--json-lines", "src", "netlink:0:0"]
    rows = [json.loads(line) for line in first.run([*COVERED, *words]).stdout.splitlines()]
    assert rows
    for row in rows:
        assert row["netlink"]["port_id"] == 0 and row["inode"] > 0
        assert row["owner_unknown"] == "kernel"


def test_a_descriptor_in_flight_is_the_kernels(first):
    script = f"""import socket, subprocess
a, b = socket.socketpair()
s = socket.create_server(("127.0.0.1", {PORT}))
socket.send_fds(a, [b"x"], [s.fileno()]); s.close()
subprocess.run({LIST!r})"""
    assert reasons(first.run([*COVERED, PYTHON, "-c", script])) == {PORT: "kernel"}


# Sockets that come and go while ss runs: it looks for owners, then reads its filter, then lists.
# "flight": nobody has descriptors of them, they wait in the ends of socket pairs.
LATE = f"""import socket, sys
print("ready", flush=True); sys.stdin.readline()
keep = [socket.create_server(("127.0.0.1", {PORT} + i)) for i in range(500)]
if "flight" in sys.argv:
    pairs = [socket.socketpair() for _ in range(5)]
    for i, (a, _) in enumerate(pairs):
        socket.send_fds(a, [b"x"], [s.fileno() for s in keep[i * 100:i * 100 + 100]])
    for s in keep: s.close()
    keep = [end for pair in pairs for end in pair]
print("open", flush=True); sys.stdin.readline()
for s in keep: s.close()
print("closed", flush=True); sys.stdin.readline()
"""


def held_by(pipe):
    """How many bytes wait in it."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]


def look_before_they_open(space, late, stdout):
    """A running ss that has looked for owners, before the sockets were there."""
    assert late.stdout.readline() == b"ready\n"
    lister = space.start([*COVERED, *LIST, "-F", "-"], stdout=stdout)
    lister.stdin.write(b"# a comment\n")
    lister.stdin.flush()
    wait_for(lambda: held_by(lister.stdin) == 0, "ss at its filter")
    late.stdin.write(b"\n")
    late.stdin.flush()
    assert late.stdout.readline() == b"open\n"
    return lister


def test_vanished_if_it_was_opened_after_the_look(first):
    late = first.start([PYTHON, "-c", LATE])
    ours, theirs = os.pipe()
    lister = look_before_they_open(first, late, theirs)
    os.close(theirs)
    lister.stdin.close()
    with open(ours) as lines:
        rows = [json.loads(line) for line in lines]
    assert lister.wait(20) == 0
    assert len(rows) == 500 and {row["owner_unknown"] for row in rows} == {"vanished"}


def test_vanished_if_it_was_closed_before_we_asked(first):
    """A full pipe stops ss while it has rows of the kernel that it has not looked at yet."""
    late = first.start([PYTHON, "-c", LATE, "flight"])
    ours, theirs = os.pipe()
    fcntl.fcntl(theirs, 1031, 4096)  # F_SETPIPE_SZ
    lister = look_before_they_open(first, late, theirs)
    os.close(theirs)
    lister.stdin.close()
    wait_for(lambda: held_by(ours) == 4096, "a full pipe")
    late.stdin.write(b"\n")
    late.stdin.flush()
    assert late.stdout.readline() == b"closed\n"
    with open(ours) as lines:
        rows = [json.loads(line) for line in lines]
    assert lister.wait(20) == 0
    assert rows[0]["owner_unknown"] == "kernel" and rows[-1]["owner_unknown"] == "vanished"


def test_what_holds_no_descriptor_is_the_kernels(first):
    """A connection in TIME-WAIT and an orphan have no inode."""
    script = f"""import socket, subprocess
l = socket.create_server(("127.0.0.1", {PORT}))
c = socket.create_connection(("127.0.0.1", {PORT})); s, _ = l.accept()
c.close(); s.recv(1); s.close()
c = socket.create_connection(("127.0.0.1", {PORT})); s, _ = l.accept()
c.close()
while " 05 " not in open("/proc/net/tcp").read():  # FIN-WAIT-2
    pass
subprocess.run(["ss", "-tanp", "--json-lines", "sport", "!=", "{PORT}"])"""
    done = first.run([PYTHON, "-c", script])
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row["state"] for row in rows} == {"TIME-WAIT", "FIN-WAIT-2"}
    assert [row["owner_unknown"] for row in rows] == ["kernel"] * 2
