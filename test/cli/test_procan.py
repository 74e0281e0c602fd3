# SPDX-License-Identifier: MIT
"""procan by itself: the lines that scripts cut values from."""

import os
import pty
import re
import subprocess

import pytest


@pytest.fixture
def procan(run):
    return lambda *arguments, **more: run(["procan", *arguments], **more)


def value(text, phrase):
    """What stands behind `phrase = `, which must be on one line only."""
    lines = [line for line in text.splitlines() if line.startswith(phrase + " =")]
    assert len(lines) == 1, f"{phrase}: {lines}"
    return lines[0].partition(" = ")[2]


def test_ids(start):
    process = start(["procan"])
    text = process.communicate(timeout=30)[0].decode()
    assert process.returncode == 0
    assert value(text, "process id") == str(process.pid)
    assert value(text, "process parent id") == str(os.getpid())
    assert value(text, "process group id") == str(process.pid)  # started in a session of its own
    assert value(text, "process session id") == str(process.pid)
    assert value(text, "umask").startswith("0")
    for phrase in ["process id", "process parent id", "process group id", "process session id"]:
        assert len(re.findall(f"{phrase} =", text)) == 1


def test_users(procan):
    text = procan().stdout
    for phrase, number in zip(["user id ", "effective user id ", "saved set-user id "],
                              os.getresuid()):
        assert value(text, phrase) == str(number)
    for phrase, number in zip(["group id", "effective group id", "saved set-group id"],
                              os.getresgid()):
        assert value(text, phrase) == str(number)


def run_on_terminal(command):
    """Runs it as leader of a session on a terminal of its own; its output goes to a pipe."""
    master, slave = pty.openpty()
    name = os.ttyname(slave)
    done = subprocess.run(["setsid", "--ctty", "--wait", *command], stdin=slave,
                          capture_output=True, text=True, timeout=30)
    os.close(master), os.close(slave)
    return name, done.stdout


def test_name_of_the_controlling_terminal(tools):
    name, text = run_on_terminal([tools / "procan"])
    named = [line for line in text.splitlines() if "controlling terminal" in line
             and '"/dev/tty"' not in line and "none" not in line]
    assert re.search(r'"(.*)"$', named[0]).group(1) == name
    assert "process has a controlling terminal\n" in text
    group = value(text, "process group id")
    assert value(text, "process group id if fg process / stdin") == group


def test_no_controlling_terminal(start):
    text = start(["procan"]).communicate(timeout=30)[0].decode()
    assert "controlling terminal by /proc/<pid>/: none\n" in text
    assert "process does not have a controlling terminal\n" in text


def test_limits(procan):
    text = procan().stdout
    soft, hard = re.search(r"^open files +(\d+) +(\d+)$", text, re.M).groups()
    shell = subprocess.run(["sh", "-c", "ulimit -Sn; ulimit -Hn"], capture_output=True, text=True)
    assert [soft, hard] == shell.stdout.split()


def test_size_of_size_t_is_the_third_word_of_one_line(procan):
    lines = [line.split() for line in procan().stdout.splitlines()]
    found = [words for words in lines if any("size_t" in word for word in words)]
    assert len(found) == 1 and found[0][2] == str(8 if os.sys.maxsize > 2**32 else 4)


def test_namespace_and_interfaces(netns, run):
    text = netns.run(["procan"]).stdout
    assert "\nIP INTERFACES\n 1: lo\n" in text
    inside = re.search(r"^Network namespace: (net:\[\d+\])$", text, re.M).group(1)
    assert inside != os.readlink("/proc/self/ns/net")


@pytest.mark.parametrize("line", [
    "#define SOCK_DGRAM 2", "#define FOPEN_MAX 16", "#define PF_INET6 10",
    "#define TIOCEXCL 0x540c", "#define SOL_SOCKET 0x1", "#define SO_REUSEADDR 2",
    "#define TCP_MAXSEG 2",
])
def test_constants(procan, line):
    assert line in procan("-c").stdout.splitlines()


def test_refusals(procan):
    unknown = procan("-V")
    assert unknown.status == 1 and unknown.stdout == ""
    assert '] E unknown option "-V"\n' in unknown.stderr and "usage: procan" in unknown.stderr
    superfluous = procan("-c", "word")
    assert superfluous.status == 1 and superfluous.stderr.count("\n") == 1


@pytest.mark.parametrize("option", ["-h", "-?"])
def test_help(procan, option):
    done = procan(option)
    assert done.status == 0 and "usage: procan" in done.stdout


def test_full_disk_is_an_error(tools):
    with open("/dev/full", "w") as full:
        done = subprocess.run([tools / "procan"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and done.stderr.endswith("E write: No space left on device\n")
