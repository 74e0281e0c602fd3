# SPDX-License-Identifier: MIT
"""What ss users miss: JSON, CSV, chosen fields, order, groups, peers, namespaces; through ss and
through `sockbox list`.  Sockets are made in a namespace of their own or come from recorded dumps."""

import csv
import gzip
import io
import json
import os
import re

import pytest

from conftest import TOP

FIXTURES = TOP / "test" / "fixtures" / "ss"
SCHEMA = TOP / "doc" / "ss.schema.json"
GROUPS = TOP / "doc" / "ss.groups.schema.json"

ZOO = r"""
import fcntl, os, socket, sys, termios, time
keep, servers = [], []
def tcp(family, host, port):
    s = socket.socket(family, socket.SOCK_STREAM); keep.append(s)
    s.bind((host, port)); s.listen(5)
    return s
four = tcp(socket.AF_INET, "127.0.0.1", 8080)
six = tcp(socket.AF_INET6, "::", 8081)
for listener, host in [(four, "127.0.0.1"), (six, "::1"), (six, "::ffff:127.0.0.1")]:
    client = socket.socket(listener.family, socket.SOCK_STREAM)
    client.connect((host, listener.getsockname()[1]))
    server, _ = listener.accept()
    server.send(b"x" * 100)
    servers.append(server)
    keep += [client, server]
half = client
half.shutdown(socket.SHUT_WR)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(("127.0.0.1", 53)); keep.append(u)
v = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); v.connect(("127.0.0.1", 53)); v.send(b"seven..")
keep.append(v)
keep.append(socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
folder = os.fsencode(sys.argv[1])
for name in [folder + b"/plain", folder + b"/red\x1b[31m\xff\\", b"\0abstract\0name"]:
    s = socket.socket(socket.AF_UNIX); s.bind(name); s.listen(3); keep.append(s)
client = socket.socket(socket.AF_UNIX); client.connect(folder + b"/plain"); keep.append(client)
keep.append(s)
keep.extend(socket.socketpair(type=socket.SOCK_SEQPACKET))
keep.append(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)))
keep.append(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)); keep[-1].bind((0, 1))
# Two dumps are compared: everything has arrived and is acknowledged.
def settled(s):
    return fcntl.ioctl(s, termios.TIOCOUTQ, bytes(4)) == bytes(4)
for s in servers:
    while not settled(s): time.sleep(0.001)
FIN_WAIT_2 = 5
while half.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) != bytes([FIN_WAIT_2]): time.sleep(0.001)
u.recv(1, socket.MSG_PEEK)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def zoo(netns, tmp_path):
    process = netns.start(["/usr/bin/python3", "-c", ZOO, tmp_path])
    assert process.stdout.readline() == b"ready\n", process.stderr.read()
    return netns


def objects(result):
    assert result.status == 0, result
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_shipped_schema_is_that_of_the_tables(run):
    assert run(["ss", "--json-schema"]).stdout == SCHEMA.read_text()


def test_json_keeps_to_the_schema(zoo):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    done = zoo.run(["ss", "-aeimp0", "-A", "all", "--peers", "--tos", "--json"])
    rows = json.loads(done.stdout)
    # A raw socket has no name of its own where the kernel tells its protocol (sock_diag).
    kinds = {"raw" if r["netid"] == "???" else r["netid"] for r in rows}
    assert kinds == {"tcp", "udp", "raw", "u_str", "u_seq", "p_raw", "nl"}
    for row in rows:
        validator.validate(row)


def test_recorded_dumps_keep_to_the_schema(run, tmp_path):
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    for dump in ["tcp-info", "protocols", "timers", "zoo", "every-state"]:
        done = run(["ss", "-tanemio", "--json"],
                   env={"TCPDIAG_FILE": str(FIXTURES / "dumps" / f"{dump}.dump")})
        rows = json.loads(done.stdout)
        assert rows
        for row in rows:
            validator.validate(row)


def join(row, side):
    """Address and port of a row as -n shows them."""
    if row["family"] == "unix":
        inode = row.get("inode" if side == "local" else "peer_inode", 0)
        return f"{row.get('local_address', '*') if side == 'local' else '*'} {inode}"
    if row["family"] not in ("inet", "inet6"):
        return None
    address, port = row[f"{side}_address"], row.get(f"{side}_port", "*")
    if row["netid"] in ("raw", "???", "icmp6") and side == "local":
        port = row["protocol"]
    if row["family"] == "inet6":
        any_too = address == "::" and not row.get("v6only")
        address = "*" if any_too else f"[{address}]"
    return f"{address}:{port}"


def test_text_and_json_say_the_same_of_each_socket(zoo):
    options = ["-A", "tcp,udp,unix", "-anep"]
    text = zoo.run(["ss", "-HO", *options]).stdout.splitlines()
    rows = objects(zoo.run(["ss", "--json-lines", *options]))
    assert len(text) == len(rows) > 12
    for line, row in zip(text, rows):
        words = line.split()
        assert words[:4] == [row["netid"], row["state"], str(row["recv_q"]), str(row["send_q"])]
        if "red" not in line:  # ss does not escape this one for a pipe
            assert f" {join(row, 'local')} " in re.sub(r" +", " ", line).replace("@name", "\\x00name")
        assert join(row, "peer") in re.sub(r" +", " ", line)
        users = re.findall(r'\("([^"]*)",pid=(\d+),fd=(\d+)\)', line)
        assert users == [(p["name"], str(p["pid"]), str(p["fd"])) for p in row["processes"]]
        for label, name in [("ino", "inode"), ("sk", "cookie"), ("uid", "uid")]:
            found = re.search(rf" {label}:(\S+)", line)
            if found and row["family"] != "unix":
                assert found[1] == str(row[name])


# Words of -i and the fields that say the same; * is what one unit of the word is in the field.
INFO = {
    "rto": "rto_ms", "ato": "ato_ms", "mss": "mss", "pmtu": "pmtu", "rcvmss": "receive_mss",
    "advmss": "advertised_mss", "cwnd": "cwnd", "ssthresh": "ssthresh", "bytes_sent": "bytes_sent",
    "bytes_retrans": "bytes_retransmitted", "bytes_acked": "bytes_acked",
    "bytes_received": "bytes_received", "segs_out": "segments_out", "segs_in": "segments_in",
    "data_segs_out": "data_segments_out", "data_segs_in": "data_segments_in",
    "lastsnd": "last_send_ms", "lastrcv": "last_receive_ms", "lastack": "last_ack_ms",
    "delivered": "delivered", "delivered_ce": "delivered_ce", "unacked": "unacked",
    "lost": "lost", "sacked": "sacked", "dsack_dups": "dsack_duplicates", "fackets": "fackets",
    "reordering": "reordering", "reord_seen": "reordering_seen", "rcv_rtt": "receive_rtt_ms",
    "rcv_space": "receive_space", "rcv_ssthresh": "receive_ssthresh", "notsent": "not_sent",
    "minrtt": "min_rtt_ms", "rcv_ooopack": "out_of_order", "snd_wnd": "send_window",
    "rcv_wnd": "receive_window", "rehash": "rehash", "backoff": "backoff",
}


def test_text_and_json_say_the_same_of_tcp_info(run):
    env = {"TCPDIAG_FILE": str(FIXTURES / "dumps" / "tcp-info.dump")}
    text = run(["ss", "-tanioHO"], env=env).stdout.splitlines()
    rows = objects(run(["ss", "-tanio", "--json-lines"], env=env))
    assert len(text) == len(rows) > 50
    seen = set()
    for line, row in zip(text, rows):
        tcp = row.get("tcp", {})
        words = dict(re.findall(r" (\w+):(-?[\d.e+]+)(?= |$)", line))
        for label, name in INFO.items():
            assert (label in words) == (name in tcp), (label, line)
            if label in words and not words[label].startswith("-"):
                assert float(words[label]) == pytest.approx(float(tcp[name]), rel=1e-5), label
                seen.add(label)
        for label, name in [("send", "send_bps"), ("pacing_rate", "pacing_bps"),
                            ("delivery_rate", "delivery_bps")]:
            found = re.search(rf" {label} (\d+)bps", line)
            assert bool(found) == (name in tcp)
            if found:
                assert float(found[1]) == pytest.approx(tcp[name], rel=1e-14, abs=1)
    assert len(seen) > 25


def test_names_are_escaped_and_come_back(zoo, tmp_path):
    name = os.fsencode(tmp_path) + b"/red\x1b[31m\xff\\"
    rows = objects(zoo.run(["ss", "-xlan", "--json-lines"]))
    shown = [r["local_address"] for r in rows if "red" in r.get("local_address", "")]
    assert shown == [os.fsencode(tmp_path).decode() + r"/red\x1b[31m\xff\\"]
    back = re.sub(rb"\\(x[0-9a-f]{2}|\\)",
                  lambda m: b"\\" if m[1] == b"\\" else bytes([int(m[1][1:], 16)]),
                  shown[0].encode())
    assert back == name
    abstract = [r for r in rows if r.get("abstract")]
    assert [r["local_address"] for r in abstract] == [r"@abstract\x00name"]
    assert b"\x1b" not in zoo.run(["sockbox", "list", "-xl"]).raw_stdout


def test_csv_and_json_agree(zoo):
    fields = "netid,state,local_address,local_port,inode,process,pid,command"
    options = ["-A", "tcp,udp,unix", "-an", "--fields", fields]
    table = list(csv.DictReader(io.StringIO(zoo.run(["ss", "--csv", *options]).stdout)))
    rows = objects(zoo.run(["ss", "--json-lines", *options]))
    assert len(table) == len(rows) > 12
    for cells, row in zip(table, rows):
        assert cells == {name: str(row.get(name, "")) for name in fields.split(",")}


def test_csv_quotes_what_needs_it(netns, tmp_path):
    """Commas and quotes; line feeds and what is no text are escaped before that."""
    names = [b"a,b", b'say "hi"', b"two\nlines\r", b" blanks ", b"\xff\xc3\xa9\\", b'"', b"'"]
    script = """import os, socket, sys
