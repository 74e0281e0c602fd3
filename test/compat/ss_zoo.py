# SPDX-License-Identifier: MIT
"""Sockets of every kind and state, made by a process in a namespace, and how two listings of
them are compared."""

import re

import pytest

# One socket of each kind.
ZOO = r"""
import os, socket, struct, sys
keep = []
def tcp(family, host, **options):
    s = socket.socket(family, socket.SOCK_STREAM)
    keep.append(s)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, options.get("v6only", 0))
    if "device" in options:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, options["device"])
    s.bind((host, options.get("port", 0)))
    if options.get("listen", True):
        s.listen(options.get("backlog", 5))
    return s
def pair(listener, host):
    client = socket.socket(listener.family, socket.SOCK_STREAM)
    client.connect((host, listener.getsockname()[1]))
    server, _ = listener.accept()
    keep.extend([client, server])
    return client, server
four = tcp(socket.AF_INET, "0.0.0.0", port=8080)
tcp(socket.AF_INET, "127.0.0.1", port=22)
tcp(socket.AF_INET, "0.0.0.0", device=b"lo")
six = tcp(socket.AF_INET6, "::", port=8081, v6only=1)
dual = tcp(socket.AF_INET6, "::", port=8082)
tcp(socket.AF_INET6, "::1", port=443)
client, server = pair(four, "127.0.0.1")
client.send(b"unread"); server.send(b"x" * 100)
client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
pair(six, "::1"); pair(dual, "::ffff:127.0.0.1")
client, server = pair(four, "127.0.0.1"); server.shutdown(socket.SHUT_WR)   # fin-wait-2, close-wait
client, server = pair(four, "127.0.0.1"); client.close(); server.close()    # time-wait
waiting = socket.socket(); waiting.connect(("127.0.0.1", 22)); keep.append(waiting)
for family, host in [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]:
    a = socket.socket(family, socket.SOCK_DGRAM); a.bind((host, 53)); keep.append(a)
    b = socket.socket(family, socket.SOCK_DGRAM); b.connect((host, 53)); keep.append(b)
    b.send(b"question")
keep.append(socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
keep.append(socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6))
folder = sys.argv[1]
def unix(kind, name, listen=True):
    s = socket.socket(socket.AF_UNIX, kind); s.bind(name); keep.append(s)
    if listen:
        s.listen(3)
    return s
stream = unix(socket.SOCK_STREAM, folder + "/stream")
unix(socket.SOCK_SEQPACKET, folder + "/seqpacket")
unix(socket.SOCK_STREAM, "\0abstract\0name")
dgram = unix(socket.SOCK_DGRAM, folder + "/with blank", listen=False)
peer = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); peer.connect(folder + "/with blank")
peer.send(b"letter"); keep.append(peer)
pending = socket.socket(socket.AF_UNIX); pending.connect(folder + "/stream"); keep.append(pending)
keep.extend(socket.socketpair()); keep.extend(socket.socketpair(type=socket.SOCK_DGRAM))
one, two = socket.socketpair(); one.shutdown(socket.SHUT_WR); keep.extend([one, two])
try:
    MPTCP = 262
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP)
    listener.bind(("127.0.0.1", 0)); listener.listen(3)
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP)
    client.connect(listener.getsockname()); client.send(b"ten bytes.")
    keep.extend([listener, client, listener.accept()[0]])
except OSError:
    pass  # a kernel without MPTCP: both show nothing
import ctypes
for kind, protocol, device in [(socket.SOCK_RAW, 3, None), (socket.SOCK_DGRAM, 0x800, "lo"),
                               (socket.SOCK_RAW, 0x88cc, "lo"), (socket.SOCK_RAW, 0x1234, "lo")]:
    s = socket.socket(socket.AF_PACKET, kind, socket.htons(protocol)); keep.append(s)
    if device:
        s.bind((device, protocol))
SOL_PACKET, AUXDATA, RX_RING, FANOUT = 263, 8, 5, 18
keep[-2].setsockopt(SOL_PACKET, AUXDATA, 1)
keep[-2].setsockopt(SOL_PACKET, RX_RING, struct.pack("4I", 4096, 4, 2048, 8))
keep[-1].setsockopt(SOL_PACKET, FANOUT, 7 | 1 << 16)
program = ctypes.create_string_buffer(struct.pack("HBBIHBBI", 0x28, 0, 0, 12, 6, 0, 0, 0xffff))
keep[-3].setsockopt(socket.SOL_SOCKET, 26, struct.pack("HxxxxxxP", 2, ctypes.addressof(program)))
for protocol, port, groups in [(0, 0, 0x51), (15, 4242424, 1), (16, 0, 0)]:
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol); s.bind((port, groups))
    keep.append(s)
keep[-2].connect((0, 0))
"""

