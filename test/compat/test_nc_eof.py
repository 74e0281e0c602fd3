# SPDX-License-Identifier: MIT
"""When nc ends and what it has carried by then: ours and Debian's against the same peer, which is
a plain socket here, so that every event comes when we say so."""

import os
import re
import signal
import socket
import struct
import subprocess

import pytest

from conftest import wait_for
from test_nc import nc  # noqa: F401, the fixture

both = pytest.mark.parametrize("which", ["ours", "original"])
LIMIT = 30


class Peer:
    """The other side of one nc, which is a client or a listener."""

    def __init__(self, start, command, role, flags, **more):
        more.setdefault("stderr", subprocess.PIPE)
        if role == "client":
            with socket.create_server(("127.0.0.1", 0)) as server:
                server.settimeout(LIMIT)
                port = server.getsockname()[1]
                self.nc = start([command, *flags, "127.0.0.1", port], **more)
                self.socket = server.accept()[0]
        else:
            self.nc = start([command, "-nlv", *flags, "127.0.0.1", "0"], **more)
            line = self.nc.stderr.readline()
            port = int(re.fullmatch(rb"Listening on 127.0.0.1 (\d+)\n", line).group(1))
            self.socket = socket.create_connection(("127.0.0.1", port))
            assert self.nc.stderr.readline().startswith(b"Connection received on 127.0.0.1 ")
        self.socket.settimeout(LIMIT)

    def says(self, data):
        """nc reads it from the network and prints it."""
        self.socket.sendall(data)
        assert self.nc.stdout.read(len(data)) == data

    def hears(self, data):
        """nc reads it from its stdin and sends it."""
        self.nc.stdin.write(data)
        self.nc.stdin.flush()
        got = b""
        while len(got) < len(data):
            got += self.socket.recv(len(data) - len(got))
        assert got == data

    def sees_end(self):
        assert self.socket.recv(1) == b""

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def ends(self, status=0):
        assert self.nc.wait(timeout=LIMIT) == status
        assert self.nc.stderr.read() == b""

    def lives(self):
        """It is alive, and still carries both ways that are asked for."""
        assert self.nc.poll() is None


@pytest.fixture
def peer(start, nc):  # noqa: F811
    peers = []

    def make(which, role, *flags, **more):
        peers.append(Peer(start, nc(which), role, flags, **more))
        return peers[-1]
    yield make
    for p in peers:
        p.socket.close()


roles = pytest.mark.parametrize("role", ["client", "listener"])


@both
@roles
def test_stdin_ends_without_N_nothing_is_told(peer, which, role):
    p = peer(which, role)
    p.hears(b"to the network")
    p.nc.stdin.close()
    p.says(b"still carried")
    p.lives()
    p.socket.settimeout(0.2)
    with pytest.raises(TimeoutError):  # no end has come
        p.socket.recv(1)
    p.socket.close()
    p.ends()


@both
@roles
def test_stdin_ends_with_N_the_peer_is_told(peer, which, role):
    p = peer(which, role, "-N")
    p.hears(b"to the network")
    p.nc.stdin.close()
    p.sees_end()
    p.says(b"still carried")
    p.lives()
    p.socket.close()
    p.ends()


@both
@pytest.mark.parametrize("how", ["close", "half"])
def test_peer_ends_and_stdin_is_open_a_client_stays(peer, which, how):
    p = peer(which, "client")
    p.says(b"last words")
    if how == "half":
        p.socket.shutdown(socket.SHUT_WR)
        p.hears(b"after the half close")
        p.lives()
        p.nc.stdin.close()
    else:
        p.socket.close()
        p.lives()
        p.nc.stdin.close()
    p.ends()


@both
@pytest.mark.parametrize("how", ["close", "half"])
def test_peer_ends_and_stdin_is_open_a_listener_ends(peer, which, how):
    p = peer(which, "listener")
    p.says(b"last words")
    p.socket.close() if how == "close" else p.socket.shutdown(socket.SHUT_WR)
    p.ends()


@both
@roles
def test_both_ended(peer, which, role):
    p = peer(which, role)
    p.nc.stdin.close()
    p.socket.sendall(b"all of it")
    p.socket.close()
    assert p.nc.stdout.read() == b"all of it"
    p.ends()


@both
@roles
def test_a_reset_is_a_quiet_end(peer, which, role):
    p = peer(which, role)
    p.says(b"x")
    p.reset()
    p.ends()


@both
def test_writing_to_a_closed_peer_ends_a_client(peer, which):
    p = peer(which, "client")
    p.says(b"x")
    p.socket.close()
    try:
        while p.nc.poll() is None:  # the first write succeeds, the answer to it is a reset
            p.nc.stdin.write(b"line\n")
            p.nc.stdin.flush()
    except BrokenPipeError:
        pass
    p.ends()


@both
@roles
def test_stdout_without_reader_does_not_stop_sending(peer, which, role):
    p = peer(which, role)
    p.says(b"first")
    p.nc.stdout.close()
    p.socket.sendall(b"nobody reads this")
    if role == "client":
        p.hears(b"still sent")
        p.nc.stdin.close()
    p.ends()


