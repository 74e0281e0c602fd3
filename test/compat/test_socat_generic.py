# SPDX-License-Identifier: MIT
"""Generic sockets: numbers and binary addresses, ours and Debian's in all pairs."""

import os
import signal
import socket

import pytest

from conftest import unix_listens, wait_for
from socat_kit import WHO, log_lines, socat, socat_net  # noqa: F401

pairs = pytest.mark.parametrize("server, client", [
    (a, b) for a in WHO for b in WHO], ids=lambda who: who)
who = pytest.mark.parametrize("who", WHO)
DATA = bytes(range(256)) * 40
PORT = 12345  # in a namespace of its own


def ip4(port, host="127.0.0.1"):
    """As the data language has it: port, address, eight zeros."""
    return f"x{port:04x}x{socket.inet_aton(host).hex()}x0000000000000000"


def ip6(port):
    """Port, flow, ::1, scope."""
    return f"x{port:04x}x00000000x{'00' * 15}01x00000000"


STREAMS = [(2, ip4), (10, ip6)]


@pairs
@pytest.mark.parametrize("domain, address", STREAMS, ids=["ip4", "ip6"])
def test_stream(socat, server, client, domain, address):
    running = socat.serve(f"SOCKET-LISTEN:{domain}:6:{address(0)}", "PIPE", who=server)
    done = socat.run("-", f"SOCKET-CONNECT:{domain}:6:{address(running.port())}", who=client,
                     input=DATA)
    assert (done.status, done.raw_stdout) == (0, DATA)
    assert running.end().status == 0


@pairs
def test_unix_stream(socat, server, client, tmp_path):
    """The entry is not removed: a generic socket knows nothing of names."""
    path = f"{tmp_path}/s"
    address = rf'1:0:\"{path}\\0\"'
    running = socat.start(f"SOCKET-LISTEN:{address}", "PIPE", who=server)
    wait_for(lambda: unix_listens(path), "the socket")
    done = socat.run("-", f"SOCKET-CONNECT:{address}", who=client, input=DATA)
    assert (done.status, done.raw_stdout) == (0, DATA)
    assert running.end().status == 0
    assert os.path.exists(path)


@pairs
def test_with_named_families(socat, server, client):
    """Either end may be of its own family."""
    running = socat.serve("TCP4-LISTEN:0,bind=127.0.0.1", "PIPE", who=server)
    done = socat.run("-", f"SOCKET-CONNECT:2:6:{ip4(running.port())}", who=client, input=DATA)
    assert (done.status, done.raw_stdout) == (0, DATA)
    running = socat.serve(f"SOCKET-LISTEN:2:6:{ip4(0)}", "PIPE", who=server)
    done = socat.run("-", f"TCP4:127.0.0.1:{running.port()}", who=client, input=DATA)
    assert (done.status, done.raw_stdout) == (0, DATA)


@who
def test_environment(socat, who):
    running = socat.serve(f"SOCKET-LISTEN:2:6:{ip4(0)},fork",
                          "SYSTEM:'echo $SOCAT_SOCKADDR:$SOCAT_SOCKPORT $SOCAT_PEERADDR'", who=who)
    port = running.port()
    for _ in range(2):
        done = socat.run("STDIN!!STDOUT", f"SOCKET-CONNECT:2:6:{ip4(port)}")
        assert done.stdout == f"127.0.0.1:{port} 127.0.0.1\n"
    running.process.terminate()


@who
def test_bind_and_range(socat, who):
    """A client with a local address; a server that takes only its network."""
    running = socat.serve(
        f"SOCKET-LISTEN:2:6:{ip4(0)},fork,range=x0000x7f000002:x0000xffffffff", "PIPE", who=who)
    to = f"SOCKET-CONNECT:2:6:{ip4(running.port())}"
    refused = socat.run("-", to, who=who, input=b"text")
    assert (refused.status, refused.raw_stdout) == (0, b"")
    taken = socat.run("-", f"{to},bind={ip4(0, '127.0.0.2')}", who=who, input=b"text")
    assert (taken.status, taken.raw_stdout) == (0, b"text")
    assert "due to range option" in running.text()
    running.process.terminate()


def wait_udp(netns, count=1):
    def bound():
        lines = (netns.net / "udp").read_text().splitlines()[1:]
        return sum(int(line.split()[1].rpartition(":")[2], 16) == PORT for line in lines) >= count
    wait_for(bound, "a UDP socket")


@pairs
def test_packets(socat_net, netns, server, client):
    """RECV takes everybody's; RECVFROM answers its sender."""
    running = socat_net.start("-u", f"SOCKET-RECV:2:2:17:{ip4(PORT)}", "-", who=server)
    wait_udp(netns)
    to = f"2:2:17:{ip4(PORT)}"
    assert socat_net.run("-u", "-", f"SOCKET-SENDTO:{to}", who=client, input=b"one").status == 0
    assert running.process.stdout.read1(100) == b"one"
    running.signal(signal.SIGTERM)

    running = socat_net.start(f"SOCKET-RECVFROM:2:2:17:{ip4(PORT)}",
                              "SYSTEM:'read -r x; echo $x $SOCAT_PEERADDR'", who=server)
    wait_udp(netns)
    talking = socat_net.start("-", f"SOCKET-SENDTO:{to}", who=client)
    talking.process.stdin.write(b"q\n")
    talking.process.stdin.flush()
    assert talking.process.stdout.read1(100) == b"q 127.0.0.1\n"
    talking.signal(signal.SIGTERM)
    assert running.end().status == 0


