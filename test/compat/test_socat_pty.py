# SPDX-License-Identifier: MIT
"""Pseudo terminals: the address PTY, and programs on a terminal; ours and the original."""

import grp
import os
import pty
import pwd
import re
import signal
import socket
import stat
import termios
from pathlib import Path

import pytest

from conftest import original, wait_for
from socat_kit import WHO, children_of, log_lines, read_all, socat, state_of, together  # noqa: F401

TERMINAL = r"/dev/pts/\d+"

# What the original cannot or does wrongly has "ours" only:
#   perm-late, user-late and group-late of a program change its /dev/ptmx (security of the host!)
#   link with a program is refused; sitout-eio is newer


def opened(path):
    """The slave, or its link, as a program would open it; raw, so that bytes are bytes."""
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
    attributes = termios.tcgetattr(fd)
    attributes[0] = attributes[1] = attributes[3] = 0
    termios.tcsetattr(fd, termios.TCSANOW, attributes)
    return fd


def slave_of(running):
    """What the log says on the terminal."""
    return running.wait_line(rf" N PTY is ({TERMINAL})$").group(1)


def links(path):
    return wait_for(lambda: os.path.islink(path), f"the link {path}")


def read_some(fd, size):
    data = b""
    while len(data) < size:
        data += os.read(fd, size - len(data))
    return data


# --- programs ---

def test_echo_and_newlines(socat):
    """A fresh terminal echoes and ends lines with CR LF; rawer does neither."""
    for options, expected in [("pty,rawer", "one\ntwo\n"), ("pty,raw,echo=0", "one\ntwo\n"),
                              ("openpty,rawer", "one\ntwo\n"), ("pty,rawer,pipes", "one\ntwo\n"),
                              ("pty,echo=0", "one\r\ntwo\r\n"),
                              ("pty", "one\r\ntwo\r\none\r\ntwo\r\n")]:
        for done in socat.both("-t1", "-", f"SYSTEM:head -n 2,{options}", input="one\ntwo\n"):
            assert (done.status, "".join(sorted(done.stdout.splitlines(True))))\
                == (0, "".join(sorted(expected.splitlines(True)))), options


@pytest.mark.parametrize("options", ["pty", "openpty", "ptmx", "ptmx,openpty", "pty,ptmx"])
def test_it_is_a_terminal(socat, options):
    done = socat.run("-", f"EXEC:tty,{options}")
    assert done.status == 0 and re.fullmatch(TERMINAL + "\r\n", done.stdout)
    assert socat.run("-", "EXEC:tty,pty=0").stdout == "not a tty\n"


def test_log(socat):
    words = "forking off child, using pty for reading"
    for who in WHO:
        done = socat.run("-dd", "-u", "EXEC:echo hi,pty", "-", who=who)
        assert (done.status, done.stdout) == (0, "hi\r\n")
        notices = log_lines(done.stderr, "N")
        assert f"N {words}" in notices
        assert any(re.fullmatch(r"N read\(.*\): Input/output error \(probably PTY closed\)", line)
                   for line in notices)
        done = socat.run("-dd", "-", "EXEC:echo hi,pty", who=who)
        assert f"N {words} and writing" in log_lines(done.stderr, "N")


@pytest.fixture
def who_am_i(tmp_path):
    """Prints pid, process group, session, terminal, and who is in the terminal's foreground."""
    script = tmp_path / "who"
    script.write_text("#!/bin/sh\ncut -d' ' -f1,5-8 /proc/$$/stat; exit 0\n")
    script.chmod(0o755)
    return script


def test_controlling_terminal(socat, who_am_i):
    for done in socat.both("-", f"EXEC:{who_am_i},pty,setsid,ctty"):
        pid, group, session, number, foreground = done.stdout.split()
        assert done.status == 0 and pid == group == session == foreground and number != "0"
    assert log_lines(done.stderr) == []
    for done in socat.both("-", f"EXEC:{who_am_i},pty,setsid"):
        pid, group, session, number, foreground = done.stdout.split()
        assert done.status == 0 and pid == group == session and number == "0"


