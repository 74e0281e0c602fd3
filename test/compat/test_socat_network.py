# SPDX-License-Identifier: MIT
"""TCP, UDP, UNIX and abstract sockets: each kind of client with each kind of server, ours and
Debian's in all four pairs."""

import os
import re
import signal
import socket

import pytest

from conftest import wait_for
from socat_kit import LOCAL, WHO, connect, log_lines, read_all, socat, together  # noqa: F401

pairs = pytest.mark.parametrize("server, client", [("ours", "ours"), ("ours", "original"),
                                                   ("original", "ours")])
DATA = bytes(range(256)) * 64


@pairs
@pytest.mark.parametrize("listen, to", [
    ("TCP4-LISTEN:0", "TCP4:127.0.0.1:{}"), ("TCP-LISTEN:0", "TCP:localhost:{}"),
    ("TCP6-LISTEN:0", "TCP6:[::1]:{}"), ("TCP-L:0,pf=ip6", "TCP:[::1]:{}"),
    ("TCP6-L:0", "TCP4-CONNECT:127.0.0.1:{}"), ("INET-LISTEN:0", "INET:127.0.0.1:{}"),
    ("TCP4-LISTEN:0,bind=127.0.0.1", "TCP-CONNECT:127.0.0.1:{},bind=127.0.0.1"),
    ("TCP4-LISTEN:0,reuseaddr,nodelay", "TCP4:127.0.0.1:{},nodelay,keepalive")])
def test_tcp(socat, server, client, listen, to):
    running = socat.serve(listen, "PIPE", who=server)
    done = socat.run("-", to.format(running.port()), who=client, input=DATA)
    assert (done.status, done.raw_stdout) == (0, DATA)
    assert running.end().status == 0


@pytest.mark.parametrize("form",
                         ["/dev/tcp/127.0.0.1/{}", "/dev/tcp/localhost/{}", "/dev/tcp/::1/{}",
                                  "OPEN:/dev/tcp/127.0.0.1/{}", "GOPEN:/dev/tcp/127.0.0.1/{}"])
def test_dev_tcp(socat, form):
    family = "6" if "::1" in form else "4"
    running = socat.serve(f"TCP{family}-LISTEN:0", "PIPE")
    done = socat.run("-", form.format(running.port()), input=DATA)
    assert (done.status, done.raw_stdout) == (0, DATA)


UDP_FLAVOURS = [("4", LOCAL, "udp"), ("6", "[::1]", "udp6")]


@pairs
@pytest.mark.parametrize("family, host, table", UDP_FLAVOURS)
@pytest.mark.parametrize("answers", ["RECVFROM", "LISTEN"])
@pytest.mark.parametrize("asks", ["CONNECT", "SENDTO", "DATAGRAM", "dev"])
def test_udp_dialogue(socat, server, client, family, host, table, answers, asks, free_port,
                      listener):
    if asks == "dev" and client == "original":
        pytest.skip("a file name for 1.7")
    port = free_port("udp")
    running = socat.start(f"UDP{family}-{answers}:{port}", "EXEC:sed -u s/q/answer/", who=server)
    listener.port(port, table)
    to = f"UDP{family}-{asks}:{host}:{port}"
    if asks == "dev":
        to = f"/dev/udp/{host.strip('[]')}/{port}"
    talking = socat.start("-t5", "-T5", "-", to, who=client)
    talking.process.stdin.write(b"q\n")
    talking.process.stdin.flush()
    assert talking.process.stdout.readline() == b"answer\n"
    if answers == "RECVFROM":
        assert running.end().status == 0


@pairs
@pytest.mark.parametrize("family, host, table", UDP_FLAVOURS)
def test_udp_recv(socat, server, client, family, host, table, free_port, listener):
    """Everybody's packets, one after the other."""
    port = free_port("udp")
    running = socat.start("-u", f"UDP{family}-RECV:{port}", "-", who=server)
    listener.port(port, table)
    for text in [b"one\n", b"two\n"]:
        assert socat.run("-u", "-", f"UDP{family}-SENDTO:{host}:{port}", who=client,
                         input=text).status == 0
        assert running.process.stdout.readline() == text