# On top of that, connections stuck in every state that two ends of one host can make.
STATES = r"""
import errno
def fill(s):
    s.setblocking(False)
    try:
        while True:
            s.send(b"x" * 65536)
    except BlockingIOError:
        pass
def small(host="127.0.0.1", family=socket.AF_INET):
    listener = socket.socket(family, socket.SOCK_STREAM); listener.bind((host, 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096); listener.listen(5)
    client = socket.socket(family, socket.SOCK_STREAM)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    client.connect(listener.getsockname()[:2])
    server, _ = listener.accept()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    keep.extend([listener, client, server])
    return client, server
def state_of(s):
    return s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
def wait_for(s, state):
    while state_of(s) != state:
        pass
FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT, LAST_ACK, CLOSING = 4, 5, 8, 9, 11
for host, family in [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)]:
    a, b = small(host, family); fill(a); a.shutdown(socket.SHUT_WR); wait_for(a, FIN_WAIT1)
    a, b = small(host, family); fill(a); keep.remove(a); a.close()             # an orphan
    a, b = small(host, family); b.shutdown(socket.SHUT_WR); wait_for(a, CLOSE_WAIT)
    fill(a); a.shutdown(socket.SHUT_WR); wait_for(a, LAST_ACK)
    a, b = small(host, family); fill(a); fill(b)
    a.shutdown(socket.SHUT_WR); b.shutdown(socket.SHUT_WR)
    b.setblocking(True)
    while b.recv(65536):
        pass
    wait_for(b, CLOSING); wait_for(a, FIN_WAIT2)
deferred = socket.socket(); deferred.bind(("127.0.0.1", 7777))
deferred.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 600); deferred.listen(5)
silent = socket.create_connection(("127.0.0.1", 7777)); keep.extend([deferred, silent])   # SYN-RECV
lost = socket.socket(); lost.setblocking(False); keep.append(lost)
assert lost.connect_ex(("10.9.0.2", 80)) == errno.EINPROGRESS                # SYN-SENT
outside = socket.socket(); outside.setsockopt(socket.SOL_SOCKET, 25, b"out0")
outside.bind(("10.9.0.1", 4000)); outside.listen(1); keep.append(outside)
for i, mark in enumerate([1, 2, 3, 0x1234]):
    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, 36, mark); s.bind(("127.0.0.1", 5000 + i))
    s.listen(1); keep.append(s)
lite = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 136); lite.bind(("127.0.0.1", 53))
keep.append(lite)
"""

# The end of both: a second holder, whose name is odd; says "ready", and ends with its stdin.
READY = r"""
if os.fork() == 0:
    open("/proc/self/comm", "w").write("a) b\x01 \"c\\")
    sys.stdin.read(); os._exit(0)
print("ready", flush=True)
sys.stdin.read()
"""


# Values that move, or words of which the releases differ: what, and what stands for it.
MOVING = [
    # 6.1 writes sequence numbers in hex, and knows less of MPTCP.
    (r" (write_seq|snd_una|rcv_nxt|seq|sfseq|ssnoff|maplen):\w+", ""),
    (r" (local_addr_used|local_addr_max|csum_enabled|retransmits|subflows_total):\d+", ""),
    (r" (endp_laminar_max|last_data_sent|last_data_recv|last_ack_recv):\d+", ""),
    (r"^(\s.* token:\w+) .*", r"\1"),
    (r"^(Total|TCP): +\d+", r"\1: N"),  # sockets that are closed linger for a moment
    (r"closed \d+", "closed N"),
    (r"timer:\((\w+),[^,]*,", r"timer:(\1,"),
    (r" (lastsnd|lastrcv|lastack|backoff|segs_in|segs_out):\d+", ""),  # windows are probed
    (r" (busy|rwnd_limited|sndbuf_limited):\S+", ""),
    (r" (rcv_wnd|rehash):\d+", ""),
    (r'\("a(?:[^"]|"(?!,pid))*",pid', '("a",pid'),  # 7.1 cleans names
    (r" Process$", ""),
    (r"Port(?=Process)", "Port "),
]


# The netlink socket through which ss asks.
OWN = re.compile(r" (tcpdiag:ss/|4:[1-9])")


def cells(text):
    """Rows as words, without what may differ."""
    rows = []
    for row in text.splitlines():
        if OWN.search(row):
            continue
        row = re.sub("Port(?=Process)", "Port ", row)
        for what, stand_in in MOVING:
            row = re.sub(what, stand_in, row.rstrip())
        rows.append(row.split())
    return rows


def start_zoo(netns, source, folder):
    """The namespace, once all sockets are there."""
    process = netns.start(["/usr/bin/python3", "-c", source + READY, folder])
    line = process.stdout.readline()
    if line != b"ready\n":
        process.kill()
        pytest.fail(process.stderr.read().decode())
    return netns


def start_states(netns, folder):
    """The same with every state of TCP."""
    for command in ["link add out0 type veth peer name out1", "link set out0 up", "link set out1 up",
                    "address add 10.9.0.1/24 dev out0",
                    "neighbor add 10.9.0.2 lladdr 02:00:00:00:00:02 dev out0"]:
        assert netns.run(["ip"] + command.split()).status == 0, command
    return start_zoo(netns, ZOO + STATES, folder)
