# SPDX-License-Identifier: MIT
"""Bad input and targets that are not there: one E line, exit code 1, nothing left behind."""

import os
import re
import signal
import socket
import stat
import subprocess

import pytest

from socat_kit import LOCAL, connect, log_lines, socat  # noqa: F401

METHODS = ["UNIX-CONNECT:{}", "UNIX-SEND:{}", "UNIX-SENDTO:{}", "UNIX-CONNECT:{},socktype=5",
           "UNIX-CLIENT:{}", "GOPEN:{}"]
ENTRIES = ["missing", "forbidden", "directory", "orphan", "file", "stream", "seqpacket", "datagram"]
TYPES = {"stream": socket.SOCK_STREAM, "seqpacket": socket.SOCK_SEQPACKET,
         "datagram": socket.SOCK_DGRAM}
WORKING = {("UNIX-CONNECT:{}", "stream"), ("UNIX-SEND:{}", "datagram"),
           ("UNIX-SENDTO:{}", "datagram"),
           ("UNIX-CONNECT:{},socktype=5", "seqpacket"), ("GOPEN:{}", "file")} | {
               (method, kind) for method in ["UNIX-CLIENT:{}", "GOPEN:{}"] for kind in TYPES}


def make(entry, path):
    """Puts it there; what has to stay alive."""
    if entry == "missing":
        return None
    if entry == "directory":
        return path.mkdir()
    if entry in ("file", "forbidden"):
        path.write_text("x")
        return path.chmod(0 if entry == "forbidden" else 0o644)
    s = socket.socket(socket.AF_UNIX, TYPES.get(entry, socket.SOCK_STREAM))
    s.bind(str(path))
    if entry == "orphan":
        return s.close()
    if entry != "datagram":
        s.listen()
    return s


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("entry", ENTRIES)
def test_method_to_entry(socat, tmp_path, method, entry):
    """Whatever is tried inside, only the final failure is an error; 1.7 agrees on the status."""
    if (method, entry) in WORKING or (method == "GOPEN:{}" and entry in ("missing", "file")):
        pytest.skip("works")
    if entry == "forbidden" and method == "GOPEN:{}" and os.geteuid() == 0:
        pytest.skip("root may open it")
    alive = make(entry, tmp_path / "entry")
    theirs, ours = socat.both("-u", "-", method.format(tmp_path / "entry"), input=b"x\n")
    assert ours.status == theirs.status == 1
    assert len(log_lines(ours.stderr, "E")) == 1, ours
    reason = log_lines(ours.stderr, "E")[0].rpartition(": ")[2]
    assert reason in theirs.stderr
    if alive:
        alive.close()


REFUSED = [
    ("TCP4:127.0.0.1:1", "E TCP4:127.0.0.1:1: Connection refused"),
    ("TCP:localhost:1", "Connection refused"),
    ("TCP6:[::1]:1", "Connection refused"),
    ("TCP4:127.0.0.1:no-such-service", "E "),
    ("TCP4:no-such-host.invalid:80", "E "),
    ("TCP4-LISTEN:0,bind=192.0.2.1", "Cannot assign requested address"),
    ("UDP4-RECV:5000,bind=192.0.2.1", "Cannot assign requested address"),
    ("UDP:127.0.0.1:9,pf=1", "family"), ("UDP:[::1]:9,pf=1", "family"),
    ("TCP4-LISTEN:", "port"), ("TCP4-LISTEN:no-such-service", "E "),
    ("EXEC:/no/such/program", 'E execvp("/no/such/program"'),
    ("EXEC:", "E "),
    ("UNIX-LISTEN:/no/such/folder/s", "No such file or directory"),
    ("UNIX-LISTEN:", "E "),
    ("UNIX-CONNECT:" + "x" * 200, "E "),
    ("TCP4:127.0.0.1:1,bind=127.0.0.1:99999999999", "E "),
    ("TCP4:127.0.0.1:1,sourceport=x", "E "),
    ("OPEN:x,user=no-such-user", "no-such-user"),
    ("OPEN:x,perm=888", "E "),
    ("TCP4-LISTEN:0,range=1.2.3.4", "E "),
    ("TCP4-LISTEN:0,range=1.2.3.4/33", "E "),
    ("TCP4-LISTEN:0,range=[::1]/128", "family"), ("TCP6-LISTEN:0,range=127.0.0.1/8", "family"),
    ("-,escape=256", "no byte"),
    ("IP4-SENDTO:127.0.0.1:200,bind=:5", "port specification not allowed in this bind option"),
    ("IP4-RECV:200,bind=127.0.0.1:5", "port specification not allowed in this bind option"),
    ("TCP4-LISTEN:0,fork,max-children=-1", "E "),
    ("TCP4-LISTEN:0,max-children=2", "E "),
    ("SHELL:ls,shell=nowhere", "E "),
]


