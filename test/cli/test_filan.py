# SPDX-License-Identifier: MIT
"""filan by itself: what scripts rely on, and every option."""

import fcntl
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import termios

import pytest

from conftest import wait_for

HEADER = re.compile(r"  FD  type\tdevice\tinode\t.*\tsigown\tsigio\n")


@pytest.fixture
def filan(run):
    return lambda *arguments, **more: run(["filan", *arguments], **more)


def columns(line):
    """fd, type and the TAB-separated columns of a line of the long form."""
    number, kind, *rest = re.split(r":? +|\t", line.strip(), maxsplit=2)
    return int(number), kind, rest[0].split("\t")


def test_long_form_of_standard_input(filan):
    done = filan("-i", "0", stdin=subprocess.DEVNULL)
    assert done.status == 0 and done.stderr == ""
    assert HEADER.match(done.stdout) and "0:" not in done.stdout.splitlines()[0]
    fd, kind, rest = columns(done.stdout.splitlines()[1])
    assert (fd, kind, rest[6]) == (0, "chrdev", "1,3") and rest[-1] == "poll: IN,OUT"


@pytest.mark.parametrize("arguments", [["-n", "0"], []])
def test_pipe_size_is_in_the_first_line_with_fd_0(filan, arguments):
    r, w = os.pipe()
    fcntl.fcntl(w, 1031, 8192)  # F_SETPIPE_SZ
    done = filan(*arguments, stdin=r)
    os.close(r), os.close(w)
    first = next(line for line in done.stdout.splitlines() if "0:" in line)
    assert columns(first)[:2] == (0, "pipe") and "\tF_GETPIPE_SZ=8192\t" in first


def test_waiting_bytes_are_counted(filan):
    r, w = os.pipe()
    os.write(w, b"abc")
    done = filan("-i0", stdin=r)
    assert done.stdout.endswith("\tpoll: IN(FIONREAD=3)\n")
    os.close(w)
    assert filan("-i0", stdin=r).stdout.endswith("\tpoll: IN(FIONREAD=3),HUP\n")
    os.close(r)


@pytest.mark.parametrize("path, kind", [(".", "dir"), ("socket", "socket"), ("link", "symlink"),
                                        ("file", "file"), ("fifo", "pipe"), ("nothing", "undef")])
def test_path_type_is_the_second_word(filan, tmp_path, path, kind):
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "fifo")
    os.symlink("/path/elsewhere", tmp_path / "link")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket"))
    done = filan("-f", path, cwd=tmp_path)
    assert done.status == 0 and columns(done.stdout.splitlines()[1])[1] == kind
    if kind == "symlink":
        assert re.search(r"LINKTARGET=/path/elsewhere( |$)", done.stdout, re.M)


def test_path_follows_links_on_request(filan, tmp_path):
    (tmp_path / "file").touch()
    os.symlink("file", tmp_path / "link")
    assert columns(filan("-L", "-f", tmp_path / "link").stdout.splitlines()[1])[1] == "file"


def test_missing_path_in_the_short_form(filan):
    done = filan("-s", "-f", "/nothing/here")
    assert (done.status, done.stdout) == (1, "")
    assert done.stderr.endswith('] E stat("/nothing/here"): No such file or directory\n')


def test_socket_options_are_separated_by_tabs(filan):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        done = filan("-i", "0", stdin=listener.fileno())
    assert columns(done.stdout.splitlines()[1])[1] == "socket"
    assert re.search(r"\tKEEPALIVE=1\t", done.stdout)


def test_socket_values_that_are_not_zero(filan):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 3, 500000))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 7))
        done = filan("-i0", stdin=s.fileno())
    assert "\tRCVTIMEO={3,500000}\t" in done.stdout and "\tLINGER={1,7}\t" in done.stdout


def test_terminal_size_ends_the_output(filan):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 37, 177, 5, 6))
    last = filan("-i", "0", stdin=slave).stdout.splitlines()[-1]
    os.close(master), os.close(slave)
    assert "\tterminal window size:   177x37 terminal window pixels: 5x6\t" in last
    assert "IFLAGS=0x000500 " in last and " cc[0]=^C " in last


