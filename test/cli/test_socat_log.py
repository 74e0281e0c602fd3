# SPDX-License-Identifier: MIT
"""socat's log: the form of its lines, where they go, and signals that end it."""

import os
import re
import signal
import socket
import subprocess
import time

import pytest

from conftest import wait_for
from socat_kit import children_of, log_lines, socat, state_of, together  # noqa: F401

CAUGHT = {"HUP": "N", "INT": "N", "TERM": "W", "QUIT": "E", "ILL": "E", "ABRT": "E", "BUS": "E",
          "FPE": "E", "SEGV": "E"}
STAMP = r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d"


@pytest.mark.parametrize("options, form", [
    ([], rf"{STAMP} socat\[PID\] N "),
    (["-lu"], rf"{STAMP}\.\d{{6}} socat\[PID\] N "),
    (["-lh"], rf"{STAMP} machine socat\[PID\] N "),
    (["-lpserver0"], rf"{STAMP} server0\[PID\] N "),
    (["-lu", "-lh", "-lp", "x y"], rf"{STAMP}\.\d{{6}} machine x y\[PID\] N ")])
@pytest.mark.parametrize("who", ["ours", "original"])
def test_form_of_lines(socat, options, form, who):
    running = socat.start("-dd", *options, "-u", "/dev/null", "-", who=who,
                          env={"HOSTNAME": "machine"})
    done = running.end()
    assert done.status == 0 and done.stderr
    for line in done.stderr.splitlines():
        assert re.match(form.replace("PID", str(running.pid)), line), line


def test_host_name_of_the_system(socat):
    done = socat.commands.run(["env", "-u", "HOSTNAME", socat.program(), "-dd", "-lh", "-u",
                               "/dev/null", "-"])
    assert f" {os.uname().nodename} socat[" in done.stderr


def test_local_time(socat):
    done = socat.run("-dd", "-u", "/dev/null", "-", env={"TZ": "XXX-13"})
    hour = time.strftime("%Y/%m/%d %H", time.gmtime(time.time() + 13 * 3600))
    before = time.strftime("%Y/%m/%d %H", time.gmtime(time.time() + 13 * 3600 - 60))
    assert done.stderr.startswith((hour, before))


def test_log_file_is_appended(socat, tmp_path):
    log = tmp_path / "log"
    log.write_text("old\n")
    for who in ["ours", "original"]:
        done = socat.run("-dd", "-lf", log, "-u", "/dev/null", "-", who=who)
        assert done.stderr == ""
    lines = log.read_text().splitlines()
    assert lines[0] == "old"
    assert len([line for line in lines if line.endswith("exiting with status 0")]) == 2


def test_errors_go_to_the_log_file(socat, tmp_path):
    log = tmp_path / "log"
    done = socat.run("-lf", log, "-u", "NO-SUCH", "-")
    assert (done.status, done.stderr) == (1, "")
    assert ' E unknown device/address "NO-SUCH"' in log.read_text()


def test_last_destination_wins(socat, tmp_path):
    done = socat.run("-dd", "-lf", tmp_path / "log", "-ls", "-u", "/dev/null", "-")
    assert "exiting with status 0" in done.stderr




@pytest.mark.parametrize("option", ["-ly", "-lylocal3", "-lm", "-lmuser"])
def test_syslog(socat, option, tmp_path):
    """What arrives at /dev/log, in a mount name space with a /dev of its own."""
    if os.geteuid() != 0:
        pytest.skip("needs a mount name space")
    facility = {"-ly": 3, "-lylocal3": 19, "-lm": 3, "-lmuser": 1}[option]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(str(tmp_path / "log"))
        log.settimeout(10)
        script = (f'mount -t tmpfs none /dev/shm && mkdir /dev/shm/d && touch /dev/shm/d/null && '
                  f'mount --bind /dev/null /dev/shm/d/null && '
                  f'ln -s {tmp_path}/log /dev/shm/d/log && '
                  f'mount --rbind /dev/shm/d /dev && exec "$@"')
        done = subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", socat.program(),
                               "-dd",
                               option, "-u", "/dev/null", "PIPE"], capture_output=True, timeout=15)
        if b"mount" in done.stderr or b"unshare" in done.stderr:
            pytest.skip(f"mounting is not permitted: {done.stderr}")
        assert done.returncode == 0
        text = log.recv(1000).decode()
    assert re.match(rf"<{facility * 8 + 5}>\w\w\w .\d \d\d:\d\d:\d\d socat\[\d+\]: N ", text), text
    if option.startswith("-ly"):
        assert done.stderr == b""
    else:  # mixed: stderr until the transfer starts
        assert b" N opening character device" in done.stderr and b"exiting" not in done.stderr
        assert "starting data transfer loop" in text


