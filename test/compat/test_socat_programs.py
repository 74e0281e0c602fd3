# SPDX-License-Identifier: MIT
"""EXEC, SYSTEM, SHELL with their options, and options of processes and entries: what the program
sees of itself, beside Debian's."""

import os
import re
import signal
import stat
import subprocess
import sys

import pytest

from conftest import wait_for
from socat_kit import (WHO, children_of, connect, log_lines, read_all, socat,  # noqa: F401
                       together)

root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.mark.parametrize("command, result", [
    ("EXEC:echo   a   b", "a b\n"), ('EXEC:echo "a   b"', "a b\n"),
    ("EXEC:'echo \"a   b\" c'", "a   b c\n"), (r"EXEC:echo \"x  y\"", "x  y\n"),
    (r"EXEC:printf <%s> \"\" a", "<><a>"),
    ("SYSTEM:echo a\\, b; echo $((1+1))", "a, b\n2\n"),
    ('SYSTEM:"echo a:b, c"', "a:b, c\n"), ("SYSTEM:'echo \"q\"'", "q\n"),
    ("SYSTEM:echo $0", None), ("EXEC:/bin/sh -c \"echo $0\"", None)])
def test_words(socat, command, result):
    """How the words of a command are split and quoted: as 1.7 does."""
    theirs, ours = socat.both("-U", "-", command)
    assert (ours.stdout, ours.status == 0) == (theirs.stdout, theirs.status == 0), (theirs, ours)
    assert result is None or ours.stdout == result


def test_all_quotes(socat):
    """The parser's own show piece."""
    done = socat.run("-u", 'exec:echo (,)[,]{,}","([),])hugo', "-")
    assert done.stdout == "(,)[,]{,},([),])hugo\n"
    for nested in ["exec:{0} - exec\\:cat,pipes", "exec:'{0} - exec:cat,pipes'",
                   'system:"{0} - exec:cat,pipes"']:
        assert socat.run("-t5", "-", nested.format(socat.program()),
                         input=b"nested").stdout == "nested"


@pytest.mark.parametrize("address, name", [("EXEC:/bin/cat /proc/self/cmdline", "cat"),
                                           ("EXEC:/bin/cat /proc/self/cmdline,login", "-cat"),
                                           ("EXEC:cat /proc/self/cmdline,dash=1", "-cat")])
def test_name_of_the_program(socat, address, name):
    """As 1.8 has it: without the folder."""
    assert socat.run("-U", "-", address).stdout.split("\0")[0] == name


@pytest.mark.parametrize("options", ["", ",pipes"])
def test_a_program_that_leaves_its_input(socat, options):
    """What it says is not lost.  More than its channel takes is an error, but for a pipe, of which
    classic keeps the program's end as well."""
    for _ in range(10):  # in some of which the program is quicker; Debian's loses the answer then
        done = socat.run("-", f"SYSTEM:echo y{options}", input=b"x")
        assert (done.stdout, done.status) == ("y\n", 0), done
    theirs, ours = socat.both("-", f"SYSTEM:head -c 3{options}", input=b"much" * 10_000_000)
    assert ours.stdout == "muc"
    assert ours.status == theirs.status == (0 if options else 1), (theirs, ours)
    assert "Broken pipe" in ours.stderr


def test_a_program_that_only_closes_its_input(socat):
    """It may think before it answers, as long as it lives."""
    done = socat.run("-t0.1", "-", "SYSTEM:exec <&-; sleep 0.4; echo y,pipes",
                     input=b"much" * 100_000)
    assert (done.stdout, done.status) == ("y\n", 0), done


def test_path_and_shell(socat, tmp_path):
    tool = tmp_path / "own-tool"
    tool.write_text("#!/bin/sh\necho $PATH\n")
    tool.chmod(0o755)
    for who in WHO:
        assert socat.run("-U", "-", f"EXEC:own-tool,path={tmp_path}",
                         who=who).stdout == f"{tmp_path}\n"
    done = socat.run("-U", "-", "SHELL:echo $0 $SHELL,shell=/bin/bash", env={"SHELL": "/bin/sh"})
    assert done.stdout == "bash /bin/bash\n"
    done = socat.run("-t5", "-", "SHELL", env={"SHELL": "/bin/sh"},
                     input=b"echo interactive $((2*3))\n")
    assert done.stdout == "interactive 6\n"


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("options", ["", ",pipes"])
def test_stderr(socat, who, options):
    """Without stderr it stays socat's; with it the stream has both, and socat's log neither."""
    command = "SYSTEM:echo out; echo err >&2"
    done = socat.run("-dd", "-U", "-", command + options, who=who)
    assert done.stdout == "out\n" and "err\n" in done.stderr
    done = socat.run("-dd", "-U", "-", command + options + ",stderr", who=who)
    assert done.stdout == "out\nerr\n" and "err\n" not in done.stderr


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("options",
                         ["fdin=3,fdout=4", "pipes,fdin=6,fdout=7", "fdin=9,fdout=9",
                          "pipes,fdin=3"])
