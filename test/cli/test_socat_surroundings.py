# SPDX-License-Identifier: MIT
"""Where and as whom an address is opened: network namespaces, delayed users; and the
attributes of inodes."""

import contextlib
import fcntl
import os
import pwd
import socket
import struct
import subprocess

import pytest

from socat_kit import LOCAL, log_lines, socat  # noqa: F401

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


# Users

WHO_AM_I = "(id -u; id -g; id -G; echo $USER $LOGNAME $HOME $SHELL)"


def nobody():
    user = pwd.getpwnam("nobody")
    groups = " ".join(map(str, os.getgrouplist(user.pw_name, user.pw_gid)))
    return f"{user.pw_uid}\n{user.pw_gid}\n{groups}\nnobody nobody {user.pw_dir} {user.pw_shell}\n"


@needs_root
@pytest.mark.parametrize("option", ["substuser-delayed=nobody", "su-d=nobody", "su-d={}"])
@pytest.mark.parametrize("addresses", [["-u", "/dev/null,{}", f"SYSTEM:{WHO_AM_I}>&2"],
                                       ["-u", f"SYSTEM:{WHO_AM_I}>&2,{{}}", "-"]], ids=["file", "program"])
def test_delayed_user(socat, option, addresses):  # noqa: F811
    option = option.format(pwd.getpwnam("nobody").pw_uid)
    done = socat.run(*[word.format(option) for word in addresses])
    assert (done.status, done.stderr) == (0, nobody())


@needs_root
def test_address_before_and_after(socat, tmp_path):  # noqa: F811
    """The file is made by root, the program of the second address is run by nobody."""
    file = tmp_path / "mine"
    done = socat.run(f"CREATE:{file},su-d=nobody", "SYSTEM:id -u")
    assert done.status == 0
    assert file.stat().st_uid == 0 and file.read_text() == f"{pwd.getpwnam('nobody').pw_uid}\n"


@needs_root
@pytest.mark.parametrize("options", ["chroot={},su-d=nobody", "su-d=nobody,chroot={}", "chroot-early={},su-d=nobody"])
def test_with_a_root_without_users(socat, tmp_path, options):  # noqa: F811
    """The user was looked up before."""
    tmp_path.chmod(0o755)
    done = socat.run("-u", f"TEXT:x,{options.format(tmp_path)}", "PIPE:/pipe,o-nonblock")
    line, = log_lines(done.stderr, "E")
    assert "/pipe" in line and "Permission denied" in line


@needs_root
@pytest.mark.parametrize("options", ["chroot=/,su-d=nobody", "su-d=nobody,chroot=/", "su=nobody,chroot=/"])
def test_program_with_another_root(socat, options):  # noqa: F811
    done = socat.run("-u", f"EXEC:id -u,{options}", "-")
    assert (done.status, done.stdout) == (0, f"{pwd.getpwnam('nobody').pw_uid}\n")


@pytest.mark.parametrize("value, words", [("no-such-user", "no such user"), ("3999999999", "no such user")])
def test_unknown_user(socat, value, words):  # noqa: F811
    done = socat.run("-u", f"TEXT:x,su-d={value}", "-")
    line, = log_lines(done.stderr)
    assert done.status == 1 and done.stdout == "" and words in line


# Network namespaces

@pytest.fixture
def namespace():
    """One with a name, as netns= wants it."""
    name = f"sockbox-{os.getpid()}"
    if os.geteuid() != 0 or subprocess.run(["ip", "netns", "add", name], capture_output=True).returncode:
        pytest.skip("needs root and named network namespaces")
    if subprocess.run(["ip", "-n", name, "link", "set", "lo", "up"], capture_output=True).returncode:
        subprocess.run(["ip", "netns", "delete", name], check=False)
        pytest.skip("named network namespaces cannot be entered here")
    yield name
    subprocess.run(["ip", "netns", "delete", name], check=True)


def id_of(path):
    return f"net:[{os.stat(path).st_ino}]\n"