def test_no_controlling_terminal_without_session(socat):
    for done in socat.both("-d", "-", "EXEC:echo hi,pty,ctty"):
        assert (done.status, done.stdout) == (0, "hi\r\n")
        warnings = "\n".join(log_lines(done.stderr))
        assert re.search(r"^W ioctl\(.*TIOCSCTTY.*\): Operation not permitted$", warnings, re.M)
        assert re.search(r"^W tcsetpgrp\(.*\): Inappropriate ioctl for device$", warnings, re.M)


def test_one_direction(socat):
    """Only standard output is the terminal; descriptor 0 has no foreground to be in."""
    command = "test -t 1 && ! test -t 0 && echo yes"
    for done in socat.both("-d", "-u", f"SYSTEM:{command},pty,setsid,ctty", "-"):
        assert (done.status, done.stdout) == (0, "yes\r\n")
        assert re.search(r"W tcsetpgrp\(.*\): Inappropriate ioctl", done.stderr)
    for who in WHO:
        running = socat.start("-U", "SYSTEM:test -t 0 && ! test -t 1; echo status $? >&2,pty",
                              "SYSTEM:exec sleep 10", who=who)
        running.wait_line("^status 0$")
        running.signal(signal.SIGTERM)


def test_standard_error(socat):
    for done in socat.both("-", "SYSTEM:test -t 2 && echo yes >&2,pty,stderr"):
        assert (done.status, done.stdout, done.stderr) == (0, "yes\r\n", "")


def test_descriptors(socat):
    for done in socat.both("-", "SYSTEM:test -t 5 && test -t 6 && ! test -t 0 && echo yes >&6,"
                           "pty,fdin=5,fdout=6"):
        assert (done.status, done.stdout) == (0, "yes\r\n")


def test_status(socat):
    """The original often ends before it knows the status."""
    done = socat.run("-", "EXEC:false,pty")
    assert done.status == 1 and "exited with status 1" in done.stderr
    done = socat.run("-", "EXEC:/no/such/program,pty")
    assert done.status == 1
    assert log_lines(done.stderr) == ['E execvp("/no/such/program", "program"): '
                                      "No such file or directory"]


def test_nothing_is_lost_at_the_end(socat):
    """The program ends at once; what it wrote is still there."""
    done = socat.run("-u", "SYSTEM:seq 1 20000,pty,opost=0", "-")
    assert done.status == 0 and done.stdout.split() == [str(i) for i in range(1, 20001)]


def test_much_both_ways(socat):
    """More than a terminal holds; the original stops for good here."""
    data = bytes(range(256)) * 4096
    done = socat.run("-t30", "-", f"EXEC:head -c {len(data)},pty,rawer", input=data)
    assert done.status == 0 and done.raw_stdout == data


@pytest.mark.parametrize("who", WHO)
def test_program_ends_with_socat(socat, who):
    running = socat.start("-dd", "PIPE", "EXEC:cat,pty", who=who)
    running.wait_line("starting data transfer")
    child, = children_of(running.pid)
    assert running.signal(signal.SIGTERM).status == 143
    wait_for(lambda: state_of(child) in (None, "Z"), "the end of the program")


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGILL])
def test_nofork(socat, signo):
    for done in socat.both("/dev/null", f"SYSTEM:kill -{signo.value} $PPID,nofork,pty,setsid"):
        assert done.status == 128 + signo


@pytest.mark.parametrize("who", WHO)
def test_end_close_keeps_the_program(socat, tmp_path, who):
    """Sessions that are forked share one program on one terminal, in turn."""
    running = socat.start("-dd", "EXEC:cat,pty,rawer,end-close",
                          f"UNIX-LISTEN:{tmp_path}/s,fork", who=who)
    running.wait_line(r" N listening on ")
    for text in [b"one", b"two"]:
        s = socket.socket(socket.AF_UNIX)
        s.connect(f"{tmp_path}/s")
        s.sendall(text)
        assert s.recv(100) == text
        s.shutdown(socket.SHUT_WR)
        assert read_all(s) == b""
        s.close()
    running.signal(signal.SIGTERM)


# --- the address ---

