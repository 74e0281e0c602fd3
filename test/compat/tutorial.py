# SPDX-License-Identifier: MIT
"""The command lines of the sockets tutorial, typed as they stand there into an interactive
bash on a terminal, once with the original tools and once with ours.

play() gives what each command printed and its exit status; compare() says how far two runs
are the same; table() is the table in README.md.
"""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from dataclasses import dataclass

from conftest import LIMIT, port_listens, unix_listens, wait_for

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PACKAGES = ["socat", "netcat-openbsd", "iproute2"]


@dataclass(frozen=True)
class Line:
    """One command line; what the tutorial prints under it, as regular expressions; the socket
    that is to be waited for; whether Ctrl-C follows."""
    command: str
    shows: tuple = ()
    listens: tuple = ()
    interrupt: bool = False
    status: int = 0


def cleanup(second, first):
    """The tutorial's way to end two background listeners."""
    return [
        Line("jobs", (rf"\[2\]\+  Running +{re.escape(second)}",
                      rf"\[1\]-  Running +{re.escape(first)}")),
        Line("fg %2", (re.escape(second),), interrupt=True, status=130),
        Line("fg %1", (re.escape(first),), interrupt=True, status=130),
        Line("jobs"),
    ]


NO_FILE = "ls: cannot access '/dev/tcp': No such file or directory"
TCP4 = "socat TCP4-LISTEN:8080,fork /dev/null"
TCP6 = "socat TCP6-LISTEN:8080,ipv6only=1,fork /dev/null"
UDP4 = "socat UDP4-LISTEN:123,fork /dev/null"
UDP6 = "socat UDP6-LISTEN:123,ipv6only=1,fork /dev/null"
STREAM = "socat UNIX-LISTEN:/tmp/stream.sock,fork /dev/null"
DATAGRAM = "socat UNIX-RECVFROM:/tmp/datagram.sock,fork /dev/null"

LINES = [
    Line(TCP4 + " &", (r"\[1\] \d+",), ("tcp", 8080)),
    Line(TCP6 + " &", (r"\[2\] \d+",), ("tcp6", 8080)),
    Line("ss -tln", (r"State +Recv-Q +Send-Q +Local Address:Port +Peer Address:Port",
                     r"LISTEN +0 +5 +0\.0\.0\.0:8080 +0\.0\.0\.0:\*",
                     r"LISTEN +0 +5 +\[::\]:8080 +\[::\]:\*")),
    Line("ss -4 -tln", (r"LISTEN +0 +5 +0\.0\.0\.0:8080 +0\.0\.0\.0:\*",)),
    Line("nc -4 -vz 127.0.0.1 8080",
         (r"Connection to 127\.0\.0\.1 8080 port \[tcp/http-alt\] succeeded!",)),
    Line("nc -4 -vz 10.0.100.52 8080",
         (r"Connection to 10\.0\.100\.52 8080 port \[tcp/http-alt\] succeeded!",)),
    Line("nc -6 -vz ::1 8080", (r"Connection to ::1 8080 port \[tcp/http-alt\] succeeded!",)),
    *cleanup(TCP6, TCP4),
    Line(UDP4 + " &", (r"\[1\] \d+",), ("udp", 123)),
    Line(UDP6 + " &", (r"\[2\] \d+",), ("udp6", 123)),
    Line("ss -uln |grep 123", (r"UNCONN 0      0 +0\.0\.0\.0:123 +0\.0\.0\.0:\*",
                               r"UNCONN 0      0 +\[::\]:123 +\[::\]:\*")),
    Line("nc -4 -u -vz 127.0.0.1 123",
         (r"Connection to 127\.0\.0\.1 123 port \[udp/ntp\] succeeded!",)),
    *cleanup(UDP6, UDP4),
    Line(STREAM + " &", (r"\[1\] \d+",), ("unix", "/tmp/stream.sock")),
    Line(DATAGRAM + " &", (r"\[2\] \d+",), ("unix", "/tmp/datagram.sock")),
    Line("ss -xln", (r"Netid +State +Recv-Q +Send-Q +Local Address:Port +Peer Address:Port",
                     r"u_str +LISTEN +0 +5 +/tmp/stream\.sock \d+ +\* 0",
                     r"u_dgr +UNCONN +0 +0 +/tmp/datagram\.sock \d+ +\* 0")),
    Line("ls /tmp", (r"datagram\.sock", r"stream\.sock")),
    Line("stat /tmp/stream.sock /tmp/datagram.sock",
         (r"  File: /tmp/stream\.sock", r"  File: /tmp/datagram\.sock",
          r"Access: \(0755/srwxr-xr-x\)", r"IO Block: 4096 +socket")),
    Line("nc -U -z /tmp/stream.sock"),
    Line("nc -uU -z /tmp/datagram.sock"),
    *cleanup(DATAGRAM, STREAM),
    Line("ls /dev/tcp", (NO_FILE,), status=2),
    Line("exec 3<>/dev/tcp/google.com/80"),
    Line("ls /dev/tcp", (NO_FILE,), status=2),
    Line('echo -e "GET / HTTP/1.1\\n\\r" >&3'),
    Line("cat <&3", (r"HTTP/1\.1 200 OK", "Content-Type: text/html; charset=ISO-8859-1",
                     "Transfer-Encoding: chunked", "<!doctype html><html")),
]

