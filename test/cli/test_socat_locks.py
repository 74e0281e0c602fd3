# SPDX-License-Identifier: MIT
"""Lock files: -L, -W, lockfile, waitlock; and record locks on files."""

import fcntl
import os
import re
import signal
import stat

import pytest

from conftest import wait_for
from socat_kit import WHO, connect, log_lines, read_all, socat  # noqa: F401


@pytest.mark.parametrize("form", ["-L", "-W", "lockfile", "waitlock"])
def test_lock_file_holds_the_pid(socat, tmp_path, form):
    lock = tmp_path / "lock"
    if form.startswith("-"):
        running = socat.start("-dd", form, lock, "-", "PIPE")
    else:
        running = socat.start("-dd", f"-,{form}={lock}", "PIPE")
    running.wait_line(" N starting data transfer loop")
    assert lock.read_text() == f"{running.pid}\n"
    assert stat.S_IMODE(lock.stat().st_mode) == 0o644
    assert running.end(b"").status == 0
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT])
def test_lock_is_removed_by_a_signal(socat, tmp_path, who, signo):
    lock = tmp_path / "lock"
    running = socat.serve("-L", lock, "TCP4-LISTEN:0,fork", "PIPE", who=who)
    assert lock.exists()
    assert running.signal(signo).status == 128 + signo
    assert not lock.exists()


@pytest.mark.parametrize("form", ["-L", "lockfile"])
def test_lock_that_is_taken(socat, tmp_path, form):
    lock = tmp_path / "lock"
    lock.write_text("1\n")
    words = [form, lock, "-"] if form == "-L" else [f"-,{form}={lock}"]
    for done in socat.both(*words, "PIPE"):
        assert done.status == 1
        assert log_lines(done.stderr, "E") == [f'E could not obtain lock "{lock}"']
    assert lock.read_text() == "1\n"


@pytest.mark.parametrize("form", ["-W", "waitlock"])
def test_waiting_for_a_lock(socat, tmp_path, form):
    lock = tmp_path / "lock"
    lock.write_text("1\n")
    words = [form, lock, "-"] if form == "-W" else [f"-,{form}={lock}"]
    running = socat.start("-dd", *words, "PIPE")
    running.wait_line(rf' N waiting for lock "{re.escape(str(lock))}"$')
    lock.unlink()
    running.wait_line(" N starting data transfer loop")
    assert lock.read_text() == f"{running.pid}\n"
    done = running.end(b"")
    assert done.status == 0 and done.stderr.count("waiting for lock") == 1


def test_waiting_can_be_ended(socat, tmp_path):
    lock = tmp_path / "lock"
    lock.write_text("1\n")
    running = socat.start("-dd", "-W", lock, "-", "PIPE")
    running.wait_line(" N waiting for lock")
    assert running.signal(signal.SIGTERM).status == 143
    assert lock.read_text() == "1\n"


def test_children_leave_the_lock(socat, tmp_path):
    lock = tmp_path / "lock"
    running = socat.serve("-L", lock, "TCP4-LISTEN:0,fork", "EXEC:echo hi")
    with connect(running.port()) as s:
        assert read_all(s) == b"hi\n"
    running.wait_line(r" N exiting with status 0$")  # the child's
    assert lock.exists()


def locked(path, kind=fcntl.LOCK_EX):
    """Would another process' lock on the file have to wait?"""
    with open(path, "r+") as file:
        try:
            fcntl.lockf(file, kind | fcntl.LOCK_NB)
        except OSError:
            return True
        return False


@pytest.mark.parametrize("option, shared", [
    ("f-setlk-wr", False), ("setlk", False), ("f-setlkw-wr", False), ("lockw", False),
    ("f-setlk-rd", True), ("setlk-rd", True), ("f-setlkw-rd", True)])
def test_record_locks(socat, tmp_path, option, shared):
    path = tmp_path / "file"
    path.write_text("x")
    running = socat.start("-dd", "-u", "STALL", f"OPEN:{path},rdwr,{option}")
    running.wait_line(" N starting data transfer loop")
    assert locked(path, fcntl.LOCK_EX)
    assert locked(path, fcntl.LOCK_SH) != shared


@pytest.mark.parametrize("option, held, fails", [
    ("flock-ex-nb", fcntl.LOCK_SH, True), ("flock-sh-nb", fcntl.LOCK_SH, False),
    ("flock-sh-nb", fcntl.LOCK_EX, True)])
def test_flock(socat, tmp_path, option, held, fails):
    path = tmp_path / "file"
    path.write_text("x")
    with open(path) as file:
        fcntl.flock(file, held)
        for done in socat.both("-u", f"OPEN:{path},{option}", "-"):
            assert done.status == (1 if fails else 0)
            assert len(log_lines(done.stderr, "E")) == fails


def test_flock_waits(socat, tmp_path):
    path = tmp_path / "file"
    path.write_text("x")
    file = open(path)
    fcntl.flock(file, fcntl.LOCK_EX)
    running = socat.start("-u", f"OPEN:{path},flock-ex", "-")
    wait_for(lambda: f"{running.pid} " in open("/proc/locks").read(), "the waiting lock")
    assert running.process.poll() is None
    file.close()
    done = running.end()
    assert (done.status, done.stdout) == (0, "x")


def test_record_lock_of_another(socat, tmp_path):
    path = tmp_path / "file"
    path.write_text("x")
    with open(path, "r+") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        done = socat.run("-u", f"OPEN:{path},f-setlk-rd", "-")
        assert done.status == 1 and len(log_lines(done.stderr, "E")) == 1
    assert os.path.exists(path)
