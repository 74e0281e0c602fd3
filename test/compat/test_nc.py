# SPDX-License-Identifier: MIT
"""nc beside Debian's nc.openbsd: both in both roles, over every kind of socket, and the same
command line given to both."""

import hashlib
import os
import pty
import re
import select
import socket
import subprocess

import pytest

from conftest import original, port_listens, unix_listens, wait_for
from nc_kit import PAIRS, both, each_pair, exchange, space  # noqa: F401 (a fixture)
from socat_kit import together

MEGABYTE, LIMIT = 1 << 20, 10


@pytest.fixture(scope="module")
def nc(tools, tmp_path_factory):
    """nc("ours"), nc("original"): the paths; both are called nc, as their messages show."""
    link = tmp_path_factory.mktemp("original") / "nc"
    link.symlink_to(original("nc.openbsd"))
    return {"ours": tools / "nc", "original": link}.__getitem__


@pytest.fixture(scope="module")
def ports():
    """Ports in a namespace that is ours alone, each used once."""
    return iter(range(7000, 9000))


class Place:
    """Where a server listens: the operands, and how to see that it does."""

    def __init__(self, kind, space, ports, folder):
        self.kind, self.net = kind, space.net
        self.datagrams = "udp" in kind or "dgram" in kind
        if "unix" in kind or "abstract" in kind:
            self.path = f"@sockbox-{next(ports)}" if "abstract" in kind else f"{folder}/socket"
            self.operands = ["-U", self.path]
        else:
            self.path, self.port = None, next(ports)
            self.operands = ["::1" if kind.endswith("6") else "127.0.0.1", self.port]
        if self.datagrams:
            self.operands = ["-u", *self.operands]

    def listens(self):
        if self.path:
            return unix_listens(self.path, self.net)
        return port_listens(self.kind, self.port, self.net)

    def wait(self):
        wait_for(self.listens, f"a listener at {self.operands}")


@pytest.fixture
def place(space, ports, tmp_path):
    return lambda kind: Place(kind, space, ports, tmp_path)


@pytest.fixture
def big_file(tmp_path):
    def make(name, size=8 * MEGABYTE):
        path = tmp_path / name
        path.write_bytes(os.urandom(size))
        return path
    return make


def digest(data):
    return hashlib.sha256(data).hexdigest()


def finish(process):
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err.decode()


STREAMS = ["tcp", "tcp6", "unix", "abstract"]
DATAGRAMS = ["udp", "udp6", "unix-dgram", "abstract-dgram"]


@each_pair
@pytest.mark.parametrize("kind", STREAMS)
def test_client_sends_a_file(space, place, nc, big_file, kind, client, server):
    there, source = place(kind), big_file("source")
    s = space.start([nc(server), "-l", *there.operands], stdin=subprocess.DEVNULL)
    there.wait()
    with source.open("rb") as stdin:
        c = space.start([nc(client), "-N", *there.operands], stdin=stdin)
    status, out, err = finish(s)
    assert (status, err) == (0, "")
    assert digest(out) == digest(source.read_bytes())
    assert finish(c) == (0, b"", "")


def both_send(space, there, client, server):
    """Each is a program and the file that it sends, while it gets the other's."""
    with server[1].open("rb") as stdin:
        s = space.start([server[0], "-lN", *there.operands], stdin=stdin)
    there.wait()
    with client[1].open("rb") as stdin:
        c = space.start([client[0], *there.operands], stdin=stdin)
    # Both outputs are read, so that none is held up.
    client_end, server_end = together(lambda: finish(c), lambda: finish(s))
    assert client_end[0] == server_end[0] == 0
    assert digest(client_end[1]) == digest(server[1].read_bytes())
    assert digest(server_end[1]) == digest(client[1].read_bytes())


@each_pair
@pytest.mark.parametrize("kind", STREAMS)
def test_both_send_a_file_at_once(space, place, nc, big_file, kind, client, server):
    both_send(space, place(kind), (nc(client), big_file("up")),
              (nc(server), big_file("down", 5 * MEGABYTE)))


@each_pair
def test_100_megabytes_both_ways_at_once(space, place, nc, big_file, client, server):
    both_send(space, place("tcp"), (nc(client), big_file("up", 100 * MEGABYTE)),
              (nc(server), big_file("down", 100 * MEGABYTE)))


@each_pair
@pytest.mark.parametrize("kind", DATAGRAMS)
def test_datagrams_there_and_back(space, place, nc, kind, client, server):
    there = place(kind)
    s = space.start([nc(server), "-l", *there.operands])
    there.wait()
    c = space.start([nc(client), "-W1", *there.operands])
    exchange(c, s)
    c.stdin.close()
    c.wait(timeout=30)
    assert (c.returncode, c.stderr.read()) == (0, b"")


