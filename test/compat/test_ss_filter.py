# SPDX-License-Identifier: MIT
"""Filters on live sockets, beside Debian's ss 6.1: generated expressions select the same sockets,
options and filters combine, and the kernel's judgement is ours."""

import os
import subprocess

import pytest
from conftest import namespace, original
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ss_zoo import cells, start_states

EXAMPLES = int(os.environ.get("SOCKBOX_EXAMPLES", 200))


@pytest.fixture(scope="module")
def zoo(our_path, tmp_path_factory):
    for space in namespace(our_path):
        yield start_states(space, tmp_path_factory.mktemp("zoo"))


ATTEMPTS = 3


def same(a, b):
    return (cells(a.stdout), a.status) == (cells(b.stdout), b.status)


def differs(zoo, tools, words):
    """None, or both outputs.  What is listed may change while we look, so the original looks
    before us and after us, some times."""
    theirs = zoo.run([original("ss")] + words)
    for _ in range(ATTEMPTS):
        ours = zoo.run([tools / "ss"] + words)
        if same(ours, theirs):
            return None
        theirs = zoo.run([original("ss")] + words)
        if same(ours, theirs):
            return None
    return f"ss {' '.join(words)}\n{theirs.stdout}{theirs.stderr}\nours:\n{ours.stdout}{ours.stderr}"


# Not 0.0.0.0, [::] and [::/0]: the original compares them with addresses of the other family as well,
# though the kernel does not, so that `not src 0.0.0.0` loses its [::].  Ours does not.
ADDRESSES = ["127.0.0.1", "127.0.0.0/8", "127.0.0.1/32", "127/7", "10.9.0.0/24", "any", "*",
             "[::1]", "[::ffff:0:0/96]", "[fe80::/10]", "[::ffff:127.0.0.1]", "10.9.0.1"]
PORTS = ["22", "53", "80", "443", "1024", "4000", "5001", "7777", "8080", "8081", "32768", "60999",
         "ssh", "domain", "https", "0", "65535"]
COMPARISONS = ["", "=", "==", "eq", "!=", "ne", "<", "lt", "<=", "le", ">", "gt", ">=", "ge"]

hosts = st.builds(lambda side, equal, address, port: f"{side} {equal} {address}{port}",
                  st.sampled_from(["src", "dst"]), st.sampled_from(["", "="]),
                  st.sampled_from(ADDRESSES),
                  st.one_of(st.just(""), st.sampled_from(PORTS).map(":{}".format)))
ports = st.builds(lambda side, comparison, colon, port: f"{side} {comparison} {colon}{port}",
                  st.sampled_from(["sport", "dport"]), st.sampled_from(COMPARISONS),
                  st.sampled_from(["", ":"]), st.sampled_from(PORTS))
devices = st.builds("dev {} {}".format, st.sampled_from(["", "=", "!="]),
                    st.sampled_from(["lo", "out0", "0", "1", "if7"]))
marks = st.builds("fwmark {} {}".format, st.sampled_from(["", "=", "!="]),
                  st.sampled_from(["0", "1", "2/3", "0x1234", "0x34/0xff", "3/1"]))
# Judgements that both sides can make of a record alone.
plain = st.one_of(hosts, ports, devices, marks)


def joined(conditions):
    return st.one_of(
        conditions.map("not {}".format), conditions.map("! ( {} )".format),
        st.tuples(conditions, st.sampled_from(["and", "or", "", "&&", "||", "&", "|"]),
                  conditions).map(" ".join),
        conditions.map("( {} )".format))


expressions = st.recursive(st.one_of(plain, st.just("autobound")), joined, max_leaves=8)
relaxed = settings(max_examples=EXAMPLES, deadline=None, database=None,
                   suppress_health_check=list(HealthCheck))


@relaxed
@given(expression=expressions, tables=st.sampled_from(["-t", "-u", "-tu", "-w", "-tuwx", "-4t",
                                                       "-6tu", "-M"]))
def test_the_same_sockets_are_selected(zoo, tools, expression, tables):
    difference = differs(zoo, tools, ["-aneH", tables, expression])
    assert not difference, difference


patterns = st.sampled_from(["*", "?*", "*stream", "*STREAM*", "@abs*", "@*", "*[d-s]gram", "/*",
                            "*with\\ blank", "nothing", "unix:*seq*"])
unix = st.one_of(
    st.builds("{} {}".format, st.sampled_from(["src", "src =", "dst"]), patterns),
    st.just("autobound"), st.just("dev 0"), st.just("sport >= 0"))


@relaxed
@given(expression=st.recursive(unix, joined, max_leaves=6))
def test_the_same_unix_sockets_are_selected(zoo, tools, expression):
    difference = differs(zoo, tools, ["-xaH", expression])
    assert not difference, difference


links = st.one_of(
    st.builds("{} {}".format, st.sampled_from(["src", "src ="]),
              st.sampled_from(["link:*", "link:ip", "link:LLDP", "link:0x1234", "link:*:lo",
                               "link:ip:lo", "link:*:1", "link:all:*"])),
    st.sampled_from(["autobound", "dev lo", "dev != lo", "sport > link:0", "dport = link:0"]))


@relaxed
@given(expression=st.recursive(links, joined, max_leaves=5))
def test_the_same_packet_sockets_are_selected(zoo, tools, expression):
    difference = differs(zoo, tools, ["-0aH", expression])
    assert not difference, difference


netlinks = st.one_of(
    st.builds("{} {}".format, st.sampled_from(["src", "src ="]),
              st.sampled_from(["netlink:*", "netlink:rtnl", "netlink:uevent", "netlink:16",
                               "netlink:rtnl:kernel", "netlink:*:4242424"])),
    st.sampled_from(["autobound", "sport >= netlink:0", "dport = netlink:-1", "dport < netlink:5",
                     "dev 0"]))


