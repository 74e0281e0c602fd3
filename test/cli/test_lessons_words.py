# SPDX-License-Identifier: MIT
"""Words that broke parsers and log writers before: too long, too many, unbalanced,
full of format directives.  Each must end in an ordinary failure, never in a crash,
and never open something that was not named."""

import os
import re
import shutil

import pytest

LENGTHS = [511, 512, 513, 2047, 2048, 10000]
PARAMETER_MAX = 511  # bytes, as in the original


def refused(r):
    """It failed, by its own will, and said why in log lines of ordinary length."""
    assert r.status == 1, r
    assert " E " in r.stderr, r
    assert all(len(line) <= 512 for line in r.raw_stderr.splitlines()), r


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("shape", [
    "{}", "{}:1", "TCP:{}", "TCP4:127.0.0.1:{}", "TCP4:127.0.0.1:1,{}", "TCP4:127.0.0.1:1,{}=1",
    "TCP4:127.0.0.1:1,bind={}", "OPEN:/nowhere/{}", "GOPEN:/nowhere/{}", "UNIX-CONNECT:{}",
    "UNIX-LISTEN:{}", "UNIX-SENDTO:{}", "ABSTRACT-CONNECT:{}", "EXEC:{}", "TCP4:[{}]:1",
    "STDIN,{}", "FD:{}", "TCP4-LISTEN:0,range={}", "OPEN:/dev/null,user={}",
])
def test_long_words(run, tmp_path, shape, length):
    r = run(["socat", "-dd", shape.format("x" * length), "/dev/null"], cwd=tmp_path)
    refused(r)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("opening, closing", ["()", "[]", "{}", "''", '""'])
def test_deep_and_long_nests(run, tmp_path, opening, closing, length):
    for text in [opening * length, opening * length + closing * length,
                 opening + "x" * length + closing, opening + "x" * length]:
        r = run(["socat", "OPEN:/nowhere/" + text, "/dev/null"], cwd=tmp_path)
        assert r.status == 1 and " E " in r.stderr, (text[:20], r)


@pytest.mark.parametrize("words", [3, 8, 9, 10, 17, 100, 1000])
def test_many_words(run, tmp_path, words):
    victim = tmp_path / "victim"
    victim.write_text("kept")
    r = run(["socat", "TCP" + f":{victim}" * words, "/dev/null"])
    refused(r)
    assert "number of parameters" in r.stderr or "too many parameters" in r.stderr
    assert victim.read_text() == "kept"


@pytest.mark.parametrize("words", [*range(1, 41)])
def test_many_words_of_a_command(run, words):
    arguments = " ".join(f"a{i}" for i in range(words))
    r = run(["socat", "-u", f"EXEC:echo {arguments}", "-"])
    assert (r.status, r.stdout, r.stderr) == (0, arguments + "\n", "")


@pytest.mark.parametrize("length", [*range(40, 71), PARAMETER_MAX - len("echo  z")])
def test_long_words_of_a_command(run, length):
    r = run(["socat", "-u", f"EXEC:echo {'y' * length} z", "-"])
    assert (r.status, r.stdout) == (0, "y" * length + " z\n")


@pytest.mark.parametrize("command", ["echo " + "y" * length for length in LENGTHS] +
                         ["echo" + " a" * 1000])
def test_a_command_that_is_too_long_does_not_run(run, command):
    r = run(["socat", "-u", f"EXEC:{command}", "-"])
    refused(r)
    assert r.stdout == "" and "too long" in r.stderr


@pytest.mark.parametrize("text", [
    "OPEN:'abc", 'OPEN:"abc', "OPEN:abc\\", "OPEN:(abc", "OPEN:[abc", "OPEN:{abc", "'", '"', "\\",
    "OPEN:abc'", 'OPEN:abc"', 'EXEC:"', "OPEN:'a\\", 'OPEN:"a\\', "TCP:'127.0.0.1:1,", "(", "[",
])
def test_unbalanced_text_does_not_read_on(run, tmp_path, text):
    # The next argument follows in memory: nothing of it may be taken for the name.
    r = run(["socat", text, "OPEN:second,create"], cwd=tmp_path)
    refused(r)
    assert "second" not in r.stderr
    assert os.listdir(tmp_path) == []