def test_udp_port_is_told(socat):
    for kind, form in [("RECV", r"_xioopen_dgram_recv\(\): bound to AF=2 0\.0\.0\.0:\d+$"),
                       ("RECVFROM", r"_xioopen_dgram_recvfrom\(\): bound to AF=2 0\.0\.0\.0:\d+$"),
                       ("LISTEN", r"listening on UDP AF=2 0\.0\.0\.0:\d+$")]:
        running = socat.start("-dd", "-u", f"UDP4-{kind}:0", "-")
        running.wait_line(form)


@pytest.mark.parametrize("server", WHO)
def test_udp_sender_only_hears_its_peer(socat, server, free_port, listener):
    """SENDTO drops what others send, DATAGRAM takes it."""
    for kind, heard in [("SENDTO", b"peer\n"), ("DATAGRAM", b"stranger\n")]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            peer.bind((LOCAL, 0))
            peer.settimeout(10)
            running = socat.start("-", f"UDP4-{kind}:{LOCAL}:{peer.getsockname()[1]}", who=server)
            running.process.stdin.write(b"hello")
            running.process.stdin.flush()
            data, address = peer.recvfrom(100)
            assert data == b"hello"
            address = (LOCAL, address[1])
            stranger.sendto(b"stranger\n", address)
            peer.sendto(b"peer\n", address)
            assert running.process.stdout.readline() == heard


@pairs
def test_udp_end_is_told(socat, server, client, free_port, listener):
    """1.8: UDP-CONNECT sends an empty packet at its end, which ends UDP-LISTEN."""
    if client == "original":
        pytest.skip("new in 1.8.1")
    port = free_port("udp")
    running = socat.start("-u", f"UDP4-LISTEN:{port}", "-", who=server)
    listener.port(port, "udp")
    assert socat.run("-u", "-", f"UDP4:{LOCAL}:{port}", who=client, input=b"data").status == 0
    done = running.end()
    assert (done.status, done.stdout) == (0, "data")


@pytest.mark.parametrize("server", WHO)
def test_udp_sessions(socat, server, free_port, listener):
    """UDP-LISTEN,fork: each peer has a child of its own, and keeps it."""
    port = free_port("udp")
    socat.start("-T5", f"UDP4-LISTEN:{port},fork,reuseaddr",
                "SYSTEM:while read x; do echo $$ $x; done", who=server)
    peers, programs = [], []
    for number in range(3):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(10)
        listener.port(port, "udp")
        s.connect((LOCAL, port))
        s.send(b"%d\n" % number)
        program, text = s.recv(100).split()
        assert text == b"%d" % number
        peers.append(s)
        programs.append(program)
    assert len(set(programs)) == 3
    for s, program in zip(peers, programs):
        s.send(b"again\n")
        assert s.recv(100).split() == [program, b"again"]
        s.close()


def test_udp_port_unreachable(socat, free_port):
    """A connected socket hears of it: an error, as in 1.7."""
    port = free_port("udp")

    def run(who):
        running = socat.start("-t5", "-", f"UDP4:{LOCAL}:{port}", who=who)
        running.process.stdin.write(b"x")
        running.process.stdin.flush()
        assert running.process.wait(timeout=10) == 1
        line, = log_lines(running.text(), "E")
        return line.rpartition(": ")[2]

    assert together(lambda: run("ours"), lambda: run("original")) == ["Connection refused"] * 2


UNIX_PAIRS = [("LISTEN", "CONNECT", ""), ("LISTEN", "CLIENT", ""), ("LISTEN", "CONNECT", ",type=5"),
              ("LISTEN", "CLIENT", ",type=5")]


