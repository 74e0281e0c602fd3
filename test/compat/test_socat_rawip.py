# SPDX-License-Identifier: MIT
"""Raw IP, ours and Debian's in all pairs, in a network namespace of its own."""

import signal

import pytest

from conftest import wait_for
from socat_kit import WHO, log_lines, socat_net  # noqa: F401

PROTOCOL = 253  # RFC 3692: for experiments
HOSTS = {"4": "127.0.0.1", "6": "[::1]"}
ENV = {"4": "127.0.0.1", "6": "[0000:0000:0000:0000:0000:0000:0000:0001]"}
pairs = pytest.mark.parametrize("server, client", [
    (a, b) for a in WHO for b in WHO], ids=lambda who: who)
versions = pytest.mark.parametrize("version", HOSTS)
who = pytest.mark.parametrize("who", WHO)


def wait_raw(netns, version, count=1, protocol=PROTOCOL):
    """Waits until so many raw sockets of the protocol are open."""
    path = netns.net / ("raw6" if version == "6" else "raw")

    def there():
        lines = path.read_text().splitlines()[1:]
        return sum(int(line.split()[1].rpartition(":")[2], 16) == protocol
                   for line in lines) >= count
    wait_for(there, "a raw socket")


@pairs
@versions
def test_recv(socat_net, netns, server, client, version):
    """Data only: the header of IPv4 is cut off."""
    running = socat_net.start("-u", f"IP{version}-RECV:{PROTOCOL}", "-", who=server)
    wait_raw(netns, version)
    done = socat_net.run("-u", "-", f"IP{version}-SENDTO:{HOSTS[version]}:{PROTOCOL}", who=client,
                     input=b"some data")
    assert done.status == 0
    assert running.process.stdout.read1(100) == b"some data"
    running.signal(signal.SIGTERM)


@pairs
@versions
def test_recvfrom(socat_net, netns, server, client, version):
    """One packet, whose sender gets the answer and is in the environment; no port."""
    running = socat_net.start(f"IP{version}-RECVFROM:{PROTOCOL}",
                          "SYSTEM:'read -r x; echo $x $SOCAT_PEERADDR:$SOCAT_PEERPORT'",
                          who=server)
    wait_raw(netns, version)
    done = socat_net.run("-t0.3", "-", f"IP{version}-SENDTO:{HOSTS[version]}:{PROTOCOL}",
                         who=client,
                     input=b"q\n")
    # The sender's socket hears its own packet, too: it has no port to tell them apart.
    assert (done.status, done.stdout) == (0, f"q\nq {ENV[version]}:\n")
    assert running.end().status == 0


@pairs
def test_datagram(socat_net, netns, server, client):
    """Both ends send to the other and hear everybody in range."""
    one = socat_net.start("-t5", "-", f"IP4-DATAGRAM:127.0.0.2:{PROTOCOL},bind=127.0.0.1,"
                      "range=127.0.0.2/32", who=server)
    wait_raw(netns, "4")
    two = socat_net.start("-t5", "-", f"IP4-DATAGRAM:127.0.0.1:{PROTOCOL},bind=127.0.0.2",
                          who=client)
    wait_raw(netns, "4", 2)
    assert socat_net.run("-u", "-", f"IP4-SENDTO:127.0.0.1:{PROTOCOL},bind=127.0.0.3",
                     who=client, input=b"stranger").status == 0
    two.process.stdin.write(b"to one")
    two.process.stdin.flush()
    assert one.process.stdout.read1(100) == b"to one"
    one.process.stdin.write(b"to two")
    one.process.stdin.flush()
    assert two.process.stdout.read1(100) == b"to two"
    for running in [one, two]:
        running.signal(signal.SIGTERM)


@who
def test_sendto_hears_only_its_peer(socat_net, netns, who):
    running = socat_net.start("-", f"IP4-SENDTO:127.0.0.2:{PROTOCOL},bind=127.0.0.1", who=who)
    wait_raw(netns, "4")
    for local, data in [("127.0.0.3", b"wrong"), ("127.0.0.2", b"right")]:
        assert socat_net.run("-u", "-", f"IP4-SENDTO:127.0.0.1:{PROTOCOL},bind={local}",
                         input=data).status == 0
    assert running.process.stdout.read1(100) == b"right"
    running.signal(signal.SIGTERM)