@both
@roles
def test_a_full_device_is_a_quiet_end(peer, which, role):
    with open("/dev/full", "wb") as full:
        p = peer(which, role, stdout=full, stdin=subprocess.DEVNULL)
    p.socket.sendall(b"x")
    p.ends()


@both
def test_unix_stream_peer_that_closes_ends_a_client(start, nc, tmp_path, which):  # noqa: F811
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen()
        p = start([nc(which), "-U", tmp_path / "s"])
        server.accept()[0].close()
        assert p.wait(timeout=LIMIT) == 0 and p.stderr.read() == b""


@both
@roles
def test_d_never_reads_stdin(peer, which, role):
    p = peer(which, role, "-d")
    p.nc.stdin.write(b"never sent")
    p.nc.stdin.flush()
    p.says(b"received")
    p.socket.shutdown(socket.SHUT_WR)
    p.ends()
    p.sees_end()  # and nothing before it


@both
@roles
def test_w_limits_silence(peer, which, role):
    p = peer(which, role, "-w1")
    p.says(b"x")
    p.hears(b"y")
    p.ends()
    p.sees_end()


@both
def test_w0_sends_what_is_there(run, nc, tmp_path, which):  # noqa: F811
    (tmp_path / "file").write_bytes(b"what is there")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        s.settimeout(LIMIT)
        with (tmp_path / "file").open("rb") as stdin:
            r = run([nc(which), "-u", "-w0", "127.0.0.1", s.getsockname()[1]], stdin=stdin)
        assert (r.status, r.stdout, r.stderr) == (0, "", "")
        assert s.recv(100) == b"what is there"


@both
@roles
def test_W_counts_receives(peer, which, role):
    p = peer(which, role, "-W2")
    p.says(b"one")
    p.says(b"two")
    p.ends()


@both
def test_q_with_a_peer_that_closes(peer, which):
    p = peer(which, "client", "-q1")
    p.hears(b"x")
    p.nc.stdin.close()
    p.sees_end()
    p.says(b"an answer in time")
    p.socket.close()
    p.ends()


@both
def test_q_0_of_a_client_is_N(peer, which):
    p = peer(which, "client", "-q0")
    p.hears(b"x")
    p.nc.stdin.close()
    p.sees_end()
    p.says(b"what comes after the end")
    p.socket.close()
    p.ends()


@both
def test_negative_q_is_never_and_no_N(peer, which):
    p = peer(which, "client", "-q", "-1")
    p.hears(b"x")
    p.nc.stdin.close()
    p.says(b"y")
    p.socket.settimeout(0.2)
    with pytest.raises(TimeoutError):
        p.socket.recv(1)
    p.socket.close()
    p.ends()


@both
def test_udp_q_ends_a_client(run, nc, which):  # noqa: F811
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        s.settimeout(LIMIT)
        r = run([nc(which), "-u", "-q0", "127.0.0.1", s.getsockname()[1]], input=b"data")
        assert (r.status, r.stdout, r.stderr) == (0, "", "")
        assert s.recv(100) == b"data"


@both
def test_k_serves_one_after_the_other(start, nc, which):  # noqa: F811
    p = start([nc(which), "-nlkv", "127.0.0.1", "0"])
    port = int(p.stderr.readline().split()[-1])
    for word in [b"one", b"two", b"three"]:
        with socket.create_connection(("127.0.0.1", port)) as s:
            s.sendall(word)
            assert p.stdout.read(len(word)) == word
            assert p.stderr.readline().startswith(b"Connection received on 127.0.0.1 ")
    assert p.poll() is None


@both
def test_k_and_N_give_stdin_to_the_first(start, nc, which):  # noqa: F811
    p = start([nc(which), "-nlkNv", "127.0.0.1", "0"])
    p.stdin.write(b"only once")
    p.stdin.close()
    port = int(p.stderr.readline().split()[-1])
    for want in [b"only once", b""]:
        with socket.create_connection(("127.0.0.1", port)) as s:
            s.settimeout(LIMIT)
            assert b"".join(iter(lambda: s.recv(100), b"")) == want


@both
def test_ports_one_after_the_other(start, nc, which):  # noqa: F811
    """After the first session the next port of the list is connected, stdin at its end."""
    with socket.create_server(("127.0.0.1", 0)) as a, socket.create_server(("127.0.0.1", 0)) as b:
        a.settimeout(LIMIT), b.settimeout(LIMIT)
        p = start([nc(which), "-N", "127.0.0.1", a.getsockname()[1], b.getsockname()[1]])
        p.stdin.write(b"for the first")
        p.stdin.close()
        for server, want, answer in [(a, b"for the first", b"A"), (b, b"", b"B")]:
            with server.accept()[0] as s:
                assert b"".join(iter(lambda: s.recv(100), b"")) == want
                s.sendall(answer)
        assert (p.wait(timeout=LIMIT), p.stdout.read()) == (0, b"AB")


@both
@roles
@pytest.mark.parametrize("sent, want", [
    (b"a\nb\n", b"a\r\nb\r\n"), (b"a\r\nb\n", b"a\r\nb\r\n"), (b"\n", b"\r\n"), (b"last", b"last")])