@relaxed
@given(expression=st.recursive(netlinks, joined, max_leaves=5))
def test_the_same_netlink_sockets_are_selected(zoo, tools, expression):
    difference = differs(zoo, tools, ["-f", "netlink", "-H", expression])
    assert not difference, difference


# A recorded dump does not tell who chose a port: no autobound.
judged = st.recursive(plain, joined, max_leaves=8)


@relaxed
@given(expression=judged, family=st.sampled_from(["-4", "-6"]))
def test_the_kernel_judges_as_we_do(zoo, tools, tmp_path_factory, expression, family):
    ss, dump = str(tools / "ss"), tmp_path_factory.getbasetemp() / "dump"
    for attempt in range(2):  # sockets may change in between
        asked = zoo.run([ss, "-taneH", family, expression])
        if asked.status:  # an address of the other family
            assert asked.stderr.startswith("Error: an inet prefix is expected")
            return
        assert zoo.run([ss, "-tane", family, "-D", dump]).status == 0
        evaluated = zoo.run([ss, "-taneH", family, expression], env={"TCPDIAG_FILE": str(dump)})
        assert evaluated.status == 0, evaluated.stderr
        if cells(asked.stdout) == cells(evaluated.stdout):
            return
    assert cells(asked.stdout) == cells(evaluated.stdout)


OPTIONS = ["-tan", "-tuan", "-ta", "-tane", "-tanm", "-tano", "-tani", "-tanp", "-tanpeimoO",
           "-4 -tan", "-6 -tan", "-f inet6 -tuan", "-tln", "-tan --tos --inet-sockopt",
           "-tanp --cgroup", "-A inet -an", "-A inet,unix -an", "-an", "-tanHO"]
FILTERS = ["sport = 8080", "dport 8080 or sport 7777", "src 127/8 and not dst 127/8", "dst [::1]",
           "dev out0", "not dev lo and sport > 4000", "fwmark 1 or fwmark 2/3", "autobound",
           "state all", "state syn-sent", "state syn-recv", "state time-wait", "state fin-wait-1",
           "state last-ack", "state closing", "state close-wait sport = 8080",
           "state fin-wait-2 src [::1]", "exclude listening exclude established dport != 22",
           "state bucket", "state synchronized", "state big sport < 1000"]


@pytest.mark.parametrize("options", OPTIONS)
def test_options_and_filters_combine(zoo, tools, options):
    differences = [differs(zoo, tools, options.split() + words.split()) for words in FILTERS]
    differences = [text for text in differences if text]
    assert not differences, "\n\n".join(differences)


def test_the_zoo_has_every_state(netns, tools, tmp_path):
    """A new one: some states last a minute or two, which a busy machine needs for this module."""
    zoo = start_states(netns, tmp_path)
    for state, rows in [("syn-sent", 1), ("syn-recv", 1), ("fin-wait-1", 4), ("fin-wait-2", 5),
                        ("last-ack", 2), ("closing", 2), ("time-wait", 1), ("close-wait", 1)]:
        listing = zoo.run([tools / "ss", "-Htn", "state", state]).stdout
        assert len(listing.splitlines()) >= rows, (state, listing)


def test_bound_inactive_sockets(netns, tools):
    """The original of Debian does not know them."""
    script = ("import socket; s = socket.socket(); s.bind(('127.0.0.1', 6001)); "
              "print('ready', flush=True); input()")
    process = netns.start(["/usr/bin/python3", "-c", script])
    assert process.stdout.readline() == b"ready\n"
    result = netns.run([tools / "ss", "-HtBn", "sport", "=", "6001"])
    assert result.stdout.split() == ["0", "0", "127.0.0.1:6001", "0.0.0.0:*"]
    assert netns.run([tools / "ss", "-HtBn", "sport", "=", "6002"]).stdout == ""


def test_wrong_filters_say_the_same(tools):
    for words in ["sport = nosuch", "src 1.2.3.4/40", "src [::1", "dev nosuch0", "fwmark x",
                  "cgroup /nosuch", "src link:nosuch", "src netlink:300", "src vsock:x",
                  "sport 22x or or", "src ::1", "-4 src [::1]", "src unix:a and src inet:x/y"]:
        if words.startswith("cgroup") and not os.path.exists("/sys/fs/cgroup/cgroup.procs"):
            continue  # without cgroup2 each has a sentence of its own
        a = subprocess.run([original("ss"), "-ta"] + words.split(), capture_output=True)
        b = subprocess.run([tools / "ss", "-ta"] + words.split(), capture_output=True)
        assert (a.returncode, a.stdout, a.stderr) == (b.returncode, b.stdout, b.stderr), words


@pytest.mark.parametrize("family", ["xdp", "tipc"])
def test_families_without_addresses(tools, family):
    """Numbers of IPv4 are taken, and no socket has one; anything else is an error."""
    for words in ["src 127.0.0.1", "src 127.0.0.1:22", "not dst 1.2.3", "src 0", "dst 010.1.1.1",
                  "src [127.0.0.1]:1", "src 1.2.3.4:", "src any", "src inet:1.2.3.4", "src 1.2.3.4/24",
                  "src 0x7f000001", "src 300.1.1.1", "src 1.2.3.4.5", "src 1.", "src ::1", "src [::1]",
                  "src localhost", "src 127.0.0.1:x", "src 1.2.3.4%lo"]:
        a, b = [subprocess.run([ss, "-H", "-f", family, *words.split()], capture_output=True)
                for ss in [original("ss"), tools / "ss"]]
        assert (a.returncode, a.stdout, a.stderr) == (b.returncode, b.stdout, b.stderr), words