keep = []
for name in sys.argv[1:]:
    keep.append(socket.socket(socket.AF_UNIX)); keep[-1].bind(b"\\0" + os.fsencode(name)); keep[-1].listen()
print("ready", flush=True); sys.stdin.read()"""
    process = netns.start(["/usr/bin/python3", "-c", script, *map(os.fsdecode, names)])
    assert process.stdout.readline() == b"ready\n"
    done = netns.run(["ss", "-xl", "--csv", "--fields", "local_address,state"])
    assert done.stdout.count("\n") == len(names) + 1
    rows = list(csv.reader(io.StringIO(done.stdout), strict=True))
    assert rows[0] == ["local_address", "state"]
    assert sorted(row[0] for row in rows[1:]) == sorted(
        ["@a,b", '@say "hi"', r"@two\x0alines\x0d", "@ blanks ", r"@\xffé\\", '@"', "@'"])
    assert {row[1] for row in rows[1:]} == {"LISTEN"}


def test_csv_names_peers_when_asked(zoo):
    plain, peers = (zoo.run(["ss", "-xn", "--csv", *more]).stdout for more in ([], ["--peers"]))
    assert peers.splitlines()[0] == plain.splitlines()[0] + ",peer_owners"
    rows = list(csv.DictReader(io.StringIO(peers)))
    ends = [row["peer_owners"].split("/")[0] for row in rows if row["netid"] == "u_seq"]
    assert ends == ["python3", "python3"]


def test_columns_are_in_the_order_in_which_they_were_named(zoo):
    lines = zoo.run(["sockbox", "list", "-tl", "--fields", "local_port,netid"]).stdout.splitlines()
    assert [line.split() for line in lines] == [["LOCAL_PORT", "NETID"], ["8080", "tcp"],
                                                ["8081", "tcp"]]


@pytest.mark.parametrize("sort, key", [
    ("local_port", lambda row: -row.get("local_port", -1)),
    ("-local_port", lambda row: row.get("local_port", 1 << 20)),
    ("state", lambda row: row["state"]),
])
def test_sort_and_top(zoo, sort, key):
    everything = objects(zoo.run(["ss", "-tuan", "--json-lines"]))
    rows = objects(zoo.run(["ss", "-tuan", "--json-lines", "--sort", sort, "--top", "4"]))
    assert rows == sorted(everything, key=key)[:4]


def test_top_without_sort_ends_early(zoo):
    everything = objects(zoo.run(["ss", "-tuan", "--json-lines"]))
    assert objects(zoo.run(["ss", "-tuan", "--json-lines", "--top=2"])) == everything[:2]


def test_groups_add_up(zoo):
    everything = objects(zoo.run(["ss", "-tuan", "--json-lines"]))
    groups = objects(zoo.run(["ss", "-tuan", "--json-lines", "--group-by", "state"]))
    assert {g["group"]: g["sockets"] for g in groups} == \
        {s: sum(r["state"] == s for r in everything) for s in {r["state"] for r in everything}}
    assert sum(g["recv_q"] for g in groups) == sum(r["recv_q"] for r in everything)
    assert [g["sockets"] for g in groups] == sorted((g["sockets"] for g in groups), reverse=True)
    by_process = objects(zoo.run(["ss", "-tuan", "--json-lines", "--group-by", "process"]))
    assert by_process == [{"group": "python3", "sockets": len(everything),
                           "recv_q": sum(r["recv_q"] for r in everything),
                           "send_q": sum(r["send_q"] for r in everything)}]


def test_groups_keep_to_their_schema(zoo, run):
    jsonschema = pytest.importorskip("jsonschema")
    assert run(["ss", "--json-schema", "--group-by", "state"]).stdout == GROUPS.read_text()
    assert run(["ss", "--group-by=user", "--json", "--json-schema"]).stdout == GROUPS.read_text()
    schema = json.loads(GROUPS.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for key in ["state", "process", "user", "unit", "container", "peer", "local_port",
                "socket_options", "tcp.rtt_ms", "v6only"]:
        groups = json.loads(zoo.run(["ss", "-A", "all", "-an", "--json", "--group-by", key]).stdout)
        assert groups
        for group in groups:
            validator.validate(group)
            assert set(group) | {"group"} == {"group", "sockets", "recv_q", "send_q"}
    assert list(validator.iter_errors({"group": 1})) and list(validator.iter_errors({"rows": 1}))


@pytest.mark.parametrize("sort, key", [
    ("sockets", lambda g: -g["sockets"]), ("-sockets", lambda g: g["sockets"]),
    ("recv_q", lambda g: -g["recv_q"]), ("-send_q", lambda g: g["send_q"]),
    ("group", lambda g: g["group"]),
])
def test_groups_are_sorted_and_cut(zoo, sort, key):
    options = ["-tuan", "--json-lines", "--group-by", "local"]
    everything = objects(zoo.run(["ss", *options]))
    assert len(everything) > 6
    by_sockets = [objects(zoo.run(["ss", *options, "--sort", sort, "--top", n])) for n in ["3", "99"]]
    assert [key(g) for g in by_sockets[1]] == sorted(key(g) for g in everything)
    assert by_sockets[0] == by_sockets[1][:3]


def test_peers_of_unix_and_loopback_sockets_are_named(zoo):
    rows = objects(zoo.run(["ss", "-A", "tcp,unix", "-n", "--peers", "--json-lines"]))
    connected = [r for r in rows if r["state"] in ("ESTAB", "CLOSE-WAIT", "FIN-WAIT-2")]
    by_inode = {r["inode"]: r for r in connected}
    pairs = 0
    for row in connected:
        if not row.get("peer_processes"):
            continue
        peer = row["peer_processes"][0]
        assert peer["pid"] == row["processes"][0]["pid"] and peer["fd"] != row["processes"][0]["fd"]
        other = [r for r in by_inode.values()
                 if peer["fd"] in [p["fd"] for p in r["processes"]]]
        assert [p["fd"] for p in other[0]["peer_processes"]] == [row["processes"][0]["fd"]]
        pairs += 1
    assert pairs >= 8  # three TCP connections and a socket pair, seen from both ends


def test_owner_has_command_and_user(zoo):
    rows = objects(zoo.run(["ss", "-tlnp", "--json-lines"]))
    for row in rows:
        owner = row["processes"][0]
        assert owner["name"] == "python3" and owner["command"].startswith("/usr/bin/python3 -c")
        assert owner["uid"] == os.geteuid()


@pytest.mark.skipif(os.geteuid() != 0, reason="gives up root")
def test_without_permission_the_reason_is_said(zoo):
    done = zoo.run(["setpriv", "--reuid=65534", "--clear-groups", "ss", "-tlnp", "--json-lines"])
    if done.status != 0:
        pytest.skip(f"the tools are not to be reached by others: {done.stderr}")
    rows = objects(done)
    assert rows and all(r["owner_unknown"] == "no permission" for r in rows)


LISTENER = ("  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 "
            "   33        0 {inode} 1 0000000000000000 100 0 0 10 0")
CONTAINER = "0123456789abcdef" * 4


@pytest.fixture
def proc(tmp_path):
    """A /proc of a machine with units and a container."""
    (tmp_path / "net").mkdir()
    owners = {10: "/system.slice/nginx.service", 20: "/system.slice/nginx.service",
              30: f"/system.slice/docker-{CONTAINER}.scope", 40: "/"}
    (tmp_path / "net/tcp").write_text("".join(
        line + "\n" for line in ["header", *(LISTENER.format(inode=pid * 7) for pid in owners)]))
    for pid, group in owners.items():
        (tmp_path / f"{pid}/fd").mkdir(parents=True)
        (tmp_path / f"{pid}/fd/3").symlink_to(f"socket:[{pid * 7}]")
        (tmp_path / f"{pid}/stat").write_text(f"{pid} (server\x1b) S 1")
        (tmp_path / f"{pid}/cmdline").write_bytes(b"/bin/server\0--name\0a b\n\0")
        (tmp_path / f"{pid}/cgroup").write_text(f"0::{group}\n")
    return {"PROC_ROOT": str(tmp_path)}


def test_units_and_containers(run, proc):
    rows = objects(run(["ss", "-tlnp", "--json-lines"], env=proc))
    owners = [r["processes"][0] for r in rows]
    assert [o.get("unit") for o in owners] == ["nginx.service", "nginx.service",
                                               f"docker-{CONTAINER}.scope", None]
    assert [o.get("container") for o in owners] == [None, None, CONTAINER, None]
    assert {o["command"] for o in owners} == {r"/bin/server --name a b\x0a"}
    assert {o["name"] for o in owners} == {r"server\x1b"}
    for key, groups in [("unit", {"nginx.service": 2, f"docker-{CONTAINER}.scope": 1, None: 1}),
                        ("container", {None: 3, CONTAINER: 1}),
                        ("process", {r"server\x1b": 4}), ("peer", {"0.0.0.0": 4}),
                        ("user", {"www-data": 4})]:
        counted = objects(run(["ss", "-tln", "--json-lines", "--group-by", key], env=proc))
        assert {g.get("group"): g["sockets"] for g in counted} == groups


def test_who_owns_unix_sockets(zoo):
    rows = objects(zoo.run(["ss", "-xan", "--json-lines"]))
    assert {r["uid"] for r in rows} == {os.geteuid()}


def test_kernel_sockets_are_the_kernels(netns):
    script = """import socket