def test_C(peer, which, role, sent, want):
    p = peer(which, role, "-CN")
    p.nc.stdin.write(sent)
    p.nc.stdin.close()
    assert b"".join(iter(lambda: p.socket.recv(100), b"")) == want
    p.socket.sendall(b"x\ny")
    p.socket.close()
    assert p.nc.stdout.read() == b"x\ny"
    p.ends()


@both
def test_i_sends_line_by_line(peer, which):
    p = peer(which, "client", "-i1", "-N")
    p.nc.stdin.write(b"a\nb")
    p.nc.stdin.close()
    assert p.socket.recv(100) == b"a\n"
    assert p.socket.recv(100) == b"b"
    p.sees_end()
    p.socket.close()
    p.ends()


@both
@roles
def test_t_refuses_everything(peer, which, role):
    p = peer(which, role, "-t")
    said = b"a\xff\xfb\x01b\xff\xfd\x03c"
    p.says(said)  # passed on as it is
    got = b""
    while len(got) < 6:
        got += p.socket.recv(6 - len(got))
    assert got == b"\xff\xfe\x01\xff\xfc\x03"


@both
@pytest.mark.parametrize("signo", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_signals_kill(peer, which, signo):
    p = peer(which, "client")
    p.says(b"x")
    os.kill(p.nc.pid, signo)
    p.ends(-signo)


@both
def test_udp_peer_that_is_gone_is_a_quiet_end(start, nc, which):  # noqa: F811
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        p = start([nc(which), "-u", "127.0.0.1", s.getsockname()[1]])
        p.stdin.write(b"x")
        p.stdin.flush()
        assert s.recv(10) == b"x"
    p.stdin.write(b"nobody is there")
    p.stdin.flush()
    assert p.wait(timeout=LIMIT) == 0 and p.stderr.read() == b""


@both
@roles
def test_an_empty_datagram_ends_a_listener_only(start, nc, which, role):  # noqa: F811
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        s.settimeout(LIMIT)
        if role == "client":
            p = start([nc(which), "-u", "127.0.0.1", s.getsockname()[1]])
            p.stdin.write(b"x")
            p.stdin.flush()
            client = s.recvfrom(10)[1]
            s.sendto(b"", client)
            p.stdin.write(b"y")
            p.stdin.flush()
            assert s.recv(10) == b"y" and p.poll() is None
            return
        p = start([nc(which), "-nluv", "127.0.0.1", "0"])
        s.connect(("127.0.0.1", int(p.stderr.readline().split()[-1])))
        s.send(b"data")
        assert p.stdout.read(4) == b"data"
        s.send(b"")
        assert p.wait(timeout=LIMIT) == 0


@both
@pytest.mark.parametrize("flags, option, value", [
    (["-T", "ef"], "IP_RECVTOS", 0xb8), (["-T", "0x10"], "IP_RECVTOS", 0x10),
    (["-M", "7"], "IP_RECVTTL", 7)])
def test_what_packets_carry(run, nc, which, flags, option, value):  # noqa: F811
    number = {"IP_RECVTOS": 13, "IP_RECVTTL": 12}[option]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.IPPROTO_IP, number, 1)
        s.bind(("127.0.0.1", 0))
        s.settimeout(LIMIT)
        r = run([nc(which), "-u", "-q0", *flags, "127.0.0.1", s.getsockname()[1]], input=b"x")
        assert r.status == 0
        ancillary = s.recvmsg(10, 100)[1]
        assert int.from_bytes(ancillary[0][2], "little") == value


@both
def test_s_and_p_choose_our_side(start, nc, free_port, which):  # noqa: F811
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LIMIT)
        start([nc(which), "-s", "127.0.0.3", "-p", port, "127.0.0.1", server.getsockname()[1]])
        assert server.accept()[1] == ("127.0.0.3", port)


@both
def test_r_visits_every_port(run, nc, which):  # noqa: F811
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(5)]
    numbers = sorted(s.getsockname()[1] for s in servers)
    r = run([nc(which), "-rvz", "127.0.0.1", *numbers])
    assert r.status == 0
    assert sorted(int(line.split()[3]) for line in r.stderr.splitlines()) == numbers
    for s in servers:
        s.close()


@both
def test_unix_datagram_client_removes_its_folder(start, nc, tmp_path, which):  # noqa: F811
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.bind(str(tmp_path / "s"))
        s.settimeout(LIMIT)
        p = start([nc(which), "-uUvW1", tmp_path / "s"])
        said = p.stderr.readline()
        local = re.fullmatch(rb"Bound on (/tmp/nc-\w{6}/recv\.sock)\n", said).group(1)
        p.stdin.write(b"x")
        p.stdin.flush()
        data, sender = s.recvfrom(10)
        assert (data, sender.encode()) == (b"x", local)
        assert os.stat(os.path.dirname(local)).st_mode & 0o777 == 0o700
        s.sendto(b"y", sender)
        assert (p.wait(timeout=LIMIT), p.stdout.read()) == (0, b"y")
        wait_for(lambda: not os.path.exists(os.path.dirname(local)), "the end of the folder")