def without_ports(text):
    return re.sub(r"received on (\S+) \d+", r"received on \1 PORT", text)


# Without a resolver the original says that there is none instead of who came: ::1 only with -n.
@pytest.mark.parametrize("kind, flags", [
    ("tcp", "v"), ("tcp", "vn"), ("tcp6", "vn"), ("unix", "v"), ("abstract", "v")])
def test_what_v_says_on_streams(space, place, nc, kind, flags):
    there, said = place(kind), []
    for client, server in PAIRS:
        s = space.start([nc(server), f"-{flags}l", *there.operands], stdin=subprocess.DEVNULL)
        there.wait()
        c = space.run([nc(client), f"-{flags}N", *there.operands], input=b"x")
        status, out, err = finish(s)
        assert (status, out) == (0, b"x")
        said.append((c.status, c.stderr, without_ports(err)))
        wait_for(lambda: not there.listens(), "the end of the listener")
    assert said[1:] == said[:-1]
    assert "Connection received on" in said[0][2]


@pytest.mark.parametrize("kind", ["udp", "unix-dgram"])
def test_what_v_says_on_datagrams(space, place, nc, kind):
    there, said = place(kind), []
    for server in ["ours", "original"]:
        s = space.start([nc(server), "-lvW1", *there.operands], stdin=subprocess.DEVNULL)
        there.wait()
        c = space.start([nc("ours"), *there.operands])
        c.stdin.write(b"x\n")
        c.stdin.flush()
        assert s.stdout.readline() == b"x\n"
        s.wait(timeout=30)
        err = s.stderr.read().decode()
        said.append(without_ports(err).replace("nc: connect: Invalid argument\n", ""))
        wait_for(lambda: not there.listens(), "the end of the listener")
    assert said[0] == said[1] and "Connection received on" in said[0]


# The same command line for both.  {open}: a TCP port with a server; {shut}: one without.
SCANS = [
    "-z 127.0.0.1 {open}", "-z 127.0.0.1 {shut}", "-vz 127.0.0.1 {open}", "-vz 127.0.0.1 {shut}",
    "-vnz 127.0.0.1 {open}", "-vz localhost {shut}", "-4vz localhost {open}",
    "-6vz ::1 {open}", "-6vz ::1 {shut}", "-4 -vz 127.0.0.1 {open}", "-vz 127.1 {open}",
    "-vz 127.0.0.1 {shut} {open}", "-vz 127.0.0.1 {open} {shut}", "-vz 127.0.0.1 {open}-{shut}",
    "-vz 127.0.0.1 {shut}-{open}", "-vz -w 2 127.0.0.1 1-20", "-vz 127.0.0.1 http ftp-data",
    "-uvz 127.0.0.1 {shut}", "-uz 127.0.0.1 {shut}", "-u -vz -w 1 127.0.0.1 {udp}",
    "-uvz -w1 127.0.0.1 {shut} {udp}", "-uvz -w1 127.0.0.1 {udp} {shut}",
    "-vz -p {local} 127.0.0.1 {open}", "-vz -s 127.0.0.2 127.0.0.1 {open}",
    "-vz 127.0.0.1 8080", "-n -vz 127.0.0.1 8080",
    "-vzr 127.0.0.1 {open}", "-vz -T ef -M 9 -m 1 -I 4096 -O 4096 127.0.0.1 {open}",
    "-vz 127.0.0.1 1-300 {open}", "-vz localhost 1-100", "-vzw1 localhost {open} 1-50 {open}",
    "-uvz -w1 localhost {udp} {shut}", "-uvz -w1 127.0.0.1 {udp} 1-40", "-Fz 127.0.0.1 {open}",
    "-vz -p {local} 127.0.0.1 {shut} {shut}", "-vz -s ::1 127.0.0.1 1-5", "-z -D 127.0.0.1 {open}",
    "-6vz -T 0x20 -M 9 ::1 {open}", "-vzb 127.0.0.1 {open}",
]


