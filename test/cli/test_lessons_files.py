# SPDX-License-Identifier: MIT
"""Entries in the file system: who makes them, whose they are, who removes them."""

import os
import signal
import socket
import stat

import pytest

from conftest import Listener, wait_for
from lessons import Server, children

NOBODY = 65534


def server_socket(path, kind=socket.SOCK_STREAM):
    s = socket.socket(socket.AF_UNIX, kind)
    s.bind(str(path))
    if kind == socket.SOCK_STREAM:
        s.listen()
    s.settimeout(20)
    return s


@pytest.mark.parametrize("address", ["UNIX-LISTEN:{}", "UNIX-LISTEN:{},fork", "UNIX-RECV:{}",
                                     "UNIX-RECVFROM:{}", "UNIX-RECVFROM:{},fork",
                                     "UNIX-LISTEN:{},unlink-close"])
@pytest.mark.parametrize("what", ["file", "link", "socket"])
def test_an_existing_entry_is_left_alone(run, tmp_path, address, what):
    path = tmp_path / "entry"
    if what == "file":
        path.write_text("kept")
    elif what == "link":
        path.symlink_to(tmp_path / "missing")
    else:
        server_socket(path).close()
    before = os.lstat(path)
    r = run(["socat", address.format(path), "/dev/null"])
    assert r.status == 1 and r.stderr.count(" E ") == 1
    assert os.lstat(path).st_ino == before.st_ino and os.listdir(tmp_path) == ["entry"]
    if what == "file":
        assert path.read_text() == "kept"


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("address", ["UNIX-LISTEN:{}", "UNIX-LISTEN:{},fork", "UNIX-RECV:{}",
                                     "UNIX-RECVFROM:{}", "UNIX-RECVFROM:{},fork", "PIPE:{}"])
def test_our_entry_goes_with_us(start, tmp_path, address, signo):
    path = tmp_path / "entry"
    s = Server(start, tmp_path, "-u", address.format(path), "PIPE")
    wait_for(path.exists, "the entry")
    os.kill(s.pid, signo)
    assert s.process.wait(timeout=20) == 128 + signo
    assert not os.path.lexists(path)


@pytest.mark.parametrize("address", ["UNIX-LISTEN:{},unlink-close=0", "PIPE:{},unlink-close=0",
                                     "UNIX-RECV:{},unlink-close=0"])
def test_our_entry_stays_if_told_so(start, tmp_path, address):
    path = tmp_path / "entry"
    s = Server(start, tmp_path, "-u", address.format(path), "PIPE")
    wait_for(path.exists, "the entry")
    assert s.end() == 128 + signal.SIGTERM
    assert os.path.lexists(path)


@pytest.mark.parametrize("kind, address", [
    (socket.SOCK_STREAM, "UNIX-LISTEN:{},fork"), (socket.SOCK_DGRAM, "UNIX-RECVFROM:{},fork"),
])
def test_forked_children_never_remove_the_entry(start, tmp_path, kind, address):
    path = tmp_path / "entry"
    s = Server(start, tmp_path, address.format(path), "PIPE")
    Listener.path(path)
    for i in range(5):
        with socket.socket(socket.AF_UNIX, kind) as c:
            if kind == socket.SOCK_DGRAM:
                c.bind(str(tmp_path / f"client{i}"))
            c.settimeout(20)
            c.connect(str(path))
            c.send(b"x")
            assert c.recv(1) == b"x"
            if i == 2 and kind == socket.SOCK_STREAM:
                for pid, _ in children(s.pid):
                    os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not children(s.pid), "the end of the child")
        assert path.exists()
    assert s.end() == 128 + signal.SIGTERM
    assert not path.exists()


def test_one_session_removes_the_entry_at_its_end(start, tmp_path):
    path = tmp_path / "entry"
    s = Server(start, tmp_path, f"UNIX-LISTEN:{path}", "PIPE")
    Listener.path(path)
    with socket.socket(socket.AF_UNIX) as c:
        c.connect(str(path))
    assert s.process.wait(timeout=20) == 0
    assert not path.exists()


CLIENTS = pytest.mark.parametrize("client, kind", [
    ("UNIX-CONNECT:{server}", socket.SOCK_STREAM), ("UNIX-CLIENT:{server}", socket.SOCK_STREAM),
    ("GOPEN:{server}", socket.SOCK_STREAM), ("UNIX-CLIENT:{server}", socket.SOCK_DGRAM),
    ("UNIX-SENDTO:{server}", socket.SOCK_DGRAM),
])


@CLIENTS
@pytest.mark.parametrize("options", ["", ",bind={own}", ",bind={own},unlink-close",
                                     ",bind={own},unlink-early,mode=600", ",mode=600",
                                     ",unlink-close=1"])
def test_a_client_never_touches_the_servers_entry(run, tmp_path, client, kind, options):
    server, own = tmp_path / "server", tmp_path / "own"
    if "GOPEN" in client and "unlink-early" in options:
        pytest.skip("there the name that is opened is the one to be removed")
    if "unlink-early" in options:
        own.write_text("stale")
    with server_socket(server, kind):
        before = os.lstat(server)
        r = run(["socat", "-u", "TEXT:x", (client + options).format(server=server, own=own)])
        after = os.lstat(server)
    assert r.status == 0, r
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    assert os.listdir(tmp_path) == ["server"]


