# SPDX-License-Identifier: MIT
"""sockbox port: who listens, from where, with which clients; and ending it, on a terminal too."""

import os
import pty
import re
import subprocess

import pytest

from conftest import wait_for

SERVER = r"""
import os, socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
s.bind((sys.argv[1], int(sys.argv[2]))); s.listen(9)
for _ in range(int(sys.argv[3])):
    if os.fork() == 0:
        break
os.write(1, b"ready\n")
sys.stdin.read()
"""
PYTHON = "/usr/bin/python3"


def serve(space, host, port=8080, workers=0):
    process = space.start([PYTHON, "-c", SERVER, host, port, workers])
    for _ in range(workers + 1):
        assert process.stdout.readline() == b"ready\n"
    return process


@pytest.mark.parametrize("host, shown, reach", [
    ("127.0.0.1", "127.0.0.1:8080", "this host only (loopback)"),
    ("0.0.0.0", "0.0.0.0:8080", "all IPv4 addresses of this host"),
    ("::1", "[::1]:8080", "this host only (loopback)"),
    ("::", "[::]:8080", "all addresses of this host, IPv4 and IPv6"),
])
def test_who_listens_and_from_where(netns, host, shown, reach):
    server = serve(netns, host)
    done = netns.run(["sockbox", "port", 8080])
    lines = done.stdout.splitlines()
    assert (done.status, done.stderr) == (0, "")
    assert lines[0] == f"tcp {shown}"
    assert lines[1] == f"    reachable {reach}"
    assert lines[2] == f"    process   python3 (pid {server.pid})"
    assert f"    command   {PYTHON} -c " in done.stdout
    assert re.search(r"^    since     \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(the process started", done.stdout,
                     re.M)
    assert lines[-1] == "    clients   0"


def test_one_address(netns):
    netns.run(["ip", "address", "add", "10.1.2.3/32", "dev", "lo"])
    serve(netns, "10.1.2.3")
    assert "    reachable one address\n" in netns.run(["sockbox", "port", "8080"]).stdout


def test_clients_are_named(netns):
    serve(netns, "127.0.0.1")
    client = netns.start([PYTHON, "-c", "import socket, sys\n"
                          "c = socket.create_connection(('127.0.0.1', 8080))\n"
                          "print(c.getsockname()[1], flush=True); sys.stdin.read()"])
    port = int(client.stdout.readline())
    lines = netns.run(["sockbox", "port", "8080"]).stdout.splitlines()
    assert lines[-2:] == ["    clients   1",
                          f"              127.0.0.1:{port} python3 (pid {client.pid})"]


def test_nobody_has_a_status_of_its_own(netns, tmp_path):
    done = netns.run(["sockbox", "port", "8080"])
    assert (done.status, done.stdout, done.stderr) == \
        (4, "", "sockbox port: nobody listens on port 8080\n")
    done = netns.run(["sockbox", "port", tmp_path / "x"])
    assert (done.status, done.stderr) == (4, f"sockbox port: nobody listens on {tmp_path}/x\n")
    assert netns.run(["sockbox", "port", "--stop", "--yes", "8080"]).status == 4


def test_unix_paths_and_udp(netns, tmp_path):
    script = """import socket, sys
a = socket.socket(socket.AF_UNIX); a.bind(sys.argv[1]); a.listen()
b = socket.socket(socket.AF_UNIX); b.bind("\\0hidden"); b.listen()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(("127.0.0.1", 53))
print("ready", flush=True); sys.stdin.read()"""
    process = netns.start([PYTHON, "-c", script, tmp_path / "path"])
    process.stdout.readline()
    done = netns.run(["sockbox", "port", tmp_path / "path", "@hidden", "53"])
    assert done.status == 0
    assert [line for line in done.stdout.splitlines() if not line.startswith(" ")] == \
        [f"unix stream {tmp_path}/path", "unix stream @hidden", "udp 127.0.0.1:53"]
    assert done.stdout.count(f"process   python3 (pid {process.pid})") == 3
    assert "(the path was made)" in done.stdout


