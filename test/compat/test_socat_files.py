# SPDX-License-Identifier: MIT
"""STDIO, FD, OPEN, CREATE, GOPEN, PIPE, SOCKETPAIR, TEXT, STALL: beside Debian's
where it has them."""

import os
import signal
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from conftest import wait_for
from socat_kit import WHO, Running, log_lines, socat, together  # noqa: F401


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("left, right", [("-", "-"), ("STDIO", "STDOUT"), ("STDIN", "STDOUT"),
                                         ("0", "1"), ("FD:0", "FD:1"), ("-", "STDERR"), ("0", "2"),
                                         ("stdin!!stdout", "stdin!!stdout")])
def test_standard_descriptors(socat, left, right):
    theirs, ours = socat.both("-u", left, right, input=b"data")
    assert ours.status == theirs.status == 0
    assert ours.stdout == theirs.stdout
    assert "data" in (ours.stderr if right in ("STDERR", "2") else ours.stdout)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("form", ["FD:{}", "{}"])
def test_inherited_descriptor(socat, who, form):
    """A digit alone is a descriptor too."""
    ours, theirs = socket.socketpair()
    script = f'exec "$0" - "$1" 9<&{theirs.fileno()}'
    running = Running(socat.commands.start(["bash", "-c", script, socat.program(who),
                                            form.format(9)],
                                           pass_fds=[theirs.fileno()]), Path("/dev/null"))
    theirs.close()
    ours.sendall(b"in")
    ours.shutdown(socket.SHUT_WR)
    done = running.end(b"out")
    assert (done.status, done.stdout, ours.recv(100)) == (0, "in", b"out")
    ours.close()


def test_descriptor_is_not_passed_on(socat, tmp_path):
    """FD:n is close-on-exec from then on: the program sees its own and the folder it reads."""
    with open(tmp_path / "file", "w+") as file:
        running = socat.start("-U", f"FD:{file.fileno()}", "EXEC:ls /proc/self/fd",
                              pass_fds=[file.fileno()])
        assert running.end().status == 0
    assert (tmp_path / "file").read_text().split() == ["0", "1", "2", "3"]


@pytest.mark.parametrize("address", ["FD:17", "FD:x", "FD:-1", "FD:99999999999"])
def test_wrong_descriptor(socat, address):
    done = socat.run("-u", address, "-")
    assert done.status == 1 and len(log_lines(done.stderr, "E")) == 1


@pytest.mark.parametrize("keyword", ["OPEN", "FILE", "GOPEN", "open", ""])
def test_read_a_file(socat, keyword, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"content\0\xff")
    address = f"{keyword}:{path}" if keyword else str(path)
    for done in socat.both("-u", address, "-"):
        assert (done.status, done.raw_stdout) == (0, b"content\0\xff")


WRITING = [  # the address, what is there before, what afterwards, the mode of what was made
    ("OPEN:{},wronly", b"12345", b"abc45", None),
    ("OPEN:{},creat", None, b"abc", 0o644), ("OPEN:{},creat,perm=0600", None, b"abc", 0o600),
    ("OPEN:{},creat,excl", None, b"abc", 0o644),
    ("OPEN:{},o-creat,o-trunc", b"12345", b"abc", None),
    ("OPEN:{},append", b"12345", b"12345abc", None),
    ("CREATE:{}", None, b"abc", 0o644), ("CREATE:{}", b"12345", b"abc", None),
    ("CREAT:{},perm=0660,umask=0", None, b"abc", 0o660),
    ("CREATE:{},mode=0640", None, b"abc", 0o640),
    ("GOPEN:{}", None, b"abc", 0o644), ("GOPEN:{}", b"12345", b"12345abc", None),
    ("GOPEN:{},trunc", b"12345", b"abc", None),
    ("GOPEN:{},perm=0611", None, b"abc", 0o611), ("{}", b"12345", b"12345abc", None),
    ("{}", None, b"abc", 0o644),
    ("OPEN:{},ftruncate=2", b"12345", b"abc", None), ("OPEN:{},seek=2", b"12345", b"12abc", None),
    ("OPEN:{},seek-end=0", b"12345", b"12345abc", None),
    ("OPEN:{},unlink-early,creat", b"12345", b"abc", 0o644),
    ("CREATE:{},umask=0077", None, b"abc", 0o600), ("CREATE:{},user=1234", None, b"abc", 0o644),
]


@pytest.mark.parametrize("address, before, after, made", WRITING,
                         ids=[f"{row[0]} {row[1]}" for row in WRITING])
