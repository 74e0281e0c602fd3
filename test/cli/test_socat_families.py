# SPDX-License-Identifier: MIT
"""Socket families that Debian's socat has not, or that this kernel may lack: UDP-Lite, SCTP,
DCCP, VSOCK."""

import re
import shutil
import signal
import socket

import pytest

from conftest import wait_for
from socat_kit import log_lines, socat  # noqa: F401  (socat is a fixture)

UDPLITE, SEND_CSCOV, RECV_CSCOV = 136, 10, 11
FAMILIES = [("4", socket.AF_INET, "127.0.0.1"), ("6", socket.AF_INET6, "::1")]
families = pytest.mark.parametrize("version, family, host", FAMILIES, ids=["4", "6"])


def lite(family, host=None):
    """A UDP-Lite socket of our own, bound to the host."""
    try:
        s = socket.socket(family, socket.SOCK_DGRAM, UDPLITE)
    except OSError as e:
        pytest.skip(f"no UDP-Lite here: {e}")
    s.settimeout(15)
    if host:
        s.bind((host, 0))
    return s


def in_brackets(host):
    return f"[{host}]" if ":" in host else host


def bound_port(running):
    return int(running.wait_line(r" N receiving on AF=\d+ .*:(\d+)$").group(1))


@families
def test_udplite_connect(socat, version, family, host):
    """Both ways; an empty packet tells the end, as for UDP."""
    with lite(family, host) as s:
        port = s.getsockname()[1]
        running = socat.start("-t0.1", "-", f"UDPLITE{version}:{in_brackets(host)}:{port}")
        running.process.stdin.write(b"question")
        running.process.stdin.flush()
        data, peer = s.recvfrom(100)
        assert data == b"question"
        s.sendto(b"answer", peer)
        wait_for(lambda: running.process.stdout.read1(100) == b"answer", "the answer")
        running.process.stdin.close()
        assert s.recvfrom(100)[0] == b""
        running.process.stdin = None
        assert running.end().status == 0


@families
def test_udplite_listen(socat, version, family, host):
    """Two peers at once, each with its own process and environment."""
    running = socat.serve(f"UDPLITE{version}-LISTEN:0,bind={in_brackets(host)},fork",
                          "SYSTEM:'echo ready; read -r line;"
                          " echo $line $SOCAT_PEERADDR $SOCAT_SOCKADDR'")
    text = host if family == socket.AF_INET else "[0000:0000:0000:0000:0000:0000:0000:0001]"
    with lite(family, host) as one, lite(family, host) as two:
        for s in [one, two]:
            s.connect((host, running.port()))
            s.send(b"begin ")
            assert s.recv(100) == b"ready\n"  # so the socket is connected
        for s, word in [(one, "one"), (two, "two")]:
            s.send(f"{word}\n".encode())
            assert s.recv(100) == f"begin {word} {text} {text}\n".encode()
            assert s.recv(100) == b""  # the program has ended
    assert running.process.poll() is None


@families
def test_udplite_sendto_hears_only_the_peer(socat, version, family, host):
    with lite(family, host) as s, lite(family, host) as stranger:
        port = s.getsockname()[1]
        running = socat.start("-t5", "-", f"UDPLITE{version}-SENDTO:{in_brackets(host)}:{port}")
        running.process.stdin.write(b"q")
        running.process.stdin.flush()
        _, peer = s.recvfrom(100)
        stranger.sendto(b"wrong", peer)
        s.sendto(b"right", peer)
        assert running.process.stdout.read1(100) == b"right"
        running.signal(signal.SIGTERM)


@families
def test_udplite_datagram_hears_everybody_in_range(socat, version, family, host):
    network = "range=[::1]/128" if family == socket.AF_INET6 else "range=127.0.0.1/32"
    with lite(family, host) as s, lite(family, host) as friend:
        port = s.getsockname()[1]
        running = socat.start("-t5", "-",
                              f"UDPLITE{version}-DATAGRAM:{in_brackets(host)}:{port},{network}")
        running.process.stdin.write(b"q")
        running.process.stdin.flush()
        _, peer = s.recvfrom(100)
        if family == socket.AF_INET:
            with lite(family, "127.0.0.2") as stranger:
                stranger.sendto(b"wrong", peer)
                running.wait_line("W refusing connection from AF=2 127.0.0.2:.* due to range option")
        friend.sendto(b"right", peer)
        assert running.process.stdout.read1(100) == b"right"
        running.signal(signal.SIGTERM)


