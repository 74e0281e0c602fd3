# SPDX-License-Identifier: MIT
"""A walk over the options: each is given to an address and its effect is looked at from outside,
with getsockopt(2), in /proc, with stat(2).  The rows are in walk_rows.py; an option of -hhh that
has none fails the first test.  (Those of terminals have a walk of their own:
test_socat_termios.py.)"""

import ctypes
import fcntl
import os
import pty
import re
import signal
import socket
import struct
import termios

import pytest

from conftest import TOP, wait_for
from socat_kit import LOCAL, log_lines, socat, together  # noqa: F401
from walk_rows import ENTRIES, FLAGS, KINDS, LOCKS, PLACES, REFUSED, SHOWN, SOCKET

PIDFD_GETFD = 438  # system call
OPENED = r" N (starting data transfer loop|listening on )"
# Their rows are looked at where their addresses are tested.
FAMILIES = {"TERMIOS", "OPENSSL", "SOCKS", "HTTP", "READLINE", "POSIXMQ"}


def names_in(rows):
    return {option.partition("=")[0] for row in rows for option in row[0].split(",")}


def test_each_option_has_a_row(socat):  # noqa: F811
    text = socat.run("-hhh").stdout.partition("\n   opt:\n")[2]
    listed = {name for name, groups in re.findall(r"^ +(\S+)\s+groups=(\S+)", text, re.MULTILINE)
              if groups not in FAMILIES}
    shown = {name for names in SHOWN.values() for name in names.split()}
    rows = names_in(SOCKET + REFUSED + FLAGS + LOCKS + PLACES + ENTRIES) | shown
    assert len(listed) > 250 and listed - rows == set()


def test_shown_elsewhere(socat):  # noqa: F811
    """The test that is said to show an option names it, or one of its aliases."""
    aliases = re.findall(r"^ +(\S+)\s+is an alias for (\S+)$", socat.run("-hhh").stdout,
                         re.MULTILINE)
    silent = []
    for file, names in SHOWN.items():
        text = next((TOP / "test").glob(f"c*/{file}")).read_text()
        for name in names.split():
            words = "|".join(map(re.escape, [name] + [a for a, of in aliases if of == name]))
            if not re.search(rf"(?<![\w-])({words})(?![\w-])", text):
                silent.append((file, name))
    assert silent == []


class Walk:
    """Opens addresses with an option and looks at what they opened."""

    def __init__(self, socat, folder, words):  # noqa: F811
        self.socat, self.folder, self.words, self.count = socat, folder, words, 0
        self.libc = ctypes.CDLL(None, use_errno=True)

    def open(self, kind, option, **more):
        """A socat that has opened it; more words for the address are keyword arguments."""
        address = f"{KINDS[kind].format(**self.words, **more)},{option}"
        running = self.socat.start("-dd", address, "STALL")
        wait_for(lambda: re.search(OPENED, running.text()) or running.process.poll() is not None,
                 address)
        assert re.search(OPENED, running.text()), (address, running.text())
        return running

    def number(self, running, target):
        """The first descriptor above stderr that is such a thing."""
        folder = f"/proc/{running.pid}/fd"
        return min(int(n) for n in os.listdir(folder)
                   if int(n) > 2 and os.readlink(f"{folder}/{n}").startswith(str(target)))

    def take(self, running, target):
        """The same open file as a descriptor of ours."""
        pidfd = os.pidfd_open(running.pid)
        fd = self.libc.syscall(PIDFD_GETFD, pidfd, self.number(running, target), 0)
        os.close(pidfd)
        assert fd >= 0, os.strerror(ctypes.get_errno())
        return fd

    def file(self):
        self.count += 1
        path = self.folder / f"file{self.count}"
        path.write_text("0123456789")
        return path

    def fdinfo(self, running, target):
        number = self.number(running, target)
        return dict(re.findall(r"^(\w+):\s+(\S+)", open(f"/proc/{running.pid}/fdinfo/{number}").read(),
                               re.MULTILINE))


def end(running):
    running.process.send_signal(signal.SIGTERM)
    assert log_lines(running.end().stderr, "E") == []


@pytest.fixture
def walk(socat, tmp_path):  # noqa: F811
    if os.geteuid() != 0:
        pytest.skip("needs root")
    with socket.create_server((LOCAL, 0)) as s:
        yield Walk(socat, tmp_path, {"port": s.getsockname()[1], "pid": os.getpid()})


def all_rows(check, rows):
    for i in range(0, len(rows), 8):
        together(*[lambda row=row: check(*row) for row in rows[i:i + 8]])


def test_socket_options(walk):
    def check(option, kind, level, name, expected):
        running = walk.open(kind, option)
        with socket.socket(fileno=walk.take(running, "socket:")) as s:
            found = (s.getsockopt(level, name, 16)[:len(expected)] if isinstance(expected, bytes)
                     else s.getsockopt(level, name))
        assert found == expected, (option, kind, found)
        end(running)

    all_rows(check, SOCKET)


def test_refused_by_the_kernel(walk):
    def check(option, kind):
        done = walk.socat.run(f"{KINDS[kind].format(**walk.words)},{option}", "STALL")
        errors = log_lines(done.stderr, "E")
        assert done.status == 1 and len(errors) == 1, (option, done)
        assert option.partition("=")[0] in errors[0] or "socketpair(" in errors[0], errors

    all_rows(check, REFUSED)


