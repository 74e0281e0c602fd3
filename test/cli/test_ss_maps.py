# SPDX-License-Identifier: MIT
"""--bpf-maps and --bpf-map-id: what BPF programs keep with a socket, with its types."""

import json

import pytest

# A socket with a value of struct seen in a map; each line says what to do with the map.
HOLDER = r"""
import ctypes, os, platform, socket, struct, sys

libc = ctypes.CDLL(None, use_errno=True)
BPF = {"x86_64": 321, "aarch64": 280, "riscv64": 280}[platform.machine()]
MAP_CREATE, MAP_UPDATE, INFO, BTF_LOAD = 0, 2, 15, 18
SK_STORAGE, NO_PREALLOC = 24, 1

def bpf(command, attributes):
    attributes += bytes(128 - len(attributes))
    result = libc.syscall(BPF, command, ctypes.create_string_buffer(attributes, 128), 128)
    if result < 0:
        print("no", os.strerror(ctypes.get_errno()), flush=True)
        sys.exit()
    return result

def kept(data):
    buffer = ctypes.create_string_buffer(data, len(data))
    keep.append(buffer)
    return ctypes.addressof(buffer)

keep = []
names = b"\0int\0seen\0packets\0mark\0"
types = struct.pack("=IIII", 1, 1 << 24, 4, 1 << 24 | 32)  # int, signed, 32 bits
types += struct.pack("=III", 5, 4 << 24 | 2, 8)  # struct seen, two members
types += struct.pack("=IIIIII", 10, 1, 0, 18, 1, 32)
btf = struct.pack("=HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types), len(types), len(names))
btf += types + names
types_fd = bpf(BTF_LOAD, struct.pack("=QQI", kept(btf), 0, len(btf)))
listener = socket.create_server(("127.0.0.1", 8080))
other = socket.create_server(("127.0.0.1", 8081))
key = kept(struct.pack("=i", listener.fileno()))
ids, maps = [], []
for packets in (7, 0):
    maps.append(bpf(MAP_CREATE, struct.pack("=IIIIIII16sIIII", SK_STORAGE, 4, 8, 0, NO_PREALLOC,
                                            0, 0, b"seen", 0, types_fd, 1, 2)))
    value = kept(struct.pack("=ii", packets, -3))
    bpf(MAP_UPDATE, struct.pack("=IIQQQ", maps[-1], 0, key, value, 0))
    info = ctypes.create_string_buffer(16)
    bpf(INFO, struct.pack("=IIQ", maps[-1], 16, ctypes.addressof(info)))
    ids.append(struct.unpack("=II", info.raw[:8])[1])
print(*ids, flush=True)
sys.stdin.read()
"""

MANY_LINES = """
\tmap_id:{} [
\t\t(struct seen){{
\t\t\t.packets = (int){},
\t\t\t.mark = (int)-3,
\t\t}}
\t]"""


@pytest.fixture
def maps(netns, run):
    """The ids of two maps."""
    if run(["ss", "-t", "--bpf-maps"]).status:
        pytest.skip("no libbpf")
    holder = netns.start(["/usr/bin/python3", "-c", HOLDER])
    answer = holder.stdout.readline().decode().split()
    if not answer or answer[0] == "no":
        pytest.skip(f"no BPF map: {' '.join(answer)}")
    return [int(word) for word in answer]


def details(listing, port):
    """Of the row of a port, all that follows the row itself."""
    rest = listing.split(f"127.0.0.1:{port}", 1)[1].split("0.0.0.0:*", 1)[1]
    return rest.split("LISTEN", 1)[0].rstrip(" \n")


def test_values_are_shown_with_their_types(netns, tools, maps):
    result = netns.run([tools / "ss", "-Htln", "--bpf-maps"])
    assert (result.status, result.stderr) == (0, "")
    values = [MANY_LINES.format(maps[0], 7), MANY_LINES.format(maps[1], 0)]
    shown = details(result.stdout, 8080).lstrip(" ")
    assert shown in ("".join(values), "".join(reversed(values)))
    assert details(result.stdout, 8081) == ""


def test_one_line_is_compact(netns, tools, maps):
    shown = details(netns.run([tools / "ss", "-HtlnO", "--bpf-maps"]).stdout, 8080)
    assert f" map_id:{maps[0]}(struct seen){{.packets = (int)7,.mark = (int)-3,}}" in shown
    assert "\n" not in shown


def test_only_the_named_maps_are_shown(netns, tools, maps):
    one = netns.run([tools / "ss", "-HtlnO", f"--bpf-map-id={maps[1]}"])
    assert f"map_id:{maps[1]}(" in one.stdout and f"map_id:{maps[0]}(" not in one.stdout
    both = netns.run([tools / "ss", "-HtlnO", *[f"--bpf-map-id={id:#x}" for id in maps]])
    assert all(f"map_id:{id}(" in both.stdout for id in maps)


def test_values_follow_all_other_details(netns, tools, maps):
    shown = details(netns.run([tools / "ss", "-HtlnOemi", "--bpf-maps"]).stdout, 8080)
    assert shown.index("skmem:") < shown.index("cwnd:") < shown.index("map_id:")


def test_values_are_objects_of_json(netns, tools, maps):
    value = "(struct seen){{.packets = (int){},.mark = (int)-3,}}".format
    both = [{"map_id": maps[0], "value": value(7)}, {"map_id": maps[1], "value": value(0)}]
    for words in [["--bpf-maps"], ["--fields", "local_port,bpf_maps"]]:
        done = netns.run([tools / "ss", "-tln", "--json", *words])
        assert (done.status, done.stderr) == (0, "")
        found = {row["local_port"]: row.get("bpf_maps", []) for row in json.loads(done.stdout)}
        assert sorted(found[8080], key=lambda kept: kept["map_id"]) == both and found[8081] == []
    named = netns.run([tools / "ss", "-tln", "--json-lines", f"--bpf-map-id={maps[1]}",
                       "sport = 8080"])
    assert json.loads(named.stdout)["bpf_maps"] == both[1:]


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["--bpf-maps", "--bpf-map-id={}"], 1, "cannot be used together"),
        (["--bpf-map-id={}", "--bpf-maps"], 255, "cannot be used together"),
        (["--bpf-map-id=0xfffffff0"], 1, "BPF map 4294967280: No such file"),
        (["--bpf-map-id={}"] * 33, 1, "more than 32"),
    ],
)
def test_what_cannot_be(netns, tools, maps, words, status, message):
    result = netns.run([tools / "ss", *[word.format(maps[0]) for word in words]])
    assert (result.status, result.stdout) == (status, "")
    assert message in result.stderr