l = socket.create_server(("127.0.0.1", 9)); c = socket.create_connection(("127.0.0.1", 9))
s, _ = l.accept(); c.close(); s.recv(1); s.close()"""
    assert netns.run(["/usr/bin/python3", "-c", script]).status == 0
    rows = objects(netns.run(["ss", "-tanp", "--json-lines"]))
    assert [(r["state"], r["owner_unknown"]) for r in rows] == [("TIME-WAIT", "kernel")]


@pytest.mark.skipif(os.geteuid() != 0, reason="enters namespaces")
def test_sockets_of_all_namespaces(zoo, run):
    inode = os.stat(f"/proc/{zoo.holder.pid}/ns/net").st_ino
    rows = objects(run(["ss", "-tlnp", "--all-netns", "--json-lines"]))
    ours = [r for r in rows if r["netns"] == f"net:[{inode}]"]
    assert sorted(r["local_port"] for r in ours) == [8080, 8081]
    assert all(r["processes"][0]["name"] == "python3" for r in ours)


@pytest.mark.skipif(os.geteuid() != 0, reason="gives up root")
def test_everybody_may_list_his_own_namespace(zoo):
    done = zoo.run(["setpriv", "--reuid=65534", "--clear-groups", "ss", "-tln", "--all-netns",
                    "--json-lines"])
    if "setpriv" in done.stderr:
        pytest.skip(f"the tools are not to be reached by others: {done.stderr}")
    if "Operation not permitted" in done.stderr:
        pytest.skip("there are namespaces of others, with names")
    assert sorted(r["local_port"] for r in objects(done)) == [8080, 8081]


def test_memory_does_not_grow_with_the_listing(run, tmp_path, tools, sockbox):
    if b"__asan_init" in sockbox.read_bytes():
        pytest.skip("the sanitizer keeps what was freed")

    def peak(dump, *arguments):
        script = f"""import os, resource, subprocess
