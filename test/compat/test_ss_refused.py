# SPDX-License-Identifier: MIT
"""ss where it may not open sock_diag, as in some sandboxes: the files of /proc stand in, as in the
original, and the reason is told."""

import errno
import os

import pytest

from conftest import namespace, original
from ss_zoo import ZOO, cells, start_zoo

# Runs the rest of its arguments; socket(AF_NETLINK) fails from then on.
REFUSE = r"""
import ctypes, os, platform, struct, sys
SOCKET = {"x86_64": 41, "aarch64": 198, "riscv64": 198}[platform.machine()]
LOAD, IS, RETURN, ALLOW, ERRNO = 0x20, 0x15, 0x06, 0x7fff0000, 0x00050000
SECCOMP, FILTER, NO_NEW_PRIVILEGES = 22, 2, 38
NUMBER, FAMILY, NETLINK = 0, 16, 16
rows = [(LOAD, 0, 0, NUMBER), (IS, 0, 3, SOCKET), (LOAD, 0, 0, FAMILY), (IS, 0, 1, NETLINK),
        (RETURN, 0, 0, ERRNO | int(sys.argv[1])), (RETURN, 0, 0, ALLOW)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in rows))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(rows), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
if libc.prctl(SECCOMP, FILTER, program, 0, 0):
    sys.exit("no seccomp")
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.fixture(scope="module")
def zoo(our_path, tmp_path_factory):
    for space in namespace(our_path):
        yield start_zoo(space, ZOO, tmp_path_factory.mktemp("zoo"))


def refused(space, program, words, code=errno.EPERM):
    done = space.run(["/usr/bin/python3", "-c", REFUSE, str(int(code)), program, *words])
    if done.stderr == "no seccomp\n":
        pytest.skip("no seccomp")
    return done


@pytest.mark.parametrize("words", [
    "-tan", "-uan", "-xa", "-wan", "-tuwxan", "-4 -tan", "-6 -tuan", "-tanp", "-tane", "-tano",
    "-f netlink -n", "-Ma", "--vsock -a", "-tan sport = 8080", "-tan src 127/8 or dport = 53",
    "-t state listening", "-tuna exclude listening", "-xa src *stream"])
def test_files_stand_in(zoo, tools, words):
    ours = refused(zoo, tools / "ss", words.split())
    theirs = refused(zoo, original("ss"), words.split())
    assert (cells(ours.stdout), ours.status) == (cells(theirs.stdout), theirs.status)
    assert ours.stderr == "Cannot open netlink socket: Operation not permitted\n"
    assert set(theirs.stderr.splitlines(True)) == {ours.stderr}


@pytest.mark.parametrize("code", [errno.EACCES, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT])
def test_the_reason_is_told_once(zoo, tools, code):
    done = refused(zoo, tools / "ss", ["-Htuwx0anp"], code)
    assert (done.status, done.stderr) == (0, f"Cannot open netlink socket: {os.strerror(code)}\n")
    kinds = {line.split()[0] for line in done.stdout.splitlines()}
    assert kinds >= {"tcp", "udp", "raw", "u_str", "u_dgr", "u_seq", "p_raw"}
    objects = refused(zoo, tools / "ss", ["-tuwx0anp", "--json-lines"], code)
    assert len(objects.stdout.splitlines()) == len(done.stdout.splitlines())


def test_what_cannot_be_done_without_is_told(zoo, tools, tmp_path):
    message = "ss: Cannot open netlink socket: Operation not permitted\n"
    events = refused(zoo, tools / "ss", ["-tE"])
    assert (events.status, events.stdout, events.stderr) == (255, "", message)
    dump = refused(zoo, tools / "ss", ["-tD", tmp_path / "dump"])
    assert (dump.status, dump.stdout, dump.stderr) == (0, "", message)
