# SPDX-License-Identifier: MIT
"""Groups of receivers, each test in a network namespace of its own."""

import re

import pytest

from conftest import Listener, wait_for

PORT = 4711


class Network:
    """Two interfaces: d1 with 10.1.0.1 and fd01::1, d2 with 10.2.0.1 and fd02::1."""

    def __init__(self, netns, tools, folder):
        self.netns, self.socat, self.folder, self.count = netns, str(tools / "socat"), folder, 0
        netns.run(["ip", "link", "set", "lo", "multicast", "on"])
        for i in (1, 2):
            done = netns.run(["ip", "link", "add", f"d{i}", "type", "veth", "peer", "name", f"peer{i}"])
            if done.status:
                pytest.skip(f"needs veth: {done.stderr}")
            for words in (["address", "add", f"10.{i}.0.1/24", "dev", f"d{i}"],
                          ["address", "add", f"fd0{i}::1/64", "dev", f"d{i}", "nodad"],
                          ["link", "set", f"d{i}", "up"], ["link", "set", f"peer{i}", "up"]):
                assert netns.run(["ip", *words]).status == 0

    def index(self, name):
        line = self.netns.run(["ip", "-o", "link", "show", name]).stdout
        return int(line.split(":")[0])

    def run(self, *words, **more):
        return self.netns.run([self.socat, *words], **more)

    def start(self, *words):
        self.count += 1
        log = self.folder / f"log{self.count}"
        process = self.netns.start([self.socat, "-dd", *words], stderr=open(log, "wb"))
        process.log = log
        wait_for(lambda: " N starting data transfer loop" in log.read_text(), "the transfer loop")
        return process

    def groups(self, name):
        """The groups joined on an interface."""
        found, current = [], None
        for line in (self.netns.net / "igmp").read_text().splitlines()[1:]:
            words = line.split()
            if words[0].isdigit():
                current = words[1]
            elif current == name:
                found.append(".".join(str(int(words[0][i:i + 2], 16)) for i in (6, 4, 2, 0)))
        return found

    def groups6(self, name):
        lines = (self.netns.net / "igmp6").read_text().splitlines()
        return [line.split()[2] for line in lines if line.split()[1] == name]


@pytest.fixture
def network(netns, tools, tmp_path):
    return Network(netns, tools, tmp_path)


@pytest.mark.parametrize("option", ["ip-add-membership=224.1.2.3:10.2.0.1", "membership=224.1.2.3:d2",
                                    "add-membership=224.1.2.3:{}", "ip-membership=224.1.2.3:10.1.0.1:d2",
                                    "ip-membership=224.1.2.3:10.1.0.1:{}"])
def test_membership_is_of_one_interface(network, option):
    process = network.start("-u", f"UDP4-RECV:{PORT},{option.format(network.index('d2'))}", "-")
    assert "224.1.2.3" in network.groups("d2") and "224.1.2.3" not in network.groups("d1")
    done = network.run("-u", "-", f"UDP4-DATAGRAM:224.1.2.3:{PORT},ip-multicast-if=10.2.0.1", input=b"group\n")
    assert done.status == 0
    assert process.stdout.readline() == b"group\n"


@pytest.mark.parametrize("interface", ["10.1.0.1", "10.2.0.1"])
def test_multicast_interface(network, interface):
    """The packet leaves by the interface that is named: the sender's address tells."""
    process = network.start("-u", f"UDP4-RECV:{PORT},membership=224.1.2.3:d1,membership=224.1.2.3:d2", "-")
    assert network.run("-u", "-", f"UDP4-SENDTO:224.1.2.3:{PORT},multicast-if={interface}", input=b"x").status == 0
    assert process.stdout.read(1) == b"x"
    assert f"received packet with 1 bytes from AF=2 {interface}:" in process.log.read_text()


def test_loop_can_be_left_out(network):
    process = network.start("-u", f"UDP4-RECV:{PORT},membership=224.1.2.3:d1", "-")
    for data, loop in ((b"no", 0), (b"yes", 1)):
        network.run("-u", "-", f"UDP4-SENDTO:224.1.2.3:{PORT},multicast-if=10.1.0.1,ip-multicast-loop={loop}",
                    input=data)
    assert process.stdout.read(3) == b"yes"