def test_write_a_file(socat, address, before, after, made, tmp_path):
    def run(who):
        path = tmp_path / who
        if before is not None:
            path.write_bytes(before)
        done = socat.run("-u", "-", address.format(path), who=who, input=b"abc", umask=0o022)
        assert (done.status, log_lines(done.stderr)) == (0, []), who
        return path.read_bytes(), mode(path), path.stat().st_uid

    if "user=" in address and os.geteuid() != 0:
        pytest.skip("needs root")
    ours, theirs = together(lambda: run("ours"), lambda: run("original"))
    assert ours == theirs
    assert ours[0] == after
    assert made is None or ours[1] == made
    assert ours[2] == (1234 if "user=" in address else os.geteuid())


def test_gopen_without_append(socat, tmp_path):
    """1.8: append=0 keeps GOPEN from appending."""
    (tmp_path / "file").write_text("12345")
    assert socat.run("-u", "-", f"GOPEN:{tmp_path}/file,append=0", input=b"abc").status == 0
    assert (tmp_path / "file").read_text() == "abc45"


@pytest.mark.parametrize("form", ["GOPEN:{}", "{}"])
def test_gopen_creates_for_reading(socat, form, tmp_path):
    """So that a file can be both halves of one address: what is written is read again, even when
    the reading half had met the end before and would look again only after a while."""
    def run(who):
        file = form.format(tmp_path / who)
        running = socat.start("-dd", "-", f"{file},ignoreeof!!{file}", who=who)
        running.wait_line("starting data transfer loop")
        done = running.end(b"abc")
        return done.status, done.stdout, (tmp_path / who).read_bytes()

    ours, theirs = together(lambda: run("ours"), lambda: run("original"))
    assert ours == theirs == (0, "abc", b"abc")


REFUSED = [("OPEN:{}/missing", "No such file"), ("OPEN:{}/file,creat,excl", "File exists"),
           ("OPEN:{}", "Is a directory"), ("CREATE:{}/no/file", "No such file"),
           ("GOPEN:{}", "Is a directory"), ("OPEN:{}/link,o-nofollow,creat", "symbolic link"),
           ("OPEN:{}/file,o-directory", "Not a directory")]


@pytest.mark.parametrize("address, reason", REFUSED, ids=[row[0] for row in REFUSED])
def test_refused_file(socat, address, reason, tmp_path):
    (tmp_path / "file").write_text("kept")
    (tmp_path / "link").symlink_to("file")
    for done in socat.both("-u", "-", address.format(tmp_path), input=b"x"):
        assert done.status == 1
        line, = log_lines(done.stderr, "E")
        assert reason in line
    assert (tmp_path / "file").read_text() == "kept"


def test_create_is_not_read(socat, tmp_path):
    """1.8: nothing is truncated for a reader."""
    path = tmp_path / "file"
    path.write_text("kept")
    done = socat.run("-u", f"CREATE:{path}", "-")
    assert done.status == 1 and path.read_text() == "kept"
    assert log_lines(done.stderr, "E") == [
        f'E CREAT:"{path}": read-only mode, refusing to truncate or create file']


@pytest.mark.parametrize("option", ["perm-early=600", "user-early=7", "group-early=7"])
@pytest.mark.parametrize("address, there", [("CREATE:{}", False), ("OPEN:{},creat", False),
                                            ("GOPEN:{}", False), ("OPEN:{}", True)])
def test_early_options_change_what_is_there(socat, address, there, option, tmp_path):
    """What is not there yet has nothing to be changed."""
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")

    def look(who):
        path = tmp_path / who
        if there:
            path.touch()
        done = socat.run("-u", "-", address.format(path) + "," + option, input=b"x", who=who)
        st = path.stat()
        return done.status, stat.S_IMODE(st.st_mode), st.st_uid, st.st_gid

    ours = look("ours")
    assert ours == look("original")
    assert (ours[1:] == (0o644, 0, 0)) != there


@pytest.mark.parametrize("option, kept", [("unlink-close", False), ("unlink-close=0", True),
                                          ("", True)])
@pytest.mark.parametrize("keyword", ["OPEN", "CREATE", "GOPEN"])
def test_unlink_close(socat, keyword, option, kept, tmp_path):
    def run(who):
        path = tmp_path / who
        more = ",creat" if keyword == "OPEN" else ""
        done = socat.run("-u", "-", f"{keyword}:{path}{more},{option}", who=who, input=b"x")
        return done.status, path.exists()

    assert together(lambda: run("ours"), lambda: run("original")) == [(0, kept)] * 2