@pairs
@pytest.mark.parametrize("listen, to, more", UNIX_PAIRS)
@pytest.mark.parametrize("kind", ["UNIX", "ABSTRACT"])
def test_unix_streams(socat, server, client, kind, listen, to, more, tmp_path):
    if (kind, to, more, client) == ("ABSTRACT", "CLIENT", ",type=5", "original"):
        pytest.skip("1.7 only tries streams")
    name = f"{tmp_path}/s"
    if kind == "ABSTRACT":
        name = f"test-{os.getpid()}-{server}-{client}-{to}{len(more)}"
    running = socat.serve(f"{kind}-{listen}:{name}{more}", "PIPE", who=server)
    done = socat.run("-", f"{kind}-{to}:{name}{more if to == 'CONNECT' else ''}", who=client,
                     input=DATA)
    assert (done.status, done.raw_stdout) == (0, DATA), (done, running.text())
    assert running.end().status == 0
    assert kind == "ABSTRACT" or not os.path.exists(name)


@pairs
@pytest.mark.parametrize("kind", ["UNIX", "ABSTRACT"])
def test_unix_packets(socat, server, client, kind, tmp_path):
    """RECV takes everybody's; RECVFROM answers a sender that has a name."""
    base = f"{tmp_path}/" if kind == "UNIX" else f"test-{os.getpid()}-{server}-{client}-"
    receiving = socat.start("-u", f"{kind}-RECV:{base}r", "-", who=server)
    answering = socat.start(f"{kind}-RECVFROM:{base}a", "EXEC:sed -u s/q/answer/", who=server)
    prefix = "" if kind == "UNIX" else "@"
    for name in ["r", "a"]:
        wait_for(lambda: f"{prefix}{base}{name}\n" in open("/proc/net/unix").read(), "the socket")
    assert socat.run("-u", "-", f"{kind}-SENDTO:{base}r", who=client, input=b"one\n").status == 0
    assert receiving.process.stdout.readline() == b"one\n"
    talking = socat.start("-t5", "-", f"{kind}-SENDTO:{base}a,bind={base}c", who=client)
    talking.process.stdin.write(b"q\n")
    talking.process.stdin.flush()
    assert talking.process.stdout.readline() == b"answer\n"
    assert answering.end().status == 0
    assert talking.signal(signal.SIGTERM).status == 143
    receiving.signal(signal.SIGTERM)
    if kind == "UNIX":
        assert [path.name for path in tmp_path.iterdir() if path.is_socket()] == []


def test_unix_tempname(socat, tmp_path):
    """Clients with names of their own, which are removed again."""
    running = socat.start(f"UNIX-RECVFROM:{tmp_path}/s,fork", "EXEC:sed -u s/q/answer/")
    wait_for((tmp_path / "s").exists, "the socket")

    def ask():
        talking = socat.start("-t5", "-",
                              f"UNIX-SENDTO:{tmp_path}/s,bind-tempname={tmp_path}/c.XXXXXX")
        talking.process.stdin.write(b"q\n")
        talking.process.stdin.flush()
        return talking.process.stdout.readline(), talking

    answers = together(*[ask] * 4)
    assert [answer for answer, _ in answers] == [b"answer\n"] * 4
    names = [path.name for path in tmp_path.iterdir() if path.name.startswith("c.")]
    assert len(set(names)) == 4 and "c.XXXXXX" not in names
    for _, talking in answers:
        talking.signal(signal.SIGTERM)
    running.signal(signal.SIGTERM)
    assert not [path for path in tmp_path.iterdir() if path.is_socket()]


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_SEQPACKET])
def test_accept_fd(socat, kind, tmp_path):
    """A listening socket that was inherited, as from systemd."""
    with socket.socket(socket.AF_UNIX, kind) as s:
        s.bind(f"{tmp_path}/s")
        s.listen()
        running = socat.start("-dd", f"ACCEPT-FD:{s.fileno()},fork", "EXEC:cat",
                              pass_fds=[s.fileno()])
        running.wait_line(" N listening on ")
        for text in [b"one", b"two"]:
            with socket.socket(socket.AF_UNIX, kind) as c:
                c.settimeout(10)
                c.connect(f"{tmp_path}/s")
                c.sendall(text)
                assert c.recv(100) == text
    assert running.process.poll() is None
    running.signal(signal.SIGTERM)
    assert (tmp_path / "s").exists()  # not ours


@pytest.mark.parametrize("address", ["ACCEPT-FD:17", "ACCEPT-FD:x", "ACCEPT-FD:0"])
def test_accept_wrong_fd(socat, address):
    done = socat.run(address, "PIPE")
    assert done.status == 1 and len(log_lines(done.stderr, "E")) == 1


