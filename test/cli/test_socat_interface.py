# SPDX-License-Identifier: MIT
"""INTERFACE and TUN in a network namespace of their own: frames, packets, flags, addresses."""

import json
import signal
import socket
import struct

import pytest

from conftest import wait_for
from socat_kit import WHO, log_lines, socat_net  # noqa: F401

who = pytest.mark.parametrize("who", WHO)
ETHERTYPE = 0x88B5  # IEEE 802: for local experiments
SEND = """
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((sys.argv[1], 0))
for frame in sys.argv[2:]:
    s.send(bytes.fromhex(frame))
"""
HEAR = """
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(int(sys.argv[2])))
s.bind((sys.argv[1], int(sys.argv[2])))
print("ready", flush=True)
sys.stdout.buffer.write(s.recv(2000))
"""
DESTINATION, SOURCE = bytes.fromhex("020000000002"), bytes.fromhex("020000000001")


def frame(data, ethertype=ETHERTYPE, destination=DESTINATION):
    return destination + SOURCE + ethertype.to_bytes(2, "big") + data.ljust(46, b"\0")


@pytest.fixture
def veth(netns):
    """A cable within the namespace: left and right, both up, without IPv6's chatter."""
    for end, address in [("left", SOURCE), ("right", DESTINATION)]:
        if end == "left":
            made = netns.run(["ip", "link", "add", "left", "type", "veth", "peer", "name", "right"])
            if made.status:
                pytest.skip(f"no veth here: {made.stderr}")
        for words in [["address", ":".join(f"{b:02x}" for b in address)], ["addrgenmode", "none"],
                      ["up"]]:
            assert netns.run(["ip", "link", "set", end, *words]).status == 0
    wait_for(lambda: "LOWER_UP" in flags(netns, "left"), "the cable")


def link(netns, name):
    done = netns.run(["ip", "-j", "address", "show", "dev", name])
    return json.loads(done.stdout)[0] if done.status == 0 else None


def flags(netns, name):
    return link(netns, name)["flags"]


def send(netns, interface, *frames):
    assert netns.run(["python3", "-c", SEND, interface, *[f.hex() for f in frames]]).status == 0


def wait_packet_socket(netns, count=1):
    """Until so many packet sockets hear everything."""
    def there():
        lines = (netns.net / "packet").read_text().splitlines()[1:]
        return sum(line.split()[3] == "0003" for line in lines) >= count
    wait_for(there, "a packet socket")


@who
def test_frames_come_and_go(socat_net, netns, veth, who):
    """Whole frames, both ways."""
    running = socat_net.start("-", "INTERFACE:right", who=who)
    wait_packet_socket(netns)
    send(netns, "left", frame(b"one"))
    assert running.process.stdout.read1(2000) == frame(b"one")
    hearing = netns.start(["python3", "-c", HEAR, "left", str(ETHERTYPE)])
    assert hearing.stdout.readline() == b"ready\n"
    answer = frame(b"two", destination=SOURCE)
    running.process.stdin.write(answer)
    running.process.stdin.flush()
    assert hearing.stdout.read() == answer
    running.signal(signal.SIGTERM)


@pytest.mark.parametrize("interface", ["right", "lo"])
def test_what_we_send_is_not_read(socat_net, netns, veth, interface):
    """Neither by us nor, of other programs of this host; on lo each frame comes once."""
    running = socat_net.start("-u", f"IF:{interface}", "-")
    wait_packet_socket(netns)
    send(netns, interface, frame(b"ours"))
    send(netns, "left" if interface == "right" else "lo", frame(b"theirs"))
    expected = [b"theirs"] if interface == "right" else [b"ours", b"theirs"]
    data = b""
    wanted = b"".join(frame(text) for text in expected)
    while len(data) < len(wanted):
        data += running.process.stdout.read1(4000)
    assert data == wanted
    running.signal(signal.SIGTERM)


@pytest.mark.parametrize("option, flag", [
    ("iff-promisc", "PROMISC"), ("promisc", "PROMISC"), ("iff-allmulti", "ALLMULTI"),
    ("iff-debug", "DEBUG"), ("iff-noarp", "NOARP"), ("iff-notrailers", "NOTRAILERS"),
    ("iff-multicast=0", "-MULTICAST"), ("iff-portsel", "PORTSEL"),
    ("iff-automedia", "AUTOMEDIA"), ("iff-promisc=0,iff-promisc", "PROMISC"),
])
@pytest.mark.parametrize("signo", [signal.SIGTERM, None], ids=["signal", "end"])
def test_flags_are_set_and_put_back(socat_net, netns, veth, option, flag, signo):
    before = flags(netns, "right")
    running = socat_net.start("-", f"INTERFACE:right,{option}")

    def done():
        return (flag.lstrip("-") in flags(netns, "right")) == (flag[0] != "-")
    wait_for(done, f"the flag {flag}")
    if signo:
        running.signal(signo)
    else:
        assert running.end().status == 0
    wait_for(lambda: sorted(flags(netns, "right")) == sorted(before), "the old flags")
    assert log_lines(running.text(), "FE") == []