def expected(name):
    number = getattr(signal, f"SIG{name}")
    return number, 128 + number


@pytest.mark.parametrize("where", ["listening", "transferring"])
def test_signals(socat, where):
    """Each caught signal: its line at its level, and 128 + N."""
    def end(name, who):
        number, status = expected(name)
        if where == "listening":
            running = socat.serve("TCP4-LISTEN:0", "-", who=who)
        else:
            running = socat.start("-dd", "-", "PIPE", who=who)
            running.wait_line(" N starting data transfer loop")
        done = running.signal(number)
        assert done.status == status, (name, who, done)
        lines = log_lines(done.stderr, "EWN")
        assert f"{CAUGHT[name]} exiting on signal {number}" in lines, (name, who, lines)
        if who == "ours":
            assert any(line.endswith(f"socat_signal(): handling signal {number}") for line in lines)

    for name in CAUGHT:
        together(lambda: end(name, "ours"), *([lambda: end(name, "original")]
                 if name in ["HUP", "INT", "TERM", "QUIT"] else []))


@pytest.mark.parametrize("mask, name, status, told", [
    ("0", "TERM", -signal.SIGTERM, False), ("0x0000", "INT", -signal.SIGINT, False),
    ("0x80000000", "SYS", 128 + signal.SIGSYS, True),
    ("0x1000", "USR2", 128 + signal.SIGUSR2, True),
    ("0x8000", "TERM", 128 + signal.SIGTERM, True)])
def test_signal_mask(socat, mask, name, status, told):
    """-S: a bit per signal; the others keep the system's action."""
    running = socat.start("-dd", "-S", mask, "-", "PIPE")
    running.wait_line(" N starting data transfer loop")
    done = running.signal(getattr(signal, f"SIG{name}"))
    assert done.status == status
    assert ("exiting on signal" in done.stderr) == told


def test_broken_pipe_is_no_signal(socat):
    """SIGPIPE is ignored: the write tells."""
    read, write = os.pipe()
    os.close(read)
    done = socat.start("-u", "-", "STDOUT", stdout=write).end(b"x")
    os.close(write)
    assert done.status == 1
    assert log_lines(done.stderr, "E") == ["E write(1, ..., 1): Broken pipe"]


def test_usr1_prints_statistics_and_goes_on(socat):
    running = socat.start("-", "PIPE")
    running.process.stdin.write(b"hello")
    running.process.stdin.flush()
    assert running.process.stdout.read(5) == b"hello"
    running.process.send_signal(signal.SIGUSR1)
    running.wait_line(r" I STATISTICS: right to left: 1 packets\(s\), 5 byte\(s\)$")
    done = running.end(b"")
    assert done.status == 0 and done.stderr.count("STATISTICS") == 2


def test_usr1_while_listening_does_not_end(socat):
    running = socat.serve("TCP4-LISTEN:0", "-")
    running.process.send_signal(signal.SIGUSR1)
    running.process.send_signal(signal.SIGTERM)
    assert running.end().status == 128 + signal.SIGTERM


@pytest.mark.parametrize("name", ["HUP", "INT", "QUIT"])
@pytest.mark.parametrize("who", ["ours", "original"])
def test_signals_are_passed_on(socat, name, who, tmp_path):
    """sighup, sigint, sigquit: the program gets it, socat goes on."""
    script = tmp_path / "script"
    script.write_text(f'trap "echo got" {name}; echo ready; read x; cat >/dev/null')
    running = socat.start("-t", "5", "-", f"EXEC:sh {script},sig{name.lower()}", who=who)
    assert running.process.stdout.readline() == b"ready\n"
    running.process.send_signal(getattr(signal, f"SIG{name}"))
    running.process.stdin.write(b"line\n")
    running.process.stdin.flush()
    assert running.process.stdout.readline() == b"got\n"
    assert running.end(b"").status == 0


def test_program_gets_no_signal_without_option(socat):
    """SIGINT ends socat with 130, and its program with SIGTERM."""
    running = socat.start("-dd", "-", "SYSTEM:exec sleep 60")
    running.wait_line(" N starting data transfer loop")
    child, = children_of(running.pid)
    assert running.signal(signal.SIGINT).status == 130
    wait_for(lambda: state_of(child) in (None, "Z"), "the end of the program")


def test_long_lines_are_cut(socat):
    done = socat.run("-u", "NO-SUCH" + "x" * 400, "-")
    assert len(done.stderr.splitlines()[0]) <= 512


def test_nothing_of_a_name_reaches_the_terminal(socat):
    done = socat.run("-u", "OPEN:/no/\x1b[31mred", "-")
    assert done.status == 1 and "\x1b" not in done.stderr and r"\x1b[31mred" in done.stderr