def test_descriptors_of_choice(socat, who, options):
    if who == "original" and "pipes" in options:
        pytest.skip("1.7 mixes the pipes up")
    fdin = re.search(r"fdin=(\d)", options).group(1)
    fdout = re.search(r"fdout=(\d)|$", options).group(1) or "1"
    done = socat.run("-t5", "-", f"SYSTEM:read x <&{fdin}; echo \"got $x\" >&{fdout},{options}",
                     who=who,
                     input=b"line\n")
    assert done.stdout == "got line\n"


@pytest.mark.parametrize("arguments",
                         [["-u", "-", "EXEC:cat,fdout=4"], ["-U", "-", "EXEC:cat,fdin=4"]])
def test_descriptor_without_direction(socat, arguments):
    done = socat.run(*arguments)
    assert done.status == 1 and len(log_lines(done.stderr, "E")) == 1


@pytest.mark.parametrize("who", WHO)
def test_process_ids(socat, who):
    """setsid: leader of session and group; setpgid: of a group; without: in socat's."""
    def ids(options):
        running = socat.start("-U", "-", f"EXEC:cat /proc/self/stat{options}", who=who)
        fields = running.end().stdout.rpartition(")")[2].split()
        return running.pid, *map(int, fields[1:4])

    pid, parent, group, session = ids("")
    assert (parent, group, session) == (pid, pid, pid)  # start() made socat a leader
    pid, parent, group, session = ids(",setsid")
    assert parent == pid and group == session != pid
    if who == "ours":
        pid, parent, group, session = ids(",setpgid=0")
        assert parent == session == pid and group != pid


