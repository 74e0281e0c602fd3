# SPDX-License-Identifier: MIT
"""socat -v, -x, -v -x: byte for byte as Debian's, but for the time; -r and -R."""

import os
import re

import pytest

from socat_kit import LOCAL, connect, read_all, socat, together  # noqa: F401

TIME = re.compile(rb"([<>]) \d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.(\d{6}|\d{9})  length")

DATA = {
    "line": b"hello\n",
    "no line end": b"no line end",
    "lines": b"one\ntwo\n\nfour\n",
    "sixteen": b"0123456789abcdef",
    "seventeen": b"0123456789abcdefg",
    "long line": b"x" * 50 + b"\ny\n",
    "feed as 16th": b"0123456789abcde\nrest",
    "controls": bytes(range(32)) + b"\x7f",
    "backslash": b"a\\b\\\\\r\n\t\0",
    "high": bytes(range(128, 256)),
    "utf-8": "Größe €\n".encode(),
}


def dump(done, digits):
    """stderr without its times, which must have the right number of digits."""
    for match in TIME.finditer(done.raw_stderr):
        assert len(match.group(2)) == digits
    return TIME.sub(rb"\1 TIME  length", done.raw_stderr)


@pytest.mark.parametrize("options", [["-v"], ["-x"], ["-v", "-x"], ["-x", "-v"]],
                         ids="".join)
@pytest.mark.parametrize("name", DATA)
def test_dump(socat, options, name):
    theirs, ours = socat.both(*options, "-u", "-", "-", input=DATA[name])
    assert dump(ours, 6) == dump(theirs, 9)
    assert ours.raw_stdout == theirs.raw_stdout == DATA[name]


def test_positions_go_on(socat):
    """from= and to= count the bytes of a direction, block after block."""
    theirs, ours = socat.both("-v", "-b7", "-u", "-", "-", input=b"abcdefghijklmnopqrstuvw")
    assert dump(ours, 6) == dump(theirs, 9)
    assert b"length=7 from=14 to=20\n" in dump(ours, 6)


@pytest.mark.parametrize("options", [["-v"], ["-x"], ["-v", "-x"]], ids="".join)
def test_both_directions(socat, options):
    theirs, ours = socat.both(*options, "-", "EXEC:cat", input=b"there and back\n")
    assert dump(ours, 6) == dump(theirs, 9)
    assert re.search(rb"^> TIME", dump(ours, 6), re.MULTILINE)
    assert re.search(rb"^< TIME", dump(ours, 6), re.MULTILINE)


@pytest.mark.parametrize("left, right", [("-,crnl", "-"), ("-", "-,crnl"), ("-,cr", "-"),
                                         ("-,crnl", "-,cr"), ("-", "-,cr"), ("-,crnl", "-,crnl"),
                                         ("-,cr", "-,crnl")])
def test_after_conversion(socat, left, right):
    """What is shown and what is written is the converted data."""
    theirs, ours = socat.both("-v", "-x", "-u", left, right, input=b"a\r\nb\nc\rd")
    assert ours.raw_stdout == theirs.raw_stdout
    assert dump(ours, 6) == dump(theirs, 9)


def test_raw_copies(socat, tmp_path):
    """-r and -R: just the bytes, appended; the second time for both programs."""
    def run(who):
        left, right = tmp_path / f"{who}-left", tmp_path / f"{who}-right"
        for _ in range(2):
            socat.run("-r", left, "-R", right, "-", "SYSTEM:cat >/dev/null; printf answer\\\\0",
                      who=who,
                      input=b"question\0\xff")
        return left.read_bytes(), right.read_bytes(), left.stat().st_mode

    ours, theirs = together(lambda: run("ours"), lambda: run("original"))
    assert ours == theirs
    assert ours[0] == b"question\0\xff" * 2 and ours[1].startswith(b"answer")


def test_unused_raw_copy_is_empty(socat, tmp_path):
    socat.run("-u", "-r", tmp_path / "left", "-R", tmp_path / "right", "-", "-", input=b"x")
    assert (tmp_path / "left").read_bytes() == b"x"
    assert (tmp_path / "right").read_bytes() == b""


def test_raw_copy_that_fails_is_a_warning(socat, tmp_path):
    done = socat.run("-u", "-r", tmp_path / "no" / "file", "-", "-", input=b"x")
    assert (done.status, done.stdout) == (0, "x")
    assert re.search(r' W open\(".*/no/file"\): No such file or directory$', done.stderr,
                     re.MULTILINE)


@pytest.mark.parametrize("name, result", [
    ("$COLOUR-x", "red-x"), ("x$NO_SUCH_VARIABLE", "x"), ("${COLOUR}s", "reds"),
    (r"\$COLOUR", "$COLOUR"), ("$PROGNAME", "socat"), ("$$", r"\d+"),
    ("$TIMESTAMP", r"\d{8}T\d{6}"), ("$MICROS", r"\d{6}"), ("a$", r"a\$"),
    ("$SOCAT_PID.log", r"\d+\.log"), ("$SOCAT_VERSION", r"1\.8\.1\.1")])
def test_name_of_raw_copy(socat, tmp_path, name, result):
    socat.run("-u", "-r", name, "-", "-", input=b"x", env={"COLOUR": "red"}, cwd=tmp_path)
    made, = [path for path in tmp_path.iterdir() if path.is_file()]
    assert made.name == result or re.fullmatch(result, made.name)


def test_raw_copies_of_sessions(socat, tmp_path):
    """With fork each child has its own files: two connections, four names."""
    name = "session-$SOCAT_PEERADDR-$SOCAT_PEERPORT-$$-" + "n" * 40
    running = socat.serve("-r", f"{name}.in", "-R", f"{name}.out", "TCP4-LISTEN:0,fork", "PIPE",
                          cwd=tmp_path)
    port = running.port()
    for _ in range(2):
        with connect(port) as s:
            s.sendall(b"data")
            s.shutdown(1)
            assert read_all(s) == b"data"
    names = [path for path in tmp_path.iterdir() if path.name.startswith(f"session-{LOCAL}-")]
    assert len(names) == 4 and all(path.read_bytes() == b"data" for path in names)


def test_raw_copy_is_not_inherited(socat, tmp_path):
    done = socat.run("-r", tmp_path / "l", "-R", tmp_path / "r", "/dev/null",
                     "EXEC:ls /proc/self/fd")
    assert done.stdout == ""
    assert (tmp_path / "r").read_bytes().split() == [b"0", b"1", b"2", b"3"]


def test_dump_goes_to_stderr_even_with_log_file(socat, tmp_path):
    theirs, ours = socat.both("-v", "-lf", os.devnull, "-u", "-", "-", input=b"x\n")
    assert dump(ours, 6) == dump(theirs, 9) != b""
