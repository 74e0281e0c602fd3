# SPDX-License-Identifier: MIT
"""filan beside Debian's (1.7.4.4): the same descriptor, the same words.

Ours follows 1.8, whose long form has more to say; to_17() takes away what 1.7
did not say yet, and nothing else.  Where 1.7 prints memory it never wrote (the
peer of a socket that has none), ours prints nothing.
"""

import os
import pty
import re
import select
import socket
import subprocess

import pytest

from conftest import original

LOCAL = "127.0.0.1"


@pytest.fixture
def both(tools, monkeypatch):
    """Runs Debian's filan and ours, one after the other, with the same descriptors."""
    monkeypatch.setenv("LC_ALL", "C")

    def run(*arguments, fds=(), cwd=None):
        results = []
        for program in [original("filan"), tools / "filan"]:
            done = subprocess.run([program, *arguments], pass_fds=fds, cwd=cwd, timeout=30,
                                  stdin=subprocess.DEVNULL, capture_output=True)
            results.append((done.returncode, done.stdout.decode("latin-1"),
                            done.stderr.decode("latin-1")))
        return results

    return run


def to_17(text):
    """The long form of 1.8 as 1.7 would have said it."""
    text = re.sub(r"\tF_GETPIPE_SZ=\d+", "", text)
    text = re.sub(r"\tterminal window size: +\d+x\d+ terminal window pixels: \d+x\d+", "", text)
    text = text.replace("FLAGS=0x", "FLAGS=00")
    text = re.sub(r"(\tx[0-9a-f]+\t\d+\t\d+)\tDEBUG", r"\1DEBUG", text)
    # 1.7 never names HUP, and ends each event with a comma.
    text = re.sub(r",?\bHUP\b", "", text)
    text = re.sub(r"(\d|\^@)\tpoll: ", r"\1poll: ", text)
    text = re.sub(r"\(FIONREAD=(\d+)\)(.*)", r"\2; FIONREAD=\1", text)
    text = re.sub(r"poll: ([A-Z,]*[A-Z])", r"poll: \1,", text)
    return re.sub(r"(FIONREAD=\d+)(; recvmsg=1, )", r"\1\2", text)


def settled(text):
    """Without what the kernel changes between two looks at one socket."""
    return re.sub(r"TCP_INFO=\{[^}]*\}", "TCP_INFO={}", text)


def same_long(both, *arguments, **more):
    theirs, ours = both(*arguments, **more)
    assert (0, settled(theirs[1]), "") == (0, settled(to_17_socket(ours[1], theirs[1])), "")
    assert ours[0] == theirs[0] and ours[2] == theirs[2]


def to_17_socket(ours, theirs):
    """1.7 has no TAB before poll: except behind the columns of a socket."""
    text = to_17(ours)
    if "LOOP=" in theirs or "PASSCRED=" in theirs:
        text = re.sub(r"((?:LOOP=\d|V6ONLY=\d))poll: ", r"\1\tpoll: ", text)
        # order of the two notes behind the events
        text = re.sub(r"(; recvmsg=1, )(; FIONREAD=\d+)", r"\2\1", text)
    return text


# Ways to make a descriptor; each returns it with whatever has to stay open.

def regular_file(folder):
    return os.open(folder / "file", os.O_RDWR | os.O_CREAT), []


def directory(folder):
    return os.open(folder, os.O_RDONLY), []


def device(folder):
    return os.open("/dev/zero", os.O_RDONLY), []


def pipe_end_to_read(folder):
    r, w = os.pipe()
    return r, [os.fdopen(w, "wb")]


def pipe_end_to_write(folder):
    r, w = os.pipe()
    return w, [os.fdopen(r, "rb")]


def pipe_with_data(folder):
    r, w = os.pipe()
    os.write(w, b"abc")
    return r, [os.fdopen(w, "wb")]


def pipe_without_writer(folder):
    r, w = os.pipe()
    os.close(w)
    return r, []


def fifo(folder):
    os.mkfifo(folder / "fifo")
    return os.open(folder / "fifo", os.O_RDWR), []


def terminal(folder):
    master, slave = pty.openpty()
    return slave, [os.fdopen(master, "rb")]


def tcp_listener(folder):
    listener = socket.create_server((LOCAL, 0))
    return listener.detach(), []


def tcp_connected(folder):
    listener = socket.create_server((LOCAL, 0))
    client = socket.create_connection(listener.getsockname())
    return client.detach(), [listener, listener.accept()[0]]


def tcp_with_data(folder):
    client, rest = tcp_connected(folder)
    rest[1].send(b"abc")
    select.select([client], [], [])
    return client, rest


def tcp6_connected(folder):
    listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    client = socket.create_connection(listener.getsockname()[:2])
    return client.detach(), [listener, listener.accept()[0]]


def udp(folder, family=socket.AF_INET, address=LOCAL):
    bound = socket.socket(family, socket.SOCK_DGRAM)
    bound.bind((address, 0))
    return bound.detach(), []


def udp6(folder):
    return udp(folder, socket.AF_INET6, "::1")


def udp_connected(folder):
    bound, client = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    bound.bind((LOCAL, 0))
    client.connect(bound.getsockname())
    return client.detach(), [bound]