@pairs
def test_datagram(socat_net, netns, server, client):
    """Each sends to the other; strangers are out of range."""
    near, far = ip4(PORT), ip4(PORT, "127.0.0.2")
    one = socat_net.start("-", f"SOCKET-DATAGRAM:2:2:17:{far},bind={near},"
                          "range=x0000x7f000002:x0000xffffffff", who=server)
    wait_udp(netns)
    two = socat_net.start("-", f"SOCKET-DATAGRAM:2:2:17:{near},bind={far}", who=client)
    wait_udp(netns, 2)
    socat_net.run("-u", "-", f"UDP4-SENDTO:127.0.0.1:{PORT},bind=127.0.0.3", input=b"stranger")
    for a, b, data in [(two, one, b"to one"), (one, two, b"to two")]:
        a.process.stdin.write(data)
        a.process.stdin.flush()
        assert b.process.stdout.read1(100) == data
    for running in [one, two]:
        running.signal(signal.SIGTERM)


@who
def test_sendto_hears_only_its_peer(socat_net, netns, who):
    running = socat_net.start(
        "-", f"SOCKET-SENDTO:2:2:17:{ip4(PORT, '127.0.0.2')},bind={ip4(PORT)}", who=who)
    wait_udp(netns)
    for host, data in [("127.0.0.3", b"wrong"), ("127.0.0.2", b"right")]:
        socat_net.run("-u", "-", f"UDP4-SENDTO:127.0.0.1:{PORT},bind={host}:{PORT}", input=data)
    assert running.process.stdout.read1(100) == b"right"
    running.signal(signal.SIGTERM)


def test_unix_packets(socat, tmp_path):
    """Answers reach a sender that has a name."""
    running = socat.start(rf'SOCKET-RECVFROM:1:2:0:\"{tmp_path}/s\\0\"', "EXEC:sed -u s/q/answer/")
    wait_for(lambda: unix_listens(f"{tmp_path}/s"), "the socket")
    talking = socat.start(
        "-", rf'SOCKET-SENDTO:1:2:0:\"{tmp_path}/s\\0\",bind=\"{tmp_path}/c\\0\"')
    talking.process.stdin.write(b"q\n")
    talking.process.stdin.flush()
    assert talking.process.stdout.read1(100) == b"answer\n"
    talking.signal(signal.SIGTERM)
    assert running.end().status == 0


def test_fork(socat_net, netns):
    running = socat_net.start("-u", f"SOCKET-RECVFROM:2:2:17:{ip4(PORT)},fork",
                              "SYSTEM:'read -r x; echo $x'")
    wait_udp(netns)
    for i in range(3):
        socat_net.run("-u", "-", f"SENDTO:2:2:17:{ip4(PORT)}", input=b"packet %d\n" % i)
    assert sorted(running.process.stdout.readline() for _ in range(3)) == [
        b"packet %d\n" % i for i in range(3)]
    running.process.terminate()


def test_type_option(socat, tmp_path):
    """SEQPACKET by option, for connect and listen."""
    address = rf'1:0:\"{tmp_path}/s\\0\",type=5'
    running = socat.start(f"SOCKET-LISTEN:{address}", "PIPE")
    wait_for(lambda: unix_listens(f"{tmp_path}/s"), "the socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
        s.connect(f"{tmp_path}/s")
        s.send(b"packet")
        assert s.recv(100) == b"packet"
    assert running.end().status == 0


@pytest.mark.parametrize("address, what", [
    ("SOCKET-CONNECT:a:6:x00", 'domain "a" is not a number'),
    ("SOCKET-CONNECT:2:b:x00", 'protocol "b" is not a number'),
    ("SOCKET-SENDTO:2:c:17:x00", 'type "c" is not a number'),
    ("SOCKET-CONNECT:-1:6:x00", 'domain "-1" is not a number'),
    ("SOCKET-CONNECT:2:6:x0", 'syntax error in "x0"'),
    (r"SOCKET-CONNECT:1:0:\"abc", 'syntax error in ""abc"'),
    ("SOCKET-CONNECT:2:6:x" + "00" * 127, "is longer than 126 bytes"),
    ("SOCKET-CONNECT:99:6:x00", "socket(99, 1, 6): Address family not supported by protocol"),
    ("SOCKET-CONNECT:2:6:x0001x7f000001x0000000000000000", "Connection refused"),
    (r"SOCKET-CONNECT:1:0:\"/nonexistent/s\\0\"", "No such file or directory"),
    ("SOCKET-LISTEN:2:6:x00", "Invalid argument"),
    ("SOCKET-LISTEN:2:6:x00,range=127.0.0.1/8", "mask is missing"),
    ("SOCKET-LISTEN:2:6:x00,range=x00:x0000", "1 bytes of data, 2 of mask"),
    ("SOCKET-LISTEN:2:6:x0000x7f000001,nodelay", 'option "nodelay" not supported'),
    ("SOCKET-RECV:2:2:17:x0000x7f000001x0000000000000000,bind=x00", "remained unused"),
])
def test_wrong(socat, address, what):
    done = socat.run("-u", *((address, "-") if "RECV" in address else ("-", address)))
    assert done.status == 1
    lines = log_lines(done.stderr, "FE")
    assert len(lines) == 1 and what in lines[0], lines


@who
@pytest.mark.parametrize("address", ["SOCKET-CONNECT:2:6:x0", "SOCKET-CONNECT:99:6:x00"])
def test_one_error_each(socat, who, address):
    done = socat.run("-", address, who=who)
    assert done.status == 1 and len(log_lines(done.stderr, "E")) == 1
