# SPDX-License-Identifier: MIT
"""nc.traditional beside Debian's: the same command lines and peers, both in both roles."""

import re
import subprocess

import pytest

from conftest import original, port_listens, wait_for
from nc_kit import both, each_pair, exchange, space  # noqa: F401 (a fixture)

LIMIT = 10


@pytest.fixture(scope="module")
def netcat(sockbox, tmp_path_factory):
    link = tmp_path_factory.mktemp("traditional") / "nc.traditional"
    link.symlink_to(sockbox)
    return {"ours": link, "original": original("nc.traditional")}.__getitem__


@pytest.fixture(scope="module")
def ports():
    """Ports in a namespace that is ours alone, each used once."""
    return iter(range(7000, 9000))


def start_server(space, argv, port, kind="tcp", **more):
    p = space.start([*argv, "-l", "-p", port], **{"stdin": subprocess.DEVNULL, **more})
    wait_for(lambda: port_listens(kind, port, space.net), f"the server on {port}")
    return p


def told(p):
    """What it said, without what differs from run to run."""
    text = p.stderr.read().decode()
    return re.sub(r"(from \S+ \[\S+\]) \d+", r"\1 N", text)


# Without a peer.

WRONG = [
    ["127.0.0.1"], ["-n", "localhost", "80"], ["127.0.0.1", "foo"],
    ["127.0.0.1", "0"], ["127.0.0.1", "80-ht"], ["127.0.0.1", "80-"], ["-l", "-p", "abc"],
    ["-l", "-p", "0"], ["-w", "0", "127.0.0.1", "80"], ["-w", "x", "127.0.0.1", "80"],
    ["-i", "0", "127.0.0.1", "80"], ["-G", "3", "127.0.0.1", "80"], ["-y"], ["-w"],
    ["-G", "32", "127.0.0.1", "80"], ["-s", "192.0.2.1", "127.0.0.1", "80"],
    ["-o", "/nonexistent/x", "127.0.0.1", "80"],
    ["127.0.0.1", "1"], ["-v", "127.0.0.1", "1"], ["-vv", "127.0.0.1", "1"], ["localhost", "1"],
    ["-n", "-v", "127.0.0.1", "1"], ["-z", "127.0.0.1", "1"], ["-z", "-v", "127.0.0.1", "1"],
    ["127.0.0.1", "1-2"], ["-v", "127.0.0.1", "1", "2"], ["-z", "-vv", "127.0.0.1", "1-3", "9"],
    ["-u", "-z", "127.0.0.1", "1"], ["-u", "-z", "-v", "127.0.0.1", "1"],
    ["-l", "-p", "6999", "-w", "1", "-v"], ["-u", "-l", "-p", "6998", "-w", "1", "-v"],
    ["-l", "-p", "6997", "-s", "192.0.2.1"], ["-v", "127.0.0.1", "http"],
]


@pytest.mark.parametrize("line", WRONG, ids=" ".join)
def test_words_without_a_peer(space, netcat, line):
    r = {w: space.run([netcat(w), *line]) for w in ("ours", "original")}
    said = {w: r[w].stderr.replace(str(netcat(w)), "nc") for w in r}
    assert (r["ours"].status, r["ours"].stdout) == (r["original"].status, r["original"].stdout)
    assert said["ours"] == said["original"]


@pytest.mark.parametrize("options", ["-z", "-zv", "-zvv", "-znv", "-znvi1"])
def test_scan(space, netcat, ports, options):
    """Two open ports of four, told from the highest to the lowest."""
    first = [next(ports) for _ in range(4)][0]
    for port in (first, first + 2):
        space.start(["ncat", "-k", "-l", "127.0.0.1", port], stdin=subprocess.DEVNULL)
        wait_for(lambda: port_listens("tcp", port, space.net), f"port {port}")  # noqa: B023
    r = [space.run([netcat(w), options, "-q0", "127.0.0.1", f"{first}-{first + 3}"])
         for w in ("ours", "original")]
    assert (r[0].status, r[0].stdout, r[0].stderr) == (r[1].status, r[1].stdout, r[1].stderr)