@pytest.mark.parametrize("who", WHO)
def test_both_ways(socat, tmp_path, who):
    link = tmp_path / "terminal"
    running = socat.start("-dd", f"PTY,link={link},rawer", "SYSTEM:cat", who=who)
    running.wait_line("starting data transfer")
    assert os.readlink(link) == slave_of(running)
    fd = opened(link)
    os.write(fd, b"hello\n")
    assert read_some(fd, 6) == b"hello\n"
    os.close(fd)
    assert running.signal(signal.SIGTERM).status == 143
    assert not os.path.lexists(link)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_link_is_removed(socat, tmp_path, who, signo):
    link = tmp_path / "terminal"
    running = socat.start("-dd", f"PTY,link={link}", "PIPE", who=who)
    running.wait_line("starting data transfer")
    assert os.path.islink(link)
    assert running.signal(signo).status == 128 + signo
    assert not os.path.lexists(link)


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_link_is_removed_while_waiting(socat, tmp_path, signo):
    """Even right after it was made: the original may leave it there then."""
    link = tmp_path / "terminal"
    running = socat.start(f"PTY,link={link},wait-slave", "PIPE")
    links(link)
    assert running.signal(signo).status == 128 + signo
    assert not os.path.lexists(link)


@pytest.mark.parametrize("before", ["file", "dangling", "nothing"])
@pytest.mark.parametrize("options, kept", [("", False), (",unlink-close=0", True),
                                           (",unlink-close", False), (",unlink", False)])
def test_link_replaces(socat, tmp_path, before, options, kept):
    """Whatever has the name goes first; at the end the link goes too, unless it shall stay."""
    def check(who):
        link = tmp_path / who
        if before == "file":
            link.write_text("x")
        elif before == "dangling":
            link.symlink_to("nowhere")
        done = socat.run("-u", "/dev/null", f"PTY,symbolic-link={link}{options}", who=who)
        assert done.status == 0
        assert os.path.islink(link) == os.path.lexists(link) == kept
    together(*[lambda who=who: check(who) for who in WHO])


def test_link_errors(socat, tmp_path):
    (tmp_path / "folder").mkdir()
    for path, call in [(f"{tmp_path}/no/such", "symlink"), (f"{tmp_path}/folder", "unlink")]:
        for done in socat.both("PTY,link=" + path, "PIPE"):
            assert done.status == 1
            assert re.match(rf'E {call}\(.*"{path}"\): ', log_lines(done.stderr, "E")[0])
    assert os.path.isdir(tmp_path / "folder")


def test_link_from_another_folder(socat, tmp_path):
    """chdir holds for the opening only; the link is removed where it was made."""
    (tmp_path / "folder").mkdir()
    running = socat.start("-dd", "PTY,link=t,chdir=folder", "PIPE", cwd=tmp_path)
    running.wait_line("starting data transfer")
    assert os.path.islink(tmp_path / "folder/t")
    running.signal(signal.SIGTERM)
    assert os.listdir(tmp_path / "folder") == []


def test_link_of_a_program(socat, tmp_path):
    link = tmp_path / "terminal"
    done = socat.run("-", f"SYSTEM:tty; readlink {link},pty,link={link}")
    one, two = done.stdout.split()
    assert done.status == 0 and one == two and not os.path.lexists(link)


@pytest.mark.parametrize("who", WHO)
def test_kept_open(socat, who):
    """Without wait-slave, programs may come and go."""
    running = socat.start("-dd", "PTY,rawer", "SYSTEM:cat", who=who)
    running.wait_line("starting data transfer")
    for text in [b"one", b"two"]:
        fd = opened(slave_of(running))
        os.write(fd, text)
        assert read_some(fd, 3) == text
        os.close(fd)
    assert running.process.poll() is None
    running.signal(signal.SIGTERM)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("name", ["pty-wait-slave", "wait-slave", "waitslave"])
def test_wait_for_slave(socat, who, name):
    """Nothing begins before the slave is open; its last close is the end."""
    running = socat.start("-dd", f"PTY,rawer,{name},pty-interval=0.01", "SYSTEM:cat", who=who)
    slave = slave_of(running)
    assert "starting data transfer" not in running.text() and children_of(running.pid) == []
    fd = opened(slave)
    running.wait_line("starting data transfer")
    os.write(fd, b"hello")
    assert read_some(fd, 5) == b"hello"
    os.close(fd)
    done = running.end()
    assert done.status == 0 and "(probably PTY closed)" in done.stderr


