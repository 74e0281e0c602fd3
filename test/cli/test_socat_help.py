# SPDX-License-Identifier: MIT
"""socat -V, -h, -hh, -hhh and the probe ADDRESS:::::, as wrappers and test suites read them."""

import re
import subprocess

import pytest

from conftest import LIMIT
from socat_kit import log_lines, socat, together  # noqa: F401

FEATURES = """STDIO FDNUM FILE CREAT GOPEN TERMIOS PIPE STALL TEXT SOCKETPAIR UNIX
    ABSTRACT_UNIXSOCKET IP4 IP6 TCP UDP LISTEN SYSTEM SHELL EXEC PTY
    STATS HELP RETRY FILAN""".split()
KEYWORDS = """- STDIO STDIN STDOUT STDERR FD OPEN FILE CREATE CREAT GOPEN PIPE FIFO ECHO SOCKETPAIR
    TEXT STALL EXEC SYSTEM SHELL TCP TCP-CONNECT TCP4 TCP6 TCP-LISTEN TCP-L TCP4-LISTEN TCP4-L
    TCP6-LISTEN INET INET4 INET6 INET-L INET-LISTEN UDP UDP-CONNECT UDP4 UDP6 UDP-LISTEN UDP-L
    UDP4-L UDP6-L UDP-SENDTO UDP-SEND UDP4-SENDTO UDP6-SENDTO UDP-RECVFROM UDP4-RECVFROM
    UDP6-RECVFROM UDP-RECV UDP4-RECV UDP6-RECV UDP-DATAGRAM UDP-DGRAM UDP4-DATAGRAM UDP6-DATAGRAM
    UNIX UNIX-CLIENT UNIX-CONNECT LOCAL UNIX-LISTEN UNIX-L UNIX-SENDTO UNIX-SEND UNIX-RECVFROM
    UNIX-RECV ABSTRACT ABSTRACT-CLIENT ABSTRACT-CONNECT ABSTRACT-LISTEN ABSTRACT-SENDTO
    ABSTRACT-RECVFROM ABSTRACT-RECV ACCEPT ACCEPT-FD PTY""".split()


def test_version(socat):
    done = socat.run("-V")
    assert (done.status, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert re.match(r"socat version 1\.8\.1\.1 on \S", lines[1])
    assert re.match(r"   running on \S+ version .*, release .*, machine \S+", lines[2])
    assert lines[3] == "features:"
    for line in lines[4:]:
        assert re.fullmatch(r"  #(define WITH_\w+ \d.*|undef WITH_\w+)", line), line
    for feature in FEATURES:
        assert f"  #define WITH_{feature} 1" in lines
    assert "  #undef WITH_OPENSSL" in lines or "  #define WITH_OPENSSL 1" in lines


def test_features_in_classic_order(socat):
    """1.8's order; Debian's 1.7 knows most of the words, in the same order."""
    def words(text):
        return re.findall(r"^ +#(?:define|undef) (WITH_\w+)", text, re.MULTILINE)

    theirs, ours = socat.both("-V")
    theirs, ours = words(theirs.stdout), words(ours.stdout)
    common = [word for word in ours if word in theirs]
    assert len(common) > 20
    assert common == [word for word in theirs if word in ours]


def test_help_for_scripts(socat):
    text = socat.run("-h").stdout
    for pattern in [r" TCP4-", r" TCP6-", r" UDP4-", r" UDP6-"]:
        assert re.search(pattern, text)
        assert re.search(pattern.lower(), text)  # what scripts for 1.7 look for
    for word in ["-d0", "--experimental"]:
        assert word in text
    assert re.search(r" -S[ <]", text)
    assert len(re.findall(r"^.* -[rR] .*$", text, re.MULTILINE)) == 2
    for option in ["-0", "-4", "-6"]:
        assert re.search(rf"\s{option}\s", text)


@pytest.mark.parametrize("same", [("-h", "-?"), ("-hh", "-??"), ("-hhh", "-???"),
                                  ("-hhh", "-hhhxyz")])
def test_help_has_two_spellings(socat, same):
    first, second = together(*[lambda word=word: socat.run(word) for word in same])
    assert first.status == second.status == 0
    assert first.stdout == second.stdout != ""


def test_help_levels(socat):
    one, two, three = (socat.run(word).stdout for word in ["-h", "-hh", "-hhh"])
    assert "max-children" not in one
    assert re.search(r"^ +max-children\s+groups=CHILD\s", two, re.MULTILINE)
    assert "is an alias for max-children" not in two
    assert re.search(r"^ +maxchildren\s+is an alias for max-children$", three, re.MULTILINE)
    assert re.search(r"^ +TCP4-L\s+is an alias name for TCP4-LISTEN$", three, re.MULTILINE)


def test_help_of_all_names(socat):
    """The lists of -hhh are sorted, complete, and nothing follows the last."""
    text = socat.run("-hhh").stdout
    match = re.search(r"^   address-head:.*?\n(.*?)^   opts:.*?$", text, re.MULTILINE | re.DOTALL)
    heads = [re.split(r"[:\s\[]", line.strip())[0] for line in match.group(1).splitlines()]
    heads = [word for word in heads if word and not word.startswith("<")]
    assert heads == sorted(heads)
    assert set(KEYWORDS) <= set(heads)

    options = text.partition("\n   opt:\n")[2].splitlines()
    names = [line.split()[0] for line in options]
    assert names == sorted(names)
    assert len(names) == len(set(names)) > 200
    for line in options:
        assert re.fullmatch(r"      \S+\s+(groups=\S+\s+phase=\S+\s+type=\S+.*|"
                            r"is an alias for \S+)",
                            line), line


@pytest.mark.parametrize("word", ["-V", "-hhh"])
def test_reader_that_leaves_early(socat, word):
    done = subprocess.run(f"{socat.program()} {word} | head -n 2", shell=True, timeout=LIMIT,
                          capture_output=True)
    assert done.stdout.count(b"\n") == 2 and done.stderr == b""


def test_probe_of_each_keyword(socat, tmp_path):
    """Surplus parameters are refused at once, before anything is opened, on either side."""
    def probe(*addresses):
        done = socat.run(*addresses, stdin=subprocess.DEVNULL, cwd=tmp_path)
        lines = log_lines(done.stderr, "E")
        assert done.status == 1, addresses
        assert len(lines) == 1 and "wrong number of parameters (" in lines[0], done.stderr

    before = sorted(tmp_path.iterdir())
    for word in KEYWORDS:
        together(lambda: probe(f"{word}:::::", "/dev/null"),
                 lambda: probe("CREATE:made", f"{word}:::::"))
    assert sorted(tmp_path.iterdir()) == before


def test_probe_of_unknown_keyword(socat):
    for done in socat.both("NO-SUCH:::::", "/dev/null"):
        assert done.status == 1
        assert re.search(r" E unknown device/address \"NO-SUCH\"", done.stderr)