@both
@pytest.mark.parametrize("line", [
    ["nosuch.invalid", "80"], ["-s", "nosuch.invalid", "127.0.0.1", "1"]])
def test_a_name_that_nobody_knows(space, netcat, which, line):
    r = space.run([netcat(which), *line])
    assert r.status == 1
    assert r.stderr.startswith("nosuch.invalid: forward host lookup failed: ")


# With one.

@each_pair
@pytest.mark.parametrize("options", ["", "-v", "-vv", "-nvv"])
def test_data_and_words(space, netcat, ports, client, server, options):
    port = next(ports)
    more = [options] if options else []
    data = b"some data\n" * 9999
    s = start_server(space, [netcat(server), *more], port)
    c = space.start([netcat(client), *more, "-q", "1", "127.0.0.1", port])
    c.stdin.write(data)
    c.stdin.close()
    assert s.stdout.read() == data
    assert [s.wait(LIMIT), c.wait(LIMIT)] == [0, 0]
    name = "localhost" if options.startswith("-v") else "(UNKNOWN)"
    peer = f"{name} [127.0.0.1]"
    counted = "vv" in options
    assert told(c) == "" if not options else \
        f"{peer} {port} (?) open\n" + (f" sent {len(data)}, rcvd 0\n" if counted else "")
    assert told(s) == "" if not options else \
        f"listening on [any] {port} ...\nconnect to [127.0.0.1] from {peer} N\n" + \
        (f" sent 0, rcvd {len(data)}\n" if counted else "")


@each_pair
def test_a_session_ends_with_its_peer(space, netcat, ports, client, server):
    """Even if there might be more input."""
    port = next(ports)
    s = start_server(space, [netcat(server), "-q", "0"], port, stdin=subprocess.PIPE)
    c = space.start([netcat(client), "127.0.0.1", port])
    s.stdin.write(b"last words")
    s.stdin.close()
    assert c.stdout.read() == b"last words"
    assert [c.wait(LIMIT), s.wait(LIMIT)] == [0, 0]


@each_pair
def test_datagrams(space, netcat, ports, client, server):
    port = next(ports)
    s = start_server(space, [netcat(server), "-u"], port, kind="udp", stdin=subprocess.PIPE)
    c = space.start([netcat(client), "-u", "-q", "0", "127.0.0.1", port])
    exchange(c, s)
    c.stdin.close()
    assert c.wait(LIMIT) == 0


@both
def test_silence(space, netcat, ports, which):
    """-w ends a session whose input has ended."""
    port = next(ports)
    s = start_server(space, [netcat(which), "-vv", "-n", "-w", "1"], port)
    c = space.start([netcat("original"), "127.0.0.1", port])
    assert s.wait(LIMIT) == 0
    assert told(s).endswith("net timeout\n sent 0, rcvd 0\n")
    assert c.wait(LIMIT) == 0


@each_pair
def test_hex_dump(space, netcat, ports, tmp_path, client, server):
    port = next(ports)
    s = start_server(space, [netcat(server), "-o", tmp_path / "s"], port)
    space.run([netcat(client), "-q", "1", "-o", tmp_path / "c", "127.0.0.1", port],
              input=bytes(range(200, 256)) + b"text\n")
    assert s.wait(LIMIT) == 0
    rows = (tmp_path / "c").read_text()
    assert rows.splitlines()[-1] == \
        "> 00000030 f8 f9 fa fb fc fd fe ff 74 65 78 74 0a          # ........text."
    assert (tmp_path / "s").read_text() == rows.replace(">", "<")


