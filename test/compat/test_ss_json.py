# SPDX-License-Identifier: MIT
"""The text of ss and its JSON say the same of each socket: every family, every state, all details."""

import json
import re

import pytest
from conftest import namespace
from ss_zoo import start_states

ATTEMPTS = 20


@pytest.fixture(scope="module")
def zoo(our_path, tmp_path_factory):
    for space in namespace(our_path):
        yield start_states(space, tmp_path_factory.mktemp("zoo"))


def timeless(listing):
    """Without what runs down."""
    return re.sub(r"timer:\((\w+),[^,]*,", r"timer:(\1,", re.sub(r" +\n", "\n", listing))


def settled(zoo, tools, options):
    """Lines and objects, between two listings that are the same: timers and windows move."""
    ask = lambda *more: zoo.run([tools / "ss", "-Hn", *options, *more])
    for _ in range(ATTEMPTS):
        before, objects, after = ask("-O"), ask("--json-lines"), ask("-O")
        assert (before.status, objects.status, objects.stderr) == (0, 0, "")
        if timeless(before.stdout) == timeless(after.stdout):
            break
    lines, rows = after.stdout.splitlines(), [json.loads(row) for row in objects.stdout.splitlines()]
    return list(zip(lines, rows, strict=True))


def number(text):
    return int(text, 16) if text.startswith("0x") else int(text)


MEMORY = {"r": "receive", "rb": "receive_max", "t": "send", "tb": "send_max", "f": "forward",
          "w": "queued", "o": "options", "bl": "backlog", "d": "drops"}
NUMBERS = {"fwmark": "mark", "tos": "tos", "tclass": "tclass", "class_id": "class_id",
           "uid": "uid"}
HIDDEN_IF_ZERO = ["mark", "uid"]


def details_of(line):
    """What the text says, under the names that JSON has."""
    said = {}
    found = re.search(r" skmem:\(([^)]*)\)", line)
    if found:
        said["memory"] = {MEMORY[key]: int(value)
                          for key, value in re.findall(r"([a-z]+)(\d+)", found[1])}
    found = re.search(r" timer:\((\w+),[^,]*,(\d+)\)", line)
    if found:
        said["timer"] = {"name": found[1], "retransmits": int(found[2])}
    for label, name in NUMBERS.items():
        found = re.search(rf" {label}:(\w+)", line)
        if found:
            said[name] = number(found[1])
    found = re.search(r" inet-sockopt: \(([^)]*)\)", line)
    if found:
        said["socket_options"] = found[1].split()
    found = re.search(r" ([<-])-([>-])(?= |$)", line)
    if found:
        said["shutdown"] = {"receive": found[1] == "-", "send": found[2] == "-"}
    for label, name, kind in [("cgroup", "cgroup", str), ("sk", "cookie", str),
                              ("v6only", "v6only", lambda text: text == "1")]:
        found = re.search(rf" {label}:(\S+)", line)
        if found:
            said[name] = kind(found[1])
    found = re.search(r" ino:(\d+)(?! dev)", line)
    if found and found[1] != "0":
        said["inode"] = int(found[1])
    found = re.search(r" users:\((.*?\))\)", line)
    if found:
        said["processes"] = [(int(pid), int(fd))
                             for pid, fd in re.findall(r"pid=(\d+),fd=(\d+)", found[1])]
    return said


def details_in(row, names):
    """The same of an object."""
    said = {name: row[name] for name in names if name in row}
    for name in HIDDEN_IF_ZERO:
        if not said.get(name, True):
            del said[name]
    if "timer" in said:
        said["timer"] = {name: row["timer"][name] for name in ["name", "retransmits"]}
    if "processes" in said:
        said["processes"] = [(p["pid"], p["fd"]) for p in row["processes"]]
    if not said.get("socket_options", True):
        del said["socket_options"]
    return said


INET = ["memory", "timer", "mark", "tos", "tclass", "class_id", "uid", "socket_options", "shutdown",
        "cgroup", "cookie", "v6only", "inode", "processes"]


@pytest.mark.parametrize("tables, kinds", [("-t", {"tcp"}), ("-u", {"udp"}), ("-M", {"mptcp"}),
                                           ("-tuM", {"tcp", "udp", "mptcp"})])
def test_inet(zoo, tools, tables, kinds):
    both = settled(zoo, tools, [tables, "-aemp", "--tos", "--inet-sockopt"])
    if not both and tables == "-M":
        pytest.skip("no MPTCP")
    assert {row["netid"] for _, row in both} <= kinds and len(both) > 2
    for line, row in both:
        said = details_of(line)
        said.setdefault("socket_options", [])
        if not said["socket_options"]:
            del said["socket_options"]
        assert said == details_in(row, INET), line