def test_unlink_late(socat, tmp_path):
    done = socat.run("-u", f"OPEN:{tmp_path}/a,creat,unlink-late!!-", "-")
    assert done.status == 0 and not (tmp_path / "a").exists()


@pytest.mark.parametrize("keyword", ["PIPE", "FIFO", "ECHO", "pipe"])
def test_unnamed_pipe(socat, keyword):
    for done in socat.both("-", keyword, input=b"x" * 30000):
        assert (done.status, done.stdout) == (0, "x" * 30000)


def test_small_pipe_is_warned_of(socat):
    done = socat.run("-b100000", "-t0.1", "-", "PIPE", input=b"x")
    assert "W pipe buffer of 65536 bytes is smaller than the block size 100000" in done.stderr
    done = socat.run("-b100000", "-", "PIPE,f-setpipe-sz=200000", input=b"x")
    assert (done.stdout, done.stderr) == ("x", "")


@pytest.mark.parametrize("who", WHO)
def test_named_pipe_is_made_and_removed(socat, who, tmp_path):
    path = tmp_path / "fifo"
    running = socat.start("-dd", "-", f"PIPE:{path},perm=0604", who=who)
    running.wait_line(" N starting data transfer loop")
    assert stat.S_ISFIFO(path.stat().st_mode) and mode(path) == 0o604
    running.process.stdin.write(b"echo")
    running.process.stdin.flush()
    assert running.process.stdout.read(4) == b"echo"
    assert running.end(b"").status == 0
    assert not path.exists()


@pytest.mark.parametrize("options, removed", [("", True), ("unlink-close=1", True),
                                              ("unlink-close=0", False)])
def test_named_pipe_after_a_signal(socat, options, removed, tmp_path):
    def run(who):
        path = tmp_path / who
        running = socat.start("-dd", "-", f"PIPE:{path},{options}", who=who)
        running.wait_line(" N starting data transfer loop")
        assert running.signal(signal.SIGTERM).status == 143
        return not path.exists()

    assert together(lambda: run("ours"), lambda: run("original")) == [removed, removed]


@pytest.mark.parametrize("who", WHO)
def test_named_pipe_of_somebody(socat, who, tmp_path):
    """One that exists is used and stays; with -u the open waits for the peer."""
    path = tmp_path / "fifo"
    os.mkfifo(path)
    running = socat.start("-u", f"PIPE:{path}", "-", who=who)
    with open(path, "wb") as fifo:
        fifo.write(b"through")
    done = running.end()
    assert (done.status, done.stdout) == (0, "through") and path.exists()


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("waits", ["PIPE:{}", "GOPEN:{}", "OPEN:{}"])
def test_waiting_for_a_peer_is_interrupted(socat, who, waits, tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    running = socat.start("-dd", "-u", waits.format(path), "-", who=who)
    wait_for(lambda: "fifo" in running.text() or "pipe" in running.text(), "its opening")
    assert running.signal(signal.SIGTERM).status == 143


@pytest.mark.parametrize("who", WHO)
def test_gopen_fifo(socat, who, tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    reader = subprocess.Popen(["cat", path], stdout=subprocess.PIPE)
    done = socat.run("-dd", "-u", "-", f"GOPEN:{path}", who=who, input=b"x")
    assert done.status == 0 and reader.communicate(timeout=10)[0] == b"x"
    assert f'N opening named pipe "{path}" for writing' in done.stderr


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_SEQPACKET, socket.SOCK_DGRAM])
@pytest.mark.parametrize("keyword", ["GOPEN:", "", "UNIX-CLIENT:"])
def test_sockets_of_all_types(socat, who, kind, keyword, tmp_path):
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX, kind) as s:
        s.bind(path)
        s.settimeout(10)
        if kind != socket.SOCK_DGRAM:
            s.listen()
        running = socat.start("-u", "-", f"{keyword}{path}", who=who)
        if kind != socket.SOCK_DGRAM:
            connection, _ = s.accept()
        else:
            connection = s
        running.process.stdin.write(b"packet")
        done = running.end()
        assert (done.status, log_lines(done.stderr)) == (0, [])
        assert connection.recv(100) == b"packet"
        if kind != socket.SOCK_DGRAM:
            connection.close()
    assert os.path.exists(path)


def test_socketpair(socat):
    """Echo that keeps the packets: the two blocks come back as two."""
    running = socat.start("-x", "-b24", "-", "SOCKETPAIR", env={"SOCAT_TRANSFER_WAIT": "0.3"})
    done = running.end(b"x" * 30)
    assert done.stdout == "x" * 30
    assert [line.split("length=")[1].split()[0] for line in done.stderr.splitlines()
            if line.startswith("< ")] == ["24", "6"]