FORMATS = "%n%s%p%x%999999d%.*f%%"


@pytest.mark.parametrize("shape", ["{}", "OPEN:/nowhere/{}", "TCP4:{}:1", "TCP4:127.0.0.1:{}",
                                   "EXEC:{}", "UNIX-CONNECT:/nowhere/{}", "OPEN:/,{}=1"])
@pytest.mark.parametrize("where", ["file", "syslog", "stderr"])
def test_format_directives_are_text(run, tmp_path, shape, where):
    log = tmp_path / "log"
    to = {"file": ["-lf", log], "syslog": ["-ly"], "stderr": []}[where]
    r = run(["socat", "-dddd", *to, "-lp", "p%n%s", shape.format(FORMATS), "/dev/null"])
    assert r.status == 1, r
    said = {"file": log.read_text() if log.exists() else "", "stderr": r.stderr,
            "syslog": None}[where]
    if said is not None:
        assert FORMATS in said and "p%n%s[" in said


@pytest.mark.parametrize("length", [*range(440, 503)])
def test_log_lines_near_the_limit(run, tmp_path, length):
    log = tmp_path / "log"
    name = "/nowhere/" + "n" * length
    r = run(["socat", "-lf", log, "OPEN:" + name, "/dev/null"])
    lines = log.read_bytes().splitlines(keepends=True)
    assert r.status == 1 and r.stderr == ""
    assert len(lines) == 1 and len(lines[0]) <= 512 and lines[0].endswith(b"\n"), lines
    assert f'open("/nowhere/{"n" * 300}'.encode() in lines[0]


def test_names_cannot_control_a_terminal(run):
    r = run(["socat", "OPEN:/nowhere/\x1b[31m\r\n\x07\x7f\xff", "/dev/null"])
    refused(r)
    assert not set(r.raw_stderr) & ({*range(32)} - {10} | {*range(0x7f, 256)})
    assert r.raw_stderr.count(b"\n") == len([x for x in r.stderr.splitlines() if x]), r


@pytest.mark.parametrize("size, fine", [
    ("1", True), ("2", True), ("0", False), ("-1", False), ("4611686018427387903", False),
    ("9223372036854775807", False), ("9223372036854775808", False), ("1x", False), ("", False),
    ("18446744073709551615", False), ("99999999999999999999999", False),
])
def test_block_sizes(run, size, fine):
    r = run(["socat", "-u", "-b", size, "TEXT:abcdef", "-"])
    assert (r.status, r.stdout) == ((0, "abcdef") if fine else (1, "")), r


def test_a_socket_name_is_not_cut(run, tmp_path):
    (tmp_path / ("s" * 108)).write_text("kept")
    r = run(["socat", "UNIX-LISTEN:" + "s" * 109 + ",unlink-early", "/dev/null"], cwd=tmp_path)
    refused(r)
    assert os.listdir(tmp_path) == ["s" * 108]


def test_an_argument_of_the_shell_stays_quoted(run):
    word = "a'b\"c$(echo no)`echo no`;echo no"
    r = run(["socat", "-u", "SYSTEM:echo \\\"$WORD\\\"", "-"], env={"WORD": word})
    assert r.status == 0 and r.stdout == word + "\n", r


GROWING = {
    "options": lambda n: "OPEN:/dev/null" + ",perm=600" * n,
    "values": lambda n: "OPEN:/dev/null" + (",user=" + "x" * (2 * n)) * 64,
    "nests": lambda n: "OPEN:" + "(" * (n // 8) + ")" * (n // 8),
    "nothing": lambda n: "OPEN:" + "," * (n * 100),
    "words": lambda n: "EXEC:" + "a " * (n // 4),
    "binary": lambda n: "TCP4:127.0.0.1:1" + ",sockopt=1:1:x" * n,
}


@pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind counts the instructions")
@pytest.mark.parametrize("name", GROWING)
def test_time_is_linear(run, name):
    """Twice the text takes about twice the instructions."""
    def instructions(n):
        r = run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "sockbox", "socat",
                 "-u", GROWING[name](n), "/dev/null"])
        return int(re.search(r"Collected : (\d+)", r.stderr)[1])

    none, half, full = (instructions(n) for n in (0, 500, 1000))
    assert full - none < 2.2 * (half - none) + 10000