@pytest.mark.parametrize("options, names", [
    ("-tae", ["timer", "mark", "uid", "shutdown", "cgroup", "cookie", "v6only", "inode"]),
    ("-tam", ["memory"]), ("-tao", ["timer"]), ("-ta --cgroup", ["cgroup"]), ("-tap", ["processes"]),
    ("-ta --inet-sockopt", ["socket_options"]), ("-ta --tos", ["tos", "tclass", "class_id"])])
def test_what_one_option_shows_is_there(zoo, tools, options, names):
    both = settled(zoo, tools, options.split())
    shown = set()
    for line, row in both:
        said = details_of(line)
        shown |= set(said)
        assert said == details_in(row, names), line
    assert shown - {"uid"} == set(names) - {"uid"}  # which is shown if it is not root's


RING = {"blk_size": "block_size", "blk_nr": "blocks", "frm_size": "frame_size", "frm_nr": "frames",
        "tmo": "timeout_ms", "features": "features"}


def test_packet(zoo, tools):
    both = settled(zoo, tools, ["-0aemb", "-p"])
    assert len(both) == 4
    for line, row in both:
        said = {name: value for name, value in details_of(line).items() if name != "processes"}
        assert said == details_in(row, ["memory", "cookie", "inode"])
        kind, state, received, sent, local, *_ = line.split()
        assert [kind, state, int(received), int(sent)] == \
            [row[name] for name in ["netid", "state", "recv_q", "send_q"]]
        protocol = "*" if row["protocol"] == 3 else f"[{row['protocol']}]"
        assert local == f"{protocol}:{row.get('interface', '*')}"
        packet = row["packet"]
        assert f" ver:{packet['version']} cpy_thresh:{packet['copy_threshold']} " \
            f"flags( {' '.join(packet['flags'])} )" in line
        found = re.search(r" fanout\(id:(\d+),type:(\w+)\)", line)
        assert (int(found[1]), found[2]) == (packet["fanout_id"], packet["fanout_type"]) if found \
            else "fanout_id" not in packet
        found = re.search(r" ring_rx\((.*?)\)", line)
        ring = {RING[key]: number(value) for key, value in
                (item.split(":") for item in found[1].split(","))} if found else None
        assert ring == row.get("receive_ring")
        found = re.search(r" bpf filter \(\d+\): ((?: 0x\w+ \d+ \d+ \d+,)+)", line)
        program = found[1].strip(" ,").split(", ") if found else None
        assert program and [" ".join(step.split()) for step in program] == packet["filter"] \
            if found else "filter" not in packet
    everything = " ".join(line for line, _ in both)
    assert all(word in everything for word in ["fanout(", "ring_rx(", "bpf filter (2)", "auxdata"])


def test_netlink(zoo, tools):
    both = [(line, row) for line, row in settled(zoo, tools, ["-f", "netlink", "-emp"])
            if row["protocol"] != 4]  # the socket through which ss asks is another each time
    assert len(both) > 5
    for line, row in both:
        received, sent, local, peer, *_ = line.split()
        netlink = row["netlink"]
        assert [int(received), int(sent)] == [row["recv_q"], row["send_q"]]
        assert local == f"{row['protocol']}:{netlink['port_id']}"
        connected = "peer_port_id" in netlink
        assert peer == (f"{netlink['peer_group']}:{netlink['peer_port_id']}" if connected else "*")
        assert f" groups=0x{netlink['groups']}" in line
        assert details_of(line)["memory"] == row["memory"]
    # A socket that is in a group comes twice.
    assert len({row["inode"] for _, row in both if "peer_port_id" in row["netlink"]}) == 1


def test_unix(zoo, tools):
    both = settled(zoo, tools, ["-xaemp"])
    assert {row["netid"] for _, row in both} == {"u_str", "u_dgr", "u_seq"}
    files = 0
    for line, row in both:
        said = details_of(line)
        assert said["memory"] == row["memory"] and said["shutdown"] == row["shutdown"]
        assert said["processes"] == [(p["pid"], p["fd"]) for p in row["processes"]]
        found = re.search(r" (\S+) (\d+) +\* (\d+) ", line)
        assert int(found[2]) == row["inode"] and int(found[3]) == row.get("peer_inode", 0)
        found = re.search(r" ino:(\d+) dev:(\S+)", line)
        file = {"inode": int(found[1]), "device": found[2]} if found else None
        assert file == row.get("file")
        files += file is not None
        found = re.search(r" peers:((?: \d+)*)", line)
        assert ([int(inode) for inode in found[1].split()] if found else []) == row.get("waiting", [])
    assert files == 3


def test_raw(zoo, tools):
    both = settled(zoo, tools, ["-wae"])
    assert len(both) == 2
    for line, row in both:
        local = re.search(r" (\S+):(\d+) +(\S+):\*", line)
        assert int(local[2]) == row["protocol"]
    assert [row["protocol_name"] for _, row in both] == ["icmp", "ipv6-icmp"]
