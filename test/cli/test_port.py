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


def test_other_spellings_of_a_path(netns, tmp_path):
    """The kernel knows the name that was bound; a user may know a link, or where it is."""
    script = """import os, socket, sys
os.chdir(sys.argv[1])
a = socket.socket(socket.AF_UNIX); a.bind("relative"); a.listen()
os.symlink(sys.argv[1], "folder")
c = socket.socket(socket.AF_UNIX); c.connect("relative"); s, _ = a.accept()
print("ready", flush=True); sys.stdin.read()"""
    process = netns.start([PYTHON, "-c", script, tmp_path])
    assert process.stdout.readline() == b"ready\n"
    for path in [tmp_path / "relative", tmp_path / "folder" / "relative"]:
        lines = netns.run(["sockbox", "port", path]).stdout.splitlines()
        assert lines[:3] == ["unix stream relative", "    reachable this host only",
                             f"    process   python3 (pid {process.pid})"]
        assert lines[-2:] == ["    clients   1", f"              python3 (pid {process.pid})"]
    (tmp_path / "relative").rename(tmp_path / "moved")
    assert netns.run(["sockbox", "port", tmp_path / "moved"]).status == 0
    (tmp_path / "relative").touch()  # another file
    assert netns.run(["sockbox", "port", tmp_path / "relative"]).status == 4


def test_datagrams_with_clients(netns, tmp_path):
    """The kernel calls a UNIX datagram socket established once somebody connected to it."""
    path = tmp_path / "log"
    server = netns.start([PYTHON, "-c", f"""import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind({str(path)!r})
print("ready", flush=True); sys.stdin.read()"""])
    assert server.stdout.readline() == b"ready\n"
    client = netns.start([PYTHON, "-c", f"""import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect({str(path)!r})
print("ready", flush=True); sys.stdin.read()"""])
    assert client.stdout.readline() == b"ready\n"
    lines = netns.run(["sockbox", "port", path]).stdout.splitlines()
    assert lines[0] == f"unix datagram {path}"
    assert lines[2] == f"    process   python3 (pid {server.pid})"
    assert lines[-2:] == ["    clients   1", f"              python3 (pid {client.pid})"]


def test_connections_of_others_are_no_clients(netns):
    """A port that we only connect from is nobody's; one end of two is a client."""
    serve(netns, "127.0.0.1")
    client = netns.start([PYTHON, "-c", "import socket, sys\n"
                          "s = socket.socket(); s.bind(('127.0.0.1', 8081))\n"
                          "s.connect(('127.0.0.1', 8080)); print('ready', flush=True)\n"
                          "u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                          "u.bind(('127.0.0.1', 8082)); u.connect(('127.0.0.1', 9))\n"
                          "sys.stdin.read()"])
    assert client.stdout.readline() == b"ready\n"
    assert netns.run(["sockbox", "port", "8081"]).status == 4
    assert netns.run(["sockbox", "port", "8082"]).status == 4
    done = netns.run(["sockbox", "port", "8080"])
    assert done.stdout.splitlines()[-1] == f"              127.0.0.1:8081 python3 (pid {client.pid})"


def test_ipv6_only_one_device_and_many_clients(netns):
    script = """import socket, sys
a = socket.socket(socket.AF_INET6); a.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
a.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
a.bind(("::", 8080)); a.listen(50)
keep = []
for _ in range(23):
    keep.append(socket.create_connection(("::1", 8080))); keep.append(a.accept()[0])
print("ready", flush=True); sys.stdin.read()"""
    process = netns.start([PYTHON, "-c", script])
    assert process.stdout.readline() == b"ready\n"
    lines = netns.run(["sockbox", "port", "8080"]).stdout.splitlines()
    assert lines[:2] == ["tcp [::]:8080", "    reachable all IPv6 addresses of this host, through lo"]
    at = lines.index("    clients   23")
    assert len(lines) == at + 22 and lines[-1] == "              and 3 more"
    assert all(re.fullmatch(rf" {{14}}\[::1\]:\d+ python3 \(pid {process.pid}\)", line)
               for line in lines[at + 1:-1])


UNPRIVILEGED = ["setpriv", "--reuid=65534", "--clear-groups"]


@pytest.mark.skipif(os.geteuid() != 0, reason="gives up root")
def test_without_permission_nothing_is_ended(netns):
    server = serve(netns, "127.0.0.1")
    done = netns.run([*UNPRIVILEGED, "sockbox", "port", "8080"])
    assert (done.status, done.stdout.splitlines()[2]) == (0, "    process   unknown: no permission")
    done = netns.run([*UNPRIVILEGED, "sockbox", "port", "--stop", "--yes", "8080"])
    assert (done.status, done.stdout, done.stderr) == \
        (1, "", "sockbox port: cannot stop it, its process is unknown: no permission\n")
    # Who sees it but must not send signals is told so.
    sees = "+sys_ptrace,+dac_read_search"
    done = netns.run([*UNPRIVILEGED, f"--inh-caps={sees}", f"--ambient-caps={sees}",
                      "sockbox", "port", "--stop", "--yes", "8080"])
    assert (done.status, done.stdout, done.stderr) == \
        (1, "", f"sockbox port: python3 (pid {server.pid}): Operation not permitted\n")
    assert server.poll() is None


def test_all_places_are_answered(netns):
    """The worst status counts; options may follow."""
    first, second = serve(netns, "127.0.0.1"), serve(netns, "127.0.0.1", 8082)
    done = netns.run(["sockbox", "port", "8080", "8081", "8082"])
    assert done.status == 4 and done.stderr == "sockbox port: nobody listens on port 8081\n"
    assert [line for line in done.stdout.splitlines() if not line.startswith(" ")] == \
        ["tcp 127.0.0.1:8080", "tcp 127.0.0.1:8082"]
    done = netns.run(["sockbox", "port", "8082", "--stop", "8080", "--yes"])
    assert (done.status, done.stderr) == (0, "")
    assert done.stdout == "".join(f"ended python3 (pid {p.pid})\n" for p in [second, first])
    assert (first.wait(10), second.wait(10)) == (-15, -15)


@pytest.mark.parametrize("words, message", [
    ([], "which port? Try: sockbox port --help"),
    (["0"], '"0" is no port, no path and no @name'),
    (["65536"], '"65536" is no port, no path and no @name'),
    (["x\x1b[m"], '"x\\x1b[m" is no port, no path and no @name'),
    (["--force", "1"], 'unknown option "--force"'),
    (["1", "--force"], 'unknown option "--force"'),
    (["--yes", "1"], "--yes answers the question of --stop, which is not there"),
    (["--", "--stop"], '"--stop" is no port, no path and no @name'),
    (["app.sock"], '"app.sock" is no port, no path and no @name'),
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
    master, slave = pty.openpty()  # to answer on, but none that shows the question
    done = netns.run(["sockbox", "port", "--stop", "8080"], stdin=slave)
    os.close(slave)
    os.close(master)
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