def test_short_form_of_tcp(filan):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with socket.create_connection(listener.getsockname()) as client:
            here, there = client.getsockname()[1], client.getpeername()[1]
            done = filan("-s", stdin=client.fileno())
            tidy = filan("-S", "-i0", stdin=client.fileno())
        listening = filan("-s", "-i0", stdin=listener.fileno())
        tidily_listening = filan("-S", "-i0", stdin=listener.fileno())
    assert done.stdout.splitlines()[0] == f"    0 tcp 127.0.0.1:{here} 127.0.0.1:{there}"
    assert tidy.stdout == f"tcp 127.0.0.1:{here}-127.0.0.1:{there} (stream) \n"
    assert listening.stdout == f"tcp(listening) 127.0.0.1:{there}\n"
    assert tidily_listening.stdout == f"tcp 127.0.0.1:{there}- (stream) (listening)\n"


def test_short_form_of_udp_over_ipv6(filan):
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as bound:
        bound.bind(("::1", 0))
        done = filan("-s", "-i0", stdin=bound.fileno())
        assert done.stdout == ("udp6 [0000:0000:0000:0000:0000:0000:0000:0001]:"
                               f"{bound.getsockname()[1]}\n")


def test_short_form_of_unix_sockets(filan, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for kind, short, word in [(socket.SOCK_DGRAM, "unixdatagram", "dgram"),
                              (socket.SOCK_SEQPACKET, "unix(listening)", "seqpacket"),
                              (socket.SOCK_STREAM, "unix(listening)", "stream")]:
        with socket.socket(socket.AF_UNIX, kind) as bound:
            bound.bind(word)
            if kind != socket.SOCK_DGRAM:
                bound.listen()
            state = "(listening)" if kind != socket.SOCK_DGRAM else ""
            assert filan("-s", "-i0", stdin=bound.fileno()).stdout == f"{short} {word}\n"
            assert (filan("-S", "-i0", stdin=bound.fileno()).stdout
                    == f"unix {word}- {word} {state}\n")


def test_anonymous_inodes_have_no_type(filan):
    with select.epoll() as e:
        assert filan("-s", "-i0", stdin=e.fileno()).stdout == "undef anon_inode:[eventpoll]\n"
        assert columns(filan("-i0", stdin=e.fileno()).stdout.splitlines()[1])[1] == "undef"


def test_lists_what_it_inherited_and_nothing_else(filan, tmp_path):
    """Exactly three lines and no header, also while it writes to a file of its own."""
    r, w = os.pipe()
    plain = filan("-s", stdin=r)
    filed = filan("-s", "-o", tmp_path / "out", stdin=r)
    os.close(r), os.close(w)
    expected = "    0 pipe \n    1 pipe \n    2 pipe \n"
    assert plain.stdout == expected and filed.stdout == ""
    assert (tmp_path / "out").read_text() == expected


def test_closed_descriptors_print_nothing(filan, tmp_path):
    for arguments in [["-i", "77"], ["-s", "-i77"], ["-i", "3", "-o", tmp_path / "out"]]:
        done = filan(*arguments)
        assert (done.status, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "out").read_text() == ""


def test_names_cannot_harm_a_terminal(filan, tmp_path):
    path = tmp_path / "a\x1b[31m\n\x80"
    with open(path, "w") as f:
        short = filan("-s", "-i0", stdin=f.fileno())
    os.symlink("\x1bb\n", tmp_path / "link")
    link = filan("-f", tmp_path / "link")
    missing = filan("-s", "-f", tmp_path / "c\x1b\n")
    assert short.stdout == f"file {tmp_path}/a\\x1b[31m\\x0a\\xc2\\x80\n"
    assert "LINKTARGET=\\x1bb\\x0a\n" in link.stdout
    assert missing.stderr.count("\n") == 1 and "\x1b" not in missing.stderr


@pytest.mark.parametrize("target", ["+1", "stdout"])
def test_output_to_an_inherited_descriptor(filan, target):
    done = filan("-s", "-n", "1", "-o", target, stdin=subprocess.DEVNULL)
    assert (done.status, done.stdout) == (0, "    0 chrdev /dev/null\n")


def test_output_to_stderr(filan):
    done = filan("-s", "-i0", "-o", "stderr", stdin=subprocess.DEVNULL)
    assert (done.status, done.stdout, done.stderr) == (0, "", "chrdev /dev/null\n")


@pytest.mark.parametrize("arguments, message", [
    (["-o", "/nothing/here"], "can't fopen '/nothing/here': No such file or directory"),
    (["-o", "+99"], "can't fdopen file descriptor 99: Bad file descriptor"),
    (["-o", "+x"], 'option -o: not a numerical arg in "x"'),
    (["-i", "x"], 'option -i: not a numerical arg in "x"'),
    (["-i", "1x"], 'option -i: trailing garbage in "1x"'),
    (["-n", "99999999999"], 'option -n: "99999999999" is not in 0..2147483647'),
    (["-T", "soon"], 'option -T: not a number of seconds: "soon"'),
    (["-i"], "option -i requires an argument"),
    (["word"], "1 superfluous arguments"),
])
def test_refusals_are_one_line(filan, arguments, message):
    done = filan(*arguments)
    assert (done.status, done.stdout) == (1, "")
    assert re.fullmatch(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d filan\[\d+\] E (.*)\n",
                        done.stderr).group(1) == message


def test_full_disk_is_an_error(filan):
    done = filan("-o", "/dev/full")
    assert done.status == 1 and done.stderr.endswith("E write: No space left on device\n")


def test_unknown_option_shows_the_usage(filan):
    done = filan("-x")
    assert done.status == 1 and done.stdout == ""
    assert "] E unknown option -x\n" in done.stderr and "usage: filan" in done.stderr


@pytest.mark.parametrize("option", ["-h", "-?"])
def test_help_names_every_option(filan, option):
    done = filan(option)
    assert (done.status, done.stderr) == (0, "")
    assert re.findall(r"^  -(.)", done.stdout, re.M) == list("hdinsSfLrTWo")


def test_verbosity(filan):
    """Four times: also what is looked at; three times: what was found."""
    all_of_it = filan("-d", "-d", "-dd", "-i0", stdin=subprocess.DEVNULL).stderr
    assert " D checking file descriptor 0\n" in all_of_it
    found = filan("-ddd", "-i0", stdin=subprocess.DEVNULL).stderr
    assert " I fd 0 is a chrdev\n" in found and " D " not in found
    assert filan("-d", "-i0", stdin=subprocess.DEVNULL).stderr == ""


def test_waits_before_the_analysis(start):
    """It is still there, silent, while the pause lasts."""
    process = start(["filan", "-T", "1000", "-i", "0"])
    wait_for(lambda: asleep(process.pid), "filan to wait")
    assert select.select([process.stdout], [], [], 0)[0] == []
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == -signal.SIGTERM


def asleep(pid):
    with open(f"/proc/{pid}/syscall") as f:
        words = f.read().split()
    with open(f"/proc/{pid}/comm") as f:
        return f.read() in ("filan\n", "sockbox\n") and words[0] != "running"


def test_prints_again_when_the_window_changes(start):
    process = start(["filan", "-W", "-s", "-i", "0"], stdin=subprocess.DEVNULL)
    for _ in range(3):
        assert process.stdout.readline() == b"chrdev /dev/null\n"
        process.send_signal(signal.SIGWINCH)
    process.stdout.close()
    process.send_signal(signal.SIGWINCH)
    process.send_signal(signal.SIGWINCH)
    assert process.wait(timeout=30) == 1
    assert process.stderr.read().endswith(b"E write: Broken pipe\n")


def test_program_of_socat_has_three_descriptors(run):
    done = run(["socat", "-u", "EXEC:filan -s", "-"])
    lines = done.stdout.splitlines()
    assert done.status == 0 and [line.split()[0] for line in lines] == ["0", "1", "2"]


def test_socat_describes_its_own_ends(run, tmp_path):
    """socat -D: the header and the read and write ends of both addresses, on stderr."""
    (tmp_path / "in").write_text("words\n")
    done = run(["socat", "-D", "-u", f"OPEN:{tmp_path}/in", f"CREATE:{tmp_path}/out"])
    header, *lines = done.stderr.splitlines(keepends=True)
    assert done.status == 0 and HEADER.match(header)
    assert [columns(line)[1] for line in lines] == ["file", "file"]
    assert (tmp_path / "out").read_text() == "words\n"