@pytest.mark.parametrize("address, text", REFUSED, ids=[row[0][:40] for row in REFUSED])
@pytest.mark.parametrize("second", [False, True])
def test_address_that_fails(socat, tmp_path, address, text, second):
    words = ["-", address] if second else [address, "-"]
    done = socat.run(*words, input=b"x", cwd=tmp_path)
    errors = log_lines(done.stderr, "E")
    assert done.status == 1 and len(errors) == 1 and text in errors[0], done
    assert [path for path in tmp_path.iterdir() if path.name != "socat-logs"] == []


def test_busy_port(socat):
    with socket.socket() as s:
        s.bind((LOCAL, 0))
        s.listen()
        for done in socat.both(f"TCP4-LISTEN:{s.getsockname()[1]},bind={LOCAL}", "-"):
            assert done.status == 1
            line, = log_lines(done.stderr, "E")
            assert re.fullmatch(r"E bind\(\d+, \{AF=2 127\.0\.0\.1:\d+\}, 16\): "
                                r"Address already in use",
                                line)


def test_unreachable_host(netns, tools):
    """A name space without routes: the network is unreachable."""
    for program in [tools / "socat", "/usr/bin/socat"]:
        done = netns.run([program, "TCP4:192.0.2.1:80", "-"])
        assert done.status == 1
        line, = log_lines(done.stderr, "E")
        assert line.endswith("Network is unreachable")


@pytest.mark.parametrize("address",
                         ["TCP4-LISTEN:80", "UDP4-RECV:123", "TCP4:127.0.0.1:1,sourceport=80",
                                     "OPEN:/etc/shadow", "CREATE:/etc/no-such-file",
                                     "UNIX-LISTEN:/etc/no-such-socket", "PIPE:/etc/no-such-pipe",
                                     "SYSTEM:true,su=root", "SYSTEM:true,setuid=0"])
def test_missing_privilege(socat, netns, address):
    """As nobody, in a name space that keeps the low ports to itself."""
    if os.geteuid() != 0:
        pytest.skip("needs root to become nobody")
    program = socat.folder / "program"
    netns.run(["sh", "-c", "echo 1024 >/proc/sys/net/ipv4/ip_unprivileged_port_start"])
    subprocess.run(["cp", "-L", socat.program(), program], check=True)
    readable = f"/proc/self/fd/{os.open(program, os.O_RDONLY)}"
    descriptor = int(readable.rpartition("/")[2])
    done = netns.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c",
                      'exec "$0" "$@"', f"/proc/self/fd/{descriptor}", "socat", address,
                      "/dev/null"],
                     pass_fds=[descriptor])
    os.close(descriptor)
    errors = log_lines(done.stderr, "E")
    assert done.status == 1 and len(errors) == 1, done
    assert re.search(r"Permission denied|Operation not permitted", errors[0])


CARETS = [  # address, message, what stands above the caret
    ("NO-SUCH:1", 'unknown device/address "NO-SUCH"', "NO-SUCH:1"),
    ("TPC4:localhost:80", 'did you mean "TCP4"?', "TPC4:localhost:80"),
    ("TCP4:localhost:80,reuseadr", 'did you mean "reuseaddr"?', "reuseadr"),
    ("TCP4:localhost:80,nodelay,keepalve=1", 'did you mean "keepalive"?', "keepalve=1"),
    ("-!!TCP4-LISTN:80,fork", 'did you mean "TCP4-LISTEN"?', "TCP4-LISTN:80,fork"),
    ("TCP4:localhost:80,no-such-option=3", 'unknown option "no-such-option"', "no-such-option=3"),
    ("OPEN:x,fork", 'option "fork" not supported with this address type', "fork"),
    ("TCP4-LISTEN:80,backlog=x", "backlog", "x"),
    ("TCP4-LISTEN:80,backlog=1x", "trailing garbage", "1x"),
    ("TCP4-LISTEN:80,bind", "value required", "bind"),
    ("TCP4:a:b:c", "wrong number of parameters (3 instead of 2)", "TCP4:a:b:c"),
    ("/dev/tcp/localhost", "wrong path", "/dev/tcp/localhost"),
    ("/dev/udp//1", "wrong path", "/dev/udp//1"),
    ("TCP4:localhost:80,cr=1", "no value permitted", "1"),
]


