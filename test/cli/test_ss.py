# SPDX-License-Identifier: MIT
"""The command line of ss: help, refusals, exit codes, what needs no other ss beside it."""

import re

import pytest

REFUSED = ["-Z", "-z", "--context", "--contexts"]
# These act on the host or never end; their tests are in namespaces of their own.
NOT_HERE = ["K", "kill", "E", "events", "bpf-maps", "bpf-map-id"]
ARGUMENTS = {"fields": "netid,state", "sort": "state", "top": "3", "group-by": "state",
             "f": "inet", "family": "inet", "A": "tcp", "query": "tcp", "F": "/dev/null",
             "filter": "/dev/null", "D": "/dev/null", "diag": "/dev/null"}


def test_version(run):
    for option in ["-V", "-v", "--version", "--vers"]:
        result = run(["ss", option])
        assert (result.status, result.stdout, result.stderr) == \
            (0, "ss utility, iproute2-7.1.0\n", "")


def test_help_names_only_what_works(run, netns):
    """In a network where nothing changes: a dump that was interrupted is warned of, as by 6.1."""
    result = run(["ss", "-h"])
    assert (result.status, result.stderr) == (0, "")
    assert result.stdout.startswith("Usage: ss [ OPTIONS ]\n")
    assert run(["ss", "-f", "help"]).stdout == result.stdout
    letters = re.findall(r"^   -(\w), --", result.stdout, re.M)
    names = re.findall(r"--([a-z0-9-]+)", result.stdout)
    assert len(letters) > 20
    for option in REFUSED:
        assert option.lstrip("-") not in (letters if len(option) == 2 else names)
    for name in letters + names:
        if name in NOT_HERE + ["N", "net"]:
            continue
        option = ("-" if len(name) == 1 else "--") + name
        words = [option, ARGUMENTS[name]] if name in ARGUMENTS else [option]
        result = netns.run(["ss"] + words)
        assert (result.status, result.stderr) == (0, ""), option


@pytest.mark.parametrize("option", REFUSED)
def test_what_is_not_built_is_refused(run, option):
    result = run(["ss", "-t", option])
    assert (result.status, result.stdout) == (1, "")
    assert re.fullmatch(r"ss: [^\n]+\n", result.stderr)


def test_a_map_id_is_a_number(run):
    for wrong in ["0", "x", "4294967295", "-1"]:
        result = run(["ss", f"--bpf-map-id={wrong}"])
        assert (result.status, result.stderr) == (1, f"ss: invalid BPF map ID {wrong}\n")


@pytest.mark.parametrize("words, first", [
    (["--nosuch"], "ss: unrecognized option '--nosuch'"),
    (["-y"], "ss: invalid option -- 'y'"),
    (["-f"], "ss: option requires an argument -- 'f'"),
    (["-f", "INET"], 'ss: "INET" is invalid family'),
    (["-A", "tcp,bogus"], 'ss: "bogus" is illegal socket table id'),
    (["--tcp=1"], "ss: option '--tcp' doesn't allow an argument"),
])
def test_wrong_command_lines(run, words, first):
    result = run(["ss"] + words)
    assert (result.status, result.stdout) == (255, "")
    lines = result.stderr.splitlines()
    assert lines[0] == first and lines[1] == "Usage: ss [ OPTIONS ]"


@pytest.mark.parametrize("words, place", [
    (["sport", "=", ":22", ")"], "  sport = :22 ) \n              ^\n"),
    (["src", "!=", "10.0.0.1"], "  src != 10.0.0.1 \n      ^^\n"),
    (["sport = 22 or"], "  sport = 22 or \n                ^\n"),
])
def test_a_syntax_error_has_a_place(run, words, place):
    result = run(["ss", "-t"] + words)
    assert (result.status, result.stdout) == (255, "")
    assert result.stderr.startswith(
        'ss: bison bellows (while parsing filter): "syntax error!" Sorry.\nUsage: ss ')
    assert result.stderr.endswith("\n" + place)


def test_posixly_correct_stops_permutation(run):
    result = run(["ss", "state", "listening", "-t"], env={"POSIXLY_CORRECT": "1"})
    assert result.status == 1 and '"-t"' in result.stderr


def test_a_full_disk_is_told(run):
    with open("/dev/full", "w") as full:
        import subprocess
        done = subprocess.run(["sh", "-c", "exec ss -tln"], stdout=full, stderr=subprocess.PIPE,
                              env=dict(PATH=run.__self__.path))
    assert done.returncode == 1
    assert done.stderr == b"ss: write: No space left on device\n"


def test_summary_alone_ends_the_run(run):
    result = run(["ss", "-s"])
    assert result.status == 0
    assert result.stdout.startswith("Total: ") and "Netid" not in result.stdout
    assert "Local Address:Port" in run(["ss", "-s", "-t"]).stdout


def test_names_of_hosts(netns):
    process = netns.start(["/usr/bin/python3", "-c", """
import socket
s = socket.socket(); s.bind(("127.0.0.1", 4444)); s.listen()
print("ready", flush=True); input()"""])
    assert process.stdout.readline() == b"ready\n"
    result = netns.run(["ss", "-tlr"])
    assert re.search(r"LISTEN +0 +128 +localhost:4444 +", result.stdout), result.stdout


BOTH_HALVES = """
import socket, sys
keep = []
for host, pairs in [("127.0.0.1", 3), ("::1", int(sys.argv[1]))]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, 0), family=family)
    for _ in range(pairs):
        keep += [socket.create_connection(listener.getsockname()[:2]), listener.accept()[0]]
    keep.append(listener)
print("ready", flush=True); input()"""


@pytest.mark.parametrize("pairs", [0, 5, 2500])
def test_ipv4_comes_before_ipv6(netns, pairs):
    """Both may come with one walk of the kernel, where what is of IPv6 has to wait for its turn:
    none, some, and more than are let wait."""
    process = netns.start(["/usr/bin/python3", "-c", BOTH_HALVES, str(pairs)])
    assert process.stdout.readline() == b"ready\n"

    def rows(*words):
        return [line.split() for line in netns.run(["ss", "-Htane", *words]).stdout.splitlines()]

    four, six = rows("-4"), rows("-6")
    assert (len(four), len(six)) == (7, 2 * pairs + 1)
    assert rows() == four + six
    port = four[0][3].rpartition(":")[2]
    of_port = rows("sport", "=", f":{port}")
    assert of_port and of_port == [row for row in four + six if row[3].endswith(f":{port}")]
    assert rows("state", "established") == [row[1:] for row in four + six if row[0] == "ESTAB"]
