# SPDX-License-Identifier: MIT
"""ss beside Debian's ss 6.1, on live sockets in a namespace of their own: the same rows in the
same order, the same cells.  Blanks are not compared (7.1 sets them otherwise), nor what really
moves between two runs, nor the few words that 7.1 changed."""

import re
import subprocess

import pytest

from conftest import original
from ss_zoo import ZOO, cells, start_zoo

OPTIONS = [
    "-tln", "-4 -tln", "-uln", "-xln",  # the tutorial's
    "-t", "-u", "-w", "-x", "-tuwx",
    "-tan", "-uan", "-wan", "-xan", "-tuwxan", "-ta", "-ua", "-xa",
    "-4 -a", "-6 -a", "-4 -tan", "-6 -tan", "-t -a -n -4 -6", "-6 -x -a", "-f inet -an",
    "-f inet6 -uan", "-f unix -a", "--family=unix -l",
    "-A tcp,udp -an", "-A unix_stream,tcp -an", "-A u_dgr -an", "-A unix,!u_str -an",
    "-ta -A udp", "-A inet -tan", "-t -l -a", "-a -l -t",
    "-tanH", "-tanO", "-tan --no-header", "--tcp --all --numeric",
    "-tane", "-uane", "-xane", "-tanm", "-uanm", "-xanm", "-tano", "-tanp", "-uanp", "-xanp",
    "-tanpe", "-xanpem", "-tuanpemoO", "-tani", "-taniemoO", "-uani", "-tanT -p",
    "-tan --tos", "-tan --cgroup", "-tan --inet-sockopt", "-tanO --inet-sockopt --tos",
    "state listening -tn", "-tn state established", "-xa exclude listening",
    "-tn state all exclude listening state listening", "-t state close-wait", "-u state closed",
    "-x state connected",
    "-s",
    "-0", "-0a", "-0an", "-f link -anp", "-0aenp", "-0aenpb", "-0aenpO -b -m", "-A packet,tcp -an",
    "-f netlink", "-f netlink -n", "-f netlink -p", "-f netlink -pe", "-f netlink -npem",
    "-M", "-Ma", "-Manp", "-Mane", "-Mani", "-uMa", "-A mptcp,tcp -an", "-Sa", "-da", "--vsock -a",
    "-f vsock", "-A v_str,v_dgr -a",
    "-a -A netlink", "-A netlink", "-A packet", "", "-a", "-n", "-anp", "-l", "-o",
]

@pytest.fixture
def zoo(netns, tmp_path):
    return start_zoo(netns, ZOO, tmp_path)


def test_same_rows_and_cells(zoo, tools):
    theirs = original("ss")
    differences = []
    for options in OPTIONS:
        words = options.split()
        a, b = zoo.run([theirs] + words), zoo.run([tools / "ss"] + words)
        if "-s" not in words:
            assert len(a.stdout.splitlines()) > 0
        if (cells(a.stdout), a.status) != (cells(b.stdout), b.status) or b.stderr:
            differences.append(f"ss {options}\n{a.stdout}{a.stderr}\nours:\n{b.stdout}{b.stderr}")
    assert not differences, "\n\n".join(differences)


@pytest.mark.parametrize("command, row", [
    ("-tln", r"LISTEN +0 +5 +0\.0\.0\.0:8080 +0\.0\.0\.0:\*"),
    ("-tln", r"LISTEN +0 +5 +\[::\]:8081 +\[::\]:\*"),
    ("-tln", r"LISTEN +0 +5 +\*:8082 +\*:\*"),
    ("-uln", r"UNCONN +\d+ +0 +127\.0\.0\.1:53 +0\.0\.0\.0:\*"),
    ("-xln", r"u_str LISTEN +1 +3 +\S+/stream \d+ +\* 0"),
    ("-tanp", r'ESTAB .*users:\(\("a",pid=\d+,fd=\d+\),\("python3",pid=\d+,fd=\d+\)\)'),
    ("-tane", r"LISTEN .* v6only:1 <->"),
    ("-wan", r"UNCONN +0 +0 +0\.0\.0\.0:1 +0\.0\.0\.0:\*"),
])
def test_rows_that_must_be_there(zoo, tools, command, row):
    result = zoo.run([tools / "ss"] + command.split())
    assert result.status == 0
    assert re.search(f"(?m)^(\\?\\?\\? +)?{row}", result.stdout), result.stdout


def test_abbreviations_and_permutation_are_getopts(tools):
    theirs = original("ss")
    for words in [["--lis", "--tcp", "--num"], ["state", "listening", "-tn"],
                  ["-t", "--", "state", "listening"]]:
        a = subprocess.run([theirs] + words, capture_output=True)
        b = subprocess.run([tools / "ss"] + words, capture_output=True)
        assert (a.returncode, a.stderr) == (b.returncode, b.stderr)