@pytest.mark.parametrize("source, heard", [("10.1.0.1", True), ("10.1.0.99", False)])
def test_source_membership(network, source, heard):
    process = network.start(
        "-u", f"UDP4-RECV:{PORT},ip-add-source-membership=232.1.2.3:10.1.0.1:{source}", "-")
    network.run("-u", "-", f"UDP4-SENDTO:232.1.2.3:{PORT},multicast-if=10.1.0.1", input=b"group")
    network.run("-u", "-", f"UDP4-SENDTO:10.1.0.1:{PORT}", input=b"alone")
    assert process.stdout.read(5) == (b"group" if heard else b"alone")


GROUP6 = "ff0200000000000000000000000012ab"


@pytest.mark.parametrize("option", ["ipv6-join-group=[ff02::12ab]:d2", "join-group=[ff02::12ab]:{}",
                                    "ipv6-add-membership=[ff02::12ab]:d2"])
def test_group_over_ipv6(network, option):
    process = network.start("-u", f"UDP6-RECV:{PORT},{option.format(network.index('d2'))}", "-")
    assert GROUP6 in network.groups6("d2") and GROUP6 not in network.groups6("d1")
    done = network.run("-u", "-", f"UDP6-SENDTO:[ff02::12ab%d2]:{PORT},bind=[fd02::1]", input=b"group\n")
    assert done.status == 0, done
    assert process.stdout.readline() == b"group\n"


@pytest.mark.parametrize("source, heard", [("fd01::1", True), ("fd01::99", False)])
@pytest.mark.parametrize("option", ["ipv6-join-source-group", "join-source-group"])
def test_source_group_over_ipv6(network, option, source, heard):
    process = network.start("-u", f"UDP6-RECV:{PORT},{option}=[ff32::12ab]:d1:[{source}]", "-")
    network.run("-u", "-", f"UDP6-SENDTO:[ff32::12ab%d1]:{PORT},bind=[fd01::1]", input=b"group")
    network.run("-u", "-", f"UDP6-SENDTO:[fd01::1]:{PORT}", input=b"alone")
    assert process.stdout.read(5) == (b"group" if heard else b"alone")


def test_listener_joins_once(network):
    """The socket that listened is the one that talks: it is in the group already."""
    process = network.netns.start([network.socat, "-d", f"UDP4-LISTEN:{PORT},membership=224.1.2.3:10.1.0.1", "-"])
    Listener.port(PORT, "udp", network.netns.net)
    network.run("-u", "-", f"UDP4-SENDTO:224.1.2.3:{PORT},multicast-if=10.1.0.1", input=b"x\n")
    assert process.stdout.readline() == b"x\n"
    process.stdin.close()


WRONG = [("ip-add-membership=224.1.2.3", "parts"), ("ip-add-membership=224.1.2.3:10.1.0.1:d1:x", "parts"),
         ("ip-add-membership=224.1.2.3:10.1.0.1:nowhere", 'no interface "nowhere"'),
         ("ip-add-membership=10.1.0.1:d1", "Invalid argument"), ("ip-add-membership=:d1", "address is missing"),
         ("ip-add-source-membership=232.1.2.3:10.1.0.1", "parts"), ("ip-multicast-if=10.9.9.9", "setsockopt"),
         ("ipv6-join-group=[ff05::1]", "parts"), ("ipv6-join-group=[ff05::1]:nowhere", 'no interface "nowhere"'),
         ("ipv6-join-source-group=[ff35::1]:d1", "parts")]


@pytest.mark.parametrize("option, words", WRONG, ids=[row[0] for row in WRONG])
def test_wrong_values(network, option, words):
    family = "6" if option.startswith("ipv6") else "4"
    done = network.run("-u", f"UDP{family}-RECV:{PORT},{option}", "-")
    assert done.status == 1
    assert len(re.findall(r" E ", done.stderr)) == 1 and words in done.stderr


def test_types_in_help(run, tools):
    text = run([tools / "socat", "-hhh"]).stdout
    for name, kind in (("ip-add-membership", "IP-MREQN"), ("ip-add-source-membership", "IP-MREQ-SOURCE"),
                       ("ip-multicast-if", "IP4NAME"), ("ipv6-join-group", "IP-MREQN"),
                       ("ipv6-join-source-group", "GROUP-SOURCE-REQ")):
        assert re.search(rf"^      {name}\s.*\stype={kind}$", text, re.M)