@pytest.mark.parametrize("address, message, rest", CARETS, ids=[row[0] for row in CARETS])
@pytest.mark.parametrize("second", [False, True])
def test_place_of_the_mistake(socat, address, message, rest, second):
    """One E line, the address, and a caret under the first wrong character."""
    done = socat.run(*(["-", address] if second else [address, "-"]))
    assert done.status == 1
    error, shown, marks = done.stderr.splitlines()
    assert message in error and len(log_lines(done.stderr, "FEWNID")) == 1
    assert shown == "    " + address
    assert re.fullmatch(r" *\^~*", marks)
    assert shown[marks.index("^"):] == rest or shown[marks.index("^"):].startswith(rest)


ABSURD = {
    "long address": "OPEN:" + "a" * 100000,
    "long keyword": "K" * 100000,
    "many options": "-" + ",nonblock=0" * 10000,
    "many parameters": "TCP" + ":1" * 10000,
    "deep brackets": "OPEN:" + "(" * 1000 + "x" + ")" * 1000,
    "deep quotes": "OPEN:" + '"(' * 1000,
    "open quotes": "EXEC:'" + '"' * 1001,
    "many halves": "!!".join(["-"] * 1000),
    "commas": "-" + "," * 100000 + "nonsense",
    "colons": ":" * 100000,
    "backslash": "OPEN:x\\",
    "binary": "\x01\x02\x7f\x1b[31m\udcff\udcfe:\udc80,\x05=\x06",
    "empty": "",
    "only an option": ",fork",
    "equals": "===",
}


@pytest.mark.parametrize("name", ABSURD)
@pytest.mark.parametrize("second", [False, True])
def test_absurd_input(socat, name, second, tmp_path):
    address = ABSURD[name]
    if name == "many options" and second:
        pytest.skip("seen as the first")
    done = socat.run("-u", *(["/dev/null", address] if second else [address, "/dev/null"]),
                     cwd=tmp_path,
                     input=b"")
    assert done.status == 1, (done.status, done.stderr[:300])
    assert len(log_lines(done.stderr, "FE")) == 1, done.stderr[:500]
    assert len(done.stderr.splitlines()) in (1, 3)
    assert re.search(r"[^\x20-\x7e\n]", done.stderr) is None
    assert all(len(line) <= 512 for line in done.stderr.splitlines())


def test_longest_word(socat):
    """As long as the system lets an argument be (128 KiB)."""
    done = socat.run("-u", "OPEN:" + "x" * 131000, "-")
    assert done.status == 1 and len(log_lines(done.stderr, "E")) == 1


def test_nothing_is_left_of_a_second_address(socat, tmp_path):
    """The first address made things; the second one fails."""
    for first, name in [(f"PIPE:{tmp_path}/p", "p"), (f"-,lockfile={tmp_path}/l", "l")]:
        done = socat.run(first, "TCP4:127.0.0.1:1")
        assert done.status == 1 and not (tmp_path / name).exists()
    running = socat.serve(f"UNIX-LISTEN:{tmp_path}/s", "OPEN:/no/such/file")
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(f"{tmp_path}/s")
        assert running.end().status == 1
    assert not (tmp_path / "s").exists()


def test_existing_file_is_kept(socat, tmp_path):
    path = tmp_path / "file"
    path.write_text("kept")
    for keyword in ["UNIX-LISTEN", "UNIX-RECV", "UNIX-RECVFROM"]:
        done = socat.run(f"{keyword}:{path}", "-")
        assert done.status == 1
        assert log_lines(done.stderr, "E") == [f'E "{path}" exists']
    assert path.read_text() == "kept"


def test_bind_with_listen(socat, tmp_path):
    done = socat.run(f"UNIX-LISTEN:{tmp_path}/s,bind=x", "-")
    assert log_lines(done.stderr, "E") == [
        f"E UNIX-LISTEN:{tmp_path}/s: binds implicitly, bind option not allowed"]


def test_program_that_is_missing(socat):
    """1.7 may notice after its own end; ours is sure."""
    for _ in range(3):
        done = socat.run("-", "EXEC:no-such-program with arguments", input=b"x")
        assert done.status == 1
        assert log_lines(done.stderr, "E") == [
            'E execvp("no-such-program", "no-such-program"): No such file or directory']


def test_reset_connection_is_an_error(socat):
    """Data may be lost, so it is told: 1."""
    running = socat.serve("TCP4-LISTEN:0", "PIPE")
    with connect(running.port()) as s:
        running.wait_line("starting data transfer loop")
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    done = running.end()
    assert done.status == 1 and "Connection reset by peer" in log_lines(done.stderr, "E")[0]


def test_signal_and_mode_of_nothing(socat, tmp_path):
    """A listener that is ended leaves no entry, whatever its mode."""
    running = socat.serve(f"UNIX-LISTEN:{tmp_path}/s,perm=0", "-")
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0
    assert running.signal(signal.SIGTERM).status == 143
    assert not (tmp_path / "s").exists()