def unix(folder, kind=socket.SOCK_STREAM):
    os.chdir(folder)
    bound = socket.socket(socket.AF_UNIX, kind)
    bound.bind("name")
    return bound, []


def unix_bound(folder):
    bound, rest = unix(folder)
    return bound.detach(), rest


def unix_listening(folder):
    bound, rest = unix(folder)
    bound.listen()
    return bound.detach(), rest


def unix_connected(folder):
    listener, rest = unix(folder)
    listener.listen()
    client = socket.socket(socket.AF_UNIX)
    client.connect("name")
    return client.detach(), [listener]


def unix_datagram(folder):
    bound, rest = unix(folder, socket.SOCK_DGRAM)
    return bound.detach(), rest


def unix_seqpacket(folder):
    bound, rest = unix(folder, socket.SOCK_SEQPACKET)
    return bound.detach(), rest


def unix_pair(folder):
    a, b = socket.socketpair()
    return a.detach(), [b]


def unix_abstract(folder):
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(f"\0sockbox-test-{os.getpid()}")
    return bound.detach(), []


MADE = [regular_file, directory, device, pipe_end_to_read, pipe_end_to_write, pipe_with_data,
        pipe_without_writer, fifo, terminal, tcp_listener, tcp_connected, tcp_with_data,
        tcp6_connected, udp, udp6, udp_connected, unix_bound, unix_listening, unix_connected,
        unix_datagram, unix_seqpacket, unix_pair, unix_abstract]


@pytest.fixture(params=MADE, ids=lambda make: make.__name__)
def descriptor(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fd, rest = request.param(tmp_path)
    yield fd
    os.close(fd)
    for other in rest:
        other.close()


def test_long(both, descriptor):
    same_long(both, "-i", str(descriptor), fds=[descriptor])


def test_raw(both, descriptor):
    same_long(both, "-r", f"-i{descriptor}", fds=[descriptor])


def words_of_18(text):
    """1.7 calls all of them ip, and prints garbage where there is no peer."""
    return re.sub(r"^(tcp|udp)(6?)", r"ip\2", text)


def test_short(both, descriptor):
    theirs, ours = both("-s", "-i", str(descriptor), fds=[descriptor])
    shown = words_of_18(ours[1])
    if has_no_peer(descriptor):
        assert re.match(re.escape(shown[:-1]) + r"( \S+)?\n", theirs[1])
    else:
        assert shown == theirs[1]
    assert ours[0] == theirs[0] == 0


def test_tidy(both, descriptor):
    theirs, ours = both("-S", "-i", str(descriptor), fds=[descriptor])
    shown = words_of_18(ours[1])
    if has_no_peer(descriptor):
        before, behind = shown.split("- ")
        assert theirs[1].startswith(before + "-") and theirs[1].endswith(" " + behind)
    else:
        assert shown == theirs[1]
    assert ours[0] == theirs[0] == 0


def has_no_peer(fd):
    try:
        with socket.socket(fileno=os.dup(fd)) as s:
            s.getpeername()
        return False
    except OSError as e:
        return e.errno == 107  # ENOTCONN, but not ENOTSOCK


PATHS = ["file", ".", "fifo", "link", "dangling", "missing", "socket", "/dev/null"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("some words\n")
    os.mkfifo("fifo")
    os.symlink("file", "link")
    os.symlink("nowhere", "dangling")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
    return tmp_path


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("options", [["-f"], ["-L", "-f"], ["-r", "-f"], ["-s", "-f"],
                                     ["-S", "-f"]], ids="".join)
def test_path(both, folder, path, options):
    theirs, ours = both(*options, path, cwd=folder)
    assert ours[:2] == theirs[:2]
    assert re.sub(r"\[\d+\]", "[]", ours[2])[20:] == re.sub(r"\[\d+\]", "[]", theirs[2])[20:]


@pytest.mark.parametrize("arguments", [["-n", "2"], ["-n2"], ["-n", "0"], ["-n", "1"], ["-s"],
                                       ["-S"], ["-s", "-n", "0"], ["-i", "999"],
                                       ["-s", "-i999"], ["-T", "0", "-s"]], ids=" ".join)
def test_which(both, arguments):
    theirs, ours = both(*arguments)
    mask = lambda text: re.sub(r"\t0,\d+\t\d+", "", to_17(text))
    unpoll = lambda text: re.sub(r"\t?poll: [A-Z,]*", "", text)
    no_times = lambda text: re.sub(r"\d\d:\d\d:\d\d", "", text)
    assert no_times(unpoll(mask(ours[1]))) == no_times(unpoll(mask(theirs[1])))
    assert (ours[0], ours[2]) == (theirs[0], theirs[2])


@pytest.mark.parametrize("arguments", [["-f"], ["-i"], ["-o"], ["superfluous"], ["-x"], ["-V"]],
                         ids=" ".join)
def test_refusals(both, arguments):
    """The same first line on stderr, but for the moment and the process, and status 1."""
    theirs, ours = both(*arguments)
    line = lambda text: re.sub(r"\[\d+\]", "[]", text.splitlines()[0])[20:]
    assert line(ours[2]) == line(theirs[2])
    assert ours[:2] == theirs[:2] == (1, "")
