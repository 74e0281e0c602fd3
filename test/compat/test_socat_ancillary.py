# SPDX-License-Identifier: MIT
"""What the kernel says about packets: in the log as Debian's socat says it, and in the
environment of programs."""

import array
import os
import re
import socket

import pytest

from socat_kit import LOCAL, WHO, log_lines, socat  # noqa: F401

FULL = "[0000:0000:0000:0000:0000:0000:0000:0001]"
TIME = r"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}, \d{6} usecs"

# option of the receiver, option of the sender, facts as (message, name, value, variable)
FACTS4 = [
    ("so-timestamp", "", [("SCM_TIMESTAMP", "timestamp", TIME, "TIMESTAMP")]),
    ("ip-pktinfo", "", [("IP_PKTINFO", "if", "lo", "IP_IF"), ("IP_PKTINFO", "locaddr", LOCAL, "IP_LOCADDR"),
                        ("IP_PKTINFO", "dstaddr", LOCAL, "IP_DSTADDR")]),
    ("ip-recvttl", ",ip-ttl=53", [("IP_TTL", "ttl", "53", "IP_TTL")]),
    ("ip-recvtos", ",ip-tos=7", [("IP_TOS", "tos", "7", "IP_TOS")]),
    ("ip-recvopts", ",ip-options=x01000000", [("IP_OPTIONS", "options", "x01000000", "IP_OPTIONS")]),
]
FACTS6 = [
    ("so-timestamp", "", [("SCM_TIMESTAMP", "timestamp", TIME, "TIMESTAMP")]),
    ("ipv6-recvpktinfo", "", [("IPV6_PKTINFO", "dstaddr", re.escape(FULL), "IPV6_DSTADDR"),
                              ("IPV6_PKTINFO", "if", "lo", "IPV6_IF")]),
    ("ipv6-recvhoplimit", ",ipv6-unicast-hops=35", [("IPV6_HOPLIMIT", "hoplimit", "35", "IPV6_HOPLIMIT")]),
    ("ipv6-recvtclass", ",ipv6-tclass=0xaa", [("IPV6_TCLASS", "tclass", "x000000aa", "IPV6_TCLASS")]),
]
CASES = [("4", LOCAL, *row) for row in FACTS4] + [("6", "[::1]", *row) for row in FACTS6]
IDS = [f"{case[0]}-{case[2]}" for case in CASES]


def ancillary(text):
    return [line[2:] for line in log_lines(text, "I") if line.startswith("I ancillary message: ")]


@pytest.fixture
def receiver(socat, free_port, listener):  # noqa: F811
    """Starts a receiver, gives it and its port."""
    def start(who, address, program, *options):
        port = free_port("udp")
        running = socat.start("-ddd", *options, address.format(port), program, who=who)
        listener.port(port, "udp6" if address.startswith("UDP6") else "udp")
        return running, port

    return start


@pytest.mark.parametrize("family, host, option, sent, facts", CASES, ids=IDS)
@pytest.mark.parametrize("who", WHO)
def test_log(socat, receiver, who, family, host, option, sent, facts):  # noqa: F811
    running, port = receiver(who, f"UDP{family}-RECV:{{}},{option}", "-", "-u")
    socat.run("-u", "-", f"UDP{family}-SENDTO:{host}:{port}{sent}", input=b"x")
    running.wait_line(r" N received packet")
    assert running.process.stdout.read(1) == b"x"
    told = ancillary(running.text())
    assert len(told) == len(facts)
    for line, (message, name, value, _) in zip(told, facts):
        assert re.fullmatch(f"ancillary message: {message}: {name}={value}", line)


@pytest.mark.parametrize("family, host, option, sent, facts", CASES, ids=IDS)
@pytest.mark.parametrize("who", WHO)
def test_environment(socat, receiver, who, family, host, option, sent, facts):  # noqa: F811
    words = "read data; " + "; ".join(f"echo $SOCAT_{fact[3]}" for fact in facts)
    running, port = receiver(who, f"UDP{family}-RECVFROM:{{}},{option}", f"SYSTEM:'{words}'")
    client = socat.start("-t2", "-", f"UDP{family}-SENDTO:{host}:{port}{sent}")
    client.process.stdin.write(b"x\n")
    client.process.stdin.flush()
    for _, _, value, _ in facts:
        assert re.fullmatch(value, client.process.stdout.readline().decode().rstrip())


def test_what_is_not_asked_for_is_not_told(socat, receiver):  # noqa: F811
    running, port = receiver("ours", "UDP4-RECV:{}", "-", "-u")
    socat.run("-u", "-", f"UDP4-SENDTO:{LOCAL}:{port}", input=b"x")
    assert running.process.stdout.read(1) == b"x"
    assert ancillary(running.text()) == []