subprocess.run({[str(tools / 'ss'), '-tan', *arguments]!r}, stdout=subprocess.DEVNULL, check=True,
               env={{**os.environ, 'TCPDIAG_FILE': '{dump}'}})
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"""
        return int(run(["/usr/bin/python3", "-c", script]).stdout)

    one = (FIXTURES / "dumps" / "five.dump").read_bytes()
    large = gzip.decompress((FIXTURES / "dumps" / "large.dump.gz").read_bytes())
    path = tmp_path / "large.dump"
    path.write_bytes(large)
    assert len(large) > 50 * len(one)
    size = len(large) // 1024  # the recorded dump itself is in memory
    small = peak(FIXTURES / "dumps" / "five.dump", "--json-lines")
    assert peak(path, "--json-lines") - small < size + 1024


@pytest.mark.parametrize("words, message", [
    (["--fields", "stat"], 'unknown field "stat", did you mean "state"?'),
    (["--sort", "processes"], "processes is a list: nothing to sort by"),
    (["--top", "0"], '--top "0": not a number from 1 to 2147483647'),
    (["--fields", "pid", "--group-by", "user"], "--fields and --group-by exclude each other"),
    (["--group-by", "processes"], "processes are objects: nothing to group by"),
    (["--group-by", "state", "--sort", "state"],
     "groups are sorted by group, sockets, recv_q or send_q"),
    (["-s", "--json"], "the totals of -s are text: no JSON, no CSV"),
    (["--csv", "-ts"], "the totals of -s are text: no JSON, no CSV"),
    (["-K", "--json"], "-D, -E and -K go with iproute2's listing only"),
    (["-E", "--csv"], "-D, -E and -K go with iproute2's listing only"),
    (["--csv", "-D", "/dev/null"], "-D, -E and -K go with iproute2's listing only"),
    (["--json=x"], "option '--json' doesn't allow an argument"),
    (["--fields"], "option '--fields' requires an argument"),
])
def test_wrong_words_are_told(run, words, message):
    done = run(["sockbox", "list", *words])
    assert (done.status, done.stdout, done.stderr) == (2, "", f"sockbox list: {message}\n")
    assert run(["ss", *words]).status == 255


def test_the_help_of_fields_names_them_all(run):
    done = run(["ss", "--fields", "help"])
    names = [line.split()[0] for line in done.stdout.splitlines()]
    assert len(names) == len(set(names)) > 200
    assert all(len(line.split(None, 2)) == 3 for line in done.stdout.splitlines())


def test_own_options_do_not_touch_abbreviations(run):
    assert run(["ss", "--al", "-tn"]).status == 0
    assert run(["ss", "--jso"]).status == 255


def test_list_says_how_it_is_called(run, sockbox):
    result = run([sockbox, "list", "--help"])
    assert result.status == 0
    assert result.stdout.startswith("Usage: sockbox list [ OPTIONS ]\n")
    assert "--json-lines" in result.stdout
    wrong = run([sockbox, "list", "--nonsense"])
    assert wrong.status == 2
    assert "Usage: sockbox list [ OPTIONS ]\n" in wrong.stderr