def test_interval_is_kept(socat):
    """pty-interval is how often it looks: with a long one, an open slave is not seen at once."""
    running = socat.start("-dd", "PTY,wait-slave,pty-interval=1000", "PIPE")
    fd = opened(slave_of(running))
    other = socat.start("-dd", "PTY,wait-slave,pty-intervall=0.001", "PIPE")
    other_fd = opened(slave_of(other))
    other.wait_line("starting data transfer")
    assert "starting data transfer" not in running.text()
    for fd in (fd, other_fd):
        os.close(fd)
    running.signal(signal.SIGTERM)


def test_ptmx_ends_with_the_slave(socat):
    """Not at once, however, but after somebody had it open."""
    running = socat.start("-dd", "PTY,ptmx,rawer", "SYSTEM:cat")
    running.wait_line("starting data transfer")
    fd = opened(slave_of(running))
    os.write(fd, b"hello")
    assert read_some(fd, 5) == b"hello"
    os.close(fd)
    assert running.end().status == 0


def test_hang_up_is_borne(socat):
    """sitout-eio: who opens the slave again in time goes on."""
    running = socat.start("-dd", "PTY,ptmx,rawer,sitout-eio=100", "SYSTEM:cat")
    running.wait_line("starting data transfer")
    for text in [b"one", b"two", b"three"]:
        fd = opened(slave_of(running))
        os.write(fd, text)
        assert read_some(fd, len(text)) == text
        os.close(fd)
    assert "probably PTY closed" not in running.text()
    running.signal(signal.SIGTERM)


def test_hang_up_is_borne_for_a_time(socat):
    running = socat.start("-dd", "PTY,ptmx,sitout-eio=0.1", "PIPE")
    running.wait_line("starting data transfer")
    os.close(opened(slave_of(running)))
    done = running.end()
    assert done.status == 0 and "(probably PTY closed)" in done.stderr


def test_ignoreeof(socat):
    """The last close is no end then."""
    running = socat.start("-dd", "PTY,ptmx,rawer,ignoreeof", "SYSTEM:cat")
    running.wait_line("starting data transfer")
    for text in [b"one", b"two"]:
        fd = opened(slave_of(running))
        os.write(fd, text)
        assert read_some(fd, 3) == text
        os.close(fd)
        running.wait_line("probably PTY closed")
    running.signal(signal.SIGTERM)


@pytest.mark.parametrize("who", WHO)
def test_end_close(socat, tmp_path, who):
    """One terminal for all sessions, in turn; the link stays until the parent's end (with the
    original, the first session takes it along)."""
    link = tmp_path / "terminal"
    running = socat.start("-dd", f"PTY,link={link},rawer,end-close",
                          f"UNIX-LISTEN:{tmp_path}/s,fork", who=who)
    running.wait_line(r" N listening on ")
    fd = opened(link)
    for text in [b"one", b"two"]:
        s = socket.socket(socket.AF_UNIX)
        s.connect(f"{tmp_path}/s")
        s.sendall(text)
        assert read_some(fd, 3) == text
        os.write(fd, text)
        assert s.recv(100) == text
        s.close()
        wait_for(lambda: not children_of(running.pid), "the end of the session")
        assert who == "original" or os.path.islink(link)
    os.close(fd)
    running.signal(signal.SIGTERM)
    assert not os.path.lexists(link)


def entry(path):
    """Owner, group, mode."""
    s = os.stat(path)
    return s.st_uid, s.st_gid, stat.S_IMODE(s.st_mode)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("late", ["", "-early", "-late"])
def test_owner_and_mode_of_the_address(socat, late):
    """They are the slave's; the original forgets the early ones."""
    user, group = pwd.getpwnam("nobody").pw_uid, grp.getgrnam("daemon").gr_gid
    for who in ["ours"] if late == "-early" else WHO:
        master = entry("/dev/ptmx")
        running = socat.start("-dd", f"PTY,user{late}=nobody,group{late}=daemon,perm{late}=0642",
                              "PIPE", who=who)
        running.wait_line("starting data transfer")
        assert entry(slave_of(running)) == (user, group, 0o642)
        assert entry("/dev/ptmx") == master
        running.signal(signal.SIGTERM)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("late", ["", "-late"])