@pytest.mark.parametrize("inside", [0, 1])
def test_programs_in_a_namespace(socat, namespace, inside, tmp_path):  # noqa: F811
    """It holds for one address; the other one is opened outside."""
    out = [tmp_path / "0", tmp_path / "1"]
    addresses = [f"SYSTEM:readlink /proc/self/ns/net >{file}" for file in out]
    addresses[inside] += f",netns={namespace}"
    done = socat.run("--experimental", "-t5", *addresses)
    assert (done.status, done.stderr) == (0, "")
    assert out[inside].read_text() == id_of(f"/run/netns/{namespace}")
    assert out[1 - inside].read_text() == id_of("/proc/self/ns/net")


@pytest.mark.parametrize("more", ["", ",fork"])
def test_from_a_namespace_to_the_outside(socat, commands, tools, namespace, more):  # noqa: F811
    with socket.socket() as outside:
        outside.bind((LOCAL, 0))
        outside.listen()
        outside.settimeout(8)
        running = socat.start("--experimental", "-dd", f"TCP4-LISTEN:7,netns={namespace}{more}",
                              f"TCP4:{LOCAL}:{outside.getsockname()[1]}")
        running.wait_line(" N listening on AF=2 0.0.0.0:7$")
        client = commands.start(["ip", "netns", "exec", namespace, tools / "socat", "TEXT:hello", f"TCP4:{LOCAL}:7"])
        connection, _ = outside.accept()
        with connection:
            connection.settimeout(8)
            assert connection.recv(100) == b"hello"
        client.wait(8)


def test_it_warns(socat, namespace):  # noqa: F811
    for words, expected in ((["--experimental"], 0), ([], 1)):
        done = socat.run(*words, "-u", f"TEXT:x,netns={namespace}", "-")
        assert (done.status, done.stdout) == (0, "x")
        assert len(log_lines(done.stderr, "W")) == expected and done.stderr.count("experimental") == 2 * expected


def test_no_such_namespace(socat):  # noqa: F811
    done = socat.run("--experimental", "-u", "TEXT:x,netns=no-such-name", "-")
    line, = log_lines(done.stderr)
    assert done.status == 1 and line == 'E open("/run/netns/no-such-name"): No such file or directory'


# Attributes of inodes

GET, SET = 0x80086601, 0x40086602
ATTRIBUTES = [("fs-secrm", 0x1), ("ext2-secrm", 0x1), ("ext3-secrm", 0x1), ("secrm", 0x1), ("fs-unrm", 0x2),
              ("unrm", 0x2), ("fs-compr", 0x4), ("compr", 0x4), ("fs-sync", 0x8), ("ext3-sync", 0x8),
              ("fs-immutable", 0x10), ("immutable", 0x10), ("fs-append", 0x20), ("ext2-append", 0x20),
              ("fs-nodump", 0x40), ("nodump", 0x40), ("fs-noatime", 0x80), ("ext2-noatime", 0x80),
              ("fs-journal-data", 0x4000), ("journal", 0x4000), ("journal-data", 0x4000), ("fs-notail", 0x8000),
              ("fs-dirsync", 0x10000), ("dirsync", 0x10000), ("fs-topdir", 0x20000), ("topdir", 0x20000)]


def attributes(path, change=None):
    with open(path) as file:
        word = struct.unpack("i", fcntl.ioctl(file, GET, struct.pack("i", 0)))[0]
        if change:
            fcntl.ioctl(file, SET, struct.pack("i", change(word)))
    return word


@pytest.mark.parametrize("option, bit", ATTRIBUTES, ids=[row[0] for row in ATTRIBUTES])
def test_attribute(socat, tmp_path, option, bit):  # noqa: F811
    """It is set and cleared, or refused, as the file system has it."""
    file, probe = tmp_path / "file", tmp_path / "probe"
    file.write_text("x")
    probe.write_text("x")
    try:
        attributes(probe, lambda word: word | bit)
        possible = bool(attributes(probe) & bit)
        attributes(probe, lambda word: word & ~bit)
    except OSError:
        possible = None
    try:
        done = socat.run("-u", f"OPEN:{file},{option}", "-")
        if possible is None:
            assert done.status == 1
            line, = log_lines(done.stderr)
            assert "FS_IOC_" in line and f'option "{option}"' in line
        else:
            assert (done.status, done.stdout) == (0, "x")
            assert bool(attributes(file) & bit) == possible
            assert socat.run("-u", f"OPEN:{file},{option}=0", "-").status == 0
            assert not attributes(file) & bit
    finally:
        with contextlib.suppress(OSError):
            attributes(file, lambda word: word & ~0x30)