@families
def test_udplite_recv_and_recvfrom(socat, version, family, host):
    where = f"0,bind={in_brackets(host)}"
    receiving = socat.start("-dd", "-u", f"UDPLITE{version}-RECV:{where}", "-")
    answering = socat.start("-dd", f"UDPLITE{version}-RECVFROM:{where}", "EXEC:sed -u s/q/answer/")
    with lite(family, host) as s:
        s.sendto(b"one", (host, bound_port(receiving)))
        assert receiving.process.stdout.read1(100) == b"one"
        s.sendto(b"q\n", (host, bound_port(answering)))
        assert s.recv(100) == b"answer\n"
    assert answering.end().status == 0
    receiving.signal(signal.SIGTERM)


def test_udplite_without_a_version(socat):
    """Listens for IPv4 and finds names, as the other families do."""
    running = socat.serve("UDPLITE-L:0", "PIPE")
    done = socat.run("-t5", "-", f"UDPLITE:localhost:{running.port()}", input=b"text")
    assert (done.status, done.raw_stdout) == (0, b"text")
    assert running.end().status == 0


def test_udplite_coverage(socat):
    """What covers too little is dropped; what we send has the coverage that was asked for."""
    with lite(socket.AF_INET, "127.0.0.1") as s:
        s.setsockopt(UDPLITE, RECV_CSCOV, 20)
        port = s.getsockname()[1]
        target = f"UDPLITE4-SENDTO:127.0.0.1:{port}"
        assert socat.run("-u", "-", f"{target},udplite-send-cscov=12", input=b"little").status == 0
        assert socat.run("-u", "-", f"{target},udplite-send-cscov=20",
                         input=b"long enough 12345678").status == 0
        assert s.recv(100) == b"long enough 12345678"

    running = socat.start("-dd", "-u", "UDPLITE4-RECV:0,bind=127.0.0.1,udplite-recv-cscov=20", "-")
    with lite(socket.AF_INET, "127.0.0.1") as s:
        to = ("127.0.0.1", bound_port(running))
        for coverage, data in [(12, b"dropped by the kernel"), (20, b"received by everybody")]:
            s.setsockopt(UDPLITE, SEND_CSCOV, coverage)
            s.sendto(data, to)
        assert running.process.stdout.read1(100) == b"received by everybody"
    running.signal(signal.SIGTERM)


LACKING = {
    "SCTP": ("socket({af}, 1, 132): Protocol not supported", socket.SOCK_STREAM, 132),
    "DCCP": ("socket({af}, 6, 33): Socket type not supported", 6, 33),
}
lacking = pytest.mark.parametrize("kind", LACKING)


@lacking
@families
@pytest.mark.parametrize("how", ["CONNECT", "LISTEN"])
def test_one_line_where_the_kernel_lacks_it(socat, kind, version, family, host, how):
    text, type, protocol = LACKING[kind]
    try:
        socket.socket(family, type, protocol).close()
        pytest.skip(f"this kernel has {kind}")
    except OSError:
        pass
    address = f"{kind}{version}-{how}:" + (f"{in_brackets(host)}:9" if how == "CONNECT" else "9")
    done = socat.run("-", address)
    assert done.status == 1
    assert log_lines(done.stderr, "FEWNI") == ["E " + text.format(af=int(family))]


# The rest of the way is seen with TCP in the place of the protocol.
AS_TCP = {"SCTP": "protocol=6", "DCCP": "type=1,protocol=6"}


@lacking
@families
def test_with_tcp_in_its_place(socat, kind, version, family, host):
    running = socat.serve(f"{kind}{version}-L:0,bind={in_brackets(host)},{AS_TCP[kind]},fork",
                          "PIPE")
    port = running.port()
    for _ in range(2):
        done = socat.run("-", f"{kind}{version}:{in_brackets(host)}:{port},{AS_TCP[kind]}",
                         input=b"text")
        assert (done.status, done.raw_stdout) == (0, b"text")
    running.signal(signal.SIGTERM)


@lacking
def test_range_with_tcp_in_its_place(socat, kind):
    running = socat.serve(
        f"{kind}4-L:0,bind=127.0.0.1,{AS_TCP[kind]},fork,range=127.0.0.9/32", "PIPE")
    done = socat.run("-", f"{kind}4:127.0.0.1:{running.port()},{AS_TCP[kind]}", input=b"text")
    assert (done.status, done.raw_stdout) == (0, b"")
    running.wait_line("W refusing connection from AF=2 127.0.0.1:.* due to range option")
    running.signal(signal.SIGTERM)