@both
@pytest.mark.parametrize("how", [["-e", "/bin/cat"], ["-c", "cat; echo $0 >&2; exit 3"]])
@pytest.mark.parametrize("kind", ["tcp", "udp"])
def test_programs(space, netcat, ports, which, how, kind):
    port = next(ports)
    more = ["-u"] if kind == "udp" else []
    s = start_server(space, [netcat(which), *more, *how], port, kind=kind)
    c = space.start([netcat("original"), *more, "127.0.0.1", port])
    c.stdin.write(b"to and fro\n")
    c.stdin.flush()
    assert c.stdout.readline() == b"to and fro\n"
    c.terminate()
    if kind == "tcp":
        assert (s.wait(LIMIT), told(s)) == ((0, "") if how[0] == "-e" else (3, "sh\n"))


@both
def test_a_program_that_is_not_there(space, netcat, ports, which):
    port = next(ports)
    start_server(space, [netcat("original")], port)
    r = space.run([netcat(which), "-e", "/nonexistent", "127.0.0.1", port], input=b"")
    assert (r.status, r.stderr) == (1, "exec /nonexistent failed : No such file or directory\n")


@both
@pytest.mark.parametrize("host, port_given, comes", [
    ("127.0.0.1", False, True), ("127.0.0.2", False, False), ("127.0.0.1", True, True),
    ("127.0.0.2", True, False)])
def test_whom_a_listener_expects(space, netcat, ports, which, host, port_given, comes):
    port, own = next(ports), next(ports)
    s = space.start([netcat(which), "-n", "-v", "-l", "-p", port, host,
                     *([own] if port_given else [])],
                    stdin=subprocess.DEVNULL)
    wait_for(lambda: port_listens("tcp", port, space.net), "the listener")
    with_port = ["-p", own] if port_given else []
    space.run(["ncat", "--send-only", *with_port, "127.0.0.1", port], input=b"x")
    assert s.wait(LIMIT) == (0 if comes else 1)
    assert told(s).splitlines()[1] == \
        ("" if comes else "invalid ") + \
        f"connect{'' if comes else 'ion'} to [127.0.0.1] from (UNKNOWN) [127.0.0.1] N"
    assert s.stdout.read() == (b"x" if comes else b"")


@both
def test_telnet(space, netcat, ports, which):
    port = next(ports)
    start_server(space, [netcat(which), "-t"], port)
    r = space.run([netcat("original"), "-q", "1", "127.0.0.1", port],
                  input=b"a\xff\xfb\x01b\xff\xfd\x03\xff\xfe\x03x\xff\xfc\x04\n")
    assert r.raw_stdout == bytes.fromhex("fffe01 fffc03 fffc03 fffe04")


def test_source_route(space, netcat, ports):
    """The kernel takes the usual one (nobody forwards it) and refuses another pointer."""
    r = space.run([netcat("ours"), "-w", "1", "-g", "127.0.0.1", "127.0.0.1", next(ports)],
                  input=b"")
    assert r.status == 1 and "127.0.0.1" in r.stderr
    r = space.run([netcat("ours"), "-G", "8", "-g", "127.0.0.1", "127.0.0.1", "1"], input=b"")
    assert (r.status, r.stderr) == (1, "set source route: Invalid argument\n")


@both
def test_every_line_ends_with_crlf(space, netcat, ports, which):
    """Debian's changes only the last line of each read; here there is only one."""
    port = next(ports)
    s = start_server(space, [netcat("original")], port)
    space.run([netcat(which), "-C", "-q", "1", "127.0.0.1", port], input=b"line\n")
    assert s.stdout.read() == b"line\r\n"


@pytest.mark.parametrize("line, words", [
    (["-z", "-l"], "-z is for connecting"),
    (["-e", "/bin/cat", "--tls", "127.0.0.1", "1"], "gets the socket itself"),
    (["-T", "foo", "127.0.0.1", "1"], "invalid type of service foo"),
    (["127.0.0.1", "65536"], "invalid port 65536"),
    (["-g"] + ["1.1.1.1", "-g"] * 8 + ["1.1.1.1", "127.0.0.1", "1"], "too many -g hops"),
])
def test_what_ours_refuses(space, netcat, line, words):
    r = space.run([netcat("ours"), *line], input=b"")
    assert r.status == 1 and words in r.stderr and len(r.stderr.splitlines()) == 1
