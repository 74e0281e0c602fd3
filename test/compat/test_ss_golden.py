# SPDX-License-Identifier: MIT
"""ss against the bytes that iproute2 7.1 printed: test/fixtures/ss/cases.tsv."""

import fcntl
import gzip
import os
import pty
import re
import shlex
import shutil
import struct
import subprocess
import termios
import tty
from dataclasses import dataclass
from pathlib import Path

import pytest

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "ss"
LIMIT = 30


@dataclass
class Case:
    name: str
    environment: str
    arguments: str
    stdout: str
    exit: str
    stdin: str
    note: str


def read_cases():
    lines = (FIXTURES / "cases.tsv").read_text().splitlines()[1:]
    return [Case(*line.split("\t")) for line in lines]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The fixtures with archives unpacked and links made, as the current folder of each case."""
    folder = tmp_path_factory.mktemp("ss") / "fixtures"
    shutil.copytree(FIXTURES, folder)
    for packed in folder.glob("*/*.gz"):
        with gzip.open(packed) as data:
            packed.with_suffix("").write_bytes(data.read())
    for links in folder.glob("proc/*/LINKS"):
        for line in links.read_text().splitlines():
            path, target = line.split()
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).symlink_to(target)
    return folder


def open_stdout(kind):
    """Both ends of what the case has as its stdout."""
    if kind == "pipe":
        return os.pipe()
    ours, theirs = pty.openpty()
    tty.setraw(theirs)  # a line feed stays one byte
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, int(kind), 0, 0))
    return ours, theirs


def read_all(fd):
    data = b""
    try:
        while block := os.read(fd, 1 << 16):
            data += block
    except OSError:
        pass  # how a terminal says that the other end is gone
    os.close(fd)
    return data


def replay(ss, folder, case):
    """stdout, stderr (usage texts as one word), exit code."""
    environment = {name: value for name, value in os.environ.items()
                   if not re.match("TCPDIAG_|PROC_|COLUMNS|POSIXLY_", name)}
    environment.update(assignment.split("=", 1) for assignment in shlex.split(case.environment))
    environment["LC_ALL"] = "C"
    ours, theirs = open_stdout(case.stdout)
    errors = folder / f"{case.name}.stderr"
    with open(folder / case.stdin if case.stdin else os.devnull) as stdin, \
            open(errors, "wb") as stderr:
        process = subprocess.Popen(["ss"] + shlex.split(case.arguments), executable=ss,
                                   cwd=folder, stdin=stdin, stdout=theirs, stderr=stderr,
                                   env=environment)
        os.close(theirs)
        stdout = read_all(ours)
        status = process.wait(LIMIT)
    return stdout, re.sub(rb"(?ms)^Usage: ss .*", b"<usage>\n", errors.read_bytes()), status


def expected(folder, case, kind, default):
    path = folder / "expected" / f"{case.name}.{kind}"
    return path.read_bytes() if path.exists() else default


def harmless(data):
    """The one wanted difference: 7.1 lets names control a terminal, ours does not."""
    text = data.decode("utf-8", "surrogateescape")
    text = re.sub("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]", ".", text)
    return re.sub("[\udc80-\udcff]", "?", text).encode()


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.name)
def test_same_bytes_as_7_1(tools, unpacked, case):
    stdout, stderr, status = replay(tools / "ss", unpacked, case)
    assert stderr == expected(unpacked, case, "err", b"")
    wanted = expected(unpacked, case, "out", stdout)
    assert stdout == (wanted if case.stdout == "pipe" else harmless(wanted))
    assert status == int(case.exit)