def test_an_interface_that_is_down(socat_net, netns, veth):
    """iff-up takes it up before anything is read, and it is down again afterwards."""
    assert netns.run(["ip", "link", "set", "right", "down"]).status == 0
    running = socat_net.start("-dd", "-", "INTERFACE:right,up")
    running.wait_line("N starting data transfer loop")
    wait_for(lambda: "LOWER_UP" in flags(netns, "left"), "the cable")
    send(netns, "left", frame(b"data"))
    assert running.process.stdout.read1(2000) == frame(b"data")
    running.signal(signal.SIGTERM)
    assert "UP" not in flags(netns, "right")


def test_down_and_up_again(socat_net, netns, veth):
    """Nobody can read from an interface that is down; it is put back all the same."""
    done = socat_net.run("-u", "INTERFACE:right,iff-up=0", "-")
    assert done.status == 1 and "Network is down" in done.stderr
    assert "UP" in flags(netns, "right")


@pytest.mark.parametrize("option, name", [
    ("iff-broadcast=0", "iff-broadcast"), ("loopback", "iff-loopback"),
    ("pointopoint", "iff-pointopoint"), ("running=0", "iff-running"), ("master", "iff-master"),
    ("slave", "iff-slave")])
def test_flags_that_linux_leaves_alone(socat_net, veth, option, name):
    """They are told, and the rest goes on, as scripts expect."""
    done = socat_net.run("-", f"INTERFACE:right,{option}")
    assert done.status == 0
    assert log_lines(done.stderr) == [
        f'W interface "right": option "{name}" has no effect']


def test_mtu(socat_net, netns, veth):
    running = socat_net.start("-", "INTERFACE:right,if-mtu=1234")
    wait_for(lambda: link(netns, "right")["mtu"] == 1234, "the MTU")
    running.signal(signal.SIGTERM)
    done = socat_net.run("-", "INTERFACE:right,interface-mtu=1")
    assert done.status == 1
    assert log_lines(done.stderr) == ['E MTU 1 of interface "right": Invalid argument']


TAGGED = frame(b"data")[:12] + b"\x81\x00\x20\x64" + frame(b"data")[12:]


@pytest.mark.parametrize("option, expected", [("", frame(b"data")), (",retrieve-vlan", TAGGED)])
def test_vlan_tag(socat_net, netns, veth, option, expected):
    """The kernel takes the tag out; retrieve-vlan puts it back."""
    running = socat_net.start("-dd", "-u", f"INTERFACE:right{option}", "-")
    running.wait_line("N starting data transfer loop")
    send(netns, "left", TAGGED)
    assert running.process.stdout.read1(2000) == expected
    running.signal(signal.SIGTERM)


@pytest.mark.parametrize("address, what", [
    ("INTERFACE:nope", 'unknown interface "nope"'),
    ("INTERFACE:", 'unknown interface ""'),
    ("INTERFACE:a-name-that-is-longer-than-any", 'unknown interface "a-name'),
    ("INTERFACE:lo,bind=x", "remained unused"),
    ("INTERFACE:lo,tun-name=x", "remained unused"),
    ("INTERFACE:lo,iff-no-pi", "remained unused"),
    ("INTERFACE:lo,retrieve-vlan=1", 'no value permitted for option "retrieve-vlan"'),
    ("TUN:10.0.0.1", '"10.0.0.1" is not <ip-addr>/<bits>'),
    ("TUN:10.0.0.1/33", '"10.0.0.1/33" is not <ip-addr>/<bits>'),
    ("TUN:/8", '"/8" is not <ip-addr>/<bits>'),
    ("TUN,tun-type=tub", '"tub" is neither tun nor tap'),
    ("TUN,tun-name=a-name-that-is-longer", "is longer than 15 bytes"),
    ("TUN,tun-name=lo", "TUNSETIFF"),
    ("TUN,tun-device=/nonexistent", 'open("/nonexistent"'),
    ("TUN,tun-device=/dev/null", "TUNSETIFF"),
    ("TUN,retrieve-vlan", 'for option "retrieve-vlan"'),
    ("TUN,bind=x", 'option "bind" not supported'),
])
def test_wrong(socat_net, address, what):
    done = socat_net.run("-", address)
    lines = log_lines(done.stderr, "FE")
    assert done.status == 1 and len(lines) == 1 and what in lines[0], lines


