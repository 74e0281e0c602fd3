# SPDX-License-Identifier: MIT
"""How names are looked up: a name server of our own sees what is asked."""

import ctypes
import re
import socket
import struct
import threading

import pytest

from socat_kit import LOCAL, log_lines, socat, socat_net  # noqa: F401

A, AAAA, RECURSE, CUT, ANSWER = 1, 28, 0x0100, 0x0200, 0x8000


class NameServer(threading.Thread):
    """Answers A questions with 127.0.0.1, and, with six, AAAA questions with ::1; keeps
    (transport, name, flags) of each."""

    def __init__(self, known=lambda name: True, silent=False, cut=False, six=False):
        super().__init__(daemon=True)
        self.known, self.silent, self.cut, self.asked = known, silent, cut, []
        self.data = {A: socket.inet_aton(LOCAL)}
        if six:
            self.data[AAAA] = socket.inet_pton(socket.AF_INET6, "::1")
        self.udp, self.tcp = self.same_port()
        self.port = self.udp.getsockname()[1]
        threading.Thread(target=self.serve_tcp, daemon=True).start()

    @staticmethod
    def same_port():
        """A port that is free for both protocols; others may take one between two calls."""
        while True:
            udp, tcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket()
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            udp.bind((LOCAL, 0))
            try:
                tcp.bind((LOCAL, udp.getsockname()[1]))
                tcp.listen()
                return udp, tcp
            except OSError:
                udp.close()
                tcp.close()

    def answer(self, question, transport):
        number, flags = struct.unpack(">HH", question[:4])
        labels, at = [], 12
        while question[at]:
            labels.append(question[at + 1:at + 1 + question[at]].decode())
            at += 1 + question[at]
        kind, = struct.unpack(">H", question[at + 1:at + 3])
        name = ".".join(labels)
        self.asked.append((transport, name, flags))
        body, found = question[12:at + 5], self.known(name) and kind in self.data
        code = (0 if self.known(name) else 3) | (CUT if transport == "udp" and self.cut else 0)
        record = b""
        if found:
            data = self.data[kind]
            record = struct.pack(">HHHIH", 0xc00c, kind, 1, 60, len(data)) + data
        return struct.pack(">6H", number, ANSWER | 0x80 | code, 1, int(found), 0, 0) + body + record

    def run(self):
        while True:
            question, peer = self.udp.recvfrom(4096)
            answer = self.answer(question, "udp")
            if not self.silent:
                self.udp.sendto(answer, peer)

    def serve_tcp(self):
        while True:
            s, _ = self.tcp.accept()
            with s:
                while head := s.recv(2):
                    answer = self.answer(s.recv(struct.unpack(">H", head)[0], socket.MSG_WAITALL), "tcp")
                    s.sendall(struct.pack(">H", len(answer)) + answer)


@pytest.fixture
def ask(socat):  # noqa: F811
    """Connects to a name with these options; what the name server was asked, and the end."""
    if "dns" not in open("/etc/nsswitch.conf").read():
        pytest.skip("names are not looked up with DNS here")

    def connect(name, options="", env=None, **how):
        server = NameServer(**how)
        server.start()
        done = socat.run("-d0", "-", f"TCP4:{name}:1,dns={LOCAL}:{server.port}{options}", env=env)
        assert done.status == 1
        return server.asked, log_lines(done.stderr, "E")[0]

    return connect


def names(asked):
    return [name for _, name, _ in asked]


@pytest.mark.parametrize("option", ["res-nsaddr", "dns", "nameserver", "nsaddr"])
def test_name_server(socat, option):  # noqa: F811
    server = NameServer()
    server.start()
    listener = socat.serve("TCP4-LISTEN:0", "TEXT:found")
    done = socat.run("-u", f"TCP4:some.example:{listener.port()},{option}={LOCAL}:{server.port}", "-")
    assert (done.status, done.stdout) == (0, "found")
    assert names(server.asked) == ["some.example"]


def test_name_server_by_name(socat):  # noqa: F811
    server = NameServer()
    server.start()
    done = socat.run("-", f"TCP4:some.example:1,dns=localhost:{server.port}")
    assert "Connection refused" in done.stderr and names(server.asked) == ["some.example"]


def test_it_is_of_one_address(socat):  # noqa: F811
    """The second address asks its own name server."""
    first, second = NameServer(), NameServer()
    first.start()
    second.start()
    listener = socat.serve("TCP4-LISTEN:0,fork", "PIPE")
    done = socat.run("-t1", f"TCP4:one.example:{listener.port()},dns={LOCAL}:{first.port}",
                     f"TCP4:two.example:1,dns={LOCAL}:{second.port}")
    assert done.status == 1
    assert (names(first.asked), names(second.asked)) == (["one.example"], ["two.example"])


def test_plain(ask):
    asked, line = ask("some.example")
    assert [(how, name) for how, name, _ in asked] == [("udp", "some.example")]
    assert asked[0][2] & RECURSE and "Connection refused" in line


@pytest.mark.parametrize("option", ["res-usevc", "usevc", "res-usevc,res-stayopen"])
def test_over_tcp(ask, option):
    asked, _ = ask("some.example", f",{option}")
    assert [(how, name) for how, name, _ in asked] == [("tcp", "some.example")]


@pytest.mark.parametrize("option, recursing", [("res-recurse=0", 0), ("recurse=1", RECURSE),
                                               ("recurse=0,recurse", RECURSE)])