@pytest.mark.parametrize("options", [",type=1", ",socktype=5", ",so-sndbuf=10000"])
def test_socketpair_of_types(socat, options):
    done = socat.run("-", f"SOCKETPAIR{options}", input=b"data")
    assert (done.status, done.stdout, done.stderr) == (0, "data", "")


TEXTS = [(r"a\nb", "a\nb"), (r"a\\nb", r"a\nb"), ('"a,b:c"', "a,b:c"), (r"'a,b\n'", "a,b\n"),
         (r"a\,b\:c", "a,b:c"), ("(a,b)", "(a,b)"), ("[a,b]", "[a,b]"), ("{a,b}", "{a,b}"),
         ('("a,b")', '("a,b")'), (r'"a\"b"', 'a"b'), ("a)b", "a)b"), ("(a", "(a"), ("a!b", "a!b"),
         ("a=b", "a=b"), ('"a!!b"', "a!!b"), ("", ""), ('a"b,c"d', "ab,cd"), (r'"it\'s"', "it's")]


@pytest.mark.parametrize("text, result", TEXTS)
def test_text(socat, text, result):
    done = socat.run("-U", "-", f"TEXT:{text}")
    assert (done.status, done.stdout, done.stderr) == (0, result, "")


def test_quotes_beside_original(socat):
    """The same words through OPEN's parameter: the name of the file that is made."""
    def names(who, folder):
        folder.mkdir()
        for text, result in TEXTS:
            if result and "/" not in result and text != "(a":
                socat.run("-u", "/dev/null", f"CREATE:{text}", who=who, cwd=folder)
        return sorted(os.listdir(folder))

    base = socat.folder
    ours, theirs = together(lambda: names("ours", base / "a"),
                            lambda: names("original", base / "b"))
    assert ours == theirs and len(ours) > 10


@pytest.mark.parametrize("text", ["TEXT:a:b", "TEXT:a!!b", '"TEXT:it\'s', "TEXT:a'b", "TEXT:ab\\",
                                  'TEXT:"it\'s"', 'TEXT:"(a"'])
def test_wrong_text(socat, text):
    done = socat.run("-u", text, "-")
    assert done.status == 1 and len(log_lines(done.stderr, "E")) == 1


def test_text_writes_to_stdout(socat):
    done = socat.run("-", "TEXT:from text", input=b"from stdin ")
    assert done.status == 0 and sorted([done.stdout]) and "from text" in done.stdout
    assert "from stdin" in done.stdout


def test_stall(socat):
    """Never readable, never writable: only -T ends it, and nothing is taken."""
    running = socat.start("-dd", "-T0.2", "-", "STALL")
    running.process.stdin.write(b"stays")
    running.process.stdin.flush()
    assert running.process.wait(timeout=15) == 0
    assert "inactivity timeout triggered" in running.text()
    read, write = os.pipe()
    os.write(write, b"kept")
    os.close(write)
    assert socat.run("-T0.1", "-u", "-", "STALL", stdin=read).status == 0
    assert os.read(read, 10) == b"kept"
    os.close(read)


def test_dual_address(socat, tmp_path):
    (tmp_path / "in").write_text("read here")
    for done in socat.both("OPEN:in,rdonly!!CREATE:/dev/null", "-", cwd=tmp_path,
                           stdin=subprocess.DEVNULL):
        assert (done.status, done.stdout) == (0, "read here")
    for who in WHO:
        done = socat.run("-", f"OPEN:in!!CREATE:out-{who},perm=0600", who=who, cwd=tmp_path,
                         input=b"written")
        assert (done.status, done.stdout) == (0, "read here")
        out = tmp_path / f"out-{who}"
        assert out.read_text() == "written" and mode(out) == 0o600


def test_dual_address_one_way(socat):
    done = socat.run("-u", "STDIN!!OPEN:/no/such", "-", input=b"x")
    assert (done.status, done.stdout) == (0, "x")
    assert log_lines(done.stderr) == ["W unidirectional open of dual address"]


def test_chdir_and_umask_end_with_the_opening(socat, tmp_path):
    (tmp_path / "sub").mkdir()
    done = socat.run("-U", f"CREATE:made,chdir={tmp_path}/sub,umask=0077", "SYSTEM:pwd; umask",
                     cwd=tmp_path, umask=0o022)
    assert done.status == 0
    assert (tmp_path / "sub" / "made").read_text().split() == [str(tmp_path), "0022"]
    assert mode(tmp_path / "sub" / "made") == 0o600