def trace(socat, folder, how, arguments):
    """Runs ours under strace: its result, and the lines of the trace.  LeakSanitizer cannot
    work there."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    calls = folder / "trace"
    done = socat.commands.run(["strace", "-o", calls, *how, socat.program(), *arguments],
                              env={"ASAN_OPTIONS": "detect_leaks=0"})
    if "ptrace" in done.stderr.lower():
        pytest.skip(f"tracing is not permitted: {done.stderr}")
    return done, calls.read_text().splitlines()


@pytest.fixture
def vsock():
    try:
        socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()
    except OSError as e:
        pytest.skip(f"no VSOCK here: {e}")


@pytest.mark.parametrize("more", ["", ",bind=:", ",bind=-1", ",bind=4294967295:"])
def test_vsock_listen(socat, vsock, more):
    """The port is the parameter's; bind says which of our numbers."""
    running = socat.start("-dd", f"VSOCK-LISTEN:4711{more}", "-")
    running.wait_line(f" N listening on AF=40 cid:{2**32 - 1} port:4711$")
    running.signal(signal.SIGTERM)


CALLS = [
    ("VSOCK-CONNECT:2:99,connect-timeout=0.1", [("connect", "VMADDR_CID_HOST", "0x63")]),
    ("VSOCK::99,connect-timeout=0.1", [("connect", "VMADDR_CID_ANY", "0x63")]),
    ("VSOCK:1:0x63,bind=:77,connect-timeout=0.1",
     [("bind", "VMADDR_CID_ANY", "0x4d"), ("connect", "VMADDR_CID_LOCAL", "0x63")]),
    ("VSOCK:2:99,bind=9:77,connect-timeout=0.1", [("bind", "svm_cid=0x9", "0x4d")]),
    ("VSOCK:2:99,bind=9,connect-timeout=0.1", [("bind", "svm_cid=0x9", "VMADDR_PORT_ANY")]),
    ("VSOCK-LISTEN:99,bind=9:", [("bind", "svm_cid=0x9", "0x63")]),
]


@pytest.mark.parametrize("address, calls", CALLS, ids=[address for address, _ in CALLS])
def test_vsock_calls(socat, vsock, tmp_path, address, calls):
    """The addresses the kernel is given; nobody is there."""
    done, lines = trace(socat, tmp_path, ["-e", "trace=bind,connect"], ["-", address])
    assert done.status == 1 and len(log_lines(done.stderr, "E")) == 1, done
    lines = [line for line in lines if "AF_VSOCK" in line]
    assert len(lines) == len(calls), lines
    for line, words in zip(lines, calls):
        assert all(word in line for word in words), lines


@pytest.mark.parametrize("address, what", [
    ("VSOCK:x:1", 'cid "x" is not a number 0..4294967295'),
    ("VSOCK:1:x", 'port "x" is not a number 0..4294967295'),
    ("VSOCK:1:4294967296", 'port "4294967296" is not a number'),
    ("VSOCK:1:", "port is missing"),
    ("VSOCK-LISTEN:", "port is missing"),
    ("VSOCK-LISTEN:1,bind=x:", 'cid "x" is not a number'),
    ("VSOCK-LISTEN:1,range=1/2", 'option "range" not supported'),
])
def test_vsock_wrong(socat, address, what):
    done = socat.run("-", address)
    lines = log_lines(done.stderr)
    assert done.status == 1 and len(lines) == 1 and what in lines[0], lines


OPTION_CALLS = [
    ("SCTP4", "sctp-nodelay,sctp-maxseg=500,sctp-maxseg-late=600",
     [("socket", "SOCK_STREAM"), ("SOL_SCTP, SCTP_NODELAY", "[1], 4"),
      ("SOL_SCTP, SCTP_MAXSEG", "[500], 4"), ("connect", ""),
      ("SOL_SCTP, SCTP_MAXSEG", "[600], 4")]),
    ("DCCP4", "ccid=3",
     [("socket", "SOCK_STREAM"), ("SOL_DCCP, DCCP_SOCKOPT_CCID", '"\\3", 1'), ("connect", "")]),
]


@pytest.mark.parametrize("kind, options, calls", OPTION_CALLS, ids=["SCTP", "DCCP"])
def test_option_calls(socat, kind, options, calls, tmp_path):
    """The options' system calls, which the tracer lets succeed, and their order."""
    with socket.create_server(("127.0.0.1", 0)) as s:
        done, lines = trace(
            socat, tmp_path,
            ["-e", "trace=socket,connect,setsockopt", "-e", "inject=setsockopt:retval=0"],
            ["-u", "-", f"{kind}:127.0.0.1:{s.getsockname()[1]},{AS_TCP[kind[:-1]]},{options}"])
    assert done.status == 0, done
    lines = [line for line in lines if re.match("socket|connect|setsockopt", line)]
    assert len(lines) == len(calls), lines
    for line, (call, value) in zip(lines, calls):
        assert call in line and value in line, lines
