# SPDX-License-Identifier: MIT
"""ss beside Debian's ss 6.1, on live sockets in a namespace of their own: the same rows in the
same order, the same cells.  Blanks are not compared (7.1 sets them otherwise), nor what really
moves between two runs, nor the few words that 7.1 changed."""

import re
import subprocess

import pytest

from conftest import original

# Makes one socket of each kind and says "ready"; ends with its stdin.
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
if os.fork() == 0:
    open("/proc/self/comm", "w").write("a) b\x01 \"c\\")
    sys.stdin.read(); os._exit(0)
print("ready", flush=True)
sys.stdin.read()
"""

OPTIONS = [
    "-tln", "-4 -tln", "-uln", "-xln",  # the tutorial's
    "-t", "-u", "-w", "-x", "-tuwx",
    "-tan", "-uan", "-wan", "-xan", "-tuwxan", "-ta", "-ua", "-xa",
    "-4 -a", "-6 -a", "-4 -tan", "-6 -tan", "-t -a -n -4 -6", "-6 -x -a", "-f inet -an",
    "-f inet6 -uan", "-f unix -a", "--family=unix -l",
    "-A tcp,udp -an", "-A unix_stream,tcp -an", "-A u_dgr -an", "-A unix,!u_str -an",
    "-ta -A udp", "-A inet -tan", "-t -l -a", "-a -l -t",
    "-tanH", "-tanO", "-tan --no-header", "--tcp --all --numeric",
    "-tane", "-uane", "-xane", "-tanm", "-uanm", "-xanm", "-tano", "-tanp", "-uanp", "-xanp",
    "-tanpe", "-xanpem", "-tuanpemoO", "-tani", "-taniemoO", "-uani", "-tanT -p",
    "-tan --tos", "-tan --cgroup", "-tan --inet-sockopt", "-tanO --inet-sockopt --tos",
    "state listening -tn", "-tn state established", "-xa exclude listening",
    "-tn state all exclude listening state listening", "-t state close-wait", "-u state closed",
    "-x state connected",
    "-s",
    "-0", "-0a", "-0an", "-f link -anp", "-0aenp", "-0aenpb", "-0aenpO -b -m", "-A packet,tcp -an",
    "-f netlink", "-f netlink -n", "-f netlink -p", "-f netlink -pe", "-f netlink -npem",
    "-M", "-Ma", "-Manp", "-Mane", "-Mani", "-uMa", "-A mptcp,tcp -an", "-Sa", "-da", "--vsock -a",
    "-f vsock", "-A v_str,v_dgr -a",
    "-a -A netlink", "-A netlink", "-A packet", "", "-a", "-n", "-anp", "-l", "-o",
]

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
    (r" (lastsnd|lastrcv|lastack):\d+", ""),
    (r" (rcv_wnd|rehash):\d+", ""),
    (r'\("a(?:[^"]|"(?!,pid))*",pid', '("a",pid'),  # 7.1 cleans names
    (r" Process$", ""),
    (r"Port(?=Process)", "Port "),
]


@pytest.fixture
def zoo(netns, tmp_path):
    process = netns.start(["/usr/bin/python3", "-c", ZOO, tmp_path])
    line = process.stdout.readline()
    if line != b"ready\n":
        process.kill()
        pytest.fail(process.stderr.read().decode())
    return netns


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


def test_same_rows_and_cells(zoo, tools):
    theirs = original("ss")
    differences = []
    for options in OPTIONS:
        words = options.split()
        a, b = zoo.run([theirs] + words), zoo.run([tools / "ss"] + words)
        if "-s" not in words:
            assert len(a.stdout.splitlines()) > 0
        if (cells(a.stdout), a.status) != (cells(b.stdout), b.status) or b.stderr:
            differences.append(f"ss {options}\n{a.stdout}{a.stderr}\nours:\n{b.stdout}{b.stderr}")
    assert not differences, "\n\n".join(differences)


@pytest.mark.parametrize("command, row", [
    ("-tln", r"LISTEN +0 +5 +0\.0\.0\.0:8080 +0\.0\.0\.0:\*"),
    ("-tln", r"LISTEN +0 +5 +\[::\]:8081 +\[::\]:\*"),
    ("-tln", r"LISTEN +0 +5 +\*:8082 +\*:\*"),
    ("-uln", r"UNCONN +\d+ +0 +127\.0\.0\.1:53 +0\.0\.0\.0:\*"),
    ("-xln", r"u_str LISTEN +1 +3 +\S+/stream \d+ +\* 0"),
    ("-tanp", r'ESTAB .*users:\(\("a",pid=\d+,fd=\d+\),\("python3",pid=\d+,fd=\d+\)\)'),
    ("-tane", r"LISTEN .* v6only:1 <->"),
    ("-wan", r"UNCONN +0 +0 +0\.0\.0\.0:1 +0\.0\.0\.0:\*"),
])
def test_rows_that_must_be_there(zoo, tools, command, row):
    result = zoo.run([tools / "ss"] + command.split())
    assert result.status == 0
    assert re.search(f"(?m)^(\\?\\?\\? +)?{row}", result.stdout), result.stdout


def test_abbreviations_and_permutation_are_getopts(tools):
    theirs = original("ss")
    for words in [["--lis", "--tcp", "--num"], ["state", "listening", "-tn"],
                  ["-t", "--", "state", "listening"]]:
        a = subprocess.run([theirs] + words, capture_output=True)
        b = subprocess.run([tools / "ss"] + words, capture_output=True)
        assert (a.returncode, a.stderr) == (b.returncode, b.stderr)