@pytest.fixture
def tun(netns):
    if netns.run(["test", "-c", "/dev/net/tun"]).status:
        pytest.skip("no /dev/net/tun here")
    netns.run(["sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6"])


def start_tun(socat_net, netns, address, name, who="ours"):
    running = socat_net.start("-dd", "-", address, who=who)
    running.wait_line("N starting data transfer loop")
    return running, link(netns, name)


def test_tun(socat_net, netns, tun):
    """The interface is as asked for, and gone with the program."""
    running, seen = start_tun(
        socat_net, netns,
        "TUN:10.255.255.1/24,iff-up=1,tun-type=tun,tun-name=tun9,if-mtu=888", "tun9")
    assert {"UP", "POINTOPOINT"} <= set(seen["flags"]) and seen["mtu"] == 888
    inet = [a for a in seen["addr_info"] if a["family"] == "inet"]
    assert [(a["local"], a["prefixlen"]) for a in inet] == [("10.255.255.1", 24)]
    assert 'TUN: new interface "tun9"' in running.text()
    running.signal(signal.SIGTERM)
    assert link(netns, "tun9") is None


def udp_packet(data, source, target):
    """IPv4 and UDP, without the UDP checksum, as RFC 768 allows."""
    udp = struct.pack("!HHHH", 1234, 4321, 8 + len(data), 0) + data
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                       socket.inet_aton(source), socket.inet_aton(target))
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    return head[:10] + (~(total + (total >> 16)) & 0xFFFF).to_bytes(2, "big") + head[12:] + udp


@who
@pytest.mark.parametrize("option, header", [("iff-no-pi", b""), ("no-pi=1", b""),
                                            ("iff-no-pi=0", b"\0\0\x08\0")])
def test_tun_packets(socat_net, netns, tun, option, header, who):
    """What the system sends is read, what is written is received; with the four bytes before
    each packet unless they are not wanted."""
    running, _ = start_tun(socat_net, netns, f"TUN:10.9.0.1/24,iff-up,tun-name=t0,{option}", "t0",
                           who)
    assert socat_net.run("-u", "-", "UDP4-SENDTO:10.9.0.2:4321,bind=10.9.0.1:1234",
                         input=b"out").status == 0

    packet = running.process.stdout.read1(2000)
    assert packet[:len(header)] == header and packet[len(header)] == 0x45
    assert packet[len(header) + 20:][:4] == struct.pack("!HH", 1234, 4321)
    assert packet.endswith(b"out")

    receiving = socat_net.start("-dd", "-u", "UDP4-RECV:4321", "-")
    receiving.wait_line("N receiving on")
    running.process.stdin.write(header + udp_packet(b"in", "10.9.0.2", "10.9.0.1"))
    running.process.stdin.flush()
    assert receiving.process.stdout.read1(100) == b"in"
    for process in [receiving, running]:
        process.signal(signal.SIGTERM)


def test_tap(socat_net, netns, tun):
    """Ethernet frames; a name chosen by the kernel is told."""
    running = socat_net.start("-dd", "-", "TUN:10.9.0.1/24,iff-up,tun-type=tap,iff-no-pi")
    name = running.wait_line('TUN: new interface "(tap\\d+)"').group(1)
    running.wait_line("N starting data transfer loop")
    assert "BROADCAST" in flags(netns, name)
    send(netns, name, frame(b"data"))
    assert running.process.stdout.read1(2000) == frame(b"data")
    running.signal(signal.SIGTERM)


def test_two_tuns_as_a_wire(socat_net, netns, tun):
    """Packets keep their boundaries from one interface to the other."""
    running = socat_net.start("-dd", "TUN,iff-up,tun-type=tap,tun-name=a,iff-no-pi",
                              "TUN,iff-up,tun-type=tap,tun-name=b,iff-no-pi")
    running.wait_line("N starting data transfer loop")
    hearing = netns.start(["python3", "-c", HEAR, "b", str(ETHERTYPE)])
    assert hearing.stdout.readline() == b"ready\n"
    send(netns, "a", frame(b"first"), frame(b"second"))
    assert hearing.stdout.read() == frame(b"first")
    running.signal(signal.SIGTERM)