@pairs
def test_relay_between(socat, server, client, tmp_path):
    """A chain: client, relay from UNIX to TCP, server."""
    serving = socat.serve("TCP4-LISTEN:0", "PIPE", who=server)
    relaying = socat.serve(f"UNIX-LISTEN:{tmp_path}/s", f"TCP4:{LOCAL}:{serving.port()}",
                           who=client)
    done = socat.run("-", f"UNIX-CONNECT:{tmp_path}/s", input=DATA * 20)
    assert (done.status, done.raw_stdout) == (0, DATA * 20)
    assert relaying.end().status == serving.end().status == 0


@pytest.mark.parametrize("kind", ["TCP4", "UNIX"])
@pytest.mark.parametrize("who", WHO)
def test_messages_of_a_connection(socat, who, kind, tmp_path):
    """The notices of a server and its client, as scripts read them."""
    serving = socat.serve(f"{kind}-LISTEN:{0 if kind == 'TCP4' else tmp_path / 's'}", "PIPE",
                          who=who)
    if kind == "TCP4":
        port = serving.port()
        with connect(port) as s:
            own = s.getsockname()[1]
        serving.wait_line(rf" N accepting connection from AF=2 127\.0\.0\.1:{own} on "
                          rf"AF=2 127\.0\.0\.1:{port}$")
    else:
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(f"{tmp_path}/s")
        serving.wait_line(r" N accepting connection from AF=1 \"<anon>\" on AF=1 \".*/s\"$")
    text = serving.end().stderr
    assert " N starting data transfer loop with FDs [" in text
    assert " N socket 1 (fd " in text and text.rstrip().endswith("N exiting with status 0")


def test_messages_of_a_client(socat):
    """TCP4 client, both beside each other; descriptors and ports apart."""
    with socket.socket() as s:
        s.bind((LOCAL, 0))
        s.listen()
        port = s.getsockname()[1]
        for who in WHO:
            running = socat.start("-dd", "-u", "/dev/null", f"TCP4:{LOCAL}:{port}", who=who)
            connection, _ = s.accept()
            assert read_all(connection) == b""
            connection.close()
            lines = log_lines(running.end().stderr, "N")
            assert f"N opening connection to AF=2 {LOCAL}:{port}" in lines
            assert any(line.startswith(f"N successfully connected from local address AF=2 {LOCAL}:")
                       for line in lines)


RECEIVERS = ["UDP4-RECV:0", "UDP6-RECV:0", "UNIX-RECV:{}/socket", "ABSTRACT-RECV:{}"]


@pytest.mark.parametrize("receiver", RECEIVERS)
def test_receiver_as_both_directions(socat, receiver, tmp_path):
    """It has nobody to send to: data are an error, but the end of the other address counts."""
    def run(who, *words, **more):
        folder = tmp_path / who
        folder.mkdir(exist_ok=True)
        return socat.run("-t", "0", *words, who=who, cwd=folder, **more)

    for who in WHO:
        address = receiver.format(tmp_path / who)
        assert run(who, address, "/dev/null").status == 0
        for words in [(address, "-"), ("-u", "-", address)]:
            done = run(who, *words, input=b"for nobody")
            lines = log_lines(done.stderr, "E")
            assert done.status == 1 and len(lines) == 1, done
            assert "sendto(" in lines[0] or "write(" in lines[0], done


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("address", ["UDP4:127.0.0.1:9", "UDP4-SENDTO:127.0.0.1:9"])
def test_low_port_unless_one_is_given(socat, who, address, free_port):
    if os.geteuid() != 0:
        pytest.skip("needs root for ports below 1024")
    wanted = free_port("udp")
    show = "SYSTEM:/usr/bin/filan -s -i 0 >&2,nofork"
    for bind, ports in [(f",bind=127.0.0.1:{wanted}", [wanted]), ("", range(640, 1024))]:
        done = socat.run(f"{address},lowport{bind}", show, who=who)
        assert int(re.search(r"\d+\.\d+\.\d+\.\d+:(\d+)", done.stderr)[1]) in ports, done