def test_recursion(ask, option, recursing):
    asked, _ = ask("some.example", f",{option}")
    assert [flags & RECURSE for _, _, flags in asked] == [recursing]


@pytest.mark.parametrize("option, how", [("", ["udp", "tcp"]), (",res-igntc", ["udp"]), (",igntc=0", ["udp", "tcp"])])
def test_answers_that_were_cut(ask, option, how):
    asked, _ = ask("some.example", option, cut=True)
    assert [transport for transport, _, _ in asked] == how


@pytest.mark.parametrize("tries", [1, 2, 3])
def test_tries(ask, tries):
    asked, line = ask("some.example", f",res-retrans=1,res-retry={tries}", silent=True)
    assert names(asked) == ["some.example"] * tries
    assert "Temporary failure" in line


SEARCH = {"LOCALDOMAIN": "sub.example"}


@pytest.mark.parametrize("option, expected", [("", ["host.sub.example", "host"]), (",res-defnames=0", ["host"]),
                                              (",defnames=1", ["host.sub.example", "host"])])
def test_default_domain(ask, option, expected):
    asked, _ = ask("host", option, env=SEARCH, known=lambda name: False)
    assert names(asked)[:len(expected)] == expected and set(names(asked)) == set(expected)


@pytest.mark.parametrize("option, expected", [("", ["a.b", "a.b.sub.example"]), (",res-dnsrch=0", ["a.b"])])
def test_search(ask, option, expected):
    asked, _ = ask("a.b", option, env=SEARCH, known=lambda name: False)
    assert list(dict.fromkeys(names(asked))) == expected


@pytest.mark.parametrize("option", ["res-debug", "stayopen"])
def test_flags_without_a_visible_effect(ask, option):
    asked, _ = ask("some.example", f",{option}")
    assert names(asked) == ["some.example"]


WRONG = [("res-retry=0", "less than 1"), ("res-retrans=-1", "less than 1"), ("dns=:53", "host is missing"),
         ("dns=127.0.0.1:70000", "is not in 0..65535"), ("dns=[::1]", "")]


@pytest.mark.parametrize("option, words", WRONG)
def test_wrong_values(socat, option, words):  # noqa: F811
    done = socat.run("-", f"TCP4:{LOCAL}:1,{option}")
    assert done.status == 1
    line, = log_lines(done.stderr, "E")
    assert words in line and "refused" not in line


def tried(socat, address):  # noqa: F811
    """The addresses to which a connection was tried, all in vain."""
    done = socat.run("-dd", "-", address)
    assert done.status == 1
    return re.findall(r" N opening connection to AF=(\d+ \S+):1$", done.stderr, re.MULTILINE)


FOUR, SIX = "2 127.0.0.1", "10 [0000:0000:0000:0000:0000:0000:0000:0001]"
MAPPED = "10 [0000:0000:0000:0000:0000:ffff:7f00:0001]"


@pytest.mark.parametrize("option, six, expected", [
    (",ai-v4mapped", False, [MAPPED]), (",v4mapped=0", False, []), (",ai-v4mapped", True, [SIX]),
    (",ai-v4mapped,ai-all", True, [MAPPED, SIX]), (",ai-v4mapped,ai-all=0", True, [SIX])])
def test_mapped_addresses(socat, option, six, expected):  # noqa: F811
    """IPv4 for IPv6: only if there is nothing else, or all."""
    server = NameServer(six=six)
    server.start()
    address = f"TCP6:some.example:1,dns={LOCAL}:{server.port}{option}"
    assert sorted(tried(socat, address)) == sorted(expected)


@pytest.mark.parametrize("option, expected", [("", "0.0.0.0"), (",ai-passive", "0.0.0.0"),
                                              (",passive=0", "127.0.0.1"),
                                              (",pf=ip6,ai-passive=0", SIX[3:])])
def test_without_a_host(socat, option, expected):  # noqa: F811
    running = socat.serve(f"TCP-LISTEN:0{option}", "PIPE")
    assert re.search(rf" N listening on AF=\d+ {re.escape(expected)}:\d+$", running.text(),
                     re.MULTILINE)


CLONE_NEWNET = 0x40000000


def in_namespace(net, make):
    """What make() gives in the network namespace of the fixture netns."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/self/ns/net") as here, open(net.parent / "ns/net") as there:
        if libc.setns(there.fileno(), CLONE_NEWNET):
            pytest.skip("namespaces are not permitted here")
        try:
            return make()
        finally:
            libc.setns(here.fileno(), CLONE_NEWNET)


@pytest.mark.parametrize("option, expected", [("", [FOUR]), (",ai-addrconfig", [FOUR]),
                                              (",addrconfig=0", [SIX, FOUR])])
def test_families_of_the_host(netns, socat_net, option, expected):  # noqa: F811
    """Where there is no IPv6 but on the loopback, a name has no IPv6 address either."""
    for words in ["link add left type veth peer right", "address add 192.0.2.1/24 dev left",
                  "link set left addrgenmode none", "link set right addrgenmode none", "link set left up",
                  "link set right up"]:
        assert netns.run(["ip", *words.split()]).status == 0
    server = in_namespace(netns.net, lambda: NameServer(six=True))
    server.start()
    address = f"TCP:some.example:1,dns={LOCAL}:{server.port}{option}"
    assert sorted(tried(socat_net, address)) == sorted(expected)