def test_owner_and_mode_of_a_program(socat, late):
    """The slave's, never those of /dev/ptmx (the original changes that one: not run here)."""
    master = entry("/dev/ptmx")
    done = socat.run("-", f"SYSTEM:stat -c %U.%G.%a \\`tty\\`,pty,"
                     f"user{late}=nobody,group{late}=daemon,perm{late}=0642")
    assert (done.status, done.stdout) == (0, "nobody.daemon.642\r\n")
    assert entry("/dev/ptmx") == master


@pytest.mark.parametrize("options", ["rawer", "raw,echo=0,veof=7", "cfmakeraw", "b19200,hupcl",
                                     "icanon=0,vmin=3,vtime=2", "sane,tab3"])
def test_settings(socat, options):
    """Both programs make the same terminal; rawer's speed is 0 with the original."""
    def read(who):
        running = socat.start("-dd", f"PTY,{options}", "PIPE", who=who)
        running.wait_line("starting data transfer")
        fd = os.open(slave_of(running), os.O_RDWR | os.O_NOCTTY)
        attributes = termios.tcgetattr(fd)
        os.close(fd)
        running.signal(signal.SIGTERM)
        if "rawer" in options:
            attributes[2] &= ~0o10017
            attributes[4:6] = []
        return attributes
    assert read("original") == read("ours")


def test_unlink_late(socat):
    """The kernel does not let anybody remove a slave."""
    for done in socat.both("/dev/null", "PTY,unlink-late"):
        assert done.status == 1
        assert re.match(rf'E unlink\("{TERMINAL}"\).*: (Operation not permitted|Permission denied)',
                        log_lines(done.stderr, "E")[0])


def test_no_parameters(socat):
    for done in socat.both("PTY:x", "-"):
        assert done.status == 1
        assert "PTY: wrong number of parameters (1 instead of 0)" in done.stderr


def test_no_descriptor_is_left_to_programs(socat):
    done = socat.run("PTY,ptmx", "SYSTEM:ls -l /proc/self/fd >&2; kill $PPID")
    assert not re.search("/dev/(pts|ptmx)", done.stderr)


@pytest.mark.parametrize("ending", ["eof", "TERM", "INT", "error"])
def test_own_terminal_is_restored(socat, ending):
    """Options of standard input end with socat, however it ends."""
    ours, its = pty.openpty()
    before = termios.tcgetattr(its)
    other = "SYSTEM:read x; exit 3" if ending == "error" else "PIPE"
    running = socat.start("-dd", "-,raw,echo=0,escape=4", other, stdin=its, stdout=its)
    running.wait_line("starting data transfer")
    assert termios.tcgetattr(its) != before
    if ending in ("eof", "error"):
        os.write(ours, b"\x04" if ending == "eof" else b"line\n")
        running.end()
    else:
        running.signal(getattr(signal, "SIG" + ending))
    assert termios.tcgetattr(its) == before
    for fd in (ours, its):
        os.close(fd)


def test_controlling_terminal_of_socat(socat, tmp_path):
    """setsid,ctty without a program: the terminal becomes socat's own."""
    running = socat.start("-dd", "PTY,setsid,ctty", "PIPE")
    running.wait_line("starting data transfer")
    rest = Path(f"/proc/{running.pid}/stat").read_text().rpartition(")")[2].split()
    assert int(rest[4]) == os.stat(slave_of(running)).st_rdev
    running.signal(signal.SIGTERM)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to be somebody else")
def test_permissions_that_shut_us_out(commands, sockbox):
    """Who is not root may give the slave a mode that would keep himself from opening it."""
    somebody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    for program in [[sockbox, "socat"], [original("socat")]]:
        done = commands.run([*somebody, *program, "-T", "0.1", "PTY,perm=0111",
                             "/dev/null,ignoreeof"])
        assert done.status == 0, done