@CLIENTS
def test_a_client_without_a_name_has_nothing_to_remove(run, tmp_path, client, kind):
    if "GOPEN" in client:
        pytest.skip("there the name that is opened is the one to be removed")
    server = tmp_path / "server"
    with server_socket(server, kind):
        r = run(["socat", "-u", "TEXT:x", f"{client.format(server=server)},unlink-early"])
    assert r.status == 1 and "unlink-early" in r.stderr
    assert os.listdir(tmp_path) == ["server"]


def test_bind_through_a_dangling_link_fails(run, tmp_path):
    server = server_socket(tmp_path / "server", socket.SOCK_DGRAM)
    (tmp_path / "own").symlink_to(tmp_path / "missing")
    r = run(["socat", "-u", "TEXT:x", f"UNIX-SENDTO:{tmp_path}/server,bind={tmp_path}/own"])
    server.close()
    assert r.status == 1 and r.stderr.count(" E ") == 1
    assert not (tmp_path / "missing").exists() and (tmp_path / "own").is_symlink()


def test_a_name_from_a_template_is_new(run, tmp_path):
    with server_socket(tmp_path / "server", socket.SOCK_DGRAM) as server:
        (tmp_path / "c.XXXXXX").write_text("kept")
        names = set()
        for _ in range(20):
            r = run(["socat", "-u", "TEXT:x",
                     f"UNIX-SENDTO:{tmp_path}/server,bind-tempname={tmp_path}/c.XXXXXX"])
            assert r.status == 0, r
            names.add(server.recvfrom(1)[1])
    assert len(names) == 20 and f"{tmp_path}/c.XXXXXX" not in names
    assert sorted(os.listdir(tmp_path)) == ["c.XXXXXX", "server"]


@pytest.mark.parametrize("address", ["PIPE:{}", "UNIX-LISTEN:{}", "UNIX-RECV:{}"])
def test_owner_and_mode_are_there_with_the_entry(start, tmp_path, address):
    if os.getuid() != 0:
        pytest.skip("needs root, to give files away")
    path = tmp_path / "entry"
    # Opening a pipe to read waits for a writer, who needs the right owner and mode.
    s = Server(start, tmp_path, "-u", f"{address.format(path)},user={NOBODY},mode=511", "PIPE")
    wait_for(path.exists, "the entry")
    wait_for(lambda: path.stat().st_uid == NOBODY, "the owner")
    assert stat.S_IMODE(path.stat().st_mode) == 0o511
    s.end()


def test_a_pipe_of_others_is_not_removed(run, tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    fd = os.open(path, os.O_RDWR)
    r = run(["socat", "-u", "TEXT:x", f"PIPE:{path}"])
    os.close(fd)
    assert r.status == 0 and path.exists()


def test_lock_files(start, run, tmp_path):
    lock = tmp_path / "lock"
    s = Server(start, tmp_path, "-L", lock, "PIPE", "PIPE")
    wait_for(lambda: lock.exists() and lock.read_text().strip(), "the lock file")
    assert int(lock.read_text()) == s.pid
    r = run(["socat", "-L", lock, "PIPE", "PIPE"])
    assert r.status == 1 and "could not obtain lock" in r.stderr
    assert int(lock.read_text()) == s.pid
    assert s.end() == 128 + signal.SIGTERM and not lock.exists()
    assert os.listdir(tmp_path) == [s.log_path.name]


def test_create_does_not_truncate_what_is_read(run, tmp_path):
    path = tmp_path / "data"
    path.write_text("kept")
    r = run(["socat", "-u", f"CREATE:{path}", "-"])
    assert r.status == 1 and path.read_text() == "kept"


def test_gopen_appends_unless_told_otherwise(run, tmp_path):
    path = tmp_path / "data"
    path.write_text("123456")
    assert run(["socat", "-u", "TEXT:ab", f"GOPEN:{path}"]).status == 0
    assert path.read_text() == "123456ab"
    assert run(["socat", "-u", "TEXT:cd", f"GOPEN:{path},append=0"]).status == 0
    assert path.read_text() == "cd3456ab"


def test_a_stale_socket_is_one_clear_failure(run, tmp_path):
    server_socket(tmp_path / "stale").close()
    for client in ["GOPEN", "UNIX-CONNECT", "UNIX-CLIENT"]:
        r = run(["socat", "-u", "TEXT:x", f"{client}:{tmp_path}/stale"])
        assert r.status == 1 and r.stderr.count(" E ") == 1
        assert "Connection refused" in r.stderr


def test_abstract_names_leave_files_alone(run, start, tmp_path):
    name = f"lessons-{os.getpid()}"
    (tmp_path / name).write_text("kept")
    s = Server(start, tmp_path, f"ABSTRACT-LISTEN:{name},unlink-early", "PIPE", cwd=tmp_path)
    if s.process.poll() is None:
        s.wait_log("listening on|unknown|not supported")
    run(["socat", "-", f"ABSTRACT-CONNECT:{name}"], input="x", cwd=tmp_path)
    assert (tmp_path / name).read_text() == "kept"