FIRST_WITH_GOOGLE = next(line for line in LINES if "google.com" in line.command)

# In the namespace google.com is this server on loopback; its answer is always the same.
WEB = r"""
import socket
with socket.create_server(("127.0.0.1", 80)) as server:
    print("ready", flush=True)
    while True:
        with server.accept()[0] as peer:
            request = b""
            while b"\n\r\n" not in request:
                request += peer.recv(4096)
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=ISO-8859-1\r\n"
                         b"Transfer-Encoding: chunked\r\n\r\n"
                         b"1d\r\n<!doctype html><html>1</html>\r\n0\r\n\r\n")
"""


# From 1.8 on a UDP listener of socat tells the peer of the end by an empty packet (shut-null). A
# peer that is gone already makes it print this, at any time.
LATE_MESSAGE = r"^\d{4}/\d\d/\d\d [\d:]+ socat\[\d+\] E read\(.*\): Connection refused\n"


class Shell:
    """An interactive bash on a terminal; its prompt is the exit status between two marks."""

    PROMPT = re.compile(r"\x1e(\d+)\x1e")

    def __init__(self, space, path):
        environment = {"PATH": path, "PS1": "\x1e$?\x1e", "PS2": "", "LC_ALL": "C", "HISTFILE": "",
                       "TERM": "dumb", "MAILCHECK": "-1", "HOME": "/tmp"}
        argv = space.argv(["bash", "--norc", "--noprofile", "--noediting", "-i"])
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            attributes = termios.tcgetattr(0)
            attributes[3] &= ~termios.ECHO
            termios.tcsetattr(0, termios.TCSANOW, attributes)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
            os.execve("/usr/bin/env", ["env", *argv], environment)
        self.text = ""
        self.to_prompt(False)

    def take(self, seconds):
        """Adds what the terminal shows; False if that was nothing."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        self.text += os.read(self.fd, 65536).decode("utf-8", "replace").replace("\r", "")
        return True

    def to_prompt(self, interrupt):
        """The output up to the next prompt, and the exit status shown there.  Ctrl-C is pressed
        when the job is in the foreground."""
        deadline = time.monotonic() + LIMIT
        while True:
            found = self.PROMPT.search(self.text)
            if found:
                output = self.text[:found.start()] + self.text[found.end():]
                self.text = ""
                return output, int(found.group(1))
            assert time.monotonic() < deadline, f"no prompt, but {self.text!r}"
            if not self.take(0.02) and interrupt and os.tcgetpgrp(self.fd) != self.pid:
                os.write(self.fd, b"\x03")
                interrupt = False

    def type(self, line, interrupt=False):
        os.write(self.fd, line.encode() + b"\n")
        return self.to_prompt(interrupt)

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def make_google(space):
    """google.com becomes a server on loopback, for this namespace only."""
    hosts = ("printf '127.0.0.1 localhost google.com\\n' >/tmp/.hosts &&"
             " mount --bind /tmp/.hosts /etc/hosts")
    assert space.run(["sh", "-c", hosts]).status == 0
    server = space.start(["python3", "-c", WEB], stdin=subprocess.DEVNULL)
    assert server.stdout.readline() == b"ready\n"


def listens(space, kind, place):
    if kind == "unix":
        return unix_listens(place, space.net)
    return port_listens(kind, place, space.net)


def play(space, ours):
    """[(output, exit status)] of all lines, with our tools or the originals first in PATH."""
    path = space.path if ours else SYSTEM_PATH
    shell = Shell(space, path)
    found = shell.type("command -v socat ss nc")[0].split()
    assert all(name.startswith("/tmp/tools/") == ours for name in found), found
    results = []
    for line in LINES:
        if line is FIRST_WITH_GOOGLE:  # not before: ss would show the server too
            make_google(space)
        output, status = shell.type(line.command, line.interrupt)
        results.append((re.sub(LATE_MESSAGE, "", output, flags=re.M), status))
        if line.listens:
            wait_for(lambda: listens(space, *line.listens), line.command)
    shell.close()
    return results


def normalised(output):
    """Without what no two runs have in common: process and inode numbers, times."""
    output = re.sub(r"^(\[\d\]) \d+$", r"\1 PID", output, flags=re.M)
    output = re.sub(r"(\.sock) \d+", r"\1 INODE", output)
    output = re.sub(r"(Device|Inode): \S+", r"\1: N", output)
    return re.sub(r"^( ?\w+): \d{4}-\d\d-\d\d [\d:.]+ [+-]\d{4}$", r"\1: TIME", output, flags=re.M)


SAME, DIFFERENT = "yes", "no"
SPACING = "but for 6.1's empty Process column and its width"


def single_spaced(output):
    """A table of ss without its column widths, and without the header of the column Process,
    which newer versions show only where it was asked for."""
    output = re.sub(r" *Process *$", "", output, flags=re.M)
    return re.sub(r" +$", "", re.sub(r" +", " ", output), flags=re.M)


def compare(line, ours, originals):
    """How far two results of play() are the same."""
    a, b = normalised(ours[0]), normalised(originals[0])
    if ours[1] != originals[1]:
        return DIFFERENT
    if a == b:
        return SAME
    if line.command.startswith("ss ") and single_spaced(a) == single_spaced(b):
        return SPACING
    return DIFFERENT


def says(line, result):
    """Does the result show what the tutorial prints?"""
    output, status = result
    if not line.shows and output.replace("^C", "").strip():
        return False
    return status == line.status and all(re.search(p, output) for p in line.shows)


def versions():
    """The originals that are installed, as "socat 1.7.4.4-2, ..."."""
    found = []
    for name in PACKAGES:
        done = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}", name],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if done.returncode != 0:
            return None
        found.append(done.stdout)
    return ", ".join(found)


BEGIN = "<!-- tutorial table: made by script/tutorial-table -->"
END = "<!-- end of the tutorial table -->"


def table(ours, originals):
    rows = [BEGIN, f"Originals: {versions()}.", "",
            "| command | ours shows what the tutorial says | same output as the original |",
            "| --- | --- | --- |"]
    for line, our, original in zip(LINES, ours, originals):
        command = line.command.replace("|", "\\|") + (", Ctrl-C" if line.interrupt else "")
        rows.append(f"| `{command}` | {'yes' if says(line, our) else 'no'} |"
                    f" {compare(line, our, original)} |")
    return "\n".join(rows + [END])


def table_in(text):
    """The table that stands in the text, or None."""
    found = re.search(re.escape(BEGIN) + ".*?" + re.escape(END), text, re.S)
    return found.group(0) if found else None