def test_setsid_of_socat_itself(socat):
    process = subprocess.Popen([socat.program(), "-U", "-,setsid", "EXEC:cat /proc/self/stat"],
                               stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    fields = process.communicate(timeout=10)[0].decode().rpartition(")")[2].split()
    assert fields[1] == fields[2] == fields[3] == str(process.pid)


@root
@pytest.mark.parametrize("option, ids", [("setuid=1234", "1234 0"), ("setgid=1234", "0 1234"),
                                         ("setgid=1234,setuid=1235", "1235 1234"),
                                         ("su=nobody", "65534 65534"),
                                         ("su-e=nobody", "65534 65534"),
                                         ("substuser=65534", "65534 65534")])
def test_user_of_the_program(socat, option, ids):
    theirs, ours = socat.both("-U", "-",
                              f"SYSTEM:echo $(id -u) $(id -g) $(id -G) $USER $HOME,{option}")
    assert ours.stdout == theirs.stdout
    assert ours.stdout.startswith(ids)


@root
def test_root_of_an_opening(socat, tmp_path):
    (tmp_path / "here").write_text("in the new root\n")
    done = socat.run("-u", "OPEN:/here,chroot-early=" + str(tmp_path), "-")
    assert done.stdout == "in the new root\n"


@root
def test_su_applies_to_socat(socat):
    """Once open, the whole process is the other user's."""
    running = socat.serve("TCP4-LISTEN:0,su=nobody", "PIPE")
    with connect(running.port()):
        running.wait_line("starting data transfer loop")
        with open(f"/proc/{running.pid}/status") as file:
            status = file.read()
        assert re.search(r"^Uid:\t65534\t65534\t65534\t65534$", status, re.MULTILINE)
        assert re.search(r"^Gid:\t65534\t65534\t65534\t65534$", status, re.MULTILINE)


@pytest.mark.parametrize("who", WHO)
def test_nofork(socat, who):
    """EXEC takes the place of socat: its process, its descriptors, its exit code."""
    running = socat.serve("TCP4-LISTEN:0", "EXEC:readlink /proc/self,nofork", who=who)
    with connect(running.port()) as s:
        assert read_all(s) == b"%d\n" % running.pid
    assert running.end().status == 0
    assert socat.run("-", "EXEC:false,nofork", who=who).status == 1
    assert socat.run("-", "SYSTEM:exit 5,nofork", who=who).status == 5


def test_nofork_shell_has_a_parent(socat):
    """The shell's parent is socat, which can be ended and then says so."""
    running = socat.start("-", "SYSTEM:kill -TERM $PPID; exec sleep 1,nofork")
    assert running.end().status == 143


@pytest.mark.parametrize("keyword", ["EXEC", "SYSTEM"])
@pytest.mark.parametrize("option", ["", ",nonblock"])
@pytest.mark.parametrize("first", ["PIPE", "EXEC:true,pipes", "PTY", "UDP4:127.0.0.1:9",
                                   "UDP4-SENDTO:127.0.0.1:9", "UNIX-SENDTO:nobody",
                                   "INTERFACE:lo"])
def test_nofork_gets_blocking_descriptors(socat, keyword, first, option):
    """That we do not want to be blocked is no matter of the program that takes them over; that
    the user says so is."""
    if first == "INTERFACE:lo" and os.geteuid() != 0:
        pytest.skip("needs root for packets of an interface")
    command = r'sh -c \"cat /proc/self/fdinfo/0 /proc/self/fdinfo/3 3>&1 >&2\"'
    for done in socat.both(first + option, f"{keyword}:'{command}',nofork"):
        flags = re.findall(r"^flags:\t(\d+)$", done.stderr, re.MULTILINE)
        assert len(flags) == 2, done
        found = [bool(int(each, 8) & os.O_NONBLOCK) for each in flags]
        assert found[0] if option else not any(found)


@pytest.mark.parametrize("first", ["EXEC:cat,nofork", "SYSTEM:cat,nofork"])
def test_nofork_is_for_the_second(socat, first):
    done = socat.run(first, "-")
    assert done.status == 1 and "nofork" in log_lines(done.stderr, "E")[0]


@pytest.mark.parametrize("command, status",
                         [("EXEC:true", 0), ("EXEC:false", None), ("SYSTEM:exit 3", None)])
def test_exit_status(socat, command, status):
    """A program that fails before socat's own end: 1 and a warning."""
    if status == 0:
        assert socat.run("-U", "-", command).status == 0
        return
    running = socat.start("-dd", "-t2", "-", command + ",shut-none",
                          env={"SOCAT_TRANSFER_WAIT": "0.3"})
    running.process.stdin.close()
    running.process.stdin = None
    done = running.end()
    assert done.status == 1
    assert re.search(r" W waitpid\(\): child \d+ exited with status \d+$", done.stderr,
                     re.MULTILINE)


@pytest.mark.parametrize("option", ["end-close", "shut-none", "shut-null", "pipes,shut-none",
                                    "pipes,end-close"])
def test_nobody_waits_for_a_program_that_sees_no_end(socat, option):
    """Of what is only written to the end is awaited, unless it gets no end of its input first."""
    for done in socat.both("-u", "-", f"EXEC:cat,{option}", input=b"x"):
        assert done.status == 0, done


@pytest.mark.parametrize("option", ["link=no-link", "wait-slave", "pty-interval=0.1"])
def test_options_of_a_terminal_want_one(socat, option):
    theirs, ours = socat.both("-", f"EXEC:cat,{option}", input=b"x")
    assert ours.status == theirs.status == 1
    line, = log_lines(ours.stderr, "E")
    assert "1 option(s) remained unused" in line
    assert socat.run("-u", f"EXEC:echo x,pty,{option}", "-").status == 0


def test_process_group_that_cannot_be_had(socat):
    for done in socat.both("-d", "-u", "EXEC:echo it runs,setpgid=1", "-"):
        assert done.status == 0 and done.stdout == "it runs\n"
        assert re.search(r" W setpgid\(0, 1\): Operation not permitted$", done.stderr,
                         re.MULTILINE)


def test_program_that_dies_of_a_signal(socat):
    done = socat.run("-t2", "-", "SYSTEM:kill -KILL $$,shut-none",
                     env={"SOCAT_TRANSFER_WAIT": "0.3"})
    assert done.status == 1
    assert re.search(r" W waitpid\(\): child \d+ exited on signal 9$", done.stderr, re.MULTILINE)


ENTRY = [("mode=0601", 0o601, None), ("perm=0777", 0o777, None), ("umask=0177", 0o600, None),
         ("user=1234,mode=0700", 0o700, 1234), ("user-late=1234", 0o755, 1234),
         ("perm-late=0711", 0o711, None)]


@pytest.mark.parametrize("option, mode, user", ENTRY, ids=[row[0] for row in ENTRY])
@pytest.mark.parametrize("kind",
                         ["UNIX-LISTEN:{}/s,fork", "UNIX-RECV:{}/s", "PIPE:{}/s",
                          "UNIX-RECVFROM:{}/s"])
def test_owner_and_mode_of_entries(socat, option, mode, user, kind, tmp_path):
    if user and os.geteuid() != 0:
        pytest.skip("needs root")
    if "late" in option and "PIPE" not in kind:
        pytest.skip("late options are for what was opened")
    if "PIPE" in kind:
        mode = {0o777: 0o755, 0o755: 0o644}.get(mode, mode)  # the mask applies

    def look(who):
        folder = tmp_path / who
        folder.mkdir()
        running = socat.start("-dd", kind.format(folder) + "," + option, "-", who=who, umask=0o022)
        wait_for(lambda: re.search(r"listening on|starting data|receiving on|recvfrom|receiving",
                                   running.text()),
                 "it to serve")
        st = os.stat(folder / "s")
        return stat.S_IMODE(st.st_mode), st.st_uid

    ours, theirs = together(lambda: look("ours"), lambda: look("original"))
    assert ours == (mode, user if user is not None else os.geteuid())
    assert ours == theirs


def status_flags(pid, fd):
    with open(f"/proc/{pid}/fdinfo/{fd}") as file:
        return int(re.search(r"^flags:\s+(\d+)$", file.read(), re.MULTILINE).group(1), 8)


@pytest.mark.parametrize("option, flag",
                         [("nonblock", os.O_NONBLOCK), ("o-nonblock=1", os.O_NONBLOCK),
                                          ("append", os.O_APPEND), ("async", os.O_ASYNC),
                                          ("sync", os.O_SYNC),
                                          ("dsync", os.O_DSYNC), ("noatime", os.O_NOATIME),
                                          ("o-directory=0", 0), ("cloexec=1", os.O_CLOEXEC)])
def test_status_flags(socat, option, flag, tmp_path):
    """As /proc/PID/fdinfo shows them while it runs."""
    (tmp_path / "file").write_text("")
    running = socat.start("-dd", "-u", "STALL", f"OPEN:{tmp_path}/file,{option}")
    match = running.wait_line(r"starting data transfer loop with FDs "
                              r"\[\d+,-?\d+\] and \[-?\d+,(\d+)\]")
    flags = status_flags(running.pid, match.group(1))
    assert flags & flag == flag and flags & os.O_ACCMODE == os.O_WRONLY


def test_cloexec_can_be_switched_off(socat, tmp_path):
    (tmp_path / "file").write_text("")
    for option, inherited in [("cloexec=0", True), ("", False)]:
        done = socat.run("-U", f"OPEN:{tmp_path}/file,rdwr,{option}", "EXEC:ls -l /proc/self/fd")
        assert done.status == 0
        assert (str(tmp_path / "file") in (tmp_path / "file").read_text()) == inherited
        (tmp_path / "file").write_text("")


def test_pipe_size(socat):
    """f-setpipe-sz on a pipe of a program, seen by the program."""
    script = "import fcntl; print(fcntl.fcntl(0, 1032), fcntl.fcntl(1, 1032))"
    (socat.folder / "probe.py").write_text(script)
    done = socat.run("-t5", "-",
                     f"EXEC:{sys.executable} {socat.folder}/probe.py,pipes,f-setpipe-sz=8192")
    assert done.stdout == "8192 8192\n"


def test_signals_end_socat_and_its_program(socat):
    """SIGTERM while a program runs: it is gone as well, and a fork's session too."""
    running = socat.serve("TCP4-LISTEN:0,fork", "EXEC:sleep 60")
    with connect(running.port()) as s:
        wait_for(lambda: children_of(running.pid), "the session")
        child, = children_of(running.pid)
        wait_for(lambda: children_of(child), "the program")
        os.kill(child, signal.SIGTERM)
        assert read_all(s) == b""
    assert running.process.poll() is None