@pytest.mark.parametrize("words, message", [
    ([], "which port? Try: sockbox port --help"),
    (["0"], '"0" is no port, no path and no @name'),
    (["65536"], '"65536" is no port, no path and no @name'),
    (["x\x1b[m"], '"x\\x1b[m" is no port, no path and no @name'),
    (["--force", "1"], 'unknown option "--force"'),
])
def test_wrong_words(run, words, message):
    done = run(["sockbox", "port", *words])
    assert (done.status, done.stdout, done.stderr) == (2, "", f"sockbox port: {message}\n")


def test_stop_ends_all_who_listen(netns):
    server = serve(netns, "127.0.0.1", workers=2)
    done = netns.run(["sockbox", "port", "--stop", "--yes", "8080"])
    assert (done.status, done.stderr) == (0, "")
    assert len(re.findall(r"^ended python3 \(pid \d+\)$", done.stdout, re.M)) == 3
    assert server.wait(10) == -15
    assert netns.run(["sockbox", "port", "8080"]).status == 4


def test_stop_needs_a_terminal_or_yes(netns):
    server = serve(netns, "127.0.0.1")
    done = netns.run(["sockbox", "port", "--stop", "8080"], input="y\n")
    assert (done.status, done.stdout) == (1, "")
    assert done.stderr == "sockbox port: --stop asks on a terminal; there is none: add --yes\n"
    assert server.poll() is None


def on_terminal(space, answer):
    """Runs --stop on a terminal and types the answer to its question."""
    master, slave = pty.openpty()
    process = subprocess.Popen(space.enter(["sockbox", "port", "--stop", "8080"]), stdin=slave,
                               stdout=slave, stderr=slave, env=space.environment(None))
    os.close(slave)
    shown = b""
    while not shown.endswith(b"[y/N] "):
        shown += os.read(master, 1000)
    os.write(master, answer)
    status = process.wait(20)
    while True:
        try:
            shown += os.read(master, 1000)
        except OSError:
            break
    os.close(master)
    return status, shown.decode().replace("\r\n", "\n")


def test_a_typed_yes_ends_it(netns):
    server = serve(netns, "127.0.0.1")
    status, shown = on_terminal(netns, b"yes\n")
    assert status == 0
    assert shown.startswith(f"End python3 (pid {server.pid})? [y/N] ")
    assert shown.endswith(f"ended python3 (pid {server.pid})\n")
    assert server.wait(10) == -15


@pytest.mark.parametrize("answer", [b"\n", b"n\n", b"yesss\n", b"\x04"])
def test_any_other_answer_does_not(netns, answer):
    server = serve(netns, "127.0.0.1")
    status, shown = on_terminal(netns, answer)
    assert (status, server.poll()) == (1, None)
    assert shown.endswith("nothing was ended\n")


def test_one_that_does_not_end_is_told(netns):
    script = "import signal; signal.signal(15, signal.SIG_IGN)\n" + SERVER
    server = netns.start([PYTHON, "-c", script, "127.0.0.1", "8080", "0"])
    server.stdout.readline()
    done = netns.run(["sockbox", "port", "--stop", "--yes", "8080"])
    assert done.status == 1
    assert done.stderr == (f"sockbox port: python3 (pid {server.pid}) got SIGTERM but has not "
                           "ended within 5 s\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="makes pid namespaces")
def test_pid_one_is_never_ended(netns):
    """In a pid namespace of its own the server is number 1."""
    server = netns.start(["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c",
                          f"exec {PYTHON} -c '{SERVER}' 127.0.0.1 8080 0"])
    if server.stdout.readline() != b"ready\n":
        pytest.skip("no pid namespace with a /proc of its own here")
    inside = wait_for(lambda: subprocess.run(["pgrep", "-P", str(server.pid)], check=False,
                                             stdout=subprocess.PIPE).stdout.strip())
    done = netns.run(["nsenter", f"--target={inside.decode()}", "--pid", "--mount", "sockbox",
                      "port", "--stop", "--yes", "8080"])
    assert (done.status, done.stdout) == (1, "")
    assert done.stderr == "sockbox port: python3 (pid 1) holds it and is never ended\n"
