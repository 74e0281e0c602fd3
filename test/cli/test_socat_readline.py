# SPDX-License-Identifier: MIT
"""READLINE on a real terminal: a program asks, somebody types, and the screen, the program's input,
the history and the terminal's settings are looked at.  (Debian's socat is built without READLINE.)"""

import fcntl
import os
import pty
import re
import select
import signal
import stat
import struct
import subprocess
import termios
import time

import pytest

from conftest import wait_for
from socat_kit import log_lines, socat  # noqa: F401

LIMIT = 10
ASKS = "SYSTEM:'while printf \"P> \"; read -r x; do echo \"got $x\"; done',pty,echo=0"
LFLAG, CC = 3, 6


@pytest.fixture(autouse=True)
def available(run):
    if "#undef WITH_READLINE" in run(["socat", "-V"]).stdout:
        pytest.skip("built without libedit")


def rendered(line):
    """What a terminal has in that row at the end."""
    row, at = [], 0
    for piece in re.findall(rb"\x1b\[K|.", line, re.DOTALL):
        if piece in b"\r\b":
            at = 0 if piece == b"\r" else max(at - 1, 0)
        elif piece == b"\x1b[K":
            del row[at:]
        else:
            row[at:at + 1] = [piece]
            at += 1
    return b"".join(row).rstrip()