@who
@pytest.mark.parametrize("option", ["range=127.0.0.2/32", "range=127.0.0.2:255.255.255.255"])
def test_range(socat_net, netns, who, option):
    """Others are dropped, and the receiver goes on."""
    running = socat_net.start("-dd", "-u", f"IP4-RECV:{PROTOCOL},{option}", "-", who=who)
    wait_raw(netns, "4")
    for local, data in [("127.0.0.1", b"wrong"), ("127.0.0.2", b"right")]:
        socat_net.run("-u", "-", f"IP4-SENDTO:127.0.0.1:{PROTOCOL},bind={local}", input=data)
    assert running.process.stdout.read1(100) == b"right"
    if who == "ours":
        running.wait_line("W refusing connection from AF=2 127.0.0.1:0 due to range option")
    running.signal(signal.SIGTERM)


@pytest.mark.parametrize("address", ["IP-RECV:17", "IP4-RECV:17", "IP6-RECV:17", "IP-RECVFROM:1",
                                     "IP-RECV:17,bind=127.0.0.1", "IP-RECV:17,bind=[::1]",
                                     "IP-RECV:17,bind=localhost", "IP-RECV:0xfd"])
def test_receivers_open(socat_net, netns, address):
    """Also without an address to bind to (1.8.1.1 crashed there)."""
    running = socat_net.start("-dd", "-u", address, "-")
    running.wait_line(" N (?:receiving on|starting data transfer)")
    assert running.process.poll() is None
    assert running.signal(signal.SIGTERM).status == 143
    assert log_lines(running.text(), "FE") == []


def test_udp_as_seen_raw(socat_net, netns):
    """The packet of UDP with its own header, and not IP's."""
    running = socat_net.start("-u", "IP-RECV:17", "-")
    wait_raw(netns, "4", protocol=17)
    assert socat_net.run("-u", "-", "UDP4-SENDTO:127.0.0.1:4321,bind=127.0.0.1:1234",
                     input=b"data").status == 0
    data = running.process.stdout.read1(100)
    assert data[:6] == (1234).to_bytes(2, "big") + (4321).to_bytes(2, "big") + b"\0\x0c"
    assert data[8:] == b"data"
    running.signal(signal.SIGTERM)


def test_an_empty_packet_is_an_end_only_where_asked_for(socat_net, netns):
    running = socat_net.start("-u", f"IP4-RECV:{PROTOCOL},null-eof", "-")
    wait_raw(netns, "4")
    for data in [b"x", b""]:
        netns.run(["python3", "-c", "import socket; s = socket.socket(2, 3, 253);"
                   f"s.sendto({data!r}, ('127.0.0.1', 0))"])
    done = running.end()
    assert (done.status, done.raw_stdout) == (0, b"x")


@pytest.mark.parametrize("version", ["", "4", "6"])
def test_fork(socat_net, netns, version):
    """Each packet once, each in its own process."""
    running = socat_net.start("-u", f"IP{version}-RECVFROM:{PROTOCOL},fork",
                              "SYSTEM:'read -r x; echo $x'")
    wait_raw(netns, version)
    host = HOSTS[version or "4"]
    for i in range(3):
        socat_net.run("-u", "-", f"IP{version}-SENDTO:{host}:{PROTOCOL}",
                      input=b"packet %d\n" % i)
    assert sorted(running.process.stdout.readline() for _ in range(3)) == [
        b"packet %d\n" % i for i in range(3)]
    running.process.terminate()


@pytest.mark.parametrize("address, what", [
    ("IP4-RECV:256", 'protocol "256" is not a number 0..255'),
    ("IP4-RECV:-1", 'protocol "-1" is not a number 0..255'),
    ("IP4-RECV:tcp", 'protocol "tcp" is not a number 0..255'),
    ("IP4-RECVFROM:", 'protocol "" is not a number 0..255'),
    ("IP4-SENDTO:127.0.0.1:17x", 'protocol "17x" is not a number 0..255'),
    ("IP4-SENDTO::17", "host is missing"),
    ("IP6-SENDTO:127.0.0.1:17", "127.0.0.1"),
    ("IP4-RECV:17,sourceport=1", 'option "sourceport" not supported'),
])
def test_wrong(socat_net, address, what):
    done = socat_net.run("-u", *(("-", address) if "SENDTO" in address else (address, "-")))
    assert done.status == 1
    lines = log_lines(done.stderr)
    assert len(lines) == 1 and what in lines[0], lines


@who
def test_without_permission(socat_net, who):
    done = socat_net.commands.run(["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw",
                               socat_net.program(who), "-u", "IP4-RECV:253", "-"])
    assert done.status == 1
    assert log_lines(done.stderr, "E") == ["E socket(2, 3, 253): Operation not permitted"]