def test_flags(walk):
    def check(option, kind, expected):
        path = walk.file()
        running = walk.open(kind, option, file=path)
        flags = int(walk.fdinfo(running, path if kind == "file" else "socket:")["flags"], 8)
        mask = os.O_ACCMODE if expected in (os.O_WRONLY, os.O_RDWR) or option == "o-rdonly" \
            else expected or os.O_CLOEXEC
        assert flags & mask == expected, (option, oct(flags))
        end(running)

    all_rows(check, FLAGS)


def test_locks(walk):
    def check(option, family, kind):
        path = walk.file()
        running = walk.open("file", option, file=path)
        inode = path.stat().st_ino
        found = re.findall(rf"^\d+: (\w+) +\w+ +(\w+) (\d+) \w+:\w+:{inode} ",
                           open("/proc/locks").read(), re.MULTILINE)
        assert set(found) == {(family, kind, str(running.pid))}, option
        end(running)

    all_rows(check, LOCKS)


def test_places(walk):
    def check(option, place, length):
        path = walk.file()
        running = walk.open("file", option, file=path)
        end(running)
        assert path.stat().st_size == length, option
        if place:
            done = walk.socat.run("-u", f"OPEN:{path},{option}", "-")
            assert done.stdout == "0123456789"[place:], (option, done)

    all_rows(check, PLACES)


def test_entries(walk):
    def check(option, field, expected):
        path = walk.file()
        if option.startswith("perm="):
            path.unlink()  # it is for those that are made
            option = f"o-creat,{option}"
        end(walk.open("file", option, file=path))
        assert getattr(path.stat(), field) == expected, option

    all_rows(check, ENTRIES)


@pytest.mark.parametrize("option", ["fiosetown", "siocspgrp"])
def test_owner_of_signals(walk, option):
    running = walk.open("tcp4", f"{option}={os.getpid()}")
    fd = walk.take(running, "socket:")
    assert fcntl.fcntl(fd, fcntl.F_GETOWN) == os.getpid()
    os.close(fd)
    end(running)


@pytest.mark.parametrize("value", [0, 1])
def test_quick_acknowledgements(walk, value):
    """The handshake switches them on; an accepted connection has what was asked for."""
    running = walk.open("listen", f"tcp-quickack={value}")
    with socket.create_connection((LOCAL, running.port())):
        running.wait_line("starting data transfer loop")
        with socket.socket(fileno=walk.take(running, "socket:")) as s:
            assert s.getsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK) == value
        end(running)


def test_accepted_without_effect(walk):
    """SO_BSDCOMPAT means nothing to the kernel, which says so in its log and takes it."""
    end(walk.open("udp4", "so-bsdcompat"))


@pytest.mark.parametrize("option, length", [("unix-tightsocklen", 0), ("unix-tightsocklen=0", 107)])
def test_length_of_an_abstract_name(walk, option, length):
    running = walk.open("abstract", option)
    name = f"sockbox-{os.getpid()}".encode()
    with socket.socket(fileno=walk.take(running, "socket:")) as s:
        assert s.getsockname() == b"\0" + name.ljust(length, b"\0")
    end(running)


@pytest.fixture
def terminal():
    master, slave = pty.openpty()
    yield master, slave
    os.close(master)
    os.close(slave)


def waiting(fd):
    return struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, bytes(4)))[0]


def test_calls_of_a_terminal(walk, terminal):
    """ioctl(2) in its forms: nothing, a number, data, a text; int pointers are among the flags."""
    master, slave = terminal
    size, flush_input, size_of = termios.TIOCSWINSZ, termios.TCFLSH, termios.TIOCGWINSZ

    def with_option(option):
        end(walk.open("tty", option, tty=os.ttyname(slave)))

    with_option(f"ioctl-bin={size}:x0100020003000400")
    assert struct.unpack("4H", fcntl.ioctl(slave, size_of, bytes(8))) == (1, 2, 3, 4)
    with_option(f"ioctl-string={size}:ABABABAB")
    assert fcntl.ioctl(slave, size_of, bytes(8)) == b"ABABABAB"
    running = walk.open("tty", f"ioctl-void={termios.TIOCEXCL}", tty=os.ttyname(slave))
    assert struct.unpack("i", fcntl.ioctl(slave, 0x80045440, bytes(4)))[0]  # TIOCGEXCL
    end(running)
    fcntl.ioctl(slave, termios.TIOCNXCL)
    os.write(master, b"typed\n")
    wait_for(lambda: waiting(slave) == 6, "what was typed")
    with_option(f"ioctl-int={flush_input}:{termios.TCIFLUSH}")
    assert waiting(slave) == 0


@pytest.mark.parametrize("option, controlled", [("o-noctty", False), ("o-noctty=0", True)])
def test_controlling_terminal(walk, terminal, option, controlled):
    """A leader of a session without one gets the terminal it opens, unless it says no."""
    running = walk.open("tty", option, tty=os.ttyname(terminal[1]))
    number = open(f"/proc/{running.pid}/stat").read().rpartition(")")[2].split()[4]
    assert (number != "0") == controlled
    end(running)