class Terminal:
    """A terminal and the socat that runs on it, as the controlling terminal."""

    def __init__(self, program, arguments, log, term="xterm", home="/nonexistent", columns=80, env=None):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.log = log
        with open(log, "wb") as errors:
            self.process = subprocess.Popen(
                [program, *arguments], stdin=self.slave, stdout=self.slave, stderr=errors,
                env={**os.environ, "LC_ALL": "C.UTF-8", "HOME": home, "TERM": term, **(env or {})},
                start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.screen, self.seen = b"", 0

    def read(self, seconds=0.05):
        ready, _, _ = select.select([self.master], [], [], seconds)
        if ready:
            self.screen += os.read(self.master, 65536)

    def wait(self, text):
        """Until the screen has shown it, after what was waited for before."""
        end = time.monotonic() + LIMIT
        while (at := self.screen.find(text, self.seen)) < 0:
            assert time.monotonic() < end, (text, self.screen[self.seen:], self.log.read_text())
            self.read()
        self.seen = at + len(text)

    def type(self, keys):
        os.write(self.master, keys)

    def wait_raw(self):
        wait_for(lambda: not termios.tcgetattr(self.slave)[LFLAG] & termios.ICANON, "the editor")

    def end(self, signo=None):
        if signo:
            self.process.send_signal(signo)
        status = self.process.wait(LIMIT)
        self.read(0)
        return status

    def lines(self):
        """As the suite of the original reads a dialogue: what follows the last CR of each line."""
        return [re.sub(rb".*\r", b"", re.sub(rb"\r+$", b"", line)) for line in self.screen.split(b"\n")]

    def is_restored(self):
        return termios.tcgetattr(self.slave) == self.before

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def terminal(tools, tmp_path):
    opened = []

    def start(*arguments, **more):
        opened.append(Terminal(tools / "socat", arguments, tmp_path / f"log{len(opened)}", **more))
        return opened[-1]
    yield start
    for t in opened:
        t.close()


@pytest.mark.parametrize("term", ["xterm", "dumb", "", "no-such-terminal"])
def test_dialogue(terminal, term):
    t = terminal("READLINE", ASKS, term=term)
    t.wait(b"P> ")
    t.type(b"abc\r")
    t.wait(b"got abc")
    t.wait(b"P> ")
    t.type(b"xe\x7f\x7fde\r")  # erased and typed again
    t.wait(b"got de\r")
    t.wait(b"P> ")
    t.type(b"\x04")
    assert t.end() == 0
    assert t.is_restored() and not log_lines(t.log.read_text())
    assert list(map(rendered, t.screen.split(b"\n"))) == [b"P> abc", b"got abc", b"P> de", b"got de", b"P>", b""]
    assert t.lines()[:2] == [b"P> abc", b"got abc"]


KEYS = [
    (b"bc\x01a\r", "abc"), (b"abx\x02\x04\x05c\r", "abc"),        # beginning, back, delete, end
    (b"ab\x1b[D\x1b[Dx\r", "xab"), (b"one two\x17three\r", "one three"), (b"junk\x15good\r", "good"),
    (b"a\x16\x01b\r", "a\x01b"),                                  # quoted
    ("gr\u00fc\u00df \u65e5\u672c\x7fn\r".encode(), "gr\u00fc\u00df \u65e5n"),
    (b"a\xff\xfeb\r", b"a\xff\xfeb".decode("utf-8", "surrogateescape")),
]


@pytest.mark.parametrize("keys, line", KEYS, ids=[repr(row[1]) for row in KEYS])
@pytest.mark.parametrize("one_by_one", [False, True])
def test_keys(terminal, tmp_path, keys, line, one_by_one):
    """At once and byte by byte, so that sequences and characters come in pieces."""
    file = tmp_path / "got"
    t = terminal("-u", "READLINE", f"CREATE:{file}")
    t.wait_raw()
    for piece in [bytes([b]) for b in keys] if one_by_one else [keys]:
        t.type(piece)
    wait_for(lambda: file.exists() and file.read_bytes().endswith(b"\n"))
    assert file.read_bytes() == (line + "\n").encode("utf-8", "surrogateescape")
    t.type(b"\x04")
    assert t.end() == 0 and t.is_restored()


def test_long_line(terminal, tmp_path):
    """Longer than a block (-b does not count) and than the terminal is wide."""
    file, line = tmp_path / "got", b"0123456789" * 40
    t = terminal("-b", "7", "-u", "READLINE", f"CREATE:{file}", columns=40)
    t.wait_raw()
    t.type(line + b"\r\x04")
    while t.process.poll() is None:
        t.read()
    assert t.end() == 0 and file.read_bytes() == line + b"\n"


# Prompts

def test_fixed_prompt(terminal):
    t = terminal("READLINE,prompt=ask: ", ASKS)
    t.wait(b"P> ")
    t.type(b"abc\r")
    t.wait(b"got abc")
    t.wait(b"P> ")
    t.type(b"\x04")
    assert t.end() == 0
    assert t.lines()[:2] == [b"ask: abc", b"got abc"]


@pytest.mark.parametrize("options, shown", [(",noprompt", b"P> abc\r\n"), (",noprompt=0", b"P> \rP> abc\r\n")])
def test_no_prompt(terminal, options, shown):
    t = terminal("READLINE" + options, ASKS)
    t.wait(b"P> ")
    t.type(b"abc\r")
    t.wait(b"got abc")
    assert t.screen.startswith(shown)


@pytest.mark.parametrize("data, prompt", [
    (b"a\nb", b"b"), (b"a\rb", b"b"), (b"a\n", b""), (b"\r" + b"Z" * 513, b"Z" * 512), (b"x" * 5000, b"x" * 512),
    (b"\xff\xfe", None), (b"\x1b[1mbold", None)], ids=range(7))
def test_prompt_from_the_peer(terminal, tmp_path, data, prompt):
    """What is too long or no text harms nothing."""
    question = tmp_path / "question"
    question.write_bytes(data)
    t = terminal("READLINE", f"SYSTEM:'cat {question}; read x; echo got $x'", columns=9999)
    t.wait(data.replace(b"\n", b"\r\n"))
    t.type(b"abc\r")
    t.wait(b"got abc")
    assert t.end() == 0 and t.is_restored()
    if prompt is not None:
        assert t.screen[len(data.replace(b"\n", b"\r\n")):].startswith(b"\r" + prompt + b"abc")


def test_overlong_prompt_from_a_file(terminal, tmp_path):
    """CVE-2012-0219 of the original; the end of the file ends the rest."""
    file = tmp_path / "data"
    file.write_bytes(b"\r" + b"A" * 513)
    t = terminal("READLINE", str(file))
    assert t.end() == 0 and t.is_restored() and b"A" * 513 in t.screen


AUTHENTICATION = r"""trap "echo got SIGINT" INT
printf "Username: "; read -r u; printf "Password: "; stty -echo; read -r p; echo; echo "$u $p" >&2
while printf "prog> "; read -r c; do test "$c" = exit && break; echo "executing $c"; done
"""


@pytest.mark.parametrize("options", ["", ",prompt=? ", ",noprompt"])
def test_secret(terminal, tmp_path, options):
    """Not shown and not remembered; Ctrl-C goes to the program that asks for it."""
    script, history = tmp_path / "script", tmp_path / "history"
    script.write_text(AUTHENTICATION)
    t = terminal(f"READLINE,noecho=^[Pp]assword:,history={history}{options}",
                 f"EXEC:'bash {script}',pty,ctty,setsid,sigint,raw,echo=0,isig")
    t.wait(b"Username: ")
    t.type(b"user\r")
    t.wait(b"Password: ")
    t.type(b"s3cr3t\r")
    t.wait(b"prog> ")
    t.type(b"\x03")
    t.wait(b"got SIGINT")
    t.type(b"one\r")
    t.wait(b"executing one")
    t.wait(b"prog> ")
    t.type(b"exit\r")
    assert t.end() == 0 and t.is_restored()
    assert b"s3cr3t" not in t.screen and "user s3cr3t" in t.log.read_text()
    assert history.read_text() == "user\none\nexit\n"
    if not options:
        assert t.lines() == [b"Username: user", b"Password: ", b"prog> got SIGINT", b"one",
                             b"executing one", b"prog> exit", b""]


def test_noecho_must_be_an_expression(terminal):
    t = terminal("READLINE,noecho=(", "PIPE")
    assert t.end() == 1 and t.is_restored()
    line, = log_lines(t.log.read_text())
    assert line.startswith('E option "noecho": "(": ')


def test_peer_speaks_while_a_line_is_edited(terminal, tmp_path):
    """What was typed stays and is shown again."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    t = terminal("READLINE", f"SYSTEM:'printf \"P> \"; read -r y < {gate}; echo news; printf \"Q> \"; read -r x; "
                 "echo got $x'")
    t.wait(b"P> ")
    t.type(b"half")
    t.wait(b"half")
    gate.write_text("\n")
    t.wait(b"news\r\n")
    t.wait(b"Q> half")
    t.type(b"way\r")
    t.wait(b"got halfway")
    assert t.end() == 0


# History

@pytest.mark.parametrize("option", ["history", "history-file"])
def test_history(terminal, tmp_path, option):
    """Read, used, searched, written back, for its owner only."""
    file, got = tmp_path / "history", tmp_path / "got"
    t = terminal("-u", f"READLINE,{option}={file}", f"CREATE:{got}")
    t.wait_raw()
    t.type(b"one\rtwo words\r\x1b[A\x1b[A\r\x04")
    assert t.end() == 0
    assert got.read_text() == file.read_text() == "one\ntwo words\none\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    t = terminal("-u", f"READLINE,{option}={file}", f"CREATE:{got}")
    t.wait_raw()
    t.type(b"\x12wor\r\x04")
    assert t.end() == 0
    assert got.read_text() == "two words\n" and file.read_text() == "one\ntwo words\none\ntwo words\n"


@pytest.mark.parametrize("text, lines", [("", []), ("a", ["a"]), ("\n\na\n\nb\n", ["a", "b"]),
                                         ("a\0b\r\n\x1b[A\n", None), ("x" * 100000 + "\n", None)], ids=range(5))
def test_old_history(terminal, tmp_path, text, lines):
    file = tmp_path / "history"
    file.write_text(text)
    file.chmod(0o640)
    t = terminal("-u", f"READLINE,history={file}", f"CREATE:{tmp_path}/got")
    t.wait_raw()
    t.type(b"new\r\x04")
    assert t.end() == 0 and not log_lines(t.log.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    if lines is not None:
        assert file.read_text().splitlines() == lines + ["new"]
    else:
        assert file.read_text().endswith("\nnew\n")


def test_history_that_did_not_change_is_not_written(terminal, tmp_path):
    file = tmp_path / "history"
    file.write_text("old\n\n")
    t = terminal("-u", f"READLINE,history={file}", f"CREATE:{tmp_path}/got")
    t.wait_raw()
    t.type(b"\x04")
    assert t.end() == 0 and file.read_text() == "old\n\n"


def test_history_through_no_link(terminal, tmp_path):
    """A link that appears meanwhile is replaced; what it points to stays."""
    file, victim = tmp_path / "history", tmp_path / "victim"
    victim.write_text("precious\n")
    t = terminal("-u", f"READLINE,history={file}", f"CREATE:{tmp_path}/got")
    t.wait_raw()
    file.symlink_to(victim)
    t.type(b"new\r\x04")
    assert t.end() == 0
    assert victim.read_text() == "precious\n" and not file.is_symlink() and file.read_text() == "new\n"
    assert sorted(p.name for p in tmp_path.iterdir() if "history" in p.name) == ["history"]


def test_history_in_another_folder_later(terminal, tmp_path):
    (tmp_path / "folder").mkdir()
    t = terminal("-u", "READLINE,history=folder/history", f"CREATE:{tmp_path}/got,chdir={tmp_path}",
                 env={"PWD": str(tmp_path)})
    assert t.end() == 1  # the folder is not there for the first address
    t = terminal("-u", f"READLINE,chdir={tmp_path},history=folder/history", f"CREATE:{tmp_path}/got")
    t.wait_raw()
    t.type(b"new\r\x04")
    assert t.end() == 0 and (tmp_path / "folder/history").read_text() == "new\n"


@pytest.mark.parametrize("path, reason", [("/no/such/folder/h", "No such file"), ("/dev/null", "no regular file"),
                                          ("/", "no regular file")])
def test_wrong_history(terminal, path, reason):
    t = terminal(f"READLINE,history={path}", "PIPE")
    assert t.end() == 1 and t.is_restored()
    line, = log_lines(t.log.read_text())
    assert line.startswith(f'E history "{path}"') and reason in line


# The terminal

@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
@pytest.mark.parametrize("keys", [b"", b"half"])
def test_ended_by_a_signal(terminal, tmp_path, signo, keys):
    t = terminal(f"READLINE,history={tmp_path}/history", "PIPE")
    t.wait_raw()
    if keys:
        t.type(b"line\r")
        t.wait(b"line\r\n")
        t.type(keys)
        t.wait(keys)
    assert t.end(signo) == 128 + signo and t.is_restored()
    if keys:
        assert (tmp_path / "history").read_text() == "line\n"


@pytest.mark.parametrize("key, option", [(b"\x03", ""), (b"\x07", ",intr=7")])
def test_interrupt_key(terminal, key, option):
    t = terminal("READLINE" + option, "PIPE")
    t.wait_raw()
    t.type(b"half")
    t.wait(b"half")
    t.type(key)
    assert t.end() == 130 and t.is_restored()


def test_error_of_the_other_address(terminal):
    t = terminal("READLINE", "OPEN:/no/such/file")
    assert t.end() == 1 and t.is_restored()
    assert len(log_lines(t.log.read_text())) == 1


def test_option_of_the_terminal(terminal):
    """It holds while socat runs."""
    t = terminal("READLINE,erase=0x23", ASKS)
    t.wait(b"P> ")
    assert termios.tcgetattr(t.slave)[CC][termios.VERASE] == b"#"
    t.type(b"ax#bc\r")
    t.wait(b"got abc")
    t.type(b"\x04")
    assert t.end() == 0 and t.is_restored()


def test_idle_terminal_costs_nothing(terminal):
    t = terminal("READLINE", "PIPE")
    t.wait_raw()
    t.type(b"half")
    t.wait(b"half")
    usage = [open(f"/proc/{t.process.pid}/stat").read().split()[13:15]]
    t.read(0.3)
    usage.append(open(f"/proc/{t.process.pid}/stat").read().split()[13:15])
    assert sum(map(int, usage[1])) - sum(map(int, usage[0])) <= 1


def test_comes_back_after_a_stop(terminal):
    """As after Ctrl-Z and fg: the shell has set the terminal for itself."""
    t = terminal("READLINE", ASKS)
    t.wait(b"P> ")
    t.type(b"ab")
    t.wait(b"ab")
    raw = termios.tcgetattr(t.slave)
    t.process.send_signal(signal.SIGSTOP)
    assert os.waitid(os.P_PID, t.process.pid, os.WSTOPPED)
    termios.tcsetattr(t.slave, termios.TCSANOW, t.before)
    t.process.send_signal(signal.SIGCONT)
    wait_for(lambda: termios.tcgetattr(t.slave) == raw, "the editor's settings")
    t.wait(b"P> ab")  # what is being edited is shown again
    t.type(b"c\r")
    t.wait(b"got abc")
    t.wait(b"P> ")
    t.type(b"\x04")
    assert t.end() == 0 and t.is_restored()


def test_stop_character_stops_nothing(terminal):
    """Ctrl-S would keep the whole relay."""
    t = terminal("READLINE", ASKS)
    t.wait(b"P> ")
    t.type(b"\x13\x07abc\r")
    t.wait(b"got")
    assert t.end(signal.SIGTERM) == 143 and t.is_restored()


@pytest.mark.parametrize("arguments", [["READLINE", "PIPE"], ["PIPE", "READLINE"], ["-u", "READLINE", "PIPE"]])
def test_no_terminal(socat, arguments):
    done = socat.run(*arguments, input=b"x\n")
    line, = log_lines(done.stderr)
    assert done.status == 1 and line.startswith("E ") and "Inappropriate ioctl for device" in line


def test_nofork(terminal):
    t = terminal("READLINE", "EXEC:cat,nofork")
    assert t.end() == 1 and t.is_restored()
    assert log_lines(t.log.read_text()) == [
        "E EXEC: option nofork is not possible with a first address that converts data"]


def test_written_only(terminal):
    t = terminal("-u", "TEXT:hello", "READLINE")
    assert t.end() == 0 and t.screen == b"hello" and t.is_restored()


@pytest.mark.parametrize("words", ["READLINE:x", "READLINE,prompt", "READLINE,history-files=x", "READLINE,fork"])
def test_wrong_words(socat, words):
    done = socat.run(words, "PIPE")
    assert done.status == 1 and len(log_lines(done.stderr)) == 1