def test_facts_of_a_refused_packet_are_forgotten(socat, receiver):  # noqa: F811
    """The first sender has other options than the one that is admitted."""
    running, port = receiver("ours", "UDP4-RECVFROM:{},ip-recvopts,ip-recvttl,range=127.0.0.1/32",
                             "SYSTEM:'read data; echo x${SOCAT_IP_OPTIONS}x $SOCAT_IP_TTL'")
    socat.run("-u", "-", f"UDP4-SENDTO:{LOCAL}:{port},bind=127.0.0.2,ip-options=x01000000", input=b"x")
    running.wait_line(" W refusing connection")
    client = socat.start("-t2", "-", f"UDP4-SENDTO:{LOCAL}:{port},ip-ttl=9")
    client.process.stdin.write(b"x\n")
    client.process.stdin.flush()
    assert client.process.stdout.readline() == b"xx 9\n"


def test_return_options(socat, receiver):  # noqa: F811
    """A recorded route comes back as the options of an answer."""
    running, port = receiver("ours", "UDP4-RECV:{},ip-retopts", "-", "-u")
    socat.run("-u", "-", f"UDP4-SENDTO:{LOCAL}:{port},ip-options=x0707040000000000", input=b"x")
    assert running.process.stdout.read(1) == b"x"
    line, = ancillary(running.text())
    assert re.fullmatch(r"ancillary message: IP_RETOPTS: options=x07[0-9a-f]+", line)


HEADERS = [("ipv6-recvdstopts", socket.IPV6_DSTOPTS, b"\x00\x00\x01\x04\0\0\0\0", "IPV6_DSTOPTS: dstopts"),
           ("ipv6-recvhopopts", socket.IPV6_HOPOPTS, b"\x00\x00\x01\x04\0\0\0\0", "IPV6_HOPOPTS: hopopts")]


@pytest.mark.parametrize("option, kind, header, words", HEADERS, ids=[row[0] for row in HEADERS])
def test_ipv6_headers(socat, receiver, option, kind, header, words):  # noqa: F811
    running, port = receiver("ours", f"UDP6-RECV:{{}},{option}", "-", "-u")
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        try:
            s.setsockopt(socket.IPPROTO_IPV6, kind, header)
        except PermissionError:
            pytest.skip("needs CAP_NET_RAW")
        s.sendto(b"x", ("::1", port))
        assert running.process.stdout.read(1) == b"x"
    line, = ancillary(running.text())
    assert re.fullmatch(rf"ancillary message: {words}=x[0-9a-f]{{2}}00010400000000", line)


def test_credentials(socat, tmp_path):  # noqa: F811
    path = tmp_path / "s"
    running = socat.start("-ddd", f"UNIX-RECVFROM:{path},so-passcred",
                          "SYSTEM:'read data; echo $SOCAT_CREDENTIALS_PID $SOCAT_CREDENTIALS_UID $SOCAT_CREDENTIALS_GID'")
    running.wait_line(" N receiving on ")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.settimeout(8)
        s.bind(str(tmp_path / "mine"))
        s.sendto(b"x\n", str(path))
        assert s.recv(100) == f"{os.getpid()} {os.getuid()} {os.getgid()}\n".encode()
    assert f"ancillary message: SCM_CREDENTIALS: pid={os.getpid()}" in ancillary(running.text())


def test_descriptors_of_others_are_closed(socat, tmp_path):  # noqa: F811
    """Who sends descriptors along cannot use up ours."""
    path = tmp_path / "s"
    running = socat.start("-ddd", "-u", f"UNIX-RECV:{path}", "-")
    running.wait_line(" N starting data transfer loop")
    before = os.listdir(f"/proc/{running.pid}/fd")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s, open("/dev/null") as file:
        for _ in range(20):
            s.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file.fileno()] * 3))],
                      0, str(path))
    assert running.process.stdout.read(20) == b"x" * 20
    assert os.listdir(f"/proc/{running.pid}/fd") == before
    assert running.text().count("which came with a packet") == 60


@pytest.mark.parametrize("family, host, option, name", [("4", LOCAL, "ip-recverr", "IP_RECVERR"),
                                                        ("6", "[::1]", "ipv6-recverr", "IPV6_RECVERR")])