@pytest.fixture(scope="module")
def scanned(space, ports, tools):
    numbers = {"open": next(ports), "shut": next(ports), "udp": next(ports)}
    from conftest import port_listens
    for command in [["-lk", "127.0.0.1", numbers["open"]], ["-lk", "::1", numbers["open"]],
                    ["-lk", "127.0.0.1", "8080"], ["-luk", "127.0.0.1", numbers["udp"]]]:
        space.start([tools / "nc", *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    for kind, port in [("tcp", numbers["open"]), ("tcp6", numbers["open"]), ("tcp", 8080),
                       ("udp", numbers["udp"])]:
        wait_for(lambda: port_listens(kind, port, space.net), f"{kind} {port}")
    return numbers


@pytest.mark.parametrize("line", SCANS)
def test_scans(space, nc, ports, scanned, line):
    ours, theirs = [space.run([nc(which), *line.format(local=next(ports), **scanned).split()])
                    for which in ["ours", "original"]]
    assert (ours.status, ours.stdout, ours.stderr) == (theirs.status, theirs.stdout, theirs.stderr)


@pytest.mark.parametrize("kind", ["unix", "abstract", "unix-dgram", "abstract-dgram"])
def test_scans_of_unix_sockets_say_nothing(space, place, nc, kind):
    there = place(kind)
    space.start([nc("ours"), "-lk", *there.operands], stdin=subprocess.DEVNULL)
    there.wait()
    for which in ["ours", "original"]:
        r = space.run([nc(which), "-vz", *there.operands])
        assert (r.status, r.stdout) == (0, "")
        if there.datagrams:
            assert re.fullmatch(r"Bound on /tmp/nc-\w{6}/recv\.sock\n", r.stderr)
        else:
            assert r.stderr == ""


def test_the_sentence_that_scripts_look_for(space, nc, scanned):
    r = space.run([nc("ours"), "-4", "-vz", "127.0.0.1", "8080"])
    assert (r.status, r.stdout) == (0, "")
    assert r.stderr == "Connection to 127.0.0.1 8080 port [tcp/http-alt] succeeded!\n"


ERRORS = [
    "", "-Q", "-w", "h", "-U", "-U -z", "-l", "-lU", "-k 1 2", "-lz 1", "-U 1 2", "-l -p 1 2",
    "-l -s a 1", "-p 1 h", "-l a 1 2", "-lUp 1", "-w x 1 2", "-w -1 1 2", "-w 2147484 1 2",
    "-w 1.5 1 2", "-i -1 1 2", "-i 4294967296 1 2", "-q x 1 2", "-q 99999999999 1 2", "-W 0 1 2",
    "-W 2147483648 1 2", "-M 256 1 2", "-M -1 1 2", "-m x 1 2", "-I 0 1 2", "-O 9999999999 1 2",
    "-T xx 1 2", "-T 0x100 1 2", "-T 256 1 2", "-T 0X1 1 2", "-V 1 1 2", "-z 127.0.0.1 0",
    "-z 127.0.0.1 65536", "-z 127.0.0.1 5-", "-z 127.0.0.1 0-65536", "-z 127.0.0.1 -80",
    "-4 ::1 80", "-6 127.0.0.1 80", "-n localhost 80", "-s 1.2.3.4 127.0.0.1 80",
    "-s ::1 127.0.0.1 80", "-p nosuch 127.0.0.1 80", "-l 127.0.0.1 nosuch", "-l 1.2.3.4 4000",
    "-ln localhost 4000", "-U /nonexistent/socket", "-uU /nonexistent/socket", "-U /dev/null",
    "-lU /nonexistent/socket", "-uU -s /nonexistent/local /nonexistent/socket", "-U " + "x" * 108,
    "-X 6 1 2", "-X 4 1 2 -w x", "-ux p 1 2", "-Zx p 1 2", "-lx p 2", "-Ux p 2", "-s a -x p 1 2",
    "-x [::1 127.0.0.1 2", "-x [::1]1 127.0.0.1 2", "-FU p", "-ZU p", "-lZU p", "-S 127.0.0.1 9",
    "-vZ 127.0.0.1 80", "-Z 127.0.0.1 80", "-x 127.0.0.1:nosuch 127.0.0.1 80",
    "-vx 127.0.0.1:9 127.0.0.1 80", "-vx [127.0.0.1]:9 ::1 80", "-vx 127.0.0.1 127.0.0.1 1",
    "-vX connect -x 127.0.0.1 127.0.0.1 1", "-vF 127.0.0.1 9", "-vz -x 127.0.0.1:9 127.0.0.1 1-3",
    "-lU " + "x" * 108, "-lU @" + "x" * 108, "127.0.0.1 9", "-v 127.0.0.1 9", "-z 1 2 -- -3",
]


def without_usage(text):
    """What our usage calls its values differs; that there is one does not."""
    return re.sub(r"usage: nc \[-46CDdFhklNnrStUuvZz\] (.*\n){4}\t  \[destination\] \[port\]\n",
                  "USAGE\n", text)


@pytest.mark.parametrize("line", ERRORS)
def test_errors(space, nc, line):
    runs = [space.run([nc(which), *line.split()]) for which in ["ours", "original"]]
    ours, theirs = [(r.status, r.stdout, re.sub(r"(?m)^\S*/nc: ", "nc: ", without_usage(r.stderr)))
                    for r in runs]  # getopt(3) shows the whole path
    assert ours == theirs and ours[0] == 1


@pytest.mark.parametrize("arguments", [["-U", ""], ["-lU", ""], ["-w", "", "1", "2"]])
def test_empty_words(space, nc, arguments):
    runs = [space.run([nc(which), *arguments]) for which in ["ours", "original"]]
    ours, theirs = [(r.status, r.stdout, r.stderr) for r in runs]
    assert ours == theirs and ours[0] == 1


def test_h(space, nc):
    ours, theirs = [space.run([nc(which), "-h"]) for which in ["ours", "original"]]
    assert (ours.status, ours.stdout) == (theirs.status, theirs.stdout) == (0, "")
    for text in [ours.stderr, theirs.stderr]:
        assert text.startswith("OpenBSD netcat (Debian patchlevel ")
        assert "\n\tCommand Summary:\n" in text
    letters = [set(re.findall(r"\n\t\t-(\w)[ \t]", r.stderr)) for r in (ours, theirs)]
    assert letters[0] == letters[1]


def test_port_0_shows_the_port(space, nc):
    for which in ["ours", "original"]:
        p = space.start([nc(which), "-nlv", "0"])
        assert re.fullmatch(rb"Listening on 0\.0\.0\.0 [1-9]\d+\n", p.stderr.readline())


@both
def test_wildcard_is_ipv4_unless_6(space, place, nc, which):
    for flags, kind in [("-l", "tcp"), ("-6l", "tcp6")]:
        there = place(kind)
        space.start([nc(which), flags, there.port])
        there.wait()
        assert not (Place.listens(there) and kind == "tcp" and
                    f":{there.port:04X} " in (space.net / "tcp6").read_text())


@both
def test_a_busy_port(space, place, nc, which):
    import sys
    there = place("tcp")
    holder = space.start([sys.executable, "-c", "import socket, sys\ns = socket.socket()\n"
                          f"s.bind(('127.0.0.1', {there.port}))\ns.listen()\nsys.stdin.read()"])
    there.wait()
    r = space.run([nc(which), "-l", "127.0.0.1", there.port])
    assert (r.status, r.stderr) == (1, "nc: Address already in use\n")
    holder.stdin.close()


# -S: segments signed with a key that is asked for at the terminal.

def read_until(fd, word):
    got = b""
    while word not in got:
        assert select.select([fd], [], [], LIMIT)[0], f"{word} did not come, but {got}"
        got += os.read(fd, 1000)
    return got


@pytest.fixture
def signed(start):
    """Starts nc -S on a terminal of its own and types the key; the process and the keyboard."""
    keyboards = []

    def signed(key, program, *arguments):
        keyboard, terminal = pty.openpty()
        keyboards.append(keyboard)
        p = start(["setsid", "--ctty", "--wait", program, "-S", *arguments], stdin=terminal,
                  stdout=terminal, stderr=terminal)
        os.close(terminal)
        read_until(keyboard, b"TCP MD5SIG password: ")
        os.write(keyboard, key + b"\n")
        return p, keyboard
    yield signed
    for keyboard in keyboards:
        os.close(keyboard)


@each_pair
def test_signed_segments(signed, nc, free_port, client, server):
    port = free_port()
    _, there = signed(b"key", nc(server), "-l", "127.0.0.1", port)
    wait_for(lambda: port_listens("tcp", port))
    stranger, shown = signed(b"other", nc(client), "-v", "-w1", "127.0.0.1", port)
    assert b"timed out" in read_until(shown, b"progress")
    assert stranger.wait(LIMIT) == 1
    _, here = signed(b"key", nc(client), "-v", "127.0.0.1", port)
    read_until(here, b"succeeded!")  # what is typed with the key is flushed
    os.write(here, b"signed\n")
    assert b"signed" in read_until(there, b"signed")


def test_a_scan_of_ipv6(run, nc, free_port):
    port = free_port()
    with socket.create_server(("::1", port), family=socket.AF_INET6):
        for line in [f"-zv ::1 {port - 2}-{port + 2}", f"-znv6 ::1 {port + 2}-{port - 2}",
                     f"-zv6 ip6-localhost {port - 1}-{port}"]:
            ends = [run([nc(which), *line.split()]) for which in ["ours", "original"]]
            assert ends[0].stderr == ends[1].stderr and ends[0].status == ends[1].status
            assert line.startswith("-zv6") or f"{port} port [tcp/*] succeeded!" in ends[0].stderr


@pytest.mark.parametrize("name, words", [
    ("nc.openbsd", "OpenBSD netcat"), ("netcat", "OpenBSD netcat"), ("ncat", "Ncat: Version"),
    ("nc.traditional", "netcat 1.10")])
def test_the_name_chooses_the_dialect(run, sockbox, tmp_path, name, words):
    (tmp_path / name).symlink_to(sockbox)
    r = run([tmp_path / name, "--version"])
    assert r.status == 0 and words in r.stdout + r.stderr