def test_errors_of_sent_packets(socat, free_port, family, host, option, name):  # noqa: F811
    """Nobody is there: the sender hears of it, and ends."""
    running = socat.start("-ddd", "-t1", "-", f"UDP{family}-SENDTO:{host}:{free_port('udp')},{option}")
    running.process.stdin.write(b"x")
    running.process.stdin.flush()
    done = running.end(timeout=8)
    assert done.status == 1
    assert "Connection refused" in log_lines(done.stderr, "E")[0]
    assert f"ancillary message: {name}: errno=111" in ancillary(done.stderr)
    code = "3" if family == "4" else "4"
    assert f"ancillary message: {name}: code={code}" in ancillary(done.stderr)


def test_errors_do_not_end_a_server(receiver):  # noqa: F811
    """An answer that nobody wanted is told to the next session, and poll(2) falls silent."""
    running, port = receiver("ours", "UDP4-RECVFROM:{},fork,ip-recverr",
                             "SYSTEM:'read data; echo x$SOCAT_IP_RECVERR_ERRNO'")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((LOCAL, 0))
        s.sendto(b"x\n", (LOCAL, port))
    running.wait_line("ancillary message: IP_RECVERR: errno=111$")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(8)
        s.bind((LOCAL, 0))
        s.sendto(b"x\n", (LOCAL, port))
        assert s.recv(100) == b"x111\n"


SENDER = [("ip-options=x01", b"\1\0\0\0"), ("ip-options=x01010101,ip-options=x0101", b"\1\1\1\1\1\1\0\0"),
          ("ipoptions=x0101010101", b"\1\1\1\1\1\0\0\0")]


@pytest.mark.parametrize("options, expected", SENDER, ids=[row[0] for row in SENDER])
@pytest.mark.parametrize("who", WHO)
def test_ip_options_of_a_sender(socat, who, options, expected):  # noqa: F811
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((LOCAL, 0))
        s.settimeout(8)
        s.setsockopt(socket.IPPROTO_IP, socket.IP_RECVOPTS, 1)
        done = socat.run("-u", "-", f"UDP4-SENDTO:{LOCAL}:{s.getsockname()[1]},{options}", who=who, input=b"x")
        assert done.status == 0
        _, messages, _, _ = s.recvmsg(10, 100)
    assert [data for _, _, data in messages] == [expected]


FAILING = ["ipv6-pktinfo", "ipv6-rthdr", "rthdr", "ipv6-authhdr", "authhdr", "ipv6-dstopts", "dstopts",
           "ipv6-hopopts", "hopopts", "ipv6-hoplimit", "hoplimit", "ip-router-alert", "ip-hdrincl",
           "ip-pktoptions", "pktopts", "so-peercred"]


@pytest.mark.parametrize("option", FAILING)
def test_what_the_kernel_refuses_is_one_error(socat, option):  # noqa: F811
    done = socat.run("-T1", "-u", f"UDP6-RECV:0,{option}", "-")
    assert done.status == 1
    line, = log_lines(done.stderr)
    assert line.startswith("E setsockopt(") and f'option "{option}"' in line


READ_BACK = [("ip-pktinfo", socket.IPPROTO_IP, 8), ("iprecvtos", socket.IPPROTO_IP, 13),
             ("recvttl", socket.IPPROTO_IP, 12), ("iprecvopts", socket.IPPROTO_IP, 6),
             ("retopts", socket.IPPROTO_IP, 7), ("iprecverr", socket.IPPROTO_IP, 11),
             ("recvpktinfo", socket.IPPROTO_IPV6, 49), ("recvhoplimit", socket.IPPROTO_IPV6, 51),
             ("ipv6-recvtclass", socket.IPPROTO_IPV6, 66), ("recvrthdr", socket.IPPROTO_IPV6, 56),
             ("recvdstopts", socket.IPPROTO_IPV6, 58), ("recvhopopts", socket.IPPROTO_IPV6, 53),
             ("ipv6-recverr", socket.IPPROTO_IPV6, 25), ("ipv6-recvpathmtu", socket.IPPROTO_IPV6, 60)]


@pytest.mark.parametrize("option, level, number", READ_BACK, ids=[row[0] for row in READ_BACK])
def test_read_back(socat, option, level, number):  # noqa: F811
    """The kernel has the option on the socket that a program inherits."""
    look = f"import socket; s = socket.socket(fileno=0); print(s.getsockopt({level}, {number}))"
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        s.bind(("::1", 0))
        s.settimeout(8)
        running = socat.start(f"UDP6:[::1]:{s.getsockname()[1]},{option}",
                              f'SYSTEM:"/usr/bin/python3 -c \'{look}\' >&2; echo done",nofork')
        assert s.recv(100) == b"done\n"
    assert running.text() == "1\n"
